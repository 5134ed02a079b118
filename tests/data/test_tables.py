"""Tables and pictures read from files: what is read, what is held out, and what is refused."""

import gzip

import numpy as np
import pytest

from genrates.data import CsvTable, Digits, FiniteData, IdxImages, Sketches
from genrates.data.binarization import binarize_pixels


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_sample_takes_no_row_twice():
    data = FiniteData(points=np.arange(50.0)[:, None], test_points=np.zeros((1, 1)), labels=np.arange(50))
    X = data.sample(50, rng())
    assert sorted(X[:, 0]) == list(range(50))
    np.testing.assert_array_equal(data.labels[data.indices(9, rng())], X[:9, 0])
    with pytest.raises(ValueError, match="there are 50"):
        data.sample(51, rng())


@pytest.mark.parametrize(
    ("points", "test", "more"),
    [
        (np.zeros(3), np.zeros((1, 1)), {}),
        (np.zeros((0, 2)), np.zeros((1, 2)), {}),
        (np.zeros((3, 2)), np.zeros((1, 3)), {}),
        (np.zeros((3, 2)), np.zeros((1, 2)), {"labels": [1]}),
    ],
)
def test_tables_that_do_not_fit_together(points, test, more):
    with pytest.raises(ValueError, match="FiniteData"):
        FiniteData(points=points, test_points=test, **more)


def test_binarization_by_chance_keeps_the_mean():
    """A pixel of gray 0.3 is on with probability 0.3: z beyond 4 has probability 6e-5."""
    gray = np.full((1000, 20), 0.3)
    bits = binarize_pixels(gray, "sampling", 0)
    assert set(np.unique(bits)) == {0, 1}
    assert abs(bits.mean() - 0.3) < 4 * np.sqrt(0.21 / bits.size)
    np.testing.assert_array_equal(bits, binarize_pixels(gray, "sampling", 0))
    assert not np.array_equal(bits, binarize_pixels(gray, "sampling", 1))
    with pytest.raises(ValueError, match="binarize"):
        binarize_pixels(gray, "sometimes", 0)


def test_digits():
    data = Digits()
    assert data.points.min() == 0
    assert data.points.max() == 1
    whole = np.concatenate([data.points, data.test_points])
    assert len(whole) == 1797
    assert set(np.unique(Digits(binarize="threshold").points)) == {0, 1}
    with pytest.raises(ValueError, match="test_fraction"):
        Digits(test_fraction=1.0)


def idx(array: np.ndarray) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(int(s).to_bytes(4, "big") for s in array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0)


@pytest.fixture
def images(tmp_path):
    for part, n in (("train", 20), ("t10k", 10)):
        pixels = rng(n).integers(0, 256, (n, 28, 28))
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(idx(pixels))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(idx(np.arange(n)))
    return tmp_path


def test_idx_images(images):
    data = IdxImages(folder=images)
    assert data.points.shape == (20, 784)
    assert data.test_points.shape == (10, 784)
    np.testing.assert_allclose(
        data.points[3], rng(20).integers(0, 256, (20, 28, 28))[3].ravel() / 255, rtol=1e-6
    )
    assert data.sample(5, rng()).dtype == np.float64
    for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        (images / name).unlink()
    part = IdxImages(folder=images, part="t10k", test_fraction=0.2, binarize="sampling")
    assert part.points.shape == (8, 784)
    assert sorted([*part.labels, *part.test_labels]) == list(range(10))
    with pytest.raises(FileNotFoundError, match="train-images"):
        IdxImages(folder=images)
    with pytest.raises(ValueError, match="part"):
        IdxImages(folder=images, part="some")


@pytest.mark.parametrize(
    "content",
    [
        b"not gzip",
        idx(np.zeros((3, 28, 28)))[:30],
        gzip.compress(b"\x00\x00\x0d\x01\x00\x00\x00\x00"),
        gzip.compress(b"\x00\x00\x08\x01\x00\x00\x00\x05ab"),
    ],
    ids=["not gzip", "cut short", "another type", "too few values"],
)
def test_a_file_that_is_not_idx_is_named(images, content):
    (images / "train-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz"):
        IdxImages(folder=images)


@pytest.mark.parametrize("shape", [(40, 784), (40, 1, 784)])
def test_sketches(tmp_path, shape):
    np.save(tmp_path / "cat.npy", rng().integers(0, 256, shape).astype(np.uint8))
    data = Sketches(folder=tmp_path, test_fraction=0.25)
    assert data.points.shape == (30, 784)
    assert data.test_points.shape == (10, 784)
    assert Sketches(folder=tmp_path, first=20, test_fraction=0.5).n_max == 10
    with pytest.raises(ValueError, match="first"):
        Sketches(folder=tmp_path, first=1)


def test_files_that_are_no_sketches_are_named(tmp_path):
    np.save(tmp_path / "cat.npy", np.zeros((4, 784)))
    with pytest.raises(ValueError, match=r"cat\.npy: drawings of 784 bytes"):
        Sketches(folder=tmp_path)
    (tmp_path / "cat.npy").write_bytes((tmp_path / "cat.npy").read_bytes()[:500])
    with pytest.raises(ValueError, match=r"cat\.npy: not a whole file"):
        Sketches(folder=tmp_path)
    with pytest.raises(FileNotFoundError):
        Sketches(folder=tmp_path / "nowhere")


def table(folder, text, **more):
    path = folder / "table.csv"
    path.write_text(text)
    return CsvTable(path=str(path), **{"test_fraction": 0.5, **more})


def test_csv(tmp_path):
    data = table(tmp_path, "a, b ,c\n1,2,x\n3,4,y\n\n5,6,z\n7,8,w\n", columns=["b", "a"])
    rows = np.concatenate([data.points, data.test_points])
    assert sorted(rows.tolist()) == [[2, 1], [4, 3], [6, 5], [8, 7]]
    assert data.n_features == 2
    assert data.n_max == 2
    assert table(tmp_path, "a;b\n1;2\n3;4\n", delimiter=";").columns == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        ("a,b\n1,2\n3,nan\n", None, r"table\.csv, line 3, column 'b': 'nan' is not a finite number"),
        ("a,b\n1,2\n3,inf\n", None, r"line 3, column 'b': 'inf'"),
        ("a,b\n1,two\n3,4\n", None, r"table\.csv, line 2, column 'b': 'two' is not a number"),
        ("a,b\n1,\n3,4\n", None, r"line 2, column 'b': an empty cell"),
        ("a,b\n1,2\n3\n", None, r"line 3: 1 cells under 2"),
        ("a,b\n1,2\n", ["c"], r"table\.csv: no column 'c'.*there are a, b"),
        ("a,b\n1,2\n", [], r"must name a column or be null, got \[\]"),
        ("a,a\n1,2\n", None, r"same name"),
        ("1,2\n3,4\n", None, r"must name the columns"),
        ("a,b\n", None, r"no rows"),
        ("", None, r"empty"),
        ("a,b\n1,2\n", None, r"1 rows cannot be split"),
    ],
)
def test_bad_tables_are_refused_by_name(tmp_path, text, columns, said):
    with pytest.raises(ValueError, match=said):
        table(tmp_path, text, columns=columns)


def test_a_missing_table(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.csv"):
        CsvTable(path=str(tmp_path / "nowhere.csv"))
    (tmp_path / "bad.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(ValueError, match=r"bad\.csv, line 2: not a text file"):
        CsvTable(path=str(tmp_path / "bad.csv"))
