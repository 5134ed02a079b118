"""What a line of the table says: rates and plateaus of errors, none of what is no error."""

import dataclasses
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genrates.analysis.results import CellResults
from genrates.analysis.summary import Summary, read_summaries, summarize, write_summaries
from genrates.errors import ConfigError
from genrates.workflow.plan import Plan
from genrates.workflow.targets import class_of

SIZES = [100, 300, 1000, 3000]


@pytest.fixture(scope="module")
def cell(tmp_path_factory) -> CellResults:
    """A cell of the experiment "images" that has every metric there is."""
    results = tmp_path_factory.mktemp("results")
    plan = Plan({"experiments": "images", "budget": "quick", "results": str(results)})
    metrics = plan.configs.metrics(plan.configs.options("metric"))
    classes = {name: class_of(content["_target_"], name) for name, content in metrics.items()}
    return dataclasses.replace(plan.experiment_results("images").cells[0], metrics=classes)


@pytest.fixture
def summarized(cell, tmp_path):
    """Summarize scores, which are written to the cell's file first."""

    def summarized(scores: pd.DataFrame, metric: str, cell: CellResults = cell) -> Summary:
        scores.to_parquet(tmp_path / "scores.parquet")
        return summarize(dataclasses.replace(cell, folder=tmp_path), metric)

    return summarized


@pytest.fixture
def summary(summarized):
    """Summarize errors about a level for each size, with 5 % of noise."""

    def summary(metric: str, level, replicates: int, floor: float | None = None, **more) -> Summary:
        noise = 1 + 0.05 * np.random.default_rng(0).standard_normal((len(SIZES), replicates))
        rows = [
            {"metric": metric, "n": n, "replicate": r, "value": level[i] * noise[i, r]}
            for i, n in enumerate(SIZES)
            for r in range(replicates)
        ]
        if floor is not None:
            rows += [row | {"metric": f"floor.{metric}", "value": floor} for row in rows]
        return summarized(pd.DataFrame(rows).assign(status="ok", reason=""), metric, **more)

    return summary


def test_a_squared_distance_stops_at_its_plateau_above_the_floor(summary):
    found = summary("frechet", 0.85 + 1.2 + 30 / np.array(SIZES), 12, floor=0.85)
    assert found.verdict == "plateau"
    assert found.plateau == pytest.approx(1.2, rel=0.1)
    assert found.theory == "floor 0.85; rate and plateau above the floor"


def test_a_summary_is_the_same_after_a_journey_through_json(summary):
    found = summary("frechet", 0.85 + 30 / np.array(SIZES), 12, floor=0.85)
    assert all([found.errors, found.errors_se, found.local_rates, found.auxiliary])
    assert Summary.from_json(json.loads(json.dumps(asdict(found)))) == Summary(**asdict(found)) == found


def test_a_floor_does_not_slow_a_rate(summary):
    """Scatter and bias add: squares of root distances, squared distances as they are."""
    falling = 5 * (np.array(SIZES) / 100) ** -0.5
    squared = summary("frechet", 4 + falling, 12, floor=4)
    root = summary("sliced_wasserstein", np.sqrt(16 + falling**2), 12, floor=4)
    share = summary("coverage", 0.97 - 0.1 * falling, 12, floor=0.97)
    for found in (squared, root, share):
        assert found.rate_low < 0.5 < found.rate_high
        assert found.rate == pytest.approx(0.5, abs=0.15)
        assert found.plateau is None


def test_the_plateau_of_a_root_distance_is_in_its_own_unit(summary):
    found = summary("sliced_wasserstein", np.full(4, 5.0), 12, floor=3)
    assert found.plateau == pytest.approx(4, rel=0.05)


def test_what_is_no_worse_than_real_has_no_rate(summary):
    found = summary("frechet", np.full(4, 0.8), 12, floor=0.85)
    assert found.rate is None
    assert found.verdict == "no_rate"
    assert "no worse than real against real" in found.reason
    assert "3000" in found.reason


def test_what_is_as_good_as_real_at_first_is_said_to_get_worse(summary):
    found = summary("spurious_share", np.array([0.005, 0.01, 0.1, 0.2]), 12, floor=0.01)
    assert found.rate is None
    assert "at n = [100, 300] no worse than real against real, at larger n worse" in found.reason


