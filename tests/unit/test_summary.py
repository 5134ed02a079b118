"""What a line of the table says: rates and plateaus of errors, none of what is no error."""

import numpy as np
import pandas as pd
import pytest

from genrates.summary import summarise
from genrates.workflow import Plan

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
    return summarise(scores, metric, cell or plan.cells()[0], plan)


def test_a_distance_that_stops_falling_is_on_its_plateau(plan):
    level = np.sqrt(1.2**2 + (30 / np.array(SIZES)) ** 2)
    found = summary(plan, "frechet", level, 12, floor=0.85)
    assert found.verdict == "plateau"
    assert found.plateau == pytest.approx(1.2, rel=0.05)
    assert found.theory == "floor 0.85"


def test_few_replicates_say_that_they_are_too_few_for_a_plateau(plan):
    found = summary(plan, "frechet", np.full(4, 1.2), 3)
    assert found.plateau is None
    assert found.verdict == "skipped"
    assert "more replicates" in found.reason
    assert found.rate == pytest.approx(0, abs=0.05)


def test_an_error_that_grows_with_n_is_said_to(plan):
    found = summary(plan, "spurious_share", 0.01 * (np.array(SIZES) / 100) ** 0.9, 12, floor=0.01)
    assert (found.verdict, found.plateau) == ("skipped", None)
    assert found.reason == "no verdict: the error grows with n"


def test_the_rate_of_a_share_is_that_of_its_distance_from_the_ideal(plan):
    found = summary(plan, "c2st", 0.5 + 0.4 * (np.array(SIZES) / 100) ** -0.5, 12, floor=0.5)
    assert found.rate == pytest.approx(0.5, abs=0.15), "of |accuracy - 1/2|, not of the accuracy"
    assert "|error - 0.5|" in found.theory


@pytest.mark.parametrize("metric", ["parameters", "nearest_neighbour"])
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
