"""The exponents that theory gives kernels that cover k neighbors, against their bias by quadrature."""

import numpy as np
from scipy.stats import norm

from genrates.rates import Truth, theory_of
from genrates.rates.smoothness import sample_point


def bias(share, y, x):
    """Of the expected estimate of the normal, k/n = `share`: errors L2, sup of the cdf, KL."""
    low, high = np.zeros(len(y)), np.full(len(y), 1e3)
    for _ in range(60):  # the distance within which the share of the law lies
        r = 0.5 * (low + high)
        enough = norm.cdf(y + r) - norm.cdf(y - r) >= share
        low, high = np.where(enough, low, r), np.where(enough, r, high)
    h, mass, step = 0.5 * high, (y[1] - y[0]) * norm.pdf(y), x[1] - x[0]
    u = (x[:, None] - y) / h
    density, cdf, f = norm.pdf(u) @ (mass / h), norm.cdf(u) @ mass, norm.pdf(x)
    kl = step * np.sum(f * np.log(f / density))
    return np.sqrt(step * np.sum((density - f) ** 2)), np.abs(cdf - norm.cdf(x)).max(), kl


def test_a_mass_of_order_k_over_n_is_spread_too_far():
    """Each error falls like k/n, but for logarithms: .95, .99 and 1.08 from k/n = .04 to .008."""
    y, x = np.linspace(-7, 7, 7001), np.linspace(-6, 6, 401)
    errors = np.array([bias(share, y, x) for share in (0.04, 0.008)])
    slopes = np.diff(np.log(errors), axis=0)[0] / np.log(0.2)
    assert np.all((slopes > 0.9) & (slopes < 1.1)), slopes
    found = sample_point(Truth("normal"), 1, {})
    for metric in ("root_mise", "root_sup_cdf", "kl"):
        assert float(theory_of(found[metric])[0]) == 1 / 5  # of k/n, with k ~ n^(4/5)
