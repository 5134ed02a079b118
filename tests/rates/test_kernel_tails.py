"""Why the divergence of a kernel estimate on normal tails ends at n^(-3/5) in one dimension, and when.

Where no point is within h of x, a Gaussian kernel's log-density is -D^2 / (2 h^2) and more, D the distance to
the nearest point, whose second moment is exact: of n points none lies within t of x with probability
(1 - F(x + t) + F(x - t))^n. No code of the estimator.
"""

import numpy as np
import pytest
from scipy.special import ndtr

from genrates.rates import Truth, exponents, kernel_optimum, theory_of

NORMAL = ([1.0], [0.0], [1.0])


def squared_distance(n: int) -> float:
    """E D^2 to the nearest of n standard normal points, x a further one."""
    x, dx = np.linspace(-9, 9, 3601, retstep=True)
    t, dt = np.linspace(0, 9, 6001, retstep=True)
    inside = ndtr(x[:, None] + t) - ndtr(x[:, None] - t)
    second = (2 * t * np.exp(n * np.log1p(-np.minimum(inside, 1 - 1e-16)))).sum(axis=1) * dt
    return float(np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi) @ second * dx)


@pytest.mark.slow
def test_gaps_cost_more_than_the_middle_in_the_end():
    """1/n but for a logarithm, whatever h: divided by h^2 ~ n^(-2/5) that is 3/5."""
    sizes = 10.0 ** np.arange(2, 7)
    local = -np.diff(np.log([squared_distance(n) for n in sizes])) / np.log(10)
    assert np.all(np.diff(local) < 0), "towards 1, from above: 1 / log n"
    assert np.all((local > 1) & (local < 1.25))
    assert local[-1] < 1.1
    theory = [theory_of(exponents("kernel", Truth("normal"), d, {})["kl"], d) for d in (1, 2, 3)]
    assert [float(rate) for rate, _ in theory] == pytest.approx([3 / 5, 2 / 3, 4 / 7])


def test_and_are_as_large_as_the_middle_at_the_tables_sizes():
    """1.04e-4 nats at n = 100 000, and half the middle's relative variance is 8e-5: both exponents show."""
    n = 100_000
    h, _ = kernel_optimum(NORMAL, n)
    gaps = squared_distance(n) / (2 * h**2)
    middle = 0.5 * 6 / (2 * np.sqrt(np.pi) * n * h)  # half the relative variance, over six deviations
    assert gaps == pytest.approx(1.04e-4, rel=0.01)
    assert 0.5 < gaps / middle < 2
