"""Do intervals cover on errors of real fits? Studies are drawn from 1000 fits a row."""

import numpy as np
import pytest

from genrates.analysis.intervals import LEAST_INDEX
from genrates.rates import fit_rate, log_log_slope, tail_index

from .test_power import default_counts, drawn, pool_of

DENSITIES = ("marron_wand_01", "marron_wand_06", "marron_wand_10")
AGGREGATES = {"root_mise": "root_mean_square", "root_sup_cdf": "root_mean_square", "kl": "mean"}
ROWS = [
    (density, model, metric)
    for density in DENSITIES
    for model in ("gaussian", "histogram", "kde")
    for metric in ("root_mise", "root_sup_cdf", "kl", "wasserstein_1")
    if (model, metric) not in (("histogram", "kl"), ("kde", "kl"))
]


def studies(real, density, model, metric, counts, n_studies, seed=8):
    """Yield errors, their fit, and whether its interval holds the slope of the population."""
    pool, sizes, rng = pool_of(real, density, model, metric), real["sizes"], np.random.default_rng(seed)
    aggregate = AGGREGATES.get(metric, "mean")
    power = 2 if aggregate == "root_mean_square" else 1
    truth = np.mean(pool**power, axis=1) ** (1 / power)
    for _ in range(n_studies):
        errors = drawn(rng, pool, counts)
        fit = fit_rate(errors, sizes, aggregate=aggregate, n_resamples=1000, random_state=0)
        yield errors, fit.rate_low <= -log_log_slope(sizes, truth, fit.weights) <= fit.rate_high


@pytest.mark.slow
@pytest.mark.parametrize("counts", ["default", "20 of each"])
@pytest.mark.parametrize(("density", "model", "metric"), ROWS)
def test_intervals_cover_92_to_98_percent(real, density, model, metric, counts):
    """600 studies have a standard error of 0.9 %; fixed seed.

    The rows cover 0.923 to 0.971 here. Of a true 0.95, 600 studies show less than 0.92 with probability 1e-3,
    more than 0.98 with 2e-4.
    """
    numbers = default_counts(real["sizes"]) if counts == "default" else [20] * 5
    covered = np.mean([held for _, held in studies(real, density, model, metric, numbers, 600)])
    print(f"{density} {model} {metric}, {counts}: {covered:.3f}")
    assert 0.92 <= covered <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize(
    ("density", "least_given"), [("marron_wand_01", 0), ("marron_wand_06", 0.85), ("marron_wand_10", 0.9)]
)
def test_what_is_given_of_the_divergence_covers_too(real, density, least_given):
    """Cross-validated kernel estimates: on the normal the tail has no variance, and there is no interval."""
    given = []
    for errors, held in studies(real, density, "kde", "kl", default_counts(real["sizes"]), 600):
        if min(tail_index(row, aggregate="mean") for row in errors) >= LEAST_INDEX:
            given.append(held)
    print(f"{density}: given in {len(given) / 600:.3f}, covers {np.mean(given) if given else np.nan:.3f}")
    assert len(given) / 600 >= least_given
    if least_given:
        assert 0.92 <= np.mean(given) <= 0.985
    else:
        assert len(given) / 600 < 0.02


def test_and_without_the_rule_it_would_not(real):
    """Twenty replicates, the normal: 0.76 in 300 studies; a standard error of 3 % here, fixed seed."""
    covered = np.mean([held for _, held in studies(real, "marron_wand_01", "kde", "kl", [20] * 5, 200)])
    assert covered < 0.9
