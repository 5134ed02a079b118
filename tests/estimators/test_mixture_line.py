"""The mixture in one dimension: condensed rows, compiled EM, Newton's method."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from genrates.estimators import MixtureDensity
from genrates.estimators.mixture import _em, _em_line
from genrates.estimators.mixture._condensed import condensed
from genrates.estimators.mixture._newton import _scores, climb

_ROWS = np.array([[0.2, -1.0, 0.4], [0.5, 0.2, 1.2], [0.3, 1.0, 0.15]])  # weights, means, variances


def _skewed(n, seed=0):
    """Eight overlapping normals (Marron and Wand's third density): EM needs thousands of steps."""
    rng = np.random.default_rng(seed)
    j = rng.integers(0, 8, n)
    return 3 * ((2 / 3) ** j - 1) + (2 / 3) ** j * rng.standard_normal(n)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 20_000), cells=st.sampled_from([32, 64, 256]))
@settings(max_examples=30, deadline=None)
def test_condensed_rows_keep_sums_of_polynomials(seed, n, cells):
    rng = np.random.default_rng(seed)
    x = np.unique(rng.standard_normal(n) * rng.choice([1e-3, 1.0, 5.0], n))
    weight = rng.integers(1, 4, len(x)).astype(float)
    points, weights = condensed(x, weight, cells)
    assert np.all(np.diff(points) >= 0)
    assert np.all(weights > 0)
    assert len(points) <= len(x)
    for degree in range(6):
        size = weight @ np.abs(x) ** degree
        assert weights @ points**degree == pytest.approx(weight @ x**degree, abs=1e-12 * size)


@pytest.mark.parametrize(
    ("draw", "width"),
    [(lambda rng, n: rng.standard_normal(n), 0.05), (lambda rng, n: rng.exponential(size=n), 0.05)],
    ids=["normal", "exponential"],
)
def test_condensed_rows_have_the_log_likelihood(draw, width):
    """Of a broad normal and a narrow one, summed over 100 000 rows, to a thousandth of a nat."""
    x = np.sort(draw(np.random.default_rng(0), 100_000))
    points, weights = condensed(x, np.ones(len(x)), 256)
    assert len(points) < 1500

    def log_density(v):
        return np.log(np.exp(-(v**2) / 2) + np.exp(-(((v - 1) / width) ** 2) / 2))

    assert weights @ log_density(points) == pytest.approx(log_density(x).sum(), abs=1e-3)


def test_no_rule_reaches_across_a_valley():
    """Between narrow peaks a cell's rule would put points where there are none."""
    rng = np.random.default_rng(0)
    x = np.sort(rng.integers(0, 5, 50_000) + 0.03 * rng.standard_normal(50_000))
    points, _ = condensed(x, np.ones(len(x)), 64)
    nearest = np.abs(points[:, None] - x[np.clip(np.searchsorted(x, points)[:, None] + [-1, 0], 0, 49_999)])
    assert nearest.min(axis=1).max() < 0.02


def test_compiled_em_is_em():
    x = np.sort(_skewed(700))[None]
    weight = np.random.default_rng(1).dirichlet(np.ones(700))
    start = _em.MixtureParameters(_ROWS[:, 0], _ROWS[:, 1:2], _ROWS[:, 2].reshape(3, 1, 1))
    limits = {"floor": 1e-6, "tol": 1e-9, "max_iter": 60}
    ours, likelihood, steps, converged = _em_line.run(x, weight, start, **limits)
    theirs, *rest = _em.run(x, weight, start, **limits)
    assert [steps, converged] == rest[1:]
    assert likelihood == pytest.approx(rest[0], abs=1e-12)
    for name in ("weights", "means", "covariances"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-8)
    assert _em_line.log_likelihood(x, weight, ours) == pytest.approx(likelihood, abs=1e-12)


def test_information_is_the_second_derivative():
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal(50), rng.dirichlet(np.ones(50))
    theta = np.array([np.log(_ROWS[:, 0]), _ROWS[:, 1], 0.5 * np.log(_ROWS[:, 2])])

    def at(flat):
        moved = flat.reshape(3, 3).copy()
        moved[0] -= np.logaddexp.reduce(moved[0])
        return _scores(x, weight, moved)

    _, gradient, information = _scores(x, weight, theta)
    for i in range(9):
        step = np.eye(9)[i] * 1e-6
        up, down = at(theta.ravel() + step), at(theta.ravel() - step)
        assert (up[0] - down[0]) / 2e-6 == pytest.approx(gradient.ravel()[i], abs=1e-8)
        np.testing.assert_allclose((down[1] - up[1]).ravel() / 2e-6, information[i], atol=1e-8)


