"""Bandwidth selectors against brute force, exact theory and their own symmetries."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from genrates.estimators import KernelDensity
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel import bandwidth

REFERENCE = Path(__file__).parents[1] / "rates" / "reference" / "marron_wand_exact_mise.csv"
OPEN = ((-np.inf, np.inf),)


def risk(x, h, kernel="gaussian", weight=None):
    """Least-squares cross-validation by definition (all pairs); d columns by the product Gaussian."""
    w = np.ones(len(x)) if weight is None else weight
    apart = np.outer(w, w) * (1 - np.eye(len(x)))
    u = (x[:, None] - x) / h
    fit = w @ kernels.convolution_1d(kernel, u) @ w / w.sum() ** 2
    return (fit - 2 * (apart * kernels.density_1d(kernel, u)).sum() / apart.sum()) / h


def least(function, near):
    grid = near * np.geomspace(0.5, 2, 61)
    i = int(np.clip(np.argmin([function(h) for h in grid]), 1, 59))
    found = minimize_scalar(
        function, bounds=(grid[i - 1], grid[i + 1]), method="bounded", options={"xatol": 1e-8}
    )
    return found.x


@pytest.mark.parametrize("shape", ["normal", "spike", "cauchy", "weights"])
def test_lscv_is_the_minimum_of_the_lectures_risk(shape):
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal(400), None
    if shape == "spike":
        x[:150] *= 1e-3
    if shape == "cauchy":
        x = rng.standard_cauchy(400)
    if shape == "weights":
        weight = rng.random(400)
    h = bandwidth.lscv(x[:, None], weight)[0]
    assert h == pytest.approx(least(lambda s: risk(x, s, weight=weight), h), rel=2e-3)


@pytest.mark.parametrize("kernel", ["epanechnikov", "linear", "exponential", "cosine", "gaussian4", "sinc"])
def test_lscv_for_each_kernel(kernel):
    """The found bandwidth's risk is within 0.2 % of the least one (kinked kernels have a ragged risk)."""
    x = np.random.default_rng(1).standard_normal(400)
    h = bandwidth.lscv(x[:, None], None, kernel)[0]
    best = least(lambda s: risk(x, s, kernel), h)
    assert risk(x, h, kernel) - risk(x, best, kernel) < 2e-3 * abs(risk(x, best, kernel))


def test_lscv_in_two_dimensions():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((500, 2)) * [1.0, 50.0]
    sd = X.std(axis=0, ddof=1)
    square = (((X[:, None] - X) / sd) ** 2).sum(axis=2)

    def plane(h):
        off = square[~np.eye(500, dtype=bool)]
        cross = np.exp(-0.5 * off / h**2).sum() / (2 * np.pi * h**2)
        fit = np.exp(-0.25 * square / h**2).sum() / (4 * np.pi * h**2)
        return fit / 500**2 - 2 * cross / (500 * 499)

    found = bandwidth.lscv(X)
    assert found[1] / found[0] == pytest.approx(sd[1] / sd[0])
    assert found[0] / sd[0] == pytest.approx(least(plane, found[0] / sd[0]), rel=2e-3)
    # the binned plane, which large samples take, gives the same
    from genrates.estimators.kernel import _lscv_nd

    assert _lscv_nd._binned_plane(X / sd, None, 500.0, 500.0) == pytest.approx(found[0] / sd[0], rel=5e-3)


def test_likelihood_cv_is_the_maximum():
    x = np.random.default_rng(3).standard_normal(300)
    apart = x[:, None] - x + np.diag(np.full(300, np.inf))

    def loss(h):
        return -np.log(np.exp(-0.5 * (apart / h) ** 2).sum(axis=1) / h).mean()

    h = bandwidth.likelihood_cv(x[:, None])[0]
    assert h == pytest.approx(least(loss, h), rel=5e-3)
    X = np.random.default_rng(4).standard_normal((300, 2))
    square = ((X[:, None] - X) ** 2).sum(axis=2) + np.diag(np.full(300, np.inf))
    sd = X.std(axis=0, ddof=1)
    square = (((X[:, None] - X) / sd) ** 2).sum(axis=2) + np.diag(np.full(300, np.inf))
    h = (bandwidth.likelihood_cv(X) / sd)[0]
    best = least(lambda s: -np.log(np.exp(-0.5 * square / s**2).sum(axis=1) / s**2).mean(), h)
    assert h == pytest.approx(best, rel=5e-3)


@pytest.mark.parametrize("name", list(bandwidth.SELECTORS))
def test_selectors_are_equivariant(name):
    x = np.random.default_rng(5).gamma(2, size=(400, 1))
    h = KernelDensity(bandwidth=name).fit(x).bandwidth_
    for a in (1e-200, 3.7, 1e9):
        assert KernelDensity(bandwidth=name).fit(a * x).bandwidth_ == pytest.approx(a * h, rel=2e-3)
    assert KernelDensity(bandwidth=name).fit(x + 1e4).bandwidth_ == pytest.approx(h, rel=2e-3)


