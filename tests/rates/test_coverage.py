"""Are the intervals honest? Synthetic studies with a known exponent say how often they cover it."""

import numpy as np
import pytest

from genrates.rates import fit_rate

from .conftest import SQUARED_ERROR_LAWS, synthetic_study


@pytest.mark.slow
@pytest.mark.parametrize(("n_sizes", "n_replicates"), [(5, 8), (5, 20), (7, 20), (7, 50)])
@pytest.mark.parametrize("law", sorted(SQUARED_ERROR_LAWS))
def test_95_percent_intervals_cover_in_92_to_98_percent(law, n_sizes, n_replicates):
    # 500 studies: an exact 95 % interval leaves 92 to 98 % with probability 3e-3 (binomial); fixed seed
    assert 0.92 <= coverage(law, n_sizes, n_replicates) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("law", sorted(SQUARED_ERROR_LAWS))
def test_and_fewer_replicates_cover_less(law):
    """Student's t: 84 to 95 %, as `fit_rate` says; 500 studies have a standard error of 1.6 %, seed fixed."""
    assert 0.81 <= coverage(law, 4, 4) <= 0.97


def coverage(law: str, n_sizes: int, n_replicates: int) -> float:
    """Share of 500 synthetic studies whose interval holds the exponent 0.4."""
    rng = np.random.default_rng(2026)
    covered, wald = 0, 0
    for _ in range(500):
        sizes, errors = synthetic_study(rng, law, n_sizes, n_replicates, 0.4)
        fit = fit_rate(errors, sizes, n_resamples=1000, random_state=0)
        covered += fit.rate_low <= 0.4 <= fit.rate_high
        wald += abs(fit.rate - 0.4) <= 1.96 * fit.standard_error
    print(
        f"{law}, {n_sizes} sizes, {n_replicates} replicates: {covered / 500:.3f} (1.96 se: {wald / 500:.3f})"
    )
    return covered / 500
