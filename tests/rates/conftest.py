"""Synthetic studies with a known exponent, and the reference mixtures."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammaincinv, ndtr, ndtri, stdtrit

from genrates.rates import NormalMixture

_REFERENCE = Path(__file__).parent / "reference" / "marron_wand_exact_mise.csv"

#: laws of the squared error, by the quantile of its replicate; each has a finite mean
SQUARED_ERROR_LAWS = {
    "gamma (light, CV 0.5)": lambda u: gammaincinv(4, u),
    "chi-square, 1 df (CV 1.4)": lambda u: ndtri((1 + u) / 2) ** 2,
    "lognormal (CV 1.3)": lambda u: np.exp(ndtri(u)),
    "Pareto, index 3": lambda u: (1 - u) ** (-1 / 3),
    "squared Student t, 5 df (CV 2.8, no third moment)": lambda u: stdtrit(5, (1 + u) / 2) ** 2,
}


def synthetic_study(rng, law, n_sizes, n_replicates, exponent):
    """Sizes (half decades from 100) and root errors that fall like n^-exponent in the mean square.

    The replicates' luck is a stationary chain over the sizes whose correlation, sqrt(n / n'), is that of
    two means over prefixes of one sample.
    """
    sizes = 10 ** (2 + 0.5 * np.arange(n_sizes))
    luck = rng.standard_normal((n_sizes, n_replicates))
    rho = 10**-0.25
    for s in range(1, n_sizes):
        luck[s] = rho * luck[s - 1] + np.sqrt(1 - rho**2) * luck[s]
    squared = SQUARED_ERROR_LAWS[law](ndtr(luck))
    return sizes, sizes[:, None] ** -exponent * np.sqrt(squared)


def gaussian_fit_errors(rng, mixture, sizes, n_replicates):
    """Root-ISE of a normal fitted by maximum likelihood to prefixes of one sample, by its closed form."""
    mixture = NormalMixture.of(mixture)
    component = rng.choice(len(mixture.weights), (n_replicates, sizes[-1]), p=mixture.weights)
    points = mixture.means[component] + mixture.sds[component] * rng.standard_normal(component.shape)
    errors = []
    for n in sizes:
        fitted = zip(points[:, :n].mean(axis=1), points[:, :n].std(axis=1), strict=True)
        errors.append([np.sqrt(_squared_distance(mixture, mean, sd)) for mean, sd in fitted])
    return np.array(errors)


def _squared_distance(mixture, mean, sd):
    # the integral of a product of two normal densities is a normal density of the difference of means
    spread = np.sqrt(sd**2 + mixture.sds**2)
    overlap = mixture.weights @ (np.exp(-(((mean - mixture.means) / spread) ** 2) / 2) / spread)
    return 1 / (2 * np.sqrt(np.pi) * sd) - 2 * overlap / np.sqrt(2 * np.pi) + mixture.roughness(0)


def reference_rows():
    with open(_REFERENCE, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        weights, means, sds = (np.array(row[key].split(), dtype=float) for key in ("w", "mu", "sigma"))
        row["mixture"] = NormalMixture(weights / weights.sum(), means, sds)
    return rows


def pytest_generate_tests(metafunc):
    if "reference_row" in metafunc.fixturenames:
        rows = reference_rows()
        metafunc.parametrize("reference_row", rows, ids=[f"mw{row['density']}-n{row['n']}" for row in rows])


@pytest.fixture
def normal():
    return NormalMixture([1.0], [0.0], [1.0])


@pytest.fixture
def bimodal():
    """Marron and Wand's density 6."""
    return NormalMixture([0.5, 0.5], [-1.0, 1.0], [2 / 3, 2 / 3])


@pytest.fixture
def claw():
    """Marron and Wand's density 10."""
    return NormalMixture([0.5] + [0.1] * 5, [0.0, -1.0, -0.5, 0.0, 0.5, 1.0], [1.0] + [0.1] * 5)


@pytest.fixture(scope="session")
def real():
    """Errors of real fits, as benchmarks/real_errors.py writes them."""
    with np.load(_REFERENCE.with_name("real_errors.npz"), allow_pickle=False) as arrays:
        return dict(arrays)
