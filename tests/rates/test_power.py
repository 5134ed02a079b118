"""What the default table can see: studies drawn from errors of real fits (benchmarks/real_errors.py)."""

import numpy as np
import pytest

from genrates.rates import fit_rate, judge, log_log_slope, rivals_in
from genrates.workflow.config import ConfigTree
from genrates.workflow.grid import replicates_of

OWN = {"histogram": 1 / 3, "kde": 2 / 5}


def pool_of(real, density, model, metric):
    """Errors of a row, (n_sizes, 1000): the population from which studies are drawn."""
    return real[f"{density}/{model}"][list(real["metrics"]).index(metric)].astype(float)


def drawn(rng, pool, counts):
    """A study: replicates from the population, each with its errors at all its sizes."""
    errors = pool[:, rng.integers(pool.shape[1], size=counts[0])]
    return np.where(np.arange(counts[0]) < np.array(counts)[:, None], errors, np.nan)


def default_counts(sizes):
    """Replicates of the default table."""
    config = ConfigTree().compose("experiment/rates")["experiment"]["budgets"]["quick"]
    return list(replicates_of(list(map(int, sizes)), config["replicates"]).values())


@pytest.mark.slow
@pytest.mark.parametrize("density", ["marron_wand_01", "marron_wand_06"])
@pytest.mark.parametrize("model", ["histogram", "kde"])
def test_the_default_table_tells_rows_apart_and_knows_its_own(real, density, model):
    """In 9 of 10 studies, as issue 20 asks.

    The lowest share is that of the kernel estimate of the normal, about 0.94. Of a true 0.93, 500 studies
    show less than 0.9 with probability 0.005; seed fixed.
    """
    pool, sizes, rng = pool_of(real, density, model, "root_mise"), real["sizes"], np.random.default_rng(5)
    truth, counts = np.sqrt(np.mean(pool**2, axis=1)), default_counts(sizes)
    agrees = excludes = 0
    for _ in range(500):
        fit = fit_rate(drawn(rng, pool, counts), sizes, n_resamples=1000, random_state=0)
        reference = -log_log_slope(sizes, truth, fit.weights)
        agrees += judge(fit, reference=reference, own=OWN[model]) == "agrees"
        excludes += not rivals_in(fit.rate_low, fit.rate_high, OWN[model])
    print(f"{model} on {density}: agrees {agrees / 500:.3f}, excludes all rivals {excludes / 500:.3f}")
    assert agrees >= 450
    assert excludes >= 450
