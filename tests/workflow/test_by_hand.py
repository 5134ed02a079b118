"""Each step is a Hydra app: one job by hand, several with -m, and a cell again from its own config."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from genrates.workflow.config import ConfigTree

from .conftest import SWEPT

SMALL = ["data=marron_wand_06", "sizes=[50,100]", "replicates=2"]


@pytest.mark.slow
def test_one_job_and_a_sweep_land_in_folders_of_their_own(clone):
    clone.step("train", *SMALL, "model=kde", "model.bandwidth=0.2")
    clone.step("train", "-m", *SMALL, "model=kde", "model.bandwidth=0.1,0.4")
    clone.step("train", *SMALL, "model=gaussian")
    (folder,) = (clone.folder / "results").glob("quick-*/by_hand/marron_wand_06")
    names = ["gaussian", *(f"kde-bandwidth={h}" for h in (0.1, 0.2, 0.4))]
    assert sorted(p.name for p in folder.iterdir()) == names
    assert all((folder / name / "fits" / "n=100.safetensors").exists() for name in names)
    left = {p.name for p in clone.folder.iterdir()} & {"outputs", "multirun", "multirun.yaml", ".hydra"}
    assert left == set(), "Hydra leaves nothing lying about"


def test_data_and_samplers_sweep_by_hand(clone):
    overrides = ["data=mixture_d", "data.d=2", "model=gaussian", "sizes=[50]", "replicates=1", "seed=3"]
    clone.step("train", *overrides)
    clone.step("sample", *overrides, "sampler.n_samples=7")
    (cell,) = (clone.folder / "results").glob("quick-*seed=3/by_hand/mixture_d-d=2/gaussian")
    with np.load(cell / "samples.npz") as file:
        assert file["samples"].shape == (7, 2)


def test_a_download_says_what_it_has_got(clone, tmp_path):
    """From a mirror that holds more rows than are asked for; beside it stays what the config says."""
    np.save(tmp_path / "cat.npy", np.zeros((50, 784), np.uint8))
    content = (tmp_path / "cat.npy").read_bytes()
    known = hashlib.sha256(content).hexdigest()
    sha256 = next(iter(ConfigTree().compose("data/cat_sketches")["data"]["metadata"]["files"].values()))[
        "sha256"
    ][1]
    clone.edit("conf/data/cat_sketches.yaml", (sha256, known))
    clone.step("download", "data=cat_sketches", "data.first=40", f"mirror={tmp_path}")
    said = json.loads((clone.folder / "data" / "cat_sketches" / "manifest.json").read_text())
    assert said["had"] == {"cat.npy": {"sha256": known, "bytes": len(content), "rows": 50}}
    assert said["files"]["cat.npy"]["first"] == 40


def test_a_cells_config_repeats_it_to_the_last_bit(finished, tmp_path):
    project = finished.copy(tmp_path / "project")
    cell = project.folder / "results" / SWEPT[2]
    before = project.scores(SWEPT[2])
    for step in ("train", "sample", "evaluate"):
        project.step(step, "--config-path", str(cell), "--config-name", "config", "results=again")
    pd.testing.assert_frame_equal(project.scores(SWEPT[2], "again"), before, check_exact=True)


def test_figures_are_drawn_from_what_track_has_summed_up(finished, tmp_path):
    project = finished.copy(tmp_path / "project")
    path = project.folder / "results" / "smoke" / "tiny" / "summaries.json"
    rows = [
        [row[key] for key in ("data", "variant", "metric", "verdict")] for row in json.loads(path.read_text())
    ]
    table = pd.read_csv(path.with_name("comparison.csv"))
    assert rows == table[["data", "model", "metric", "verdict"]].to_numpy().tolist()
    path.unlink()
    said = project.step("compare", "experiments=[tiny]", "budget=smoke", code=1)
    assert "`python -m genrates.steps.track` with the same overrides makes it again" in said


def test_a_fit_that_fails_is_a_reason_never_a_number(clone):
    """One point has no scale: the normal cannot be fitted, at n = 1 only."""
    overrides = ["data=marron_wand_01", "model=gaussian", "sizes=[1,50]", "replicates=2"]
    overrides += ["metric=[root_mise,kl]", "cell.budget=mine"]
    for step in ("train", "sample", "evaluate"):
        clone.step(step, *overrides)
    scores = clone.scores("mine/by_hand/marron_wand_01/gaussian")
    failed, fitted = scores[scores["n"] == 1], scores[scores["n"] == 50]
    assert set(failed["metric"]) == {"root_mise", "kl"}
    assert set(failed["status"]) == {"failed"}
    assert failed["value"].isna().all()
    assert failed["reason"].str.contains("GaussianDensity").all()
    assert set(fitted["status"]) == {"ok"}
    assert fitted["value"].notna().all()


@pytest.mark.slow
def test_a_model_that_cannot_be_fitted_is_a_row_with_a_reason(clone):
    """At the smallest size, or at all sizes: the rest of the pipeline goes on, and the table says why."""
    clone.edit("conf/experiment/tiny.yaml", ("sizes: [50, 100, 200]", "sizes: [1, 50, 100, 200]"))
    clone.edit("conf/experiment/sweep.yaml", ("sizes: [50, 100]", "sizes: [1]"))
    clone.edit("conf/experiment/sweep.yaml", ("[silverman, lscv, 0.3]", "[silverman, lscv]"))
    clone.edit("conf/experiment/sweep.yaml", ("  - cdf_network\n", "  - gaussian\n"))
    clone.snakemake()
    for experiment in ("tiny", "sweep"):
        table = clone.table(experiment)
        assert set(table["verdict"]) == {"failed"}
        assert table["reason"].str.contains("Density").all()
        assert table["error_n_max"].isna().all()
        assert "failed" in (clone.folder / "results" / "smoke" / experiment / "comparison.md").read_text()
    assert "Nothing to be done" in clone.snakemake("--dry-run")