def test_each_replicate_has_its_own_floor(summarized):
    """Floors of a known truth scatter: pairs are subtracted; a mean floor would leave the scatter."""
    rng = np.random.default_rng(1)
    n, replicate = np.repeat(SIZES, 12), np.tile(range(12), 4)
    floor = rng.uniform(1, 9, 48)
    value = np.sqrt(floor**2 + 100 / n)
    rows = pd.DataFrame({"n": n, "replicate": replicate, "status": "ok", "reason": ""})
    scores = pd.concat(
        [
            rows.assign(metric="sliced_wasserstein", value=value),
            rows.assign(metric="floor.sliced_wasserstein", value=floor),
        ]
    )
    found = summarized(scores, "sliced_wasserstein")
    assert found.rate == pytest.approx(0.5, abs=1e-6)
    assert found.plateau is None


def test_what_only_a_floor_can_judge_needs_one(summary):
    assert "no floor was measured at n = [100, 300" in summary("frechet", np.full(4, 0.8), 12).reason


def test_a_likelihood_falls_to_a_limit_that_holds_the_entropy(summarized):
    """Entropy 3, bias 2, divergence 200/n: no verdict of a plateau, and the exponent of the rest."""
    rng = np.random.default_rng(0)
    n = np.repeat(SIZES, 12)
    rows = {"n": n, "replicate": np.tile(range(12), 4), "value": 5 + 200 / n + 0.02 * rng.standard_normal(48)}
    scores = pd.DataFrame(rows).assign(metric="held_out_nll", status="ok", reason="")
    found = summarized(scores, "held_out_nll")
    assert found.plateau == pytest.approx(5, abs=0.05)
    assert found.rate_low <= 1 <= found.rate_high
    assert found.verdict == "undecided"
    assert "unknown" in found.reason
    assert "entropy and bias" in found.theory
    grown = summarized(scores.assign(value=-scores["value"]), "held_out_nll")
    assert (grown.rate, grown.plateau, grown.verdict) == (None, None, "no_rate")
    assert "does not fall" in grown.reason
    few = summarized(scores[scores["replicate"] < 3], "held_out_nll")
    assert (few.rate, few.plateau) == (None, None)
    assert "more replicates" in few.reason


def test_few_replicates_say_that_they_are_too_few_for_a_plateau(summary):
    found = summary("frechet", np.full(4, 1.2), 3, floor=0.1)
    assert found.plateau is None
    assert found.verdict == "undecided"
    assert "more replicates" in found.reason
    assert found.rate == pytest.approx(0, abs=0.05)


def test_an_error_that_grows_with_n_is_said_to(summary):
    found = summary("spurious_share", 0.01 + 0.01 * (np.array(SIZES) / 100) ** 0.9, 12, floor=0.01)
    assert (found.verdict, found.plateau) == ("undecided", None)
    assert found.reason == "undecided: the error grows with n"


def test_the_rate_of_a_share_is_that_of_its_distance_from_the_ideal(summary):
    found = summary("c2st", 0.5 + 0.4 * (np.array(SIZES) / 100) ** -0.5, 12, floor=0.5)
    assert found.rate == pytest.approx(0.5, abs=0.15), "of accuracy - 1/2, not of the accuracy"
    assert "error - 0.5" in found.theory


@pytest.mark.parametrize("metric", ["parameters", "nearest_neighbor"])
def test_what_is_no_error_has_no_plateau(summary, metric):
    found = summary(metric, np.full(4, 64.0), 12)
    assert (found.verdict, found.plateau, found.reason) == ("skipped", None, "no verdict: no error")


def test_a_p_value_has_no_rate(summary):
    found = summary("energy_test", np.array([0.5, 0.4, 0.2, 0.1]), 12)
    assert (found.status, found.rate, found.plateau, found.rate_reference) == ("ok", None, None, None)
    assert (found.verdict, found.reason) == ("skipped", "no rate and no verdict: no error")
    assert found.errors[3000] == pytest.approx(0.1, rel=0.1)