def test_improved_sheather_jones_is_right_and_equivariant():
    """Median of 100 draws within 5 % of the MISE-optimal 0.27234 (n = 1000); h(a x) = a h(x) to 1e-10.

    That median is 1.040 times the optimum, with a standard deviation of 0.0056 (20 repeats of the 100 draws):
    the method smooths a little too much on the normal. The seed is fixed; with others 4 in 100 would fail.
    """
    rng = np.random.default_rng(6)
    select = bandwidth.improved_sheather_jones
    chosen = [select(rng.standard_normal((1000, 1)))[0] for _ in range(100)]
    assert np.median(chosen) == pytest.approx(0.27234131, rel=0.05)
    x = rng.standard_normal((1000, 1))
    h = select(x)[0]
    for a in (1e-7, np.pi, 1e9):
        assert select(a * x)[0] == pytest.approx(a * h, rel=1e-10)


def test_rules_of_thumb_are_scikit_learns_on_the_datas_scale():
    X = np.random.default_rng(7).standard_normal((500, 3)) * [1.0, 20.0, 1e-3]
    sd = X.std(axis=0, ddof=1)
    np.testing.assert_allclose(KernelDensity(bandwidth="scott").fit(X).bandwidth_, sd * 500 ** (-1 / 7))
    expected = sd * (500 * 5 / 4) ** (-1 / 7)
    np.testing.assert_allclose(KernelDensity(bandwidth="silverman").fit(X).bandwidth_, expected)


@pytest.mark.parametrize("name", list(bandwidth.SELECTORS))
def test_whole_weights_are_repeats(name):
    rng = np.random.default_rng(8)
    x, weight = rng.standard_normal((300, 1)), rng.integers(1, 4, 300).astype(float)
    one = KernelDensity(bandwidth=name).fit(x, sample_weight=weight).bandwidth_
    two = KernelDensity(bandwidth=name).fit(np.repeat(x, weight.astype(int), axis=0)).bandwidth_
    assert one == pytest.approx(two, rel=1e-8)


def test_lscv_does_not_collapse_on_ties():
    """The lecture's numbers, rounded data, a bootstrap sample: never h -> 0."""
    rng = np.random.default_rng(9)
    numbers = np.array([3.0, 5, 4, 4, 3, 5, 4, 6, 2, 4])[:, None]
    assert KernelDensity().fit(numbers).bandwidth_ >= 0.5
    x = rng.standard_normal((1000, 1))
    h = KernelDensity().fit(x).bandwidth_
    assert KernelDensity().fit(np.round(x, 2)).bandwidth_ == pytest.approx(h, rel=0.05)
    repeated = KernelDensity().fit(rng.choice(x[:, 0], 1000)[:, None]).bandwidth_
    assert 0.05 < repeated < 1


def test_lscv_resolves_fine_structure_in_large_samples():
    """Two spikes of width 1e-3 beside a normal, n = 20 000: h follows the spikes."""
    rng = np.random.default_rng(10)
    x = np.concatenate([rng.standard_normal(10_000), 1e-3 * rng.standard_normal(10_000) + 1])
    assert KernelDensity().fit(x[:, None]).bandwidth_ < 1e-3


@pytest.mark.slow
def test_lscv_is_close_to_the_exact_minimum_over_marron_and_wand():
    """Mean ISE, n = 1000, 60 samples of each shared density, at most 1.3 times the exact least MISE.

    The mean ratio measured is about 1.15 with a standard error of 0.02: false alarm below 1e-6.
    """
    ratios, rng = [], np.random.default_rng(11)
    with open(REFERENCE, newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["n"] == "1000"]
    for row in rows:
        w, mu, sigma = (np.array(row[k].split(), float) for k in ("w", "mu", "sigma"))
        w = w / w.sum()
        grid = np.linspace((mu - 7 * sigma).min(), (mu + 7 * sigma).max(), 4001)
        truth = (np.exp(-0.5 * ((grid[:, None] - mu) / sigma) ** 2) / sigma / np.sqrt(2 * np.pi)) @ w
        total = 0.0
        for _ in range(60):
            part = rng.choice(len(w), 1000, p=w)
            x = mu[part] + sigma[part] * rng.standard_normal(1000)
            model = KernelDensity(rtol=1e-6).fit(x[:, None])
            error = np.exp(model.score_samples(grid[:, None])) - truth
            total += np.square(error).sum() * (grid[1] - grid[0])
        ratios.append(total / 60 / float(row["kde_min_mise"]))
    assert np.mean(ratios) < 1.3


@pytest.mark.slow
def test_mean_ise_agrees_with_the_exact_mise():
    """At given bandwidths, n to 10 000, 40 samples: |z| < 4 on all 27 rows (false alarm 2e-3)."""
    rng = np.random.default_rng(12)
    with open(REFERENCE, newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        n, h = int(row["n"]), float(row["kde_h_mise"])
        w, mu, sigma = (np.array(row[k].split(), float) for k in ("w", "mu", "sigma"))
        w = w / w.sum()
        grid = np.linspace((mu - 9 * sigma).min(), (mu + 9 * sigma).max(), 3001)
        truth = (np.exp(-0.5 * ((grid[:, None] - mu) / sigma) ** 2) / sigma / np.sqrt(2 * np.pi)) @ w
        ise = np.empty(40)
        for k in range(40):
            part = rng.choice(len(w), n, p=w)
            x = mu[part] + sigma[part] * rng.standard_normal(n)
            density = np.exp(KernelDensity(bandwidth=h).fit(x[:, None]).score_samples(grid[:, None]))
            ise[k] = np.square(density - truth).sum() * (grid[1] - grid[0])
        z = (ise.mean() - float(row["kde_min_mise"])) / (ise.std(ddof=1) / np.sqrt(40))
        assert abs(z) < 4, (row["name"], n, z)
