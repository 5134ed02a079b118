"""Models on disk: complete or not there at all, the same to the last bit, and never anybody else's code."""

import json
import zlib

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from genrates.estimators import (
    AdaptiveKernelDensity,
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    ManifoldDensity,
    MixtureDensity,
    NeighborDensity,
    SeriesDensity,
)
from genrates.estimators.base import DensityEstimator
from genrates.estimators.persistence import load, open_models, save, save_all

GAUSSIAN = "genrates.estimators:GaussianDensity"


def training_set(n: int = 500, d: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


# -- one model ------------------------------------------------------------------------------------


def test_a_model_is_written_complete_or_not_at_all(tmp_path, monkeypatch):
    path, model = tmp_path / "model.safetensors", GaussianDensity().fit([[0.0], [1.0]])
    save(model, path)
    before = path.read_bytes()

    def killed(arrays, path, metadata):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("genrates.estimators.persistence.save_file", killed)
        with pytest.raises(KeyboardInterrupt):
            save(model, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]
    save(GaussianDensity().fit([[0.0], [3.0]]), path)
    assert load(path).mean_ == 1.5


def test_a_model_has_its_arrays_again_whatever_their_order_in_memory(tmp_path):
    """The format's own writer takes memory as it lies: columns, strides and single numbers are at stake."""
    model, table = GaussianDensity().fit([[0.0], [1.0]]), np.arange(12.0).reshape(3, 4)
    state = {
        "columns_": np.asfortranarray(table),
        "every_other_": table[:, ::2],
        "turned_": table.T,
        "number_": np.array(3),
        "none_": np.empty((0, 2)),
    }
    for name, value in state.items():
        setattr(model, name, value)
    model.feature_names_in_ = np.array(["weight", "größe"], dtype=object)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    for name, value in state.items():
        np.testing.assert_array_equal(getattr(again, name), value, strict=True)
    assert again.feature_names_in_.tolist() == ["weight", "größe"]


def test_containers_numbers_and_texts_are_the_same_again(tmp_path):
    model = GaussianDensity().fit([[0.0], [1.0]])
    state = {
        "nested_": {"a": [1, (2.5, None)], "b": {"c": "text", "d": True}},
        "infinite_": [float("inf"), -float("inf")],
        "scalar_": np.float64(0.1),
        "empty_": {},
    }
    for name, value in state.items():
        setattr(model, name, value)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert {name: getattr(again, name) for name in state} == state
    assert isinstance(again.nested_["a"][1], tuple)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, np.array([object()]), np.array(["text"]), len, 1j],
    ids=["object", "set", "array of objects", "array of texts", "function", "complex"],
)
def test_state_that_is_neither_numbers_nor_text_is_not_written(tmp_path, value):
    model = GaussianDensity().fit([[0.0], [1.0]])
    model.strange_ = value
    with pytest.raises(TypeError, match="state must be"):
        save(model, tmp_path / "model.safetensors")
    assert list(tmp_path.iterdir()) == []


# -- several models in one file ---------------------------------------------------------------------


def test_a_file_of_several_models_gives_each_by_its_name(tmp_path):
    path = tmp_path / "n=2.safetensors"
    save_all({str(i): GaussianDensity().fit([[0.0], [2.0 * i]]) for i in (1, 2)}, path)
    with open_models(path) as read:
        assert [float(read(name).mean_[0]) for name in ("2", "1")] == [2.0, 1.0]
        with pytest.raises(ValueError, match="holds no model '3'; it has '1', '2'"):
            read("3")
    with pytest.raises(ValueError, match="holds no model 'model'"):
        load(path)


def test_a_file_of_no_models_can_be_opened(tmp_path):
    """All fits of a size may have failed."""
    save_all({}, tmp_path / "n=2.safetensors")
    with open_models(tmp_path / "n=2.safetensors") as read, pytest.raises(ValueError, match="no model '0'"):
        read("0")


# -- models stored without their training set ---------------------------------------------------------