def test_signed_errors_are_bias_and_standard_deviation_over_replicates(summarized):
    rng = np.random.default_rng(0)
    n = np.repeat(SIZES, 12)
    signed = 0.3 / np.sqrt(n) + rng.standard_normal(48) * n**-0.4
    rows = pd.DataFrame({"n": n, "replicate": np.tile(range(12), 4), "status": "ok", "reason": ""})
    scores = pd.concat(
        [
            rows.assign(metric="pointwise", value=np.abs(signed)),
            rows.assign(metric="bias.pointwise", value=signed),
        ]
    )
    found = summarized(scores, "pointwise")
    bias, sd = found.auxiliary["bias"], found.auxiliary["sd"]
    for size in SIZES:
        assert found.errors[size] ** 2 == pytest.approx(bias[size] ** 2 + 11 / 12 * sd[size] ** 2)
    assert bias[3000] == pytest.approx(signed[-12:].mean())
    assert f"bias {bias[3000]:.3g}; sd {sd[3000]:.3g}" in found.theory
    assert found.rate_low < 0.4 < found.rate_high
    alone = summarized(scores[scores["replicate"] == 0], "pointwise")
    assert sorted(alone.auxiliary) == ["bias"], "one replicate has no spread"


def test_a_divergence_is_bias_plus_variance(summary):
    """kl = B + c/n at its limit share: half of it is the plateau at the last n, and B is found as it is."""
    n = np.array(SIZES)
    found = summary("kl", 0.02 + 2 / n, 12)
    assert found.verdict == "plateau"
    assert found.plateau == pytest.approx(0.02, rel=0.1)
    assert summary("kl", 0.0003 + 2 / n, 12).plateau is None, "a third of it at n = 3000"


@pytest.mark.parametrize(
    ("variant", "rate", "theory"),
    [
        ("kde", 2 / 5, "n^(-2/5)"),
        ("kde-bandwidth=0.32", 0.0, "plateau (bandwidth is fixed)"),
        ("histogram-bin_width=0.5", 0.0, "plateau (bin_width is fixed)"),
        ("knn-n_neighbors=50", 0.0, "plateau (n_neighbors is fixed)"),
        ("slc-hidden=8", 0.0, "plateau (hidden is fixed)"),
        ("mixture-n_components=2", 1 / 2, "n^(-1/2)"),  # the truth has two: they are its family
        ("mixture-n_components=1", 0.0, "plateau (truth outside the family)"),
    ],
)
def test_a_tuning_parameter_that_is_fixed_has_a_plateau_for_theory(summary, tmp_path, variant, rate, theory):
    plan = Plan({"experiments": "bandwidths", "budget": "quick", "results": str(tmp_path)})
    cell = plan.experiment_results("bandwidths").cell("marron_wand_06", variant)
    found = summary("root_mise", np.full(4, 0.1), 12, cell=cell)
    assert (found.rate_theory, found.theory) == (pytest.approx(rate), theory)
    assert found.verdict == ("slower" if variant == "kde" else "plateau"), "its exact error falls on"


@pytest.mark.parametrize(("status", "reason"), [("skipped", "does not apply"), ("failed", "no fit")])
def test_a_metric_without_a_value_in_one_fit_has_no_error_there(summarized, status, reason):
    """A failure outweighs what was skipped; sizes at which every fit has a value keep their error."""
    grid = [(n, replicate) for n in SIZES for replicate in range(2)]
    scores = pd.DataFrame(grid, columns=["n", "replicate"])
    scores = scores.assign(metric="root_mise", value=100 / scores["n"], status="ok", reason="")
    scores.loc[6, ["value", "status", "reason"]] = [np.nan, "skipped", "does not apply"]
    scores.loc[7, ["value", "status", "reason"]] = [np.nan, status, reason]
    found = summarized(scores, "root_mise")
    assert (found.status, found.verdict, found.rate) == (status, status, None)
    assert found.reason == f"{reason} (2 of 8 fits)"
    assert found.errors == pytest.approx({100: 1.0, 300: 1 / 3, 1000: 0.1})
    assert found.error_n_max is None


def test_summaries_are_read_back_as_they_were_written(summary, tmp_path):
    first, second = (summary("frechet", 0.85 + c / np.array(SIZES), 12, floor=0.85) for c in (30, 60))
    written = {("d", "m", "frechet"): first, ("d", "m-x=1", "frechet"): second}
    write_summaries(tmp_path, written)
    assert read_summaries(tmp_path) == written


def test_summaries_that_are_missing_say_which_step_writes_them(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"summaries\.json is missing; .*steps\.track"):
        read_summaries(tmp_path)
