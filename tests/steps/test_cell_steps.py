"""The three jobs of a cell, one after the other: what each writes, and what a fit that fails leaves."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from omegaconf import OmegaConf

from genrates.errors import ConfigError
from genrates.estimators import OwnSampler
from genrates.estimators.persistence import load, open_models
from genrates.metrics.base import Skip
from genrates.neural import MarkovChainSampler
from genrates.steps import evaluate, sample, train
from genrates.workflow.cell_step import make_cell_job
from genrates.workflow.config import ConfigTree

pytestmark = pytest.mark.usefixtures("logging_is_put_back")

CONFIGS = ConfigTree()
SMALL = ["data=marron_wand_06", "sizes=[10,40]", "replicates=2", "metric=[root_mise,root_sup_cdf]"]
#: 12 components need more than 10 points
MIXTURE = ["model=mixture", "model.n_components=12"]
CLOCK = ["fit_seconds", "sample_us_per_draw", "score_us_per_point"]


def config(results: Path, *overrides: str):
    names = ["cell.budget=b", "cell.experiment=e", "cell.data=d", "cell.variant=m", "downloads=data/none"]
    return OmegaConf.create(CONFIGS.compose("cell", *SMALL, *names, f"results={results}", *overrides))


def run(results: Path, *overrides: str, steps=(train, sample, evaluate)) -> Path:
    """Run steps of a cell; return its folder."""
    for step in steps:
        step.main(config(results, *overrides))
    return results / "b" / "e" / "d" / "m"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def index(folder: Path, name: str) -> list[dict]:
    return json.loads((folder / name / "index.json").read_text())


def scores(folder: Path) -> pd.DataFrame:
    """Return the scores that no clock has measured."""
    rows = pd.read_parquet(folder / "scores.parquet").drop(columns="seconds")
    return rows[~rows["metric"].isin(CLOCK)].reset_index(drop=True)


# -- what is written ------------------------------------------------------------------------------


def test_a_cell_has_the_files_that_a_person_is_promised(tmp_path):
    folder = run(tmp_path, "model=kde")
    assert files(folder) == {
        "config.yaml",
        "fits/index.json",
        "fits/n=10.safetensors",
        "fits/n=40.safetensors",
        "model/model.safetensors",
        "model/training.json",
        "draws/index.json",
        "samples.npz",
        "scores.parquet",
        "density_grids.npz",
        "figures/cell.png",
        "made/train.json",
        "made/sample.json",
        "made/evaluate.json",
    }


def test_fits_are_kept_without_their_training_sets_and_the_largest_one_complete(tmp_path):
    folder = run(tmp_path, "model=kde", steps=[train])
    rows = index(folder, "fits")
    assert [(row["n"], row["replicate"], row["status"], row["reason"]) for row in rows] == [
        (n, replicate, "ok", "") for n in (10, 40) for replicate in (0, 1)
    ]
    assert all(row["seconds"] >= 0 and row["model_bytes"] >= 8 * row["n"] for row in rows)
    largest = make_cell_job(OmegaConf.to_container(config(tmp_path, "model=kde"))).training_sets[0]
    model = load(folder / "model" / "model.safetensors")
    with open_models(folder / "fits" / "n=40.safetensors") as read:
        with pytest.raises(ValueError, match="without its training set"):
            read("0")
        again = read("0", largest)
    np.testing.assert_array_equal(again.score_samples(largest), model.score_samples(largest))


def test_samples_are_the_draws_of_the_largest_fit(tmp_path):
    folder = run(tmp_path, "model=gaussian", steps=[train, sample])
    job = make_cell_job(OmegaConf.to_container(config(tmp_path, "model=gaussian")))
    with np.load(folder / "samples.npz", allow_pickle=False) as arrays:
        draws = arrays["samples"]
    np.testing.assert_array_equal(
        draws, job.draw(load(folder / "model" / "model.safetensors"), job.recipe(40, 0))
    )
    rows = index(folder, "draws")
    assert [(row["n"], row["replicate"]) for row in rows] == [(10, 0), (10, 1), (40, 0), (40, 1)]
    assert [row["n_draws"] for row in rows] == [10, 10, 40, 40]
    assert ["seconds" in row for row in rows] == [True, False, True, False], "the first replicate is timed"


def test_every_fit_has_every_metric_and_its_costs(tmp_path):
    rows = pd.read_parquet(run(tmp_path, "model=kde") / "scores.parquet")
    assert set(rows["status"]) == {"ok"}
    assert set(rows[["experiment", "data", "model"]].itertuples(index=False, name=None)) == {("e", "d", "m")}
    counts = rows.groupby("metric").size().to_dict()
    assert counts.pop("sample_us_per_draw") == 2
    names = ["root_mise", "root_sup_cdf", "fit_seconds", "model_bytes", "n_parameters", "score_us_per_point"]
    assert counts == dict.fromkeys([*names, "tuned"], 4)


@pytest.mark.parametrize(
    ("sampler", "settings"),
    [
        (MarkovChainSampler(burn_in=7, start="noise"), {"burn_in": 7, "start": "noise"}),
        (MarkovChainSampler(thin=2, n_samples=9, means=True), {"thin": 2}),
        (MarkovChainSampler(), {}),
        (OwnSampler(), {}),
        (OwnSampler(9), {}),
    ],
    ids=str,
)
def test_metrics_are_told_of_the_chain_that_the_draws_come_from(sampler, settings):
    assert evaluate.chain_settings(sampler) == settings


def test_an_evaluation_has_the_settings_of_the_cell_s_sampler(tmp_path):
    overrides = ["model=gaussian", "sampler=markov_chain", "sampler.burn_in=7", "sampler.start=noise"]
    job = make_cell_job(OmegaConf.to_container(config(tmp_path, *overrides)))
    model = job.models(10)[0].fit(job.training_sets[0][:10])
    chain = evaluate.evaluation_of(job, model, job.recipe(10, 0), None).chain
    assert {key: chain[key] for key in ("burn_in", "start")} == {"burn_in": 7, "start": "noise"}


def test_draws_that_are_not_stored_are_made_when_a_metric_asks(tmp_path):
    job = make_cell_job(OmegaConf.to_container(config(tmp_path, "model=gaussian")))
    model = job.models(10)[0].fit(job.training_sets[1][:10])
    found = evaluate.evaluation_of(job, model, job.recipe(10, 1), None)
    assert found.has_draws
    np.testing.assert_array_equal(found.draws, job.draw(model, job.recipe(10, 1)))
    np.testing.assert_array_equal(found.train, job.training_sets[1][:10])
    none = evaluate.evaluation_of(job, model, job.recipe(10, 1) | {"reason": "no way of drawing"}, None)
    assert not none.has_draws
    with pytest.raises(Skip, match="no way of drawing"):
        _ = none.draws


# -- again ----------------------------------------------------------------------------------------


def test_the_cell_is_the_same_to_the_last_bit_each_time(tmp_path):
    first = scores(run(tmp_path / "a", "model=kde"))
    pd.testing.assert_frame_equal(scores(run(tmp_path / "b", "model=kde")), first, check_exact=True)


def test_other_metrics_are_measured_on_the_kept_fits_and_draws(tmp_path):
    folder = run(tmp_path, "model=kde", "metric=[sliced_wasserstein,wasserstein_1,root_mise]")
    before, kept = scores(folder), ("fits", "draws", "model", "samples.npz")
    times = {name: (folder / name).stat().st_mtime_ns for name in kept}
    run(tmp_path, "model=kde", "metric=[sliced_wasserstein,wasserstein_1,kl]", steps=[evaluate])
    after = scores(folder)
    assert {name: (folder / name).stat().st_mtime_ns for name in kept} == times
    assert set(after["metric"]) == (set(before["metric"]) - {"root_mise"}) | {"kl"}
    distances = ["sliced_wasserstein", "wasserstein_1"]  # of the draws, and of the law
    same = [rows[rows["metric"].isin(distances)].reset_index(drop=True) for rows in (before, after)]
    pd.testing.assert_frame_equal(*same, check_exact=True)


def test_the_config_of_a_cell_repeats_it(tmp_path):
    folder = run(tmp_path / "a", "model=kde")
    cfg = OmegaConf.load(folder / "config.yaml")
    assert OmegaConf.to_container(cfg.cell) == {"budget": "b", "experiment": "e", "data": "d", "variant": "m"}
    cfg.results = str(tmp_path / "b")
    del cfg["hydra"]
    for step in (train, sample, evaluate):
        step.main(cfg)
    again = tmp_path / "b" / "b" / "e" / "d" / "m"
    pd.testing.assert_frame_equal(scores(again), scores(folder), check_exact=True)


@pytest.mark.parametrize(("step", "needs"), [(sample, "train"), (evaluate, "train")])
def test_a_step_without_the_earlier_one_ends_with_a_message(tmp_path, step, needs):
    with pytest.raises(SystemExit, match=rf"genrates {step.__name__.rsplit('.')[-1]}: .*steps\.{needs}"):
        run(tmp_path, "model=gaussian", steps=[step])


# -- fits that fail -------------------------------------------------------------------------------


def test_a_fit_that_fails_is_a_row_with_a_reason_and_the_others_are_complete(tmp_path):
    folder = run(tmp_path, *MIXTURE)
    fits, draws = index(folder, "fits"), index(folder, "draws")
    assert [row["status"] for row in fits] == ["failed", "failed", "ok", "ok"]
    assert all("MixtureDensity" in row["reason"] for row in fits[:2])
    assert [row.get("reason") for row in draws] == [fits[0]["reason"], fits[1]["reason"], None, None]
    rows = pd.read_parquet(folder / "scores.parquet")
    failed = rows[rows["n"] == 10]
    assert set(failed["metric"]) == {"root_mise", "root_sup_cdf"}, "what was not fitted has no costs"
    assert set(failed["status"]) == {"failed"}
    assert failed["value"].isna().all()
    assert set(failed["reason"]) == {row["reason"] for row in fits[:2]}
    assert set(rows.loc[rows["n"] == 40, "status"]) == {"ok"}
    assert load(folder / "model" / "model.safetensors").n_components_ == 12


def test_a_cell_in_which_every_fit_fails_is_complete_too(tmp_path):
    for step in (train, sample, evaluate):
        with pytest.raises(SystemExit, match="every fit failed: MixtureDensity"):
            run(tmp_path, *MIXTURE, "sizes=[8,10]", steps=[step])
    folder = tmp_path / "b" / "e" / "d" / "m"
    assert "model/model.safetensors" not in files(folder)
    assert {"fits/n=10.safetensors", "samples.npz", "density_grids.npz", "figures/cell.png"} <= files(folder)
    assert set(pd.read_parquet(folder / "scores.parquet")["status"]) == {"failed"}


def test_a_config_that_cannot_be_run_ends_with_one_message(tmp_path):
    with pytest.raises(SystemExit, match="genrates train: model: KernelDensity: bandwidth must"):
        run(tmp_path, "model=kde", "model.bandwidth=-1", steps=[train])
    with pytest.raises(ConfigError, match="bandwith"):
        config(tmp_path, "model.bandwith=1")
    assert not (tmp_path / "b").exists()