KEEPS_TRAINING_SET = [
    (KernelDensity(bandwidth="silverman"), 1),
    (KernelDensity(bandwidth="silverman", bounds=[[-9.0, None]]), 1),
    (KernelDensity(bandwidth=0.3), 3),
    (AdaptiveKernelDensity(bandwidth="silverman"), 1),
    (NeighborDensity(n_neighbors=20), 1),
]
OTHERS = [
    (NeighborDensity(n_neighbors=20), 2),
    (GaussianDensity(), 2),
    (HistogramDensity(), 1),
    (MixtureDensity(n_components=2, random_state=0), 1),
    (SeriesDensity(), 1),
    (ManifoldDensity(latent=2, density=KernelDensity(bandwidth=0.3)), 3),
]


def describe(case) -> str:
    return f"{type(case).__name__}" if isinstance(case, DensityEstimator) else str(case)


def fitted_state(model) -> dict:
    return {k: v for k, v in vars(model).items() if k.endswith("_") and not k.startswith("_")}


@pytest.mark.parametrize(("model", "d"), KEEPS_TRAINING_SET + OTHERS, ids=describe)
@pytest.mark.parametrize("lazy", [False, True], ids=["array", "function"])
def test_a_model_stored_without_its_training_set_is_the_same_to_the_last_bit(model, d, lazy, tmp_path):
    X, queries = training_set(d=d), training_set(50, d, seed=1)
    model.fit(X)
    scores, draws = model.score_samples(queries), model.sample(20, random_state=0)
    save_all({"0": model}, tmp_path / "short.safetensors", {"0": X})
    with open_models(tmp_path / "short.safetensors") as read:
        again = read("0", (lambda: X) if lazy else X)
    state, expected = fitted_state(again), fitted_state(model)
    assert list(state) == list(expected)
    for name, value in expected.items():
        if isinstance(value, np.ndarray):
            assert state[name].dtype == value.dtype
            assert state[name].tobytes() == value.tobytes(), name
            assert not np.may_share_memory(state[name], X), "the training set is not lent"
    assert again.score_samples(queries).tobytes() == scores.tobytes()
    assert again.sample(20, random_state=0).tobytes() == draws.tobytes()


@pytest.mark.parametrize(("model", "d"), KEEPS_TRAINING_SET, ids=describe)
def test_a_model_stored_without_its_training_set_is_small_and_needs_it(model, d, tmp_path):
    X, short, long = training_set(5000, d), tmp_path / "short.safetensors", tmp_path / "long.safetensors"
    model.fit(X)
    save_all({"0": model}, short, {"0": X})
    save_all({"0": model}, long)
    saved = long.stat().st_size - short.stat().st_size
    assert saved > 0.95 * X.nbytes
    if not isinstance(model, AdaptiveKernelDensity):  # which keeps a factor for each point
        assert short.stat().st_size < 0.1 * long.stat().st_size
    with open_models(short) as read, pytest.raises(ValueError, match="stored without its training set; give"):
        read("0")
    with open_models(long) as read:
        again = read("0")
    np.testing.assert_array_equal(again.score_samples(X[:9]), model.score_samples(X[:9]))


@pytest.mark.parametrize("other", ["other rows", "other order", "fewer rows", "a bit", "other sign of zero"])
def test_another_training_set_is_not_taken_for_the_right_one(other, tmp_path):
    X = training_set(d=2)
    X[0, 0] = 0.0
    save_all({"0": KernelDensity(bandwidth=0.3).fit(X)}, tmp_path / "m.safetensors", {"0": X})
    wrong = X.copy()
    match other:
        case "other rows":
            wrong = training_set(d=2, seed=1)
        case "other order":
            wrong = X[::-1]
        case "fewer rows":
            wrong = X[:-1]
        case "a bit":
            wrong[7, 1] = np.nextafter(wrong[7, 1], np.inf)
        case "other sign of zero":
            wrong[0, 0] = -0.0
    with open_models(tmp_path / "m.safetensors") as read:
        with pytest.raises(ValueError, match="without its training set, and another one was given"):
            read("0", wrong)
        assert read("0", X).bandwidth_ is not None


def test_state_that_differs_in_the_sign_of_a_zero_is_stored(tmp_path):
    X = np.array([[-0.0], [1.0]])
    model = GaussianDensity().fit(X)
    model.points_ = X + 0.0
    save_all({"0": model}, tmp_path / "m.safetensors", {"0": X})
    with open_models(tmp_path / "m.safetensors") as read:
        assert read("0").points_.tobytes() == model.points_.tobytes()


