"""What a line of the table says: rates and plateaus of errors, none of what is no error."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from genrates.analysis.summary import Summary, summarize
from genrates.workflow.plan import Plan

SIZES = [100, 300, 1000, 3000]


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Plan:
    results = tmp_path_factory.mktemp("results")
    return Plan({"experiments": "images", "budget": "quick", "results": str(results)})


def summary(plan, metric: str, level, replicates: int, floor: float | None = None, cell=None):
    """Of errors about `level`, one for each size, with 5 % of noise."""
    noise = 1 + 0.05 * np.random.default_rng(0).standard_normal((len(SIZES), replicates))
    rows = [
        {"metric": metric, "n": n, "replicate": r, "value": level[i] * noise[i, r]}
        for i, n in enumerate(SIZES)
        for r in range(replicates)
    ]
    if floor is not None:
        rows += [row | {"metric": f"floor.{metric}", "value": floor} for row in rows]
    scores = pd.DataFrame(rows).assign(status="ok", reason="")
    return summarize(scores, metric, cell or plan.cells()[0], plan)


def test_a_squared_distance_stops_at_its_plateau_above_the_floor(plan):
    found = summary(plan, "frechet", 0.85 + 1.2 + 30 / np.array(SIZES), 12, floor=0.85)
    assert found.verdict == "plateau"
    assert found.plateau == pytest.approx(1.2, rel=0.1)
    assert found.theory == "floor 0.85; rate and plateau above the floor"


def test_a_summary_is_the_same_after_a_journey_through_json(plan):
    found = summary(plan, "frechet", 0.85 + 30 / np.array(SIZES), 12, floor=0.85)
    assert all([found.errors, found.errors_se, found.local_rates, found.auxiliary])
    assert Summary.from_json(json.loads(json.dumps(asdict(found)))) == Summary(**asdict(found)) == found


def test_a_floor_does_not_slow_a_rate(plan):
    """Scatter and bias add: squares of root distances, squared distances as they are."""
    falling = 5 * (np.array(SIZES) / 100) ** -0.5
    squared = summary(plan, "frechet", 4 + falling, 12, floor=4)
    root = summary(plan, "sliced_wasserstein", np.sqrt(16 + falling**2), 12, floor=4)
    share = summary(plan, "coverage", 0.97 - 0.1 * falling, 12, floor=0.97)
    for found in (squared, root, share):
        assert found.rate_low < 0.5 < found.rate_high
        assert found.rate == pytest.approx(0.5, abs=0.15)
        assert found.plateau is None


def test_the_plateau_of_a_root_distance_is_in_its_own_unit(plan):
    found = summary(plan, "sliced_wasserstein", np.full(4, 5.0), 12, floor=3)
    assert found.plateau == pytest.approx(4, rel=0.05)


def test_what_is_no_worse_than_real_has_no_rate(plan):
    found = summary(plan, "frechet", np.full(4, 0.8), 12, floor=0.85)
    assert found.rate is None
    assert "no worse than real against real" in found.reason
    assert "3000" in found.reason


def test_what_is_as_good_as_real_at_first_is_said_to_get_worse(plan):
    found = summary(plan, "spurious_share", np.array([0.005, 0.01, 0.1, 0.2]), 12, floor=0.01)
    assert found.rate is None
    assert "at n = [100, 300] no worse than real against real, at larger n worse" in found.reason


def test_each_replicate_has_its_own_floor(plan):
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
    found = summarize(scores, "sliced_wasserstein", plan.cells()[0], plan)
    assert found.rate == pytest.approx(0.5, abs=1e-6)
    assert found.plateau is None


def test_what_only_a_floor_can_judge_needs_one(plan):
    assert "no floor was measured at n = [100, 300" in summary(plan, "frechet", np.full(4, 0.8), 12).reason


def test_a_likelihood_falls_to_a_limit_that_holds_the_entropy(plan):
    """Entropy 3, bias 2, divergence 200/n: no verdict of a plateau, and the exponent of the rest."""
    rng = np.random.default_rng(0)
    n = np.repeat(SIZES, 12)
    rows = {"n": n, "replicate": np.tile(range(12), 4), "value": 5 + 200 / n + 0.02 * rng.standard_normal(48)}
    scores = pd.DataFrame(rows).assign(metric="held_out_nll", status="ok", reason="")
    found = summarize(scores, "held_out_nll", plan.cells()[0], plan)
    assert found.plateau == pytest.approx(5, abs=0.05)
    assert found.rate_low <= 1 <= found.rate_high
    assert found.verdict == "skipped"
    assert "unknown" in found.reason
    assert "entropy and bias" in found.theory
    grown = summarize(scores.assign(value=-scores["value"]), "held_out_nll", plan.cells()[0], plan)
    assert (grown.rate, grown.plateau) == (None, None)
    assert "does not fall" in grown.reason
    few = summarize(scores[scores["replicate"] < 3], "held_out_nll", plan.cells()[0], plan)
    assert (few.rate, few.plateau) == (None, None)
    assert "more replicates" in few.reason


def test_few_replicates_say_that_they_are_too_few_for_a_plateau(plan):
    found = summary(plan, "frechet", np.full(4, 1.2), 3, floor=0.1)
    assert found.plateau is None
    assert found.verdict == "skipped"
    assert "more replicates" in found.reason
    assert found.rate == pytest.approx(0, abs=0.05)


def test_an_error_that_grows_with_n_is_said_to(plan):
    found = summary(plan, "spurious_share", 0.01 + 0.01 * (np.array(SIZES) / 100) ** 0.9, 12, floor=0.01)
    assert (found.verdict, found.plateau) == ("skipped", None)
    assert found.reason == "no verdict: the error grows with n"


def test_the_rate_of_a_share_is_that_of_its_distance_from_the_ideal(plan):
    found = summary(plan, "c2st", 0.5 + 0.4 * (np.array(SIZES) / 100) ** -0.5, 12, floor=0.5)
    assert found.rate == pytest.approx(0.5, abs=0.15), "of accuracy - 1/2, not of the accuracy"
    assert "error - 0.5" in found.theory


@pytest.mark.parametrize("metric", ["parameters", "nearest_neighbor"])
def test_what_is_no_error_has_no_plateau(plan, metric):
    found = summary(plan, metric, np.full(4, 64.0), 12)
    assert (found.verdict, found.plateau, found.reason) == ("skipped", None, "no verdict: no error")


def test_a_divergence_is_bias_plus_variance(plan):
    """kl = B + c/n at its limit share: half of it is the plateau at the last n, and B is found as it is."""
    n = np.array(SIZES)
    found = summary(plan, "kl", 0.02 + 2 / n, 12)
    assert found.verdict == "plateau"
    assert found.plateau == pytest.approx(0.02, rel=0.1)
    assert summary(plan, "kl", 0.0003 + 2 / n, 12).plateau is None, "a third of it at n = 3000"


@pytest.mark.parametrize(
    ("label", "rate", "theory"),
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
def test_a_tuning_parameter_that_is_fixed_has_a_plateau_for_theory(tmp_path, label, rate, theory):
    plan = Plan({"experiments": "bandwidths", "budget": "quick", "results": str(tmp_path)})
    (cell,) = [c for c in plan.cells() if c.label == label]
    found = summary(plan, "root_mise", np.full(4, 0.1), 12, cell=cell)
    assert (found.rate_theory, found.theory) == (pytest.approx(rate), theory)
    assert found.verdict == "plateau"
