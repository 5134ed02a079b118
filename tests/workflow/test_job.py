"""A cell as its jobs see it: objects, seeds, and the files of earlier steps."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from genrates.errors import ConfigError
from genrates.estimators import GaussianDensity, KernelDensity
from genrates.estimators.persistence import save_all
from genrates.files import write_json
from genrates.workflow.cell_step import make_cell_job
from genrates.workflow.config import ConfigTree
from genrates.workflow.job import CellJob, size_file

NAMES = {"budget": "b", "experiment": "e", "data": "d", "variant": "m"}
CONFIGS = ConfigTree()


def job(*overrides, **changes) -> CellJob:
    """Return the job of conf/cell.yaml, its folders named by hand."""
    named = [f"cell.{key}={value}" for key, value in NAMES.items()]
    # without a Hydra app nobody knows which data set was chosen
    config = CONFIGS.compose("cell", *overrides, *named, "downloads=data/none")
    return make_cell_job(config | changes)


def small(tmp_path, *overrides) -> CellJob:
    return job("model=gaussian", "sizes=[10,20]", "replicates=2", f"results={tmp_path}", *overrides)


# -- names and objects ------------------------------------------------------------------------------


def test_files_of_a_cell_lie_below_budget_experiment_data_and_variant(tmp_path):
    found = small(tmp_path)
    assert found.name == "b/e/d/m"
    assert found.folder == tmp_path / "b" / "e" / "d" / "m"
    assert (found.sizes, found.replicates, found.n_fits) == ([10, 20], {10: 2, 20: 2}, 4)


def test_every_fit_has_a_seed_of_its_own_and_always_the_same():
    one, other = (job("model=mixture", "sizes=[10,20]", "replicates=2") for _ in range(2))
    seeds = [model.random_state for n in (10, 20) for model in one.models(n)]
    assert len(set(seeds)) == 4
    assert seeds == [model.random_state for n in (10, 20) for model in other.models(n)]


def test_training_sets_are_those_of_the_data_seed_and_replicate_alone():
    """Every model and every choice of sizes sees the same points."""
    first = job("model=gaussian", "sizes=[10,20]", "replicates=2").training_sets
    assert [X.shape for X in first] == [(20, 1), (20, 1)]
    assert not np.array_equal(*first)
    for overrides in (["model=kde", "sizes=[20]"], ["model=gaussian", "sizes=[10,40]"]):
        again = job(*overrides, "replicates=2").training_sets
        np.testing.assert_array_equal([X[:20] for X in again], first)
    assert not np.array_equal(job("sizes=[20]", "replicates=1", "seed=1").training_sets[0], first[0])


def test_small_sizes_may_have_more_replicates(tmp_path):
    """The sample of size n of a replicate is that which it would be with as many of every size."""
    found = small(tmp_path, "sizes=[10,20,40]", "replicates={10:5,15:3,40:2}")
    assert found.replicates == {10: 5, 20: 3, 40: 2}
    assert found.grid == [(10, r) for r in range(5)] + [(20, r) for r in range(3)] + [(40, 0), (40, 1)]
    assert [len(found.models(n)) for n in found.sizes] == [5, 3, 2]
    assert [len(X) for X in found.training_sets] == [40, 40, 20, 10, 10]
    full = small(tmp_path, "sizes=[10,20,40]", "replicates=5").training_sets
    for own, other in zip(found.training_sets, full, strict=True):
        np.testing.assert_array_equal(own, other[: len(own)])
    rows = write_fits(found)
    assert [(row["n"], row["replicate"]) for row, _ in found.fits()] == found.grid
    assert len(rows) == 10


def test_draws_of_a_fit_are_always_the_same_points(tmp_path):
    found = small(tmp_path)
    model = found.models(20)[0].fit(found.training_sets[0])
    draws = found.draw(model, found.recipe(20, 0))
    assert draws.shape == (20, 1)
    np.testing.assert_array_equal(found.draw(model, found.recipe(20, 0)), draws)
    assert not np.array_equal(found.draw(model, found.recipe(20, 1)), draws)
    few = small(tmp_path, "++sampler.n_samples=7")
    assert few.draw(model, few.recipe(20, 0)).shape == (7, 1)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["sizes=[20,10]"], "config: sizes: must be positive integers that increase"),
        (["sizes=[]"], "config: sizes: "),
        (["sizes=[true]"], "config: sizes: "),
        (
            ["replicates=0"],
            "config: replicates: must be a positive integer, or a map from sizes to positive integers, got 0",
        ),
        (["replicates={10:2,20:3}"], "config: replicates: a larger size cannot have more than a smaller one"),
        (["sizes=[10]", "replicates={20:2}"], "config: replicates: no number for n = 10, got {20: 2}"),
        (["seed=-1"], "config: seed: must be an integer >= 0, got -1"),
        (["seed=true"], "config: seed: must be an integer >= 0, got True"),
        (["seed=x"], "config: seed: must be an integer >= 0, got 'x'"),
        (["model.bandwidth=-1"], "model: KernelDensity: bandwidth must"),
        (["+model.bandwith=1"], "model: unknown parameter 'bandwith'. Did you mean 'bandwidth'"),
        (["data=digits", "sizes=[5000]"], "config: sizes: the data set has 1438 points, got 5000"),
    ],
)
def test_what_cannot_be_run_is_refused(overrides, message):
    with pytest.raises(ConfigError) as error:
        job(*overrides)
    assert message in str(error.value)


# -- trainings that are resumed -----------------------------------------------------------------------


def test_a_training_is_resumed_under_the_very_same_config_alone():
    """Its checkpoints lie in a folder of what decides a fit; what the table says of a model does not."""

    def folder(*overrides, **changes):
        return job("data=digits_binary", "model=dae", "sizes=[100,1000]", *overrides, **changes).checkpoints

    base = folder()
    assert base.parent == job().folder
    assert folder("model.metadata.method=another", "metric=[frechet]", "replicates=3") == base
    assert folder("sampler.n_samples=1000", "sizes=[50,1000]") == base
    others = [
        folder("model.noise=0.3"),
        folder("model.trainer.max_epochs=7"),
        folder("data.binarize=sampling"),
        folder("seed=1"),
        folder("sizes=[100,500]"),
        folder(cell=NAMES | {"data": "elsewhere"}),
    ]
    assert len({path.name for path in (base, *others)}) == 7


def test_the_code_of_a_part_decides_a_fit_too(monkeypatch):
    """A manifold's network is trained by a module that the manifold's own does not import."""
    seen = []
    monkeypatch.setattr("genrates.workflow.job.fingerprint", lambda *modules: seen.extend(modules) or "")
    assert job("data=digits_binary", "model=manifold_images", "sizes=[10,20]").checkpoints
    used = {
        "genrates.data.digits",
        "genrates.estimators.manifold.density",
        "genrates.neural.autoencoder.autoencoder",
    }
    assert used <= set(seen)


# -- files of earlier steps ---------------------------------------------------------------------------


def write_fits(found: CellJob, failed: tuple[int, int] | None = None) -> list[dict]:
    """Write what the train step writes; one fit may have failed."""
    rows = []
    for n in found.sizes:
        models = {}
        for replicate, model in enumerate(found.models(n)):
            row = {"n": n, "replicate": replicate, "status": "ok", "reason": ""}
            costs = {"seconds": 0.5, "model_bytes": 16, "n_parameters": 2}
            if (n, replicate) == failed:
                row |= {"status": "failed", "reason": "no such fit"}
                costs = {}
            else:
                models[str(replicate)] = model.fit(found.training_sets[replicate][:n])
            rows.append(row | costs)
        folder = found.folder / "fits"
        known = {str(r): X[:n] for r, X in enumerate(found.training_sets[: found.replicates[n]])}
        save_all(models, size_file(folder, n), known)
    write_json(folder / "index.json", rows)
    return rows


@pytest.mark.parametrize("model", ["gaussian", "kde"])
def test_fits_are_read_in_the_order_of_the_index(tmp_path, model):
    """Those that keep their training set are given it again."""
    found = small(tmp_path, f"model={model}")
    rows = write_fits(found, failed=(20, 0))
    read = list(small(tmp_path, f"model={model}").fits())
    assert [row for row, _ in read] == rows
    kind = {"gaussian": GaussianDensity, "kde": KernelDensity}[model]
    assert [type(fit) for _, fit in read] == [kind, kind, type(None), kind]
    for row, fit in read:
        if fit is not None:
            again = found.models(row["n"])[0].fit(found.training_sets[row["replicate"]][: row["n"]])
            np.testing.assert_array_equal(fit.score_samples([[0.3]]), again.score_samples([[0.3]]))


def test_draws_that_are_stored_are_read_and_the_others_are_left_to_be_made(tmp_path):
    found = small(tmp_path)
    folder = found.folder / "draws"
    folder.mkdir(parents=True)
    rows = [found.recipe(n, replicate) for n in (10, 20) for replicate in (0, 1)]
    save_file({"0": np.zeros((3, 1))}, size_file(folder, 10))
    save_file({}, size_file(folder, 20))
    write_json(folder / "index.json", rows)
    read = list(found.draws())
    assert [row for row, _ in read] == rows
    assert [None if draws is None else draws.shape for _, draws in read] == [(3, 1), None, None, None]