def test_each_model_of_a_file_has_its_own_training_set(tmp_path):
    sets = {str(r): training_set(seed=r) for r in range(3)}
    models = {name: KernelDensity(bandwidth=0.3).fit(X) for name, X in sets.items()}
    save_all(models, tmp_path / "m.safetensors", sets)
    with open_models(tmp_path / "m.safetensors") as read:
        for name in ("2", "0", "1"):
            again = read(name, sets[name])
            np.testing.assert_array_equal(again.score_samples([[0.1]]), models[name].score_samples([[0.1]]))


def test_a_training_set_is_not_made_for_a_model_that_is_stored_complete(tmp_path):
    X = training_set()
    save_all({"0": GaussianDensity().fit(X)}, tmp_path / "m.safetensors", {"0": X})

    def fail():
        raise AssertionError("the model has no use for it")

    with open_models(tmp_path / "m.safetensors") as read:
        assert read("0", fail).n_features_in_ == 1


# -- files that are no model ----------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 3, 8, 100, 0.5, 0.9, -1])
def test_a_truncated_file_is_no_model(tmp_path, left):
    """Some bytes are left, or a part of all, or all but the last."""
    path = tmp_path / "model.safetensors"
    save(GaussianDensity().fit([[0.0], [1.0]]), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: left if isinstance(left, int) else int(left * len(whole))])
    with pytest.raises(ValueError, match=r"model\.safetensors is no genrates model"):
        load(path)


@pytest.mark.parametrize("content", [b"\x80\x04N.", b"{}", b"\xff" * 64, b"\x00" * 64, b"text " * 20])
def test_another_kind_of_file_is_no_model(tmp_path, content):
    """A pickle, JSON, bytes of a length that no memory has, zeros, text."""
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.safetensors is no genrates model"):
        load(tmp_path / "model.safetensors")


