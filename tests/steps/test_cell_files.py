"""Files of a cell: whole or not there at all, and nothing left of a job that was killed."""

import numpy as np
import pytest
from omegaconf import OmegaConf

from genrates.errors import ConfigError
from genrates.estimators import GaussianDensity
from genrates.estimators.persistence import load, opened, save, save_all
from genrates.files import atomic_file, atomic_folder, write_json
from genrates.workflow import config
from genrates.workflow.job import Job


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_folder_appears_whole_and_replaces_the_old_one(tmp_path):
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / "old").touch()
    with atomic_folder(tmp_path / "fits") as part:
        (part / "new").touch()
        assert names(tmp_path / "fits") == ["old"]
    assert names(tmp_path / "fits") == ["new"]
    assert names(tmp_path) == ["fits"]


def test_a_folder_whose_job_fails_leaves_the_old_one(tmp_path):
    (tmp_path / "fits").mkdir()

    def job():
        with atomic_folder(tmp_path / "fits") as part:
            (part / "new").touch()
            raise ValueError("failed")

    with pytest.raises(ValueError, match="failed"):
        job()
    assert names(tmp_path) == ["fits"]
    assert names(tmp_path / "fits") == []


def test_a_file_appears_whole(tmp_path):
    write_json(tmp_path / "deep" / "index.json", [1])
    assert (tmp_path / "deep" / "index.json").read_text() == "[\n 1\n]"

    def job():
        with atomic_file(tmp_path / "deep" / "index.json") as part:
            part.write_text("half")
            raise ValueError("failed")

    with pytest.raises(ValueError, match="failed"):
        job()
    assert names(tmp_path / "deep") == ["index.json"]
    assert (tmp_path / "deep" / "index.json").read_text() == "[\n 1\n]"


def test_what_a_killed_job_left_is_swept_up(tmp_path):
    (tmp_path / ".fits.12345.part").mkdir()
    (tmp_path / ".scores.12345.part.parquet").touch()
    (tmp_path / ".model.12345.part").mkdir()
    with atomic_folder(tmp_path / "fits"), atomic_file(tmp_path / "scores.parquet") as part:
        part.touch()
    assert names(tmp_path) == [".model.12345.part", "fits", "scores.parquet"]


def test_a_training_carries_on_under_the_very_same_config_alone():
    """Its checkpoints lie in a folder of what decides a fit; what the table says of a model does not."""

    def folder(*words, **changes):
        content = config.compose("cell", ("data=digits_binary", "model=dae", *words))
        cfg = OmegaConf.create(content | {"data_name": "digits_binary"} | changes)
        return Job(cfg, list(cfg.sizes), 2, "dae").checkpoints

    base = folder()
    assert folder("model.metadata.method=another", "metric=[frechet]", "replicates=3") == base
    others = [
        folder("model.noise=0.3"),
        folder("model.trainer.max_epochs=7"),
        folder("data.binarize=sampling"),
        folder("seed=1"),
        folder("sizes=[100,500]"),
        folder(data_name="elsewhere"),
    ]
    assert len({base, *others}) == 7


def test_the_code_of_a_part_decides_a_fit_too(monkeypatch):
    """A manifold's network is trained by a module that the manifold's own does not import."""
    seen = []
    monkeypatch.setattr("genrates.cell.fingerprint", lambda *modules: seen.extend(modules) or "")
    content = config.compose("cell", ("data=digits_binary", "model=manifold_images"))
    cfg = OmegaConf.create(content | {"data_name": "digits_binary"})
    assert Job(cfg, [10, 20], 1, "m").checkpoints
    used = {"genrates.data.digits", "genrates.estimators.manifold", "genrates.neural.autoencoder"}
    assert used <= set(seen)


def test_a_model_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
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
    assert names(tmp_path) == ["model.safetensors"]
    save(GaussianDensity().fit([[0.0], [3.0]]), path)
    assert load(path).mean_ == 1.5


@pytest.mark.parametrize("left", [0, 3, 500])
def test_a_torn_model_is_no_model(tmp_path, left):
    path = tmp_path / "model.safetensors"
    save(GaussianDensity().fit([[0.0], [1.0]]), path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(ValueError, match=r"model\.safetensors is no genrates model"):
        load(path)


def test_a_file_of_several_models_gives_each_by_its_name(tmp_path):
    path = tmp_path / "n=2.safetensors"
    save_all({str(i): GaussianDensity().fit([[0.0], [2.0 * i]]) for i in (1, 2)}, path)
    with opened(path) as model:
        assert [float(model(name).mean_[0]) for name in ("2", "1")] == [2.0, 1.0]
        with pytest.raises(ValueError, match="holds no model '3'; it has '1', '2'"):
            model("3")


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


def test_an_index_of_other_sizes_is_refused(tmp_path):
    cfg = OmegaConf.create({"results": str(tmp_path), "into": "e", "data_name": "d"})
    write_json(tmp_path / "e" / "d" / "m" / "fits" / "index.json", [{"n": 10, "replicate": 0}])
    assert Job(cfg, [10], 1, "m").index("fits", "train")
    with pytest.raises(ConfigError, match="other sizes or replicates than"):
        Job(cfg, [20], 1, "m").index("fits", "train")