def test_newton_goes_on_where_em_stands():
    """From where EM's steps gain less than 1e-6 nats a row, several nats in all 20 000 were to be had."""
    x = np.sort(_skewed(20_000))
    x, weight = (x - x.mean()) / x.std(), np.full(20_000, 1 / 20_000)
    model = MixtureDensity(n_components=8, random_state=0).fit(x[:, None])
    start = _em.MixtureParameters(
        np.full(8, 1 / 8), np.quantile(x, (np.arange(8) + 0.5) / 8)[:, None], np.ones((8, 1))
    )
    stood, likelihood, _, _ = _em_line.run(x[None], weight, start, floor=1e-6, tol=1e-6, max_iter=2000)
    rows, better, _, converged = climb(
        x, weight, _em_line.as_rows(stood), floor=1e-6, goal=1e-8, max_iter=500
    )
    assert converged
    assert 20_000 * (better - likelihood) > 1
    value, gradient, _ = _scores(
        x, weight, np.stack([np.log(rows[:, 0]), rows[:, 1], 0.5 * np.log(rows[:, 2])])
    )
    assert np.abs(gradient).max() < 1e-4
    assert value == pytest.approx(better, abs=1e-12)
    assert model.converged_
    assert model.score(x[:, None]) > likelihood


def test_fit_is_the_maximum_of_all_rows():
    """The score of the fitted parameters on all 60 000 rows leaves less than 0.01 nats to gain."""
    X = _skewed(60_000)[:, None]
    model = MixtureDensity(n_components=5, random_state=0).fit(X)
    theta = np.stack([np.log(model.weights_), model.means_[:, 0], 0.5 * np.log(model.covariances_.ravel())])
    _, gradient, information = _scores(X[:, 0], np.full(len(X), 1 / len(X)), theta)
    left = 0.5 * gradient.ravel() @ np.linalg.pinv(information, rcond=1e-12) @ gradient.ravel()
    assert 0 <= left * len(X) < 0.011


@pytest.mark.parametrize("peaks", [(1, 0.015, 0.012), (3, 0.006, 0.01)])
def test_finds_peaks_that_random_starts_miss(peaks):
    """Beside two broad normals, peaks of a hundredth of the mass and width; a miss costs 100s of nats."""
    count, share, width = peaks
    rng = np.random.default_rng(0)
    label = rng.choice(2 + count, 40_000, p=[0.5 * (1 - count * share)] * 2 + [share] * count)
    centers, sds = np.array([-1.5, 1.5, 0.3, 2.6, -2.2][: 2 + count]), np.array([0.6, 0.6] + [width] * count)
    X = (centers[label] + sds[label] * rng.standard_normal(len(label)))[:, None]
    model = MixtureDensity(n_components="bic", random_state=0).fit(X)
    assert model.n_components_ == 2 + count
    narrow = np.argsort(model.covariances_.ravel())[:count]
    np.testing.assert_allclose(np.sort(model.means_.ravel()[narrow]), np.sort(centers[2:]), atol=0.01)


def test_rows_that_lie_close_by_chance_are_no_peak():
    """Of 40 normal samples, n = 300, BIC takes one component for most, and none a spike of a few rows."""
    model = MixtureDensity(n_components="bic", random_state=0)
    samples = [np.random.default_rng(seed).standard_normal((300, 1)) for seed in range(40)]
    fits = [clone(model).fit(X) for X in samples]
    assert sum(fit.n_components_ == 1 for fit in fits) >= 36
    assert min(fit.covariances_.min() for fit in fits) > 0.01**2


def test_a_fit_is_the_same_whether_it_was_compiled_now_or_earlier(tmp_path):
    """In an empty cache of compiled code, and in the one that this leaves: equal to the last bit."""
    program = (
        "import numpy as np; from genrates.estimators import MixtureDensity;"
        "x = np.random.default_rng(0).beta(2, 2, (30_000, 1));"
        "print(MixtureDensity(random_state=1).fit(x).means_.tobytes().hex())"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", program]
    first, then = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert len(first) > 16
    assert first == then