def test_a_file_that_is_missing_is_said_to_be(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors"):
        load(tmp_path / "model.safetensors")


def test_arrays_without_our_header_are_no_model(tmp_path):
    save_file({"a": np.zeros(2)}, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=r"model\.safetensors is no genrates model: it has no header"):
        load(tmp_path / "model.safetensors")


def test_a_flipped_byte_is_told(tmp_path):
    path = tmp_path / "model.safetensors"
    save(HistogramDensity(bins=5).fit(np.linspace(0, 1, 30)[:, None]), path)
    good = path.read_bytes()
    for at in range(8, len(good), 7):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(ValueError, match=r"model\.safetensors (is|names) "):
            load(path)


def entry(**changes) -> dict:
    """Return the header of a fitted GaussianDensity with some of its keys changed; None takes one out."""
    good = {
        "class": GAUSSIAN,
        "params": {"__dict__": {"covariance": "full"}},
        "state": {"__dict__": {"n_features_in_": 1, "mean_": {"__array__": "model.state.mean_"}}},
    }
    return {key: value for key, value in (good | changes).items() if value is not None}


def state(value, name: str = "mean_") -> dict:
    return entry(state={"__dict__": {name: value}})


def written(folder, header):
    """Write a model's arrays below another header; text is taken as it is."""
    path = folder / "model.safetensors"
    save(GaussianDensity().fit([[0.0], [1.0]]), path)
    text = header if isinstance(header, str) else json.dumps(header)
    arrays = load_file(path)
    checksums = {key: zlib.crc32(array.tobytes()) for key, array in arrays.items()}
    checksums |= {"genrates": zlib.crc32(text.encode())}
    save_file(arrays, path, metadata={"genrates": text, "genrates.checksums": json.dumps(checksums)})
    return path


def test_the_header_that_the_next_tests_break_is_sound(tmp_path):
    path = tmp_path / "model.safetensors"
    save(GaussianDensity().fit([[0.0], [1.0]]), path)
    with safe_open(path, "numpy") as file:
        good = json.loads(file.metadata()["genrates"])["model"]
    assert set(good) == set(entry())
    assert good["class"] == GAUSSIAN
    assert load(written(tmp_path, {"model": entry()})).mean_ == 0.5


DEEP = '{"__list__":[' * 5000 + "7" + "]}" * 5000
NOT_GIVEN = {"__training_set__": {"form": "rows", "checksum": 0}}
NO_ESTIMATOR = entry(**{"class": "genrates.errors:ConfigError"})
MALFORMED = {
    "no JSON": "{",
    "empty text": "",
    "JSON null": "null",
    "JSON list": "[]",
    "JSON number": "7",
    "JSON text": '"model"',
    "JSON too deep": "[" * 100_000,
    "no model": {},
    "model is null": {"model": None},
    "model is a list": {"model": [1]},
    "model is a text": {"model": "GaussianDensity"},
    "class is missing": {"model": entry(**{"class": None})},
    "params are missing": {"model": entry(params=None)},
    "state is missing": {"model": entry(state=None)},
    "class is a number": {"model": entry(**{"class": 7})},
    "class is a list": {"model": entry(**{"class": [GAUSSIAN]})},
    "class is empty": {"model": entry(**{"class": ""})},
    "class without a name": {"model": entry(**{"class": "genrates.estimators"})},
    "class outside genrates": {"model": entry(**{"class": "sklearn.mixture:GaussianMixture"})},
    "class of the system": {"model": entry(**{"class": "os:system"})},
    "class of a package of a similar name": {"model": entry(**{"class": "genrates_evil:GaussianDensity"})},
    "class of another package reached through genrates": {
        "model": entry(**{"class": "genrates.estimators.base:BaseEstimator"})
    },
    "class that is no estimator": {"model": NO_ESTIMATOR},
    "class that is a function": {"model": entry(**{"class": "genrates.estimators.persistence:load"})},
    "class that is a module": {"model": entry(**{"class": "genrates.files:os"})},
    "class of a module that is missing": {"model": entry(**{"class": "genrates.nowhere:GaussianDensity"})},
    "class of a module without a name": {"model": entry(**{"class": "genrates..base:DensityEstimator"})},
    "class that is missing": {"model": entry(**{"class": "genrates.estimators:NoSuchDensity"})},
    "params are a number": {"model": entry(params=7)},
    "params are a list": {"model": entry(params={"__list__": []})},
    "params hold an unknown name": {"model": entry(params={"__dict__": {"no_such": 1}})},
    "params hold no dict": {"model": entry(params={"__dict__": 7})},
    "state is a number": {"model": entry(state=7)},
    "state is a text": {"model": entry(state="mean_")},
    "state is a list": {"model": entry(state={"__list__": []})},
    "state holds no dict": {"model": entry(state={"__dict__": 7})},
    "state replaces a method": {"model": state(1, "score_samples")},
    "state replaces a property": {"model": state(1, "capabilities_")},
    "state replaces the class": {"model": state(1, "__class__")},
    "state replaces a private attribute": {"model": state(1, "_lazy_")},
    "unknown entry": {"model": state({"__pickle__": "gASVBA=="})},
    "two entries": {"model": state({"__array__": "model.state.mean_", "__dict__": {}})},
    "no entry": {"model": state({})},
    "array is missing": {"model": state({"__array__": "model.state.nowhere_"})},
    "array is a number": {"model": state({"__array__": 7})},
    "array is a list": {"model": state({"__array__": ["model.state.mean_"]})},
    "list is a number": {"model": state({"__list__": 7})},
    "tuple is null": {"model": state({"__tuple__": None})},
    "dict is a list": {"model": state({"__dict__": [1]})},
    "entries too deep": json.dumps({"model": state(7)}).replace("7", DEEP),
    "training set is a text": {"model": state({"__training_set__": "rows"})},
    "training set without a checksum": {"model": state({"__training_set__": {"form": "rows"}})},
    "training set that was not given": {"model": state(NOT_GIVEN)},
    "part is a number": {"model": state({"__estimator__": 7})},
    "part without a class": {"model": state({"__estimator__": {}})},
    "part outside genrates": {"model": state({"__estimator__": entry(**{"class": "os:system"})})},
    "part that is no estimator": {"model": state({"__estimator__": NO_ESTIMATOR})},
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_header_is_no_model(tmp_path, name):
    path = written(tmp_path, MALFORMED[name])
    with pytest.raises(ValueError, match=r"model\.safetensors "):
        load(path)


@pytest.mark.parametrize("form", ["sorted", "sorted column", 7, None, ["rows"]])
def test_a_form_of_the_training_set_that_there_is_not_is_no_model(tmp_path, form):
    path = written(tmp_path, {"model": state({"__training_set__": {"form": form, "checksum": 0}})})
    with open_models(path) as read, pytest.raises(ValueError, match=r"model\.safetensors "):
        read("model", training_set(5, 2))
