"""The exponents that theory gives adaptive kernels, against the square-root law's bias by quadrature."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from genrates.rates import Truth, theory_of
from genrates.rates.smoothness import adaptive_kernel

SIZES = 10.0 ** np.arange(2, 6)


def nodes(edges):
    """Gauss-Legendre on each panel: places and weights."""
    t, w = np.polynomial.legendre.leggauss(10)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (t + 1)).ravel(), (half * w).ravel()


def bias(law, h, y, x):
    """Of the expected estimate of `law`, its pilot the expected one: L2, sup of the cdf, KL, Wasserstein."""
    (y, wy), (x, wx) = y, x
    mass = wy * law.pdf(y)
    log_pilot = np.log(stats.norm.pdf((y[:, None] - y) / h) @ mass / h)
    width = h * np.exp(0.5 * (mass @ log_pilot / mass.sum() - log_pilot))
    z = (x[:, None] - y) / width
    density, cdf = stats.norm.pdf(z) @ (mass / width), stats.norm.cdf(z) @ mass
    f, off = law.pdf(x), np.abs(cdf - law.cdf(x))
    inside = f > 0
    kl = wx[inside] @ (f[inside] * np.log(f[inside] / density[inside]))
    return np.sqrt(wx @ (density - f) ** 2), off.max(), kl, wx @ off


def exponents(law, h, y, x):
    """Slopes of the four errors over each decade, shape (decades, 4)."""
    errors = np.array([bias(law, width, y, x) for width in h])
    return -np.diff(np.log(errors), axis=0) / np.log(10)


def derived(truth: Truth) -> dict[str, float]:
    """The exponents of the four errors."""
    found = adaptive_kernel(truth, 1, {})
    metrics = ("root_mise", "root_sup_cdf", "kl", "wasserstein_1")
    return {metric: float(theory_of(found[metric], 1)[0]) for metric in metrics}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("power", "of_h"), [(1.0, 1 / 4), (0.5, 1 / 3), (1.5, 1 / 5)], ids=["beta", "sobolev_1", "sobolev_2"]
)
def test_an_edge(power, of_h):
    """The density x^power (1 - x)^2 has the same edge at 0, and one at 1 that is milder than that."""
    near = np.geomspace(1e-7, 1, 160)
    y = nodes(np.concatenate([[0], near]))
    x = nodes(np.concatenate([-near[::-1], [0], near, 1 + np.geomspace(1e-3, 0.6, 20)]))
    l2, sup, kl, w1 = exponents(stats.beta(1 + power, 3), 0.3 * SIZES**-of_h, y, x)[-1]
    theory = derived(Truth("bounded", ends=(Fraction(power),)))
    assert l2 == pytest.approx(theory["root_mise"], abs=0.02)
    assert sup == pytest.approx(theory["root_sup_cdf"], abs=0.02)
    assert kl == pytest.approx(theory["kl"], abs=0.03)
    assert min(w1, 0.5) == pytest.approx(theory["wasserstein_1"], abs=0.02)  # the spread is n^(-1/2)


def test_tails():
    """Logarithms hold the slopes below 2/5, which they approach."""
    y, x = nodes(np.linspace(-9, 9, 90)), nodes(np.linspace(-14, 14, 140))
    slopes = exponents(stats.norm, 1.06 * SIZES**-0.2, y, x)
    assert set(derived(Truth("normal")).values()) == {2 / 5}
    assert np.all((slopes[-1] > 0.3) & (slopes[-1] < 0.4))
    assert slopes[:, 0] == pytest.approx([0.293, 0.295, 0.317], abs=0.002), "docs/theory.md, 6 (d)"
    assert slopes[:, 2] == pytest.approx([0.343, 0.347, 0.359], abs=0.002), "docs/theory.md, 6 (d)"
