"""KernelDensity against brute force: densities, distribution functions, draws, in any dimension."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import kstest, kstwo

from genrates.estimators import KernelDensity
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel.bandwidth import SELECTORS
from genrates.estimators.persistence import load, save

FALSE_ALARM = 1e-4
SECOND_ORDER = list(kernels.SECOND_ORDER)


def brute(X, queries, h, kernel="gaussian", weight=None):
    """Log-density by definition, float64, every pair."""
    d = X.shape[1]
    w = np.ones(len(X)) if weight is None else weight
    r = np.sqrt(sum(((queries[:, j, None] - X[:, j]) / np.broadcast_to(h, d)[j]) ** 2 for j in range(d)))
    constant = kernels.log_norm(kernel, d) - np.log(np.broadcast_to(h, d)).sum() - np.log(w.sum())
    if kernel == "gaussian":
        return logsumexp(-0.5 * r * r, b=w, axis=1) + constant
    if kernel == "exponential":
        return logsumexp(-r, b=w, axis=1) + constant
    with np.errstate(divide="ignore"):
        return np.log(kernels.profile(kernel, r) @ w) + constant


def assert_nats(actual, desired, tolerance=1e-8):
    """Equal -inf, else equal to `tolerance` nats, relative or absolute, whichever is larger."""
    assert np.array_equal(np.isneginf(actual), np.isneginf(desired))
    finite = np.isfinite(desired)
    error = np.abs(actual[finite] - desired[finite]) / np.maximum(1, np.abs(desired[finite]))
    assert error.size > 0
    assert error.max() < tolerance


@pytest.fixture
def few_pairs(monkeypatch):
    """Send small problems down the compiled paths too."""
    monkeypatch.setattr("genrates.estimators.kernel._line._FEW_PAIRS", 0)
    monkeypatch.setattr("genrates.estimators.kernel._space._FEW_PAIRS", 0)


@pytest.mark.parametrize("kernel", SECOND_ORDER)
@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_norm_integrates_to_one(kernel, d):
    """The radial integral of the normalized kernel (scikit-learn's cosine fails this for even d)."""
    sphere = {1: 2, 2: 2 * np.pi, 3: 4 * np.pi, 5: 8 * np.pi**2 / 3}[d]

    def shell(r):
        value = np.exp(kernels.log_norm(kernel, d)) * kernels.profile(kernel, np.array([r]))[0]
        return sphere * r ** (d - 1) * value

    assert quad(shell, 0, 1 if kernel in kernels.COMPACT else 60, limit=200)[0] == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize("kernel", kernels.KERNELS[:7])
def test_integral_and_convolution(kernel):
    """K's distribution function and K*K against quadrature."""

    def f(u):
        return kernels.density_1d(kernel, np.array([u]))[0]

    for u in (-0.7, 0.3, 1.6):
        corners = sorted({-1.0, 0.0, 1.0, u - 1, u, u + 1})
        integral = quad(f, -30, u, points=[c for c in corners if c < u], limit=200)[0]
        assert kernels.integral_1d(kernel, np.array([u]))[0] == pytest.approx(integral, abs=1e-7)
        product = quad(lambda t, u=u: f(t) * f(u - t), -30, 30, points=corners, limit=400)[0]
        assert kernels.convolution_1d(kernel, np.array([u]))[0] == pytest.approx(product, abs=1e-7)


@pytest.mark.parametrize("kernel", SECOND_ORDER)
@pytest.mark.parametrize("d", [1, 2, 5, 10, 64])
@pytest.mark.parametrize("weighted", [False, True])
def test_log_density_is_exact_tails_included(few_pairs, kernel, d, weighted):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((800, d))
    weight = rng.random(800) if weighted else None
    queries = np.concatenate([rng.standard_normal((60, d)), 40 * rng.standard_normal((60, d)), X[:20]])
    for h in (0.02, 0.4, 3.0):
        model = KernelDensity(kernel=kernel, bandwidth=h).fit(X, sample_weight=weight)
        assert_nats(model.score_samples(queries), brute(X, queries, h, kernel, weight))


@pytest.mark.parametrize("shape", ["normal", "cauchy", "far cluster", "offset"])
@pytest.mark.parametrize("h", [0.003, 0.2, 5.0])
def test_gaussian_on_the_line_is_exact(few_pairs, shape, h):
    rng = np.random.default_rng(1)
    x = {
        "normal": rng.standard_normal(3000),
        "cauchy": rng.standard_cauchy(3000),
        "far cluster": np.concatenate([rng.standard_normal(2000), 1e4 + 1e-3 * rng.random(1000)]),
        "offset": 1e8 + rng.random(3000),
    }[shape][:, None]
    queries = np.concatenate([x[::40], np.linspace(x.min() - 60 * h, x.max() + 60 * h, 101)[:, None]])
    model = KernelDensity(bandwidth=h).fit(x)
    assert_nats(model.score_samples(queries), brute(x, queries, h))
    # many queries go through Chebyshev interpolation
    many = np.random.default_rng(2).choice(x[:, 0], 6000)[:, None] + h * rng.standard_normal((6000, 1))
    some = slice(None, None, 40)
    assert_nats(model.score_samples(many)[some], brute(x, many[some], h))


@pytest.mark.parametrize("rtol", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("d", [1, 2, 4])
def test_rtol_is_honored(few_pairs, rtol, d):
    """Everywhere, empty regions and queries far outside included."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((4000, d))
    X[:3] += 30
    queries = np.concatenate([rng.standard_normal((100, d)), 20 * rng.standard_normal((100, d))])
    for h in (0.05, 0.5):
        model = KernelDensity(bandwidth=h, rtol=rtol).fit(X)
        error = np.expm1(model.score_samples(queries) - brute(X, queries, h))
        assert np.abs(error).max() < rtol


@pytest.mark.parametrize("rtol", [1e-3, 1e-6])
def test_rtol_on_the_grid_of_the_plane(rtol):
    """Many points and queries go through a grid; outliers and empty regions through the tree."""
    rng = np.random.default_rng(15)
    X = np.concatenate([rng.standard_normal((20_000, 2)), [[30.0, 30.0], [8.0, -7.0]]])
    queries = np.concatenate([rng.standard_normal((5_000, 2)), 15 * rng.standard_normal((1_000, 2))])
    some = np.concatenate([np.arange(0, 5_000, 100), np.arange(5_000, 6_000, 20)])
    for h in (0.1, 0.5):
        scores = KernelDensity(bandwidth=h, rtol=rtol).fit(X).score_samples(queries)
        assert np.abs(np.expm1(scores[some] - brute(X, queries[some], h))).max() < rtol


def test_bandwidth_per_column_and_matrix_agree():
    rng = np.random.default_rng(4)
    X, queries = rng.standard_normal((300, 2)), rng.standard_normal((50, 2))
    h = np.array([0.3, 0.7])
    per_column = KernelDensity(bandwidth=h).fit(X)
    matrix = KernelDensity(bandwidth=np.diag(h**2)).fit(X)
    assert_nats(per_column.score_samples(queries), brute(X, queries, h))
    assert_nats(matrix.score_samples(queries), per_column.score_samples(queries), 1e-12)
    # a rotation of space rotates H
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    turned = KernelDensity(bandwidth=turn @ np.diag(h**2) @ turn.T).fit(X @ turn.T)
    assert_nats(turned.score_samples(queries @ turn.T), per_column.score_samples(queries), 1e-10)
    covariance = np.cov(turned.sample(40_000, random_state=0).T)
    expected = np.cov((X @ turn.T).T, ddof=0) + turned.bandwidth_
    np.testing.assert_allclose(covariance, expected, atol=0.05)  # 5 sd of a sample covariance: 1e-6


@pytest.mark.parametrize("n", [200, 5_000])
@pytest.mark.parametrize("bounds", [None, (0, None), (0, 6)])
@pytest.mark.parametrize("kernel", list(kernels.KERNELS))
def test_one_dimension_is_a_distribution(kernel, bounds, n):
    """Integral 1, cdf' = pdf, ppf(cdf(x)) = x, draws from the cdf (KS, false alarm 1e-4)."""
    rng = np.random.default_rng(5)
    x = rng.exponential(size=(n, 1)) % 6
    model = KernelDensity(kernel=kernel, bandwidth=0.3, bounds=bounds).fit(x)
    low, high = model.ppf([0.0, 1.0])
    grid = np.linspace(max(low, -15), min(high, 25), 4001)
    density, level = np.exp(model.score_samples(grid[:, None])), model.cdf(grid[:, None])
    assert np.all(np.diff(level) >= -1e-13)
    jumps = 8e-2 if kernel == "tophat" else 8e-3  # trapezes across n jumps of the density, or kinks
    np.testing.assert_allclose(
        np.diff(level), 0.5 * (density[1:] + density[:-1]) * np.diff(grid), atol=jumps * 5e-3
    )
    assert level[-1] - level[0] == pytest.approx(1, abs=1e-10)
    inner = np.linspace(0.2, 3, 30)
    np.testing.assert_allclose(model.ppf(model.cdf(inner[:, None])), inner, rtol=1e-9)
    sample = model.sample(3000, random_state=6)[:, 0]
    assert kstest(sample, lambda t: model.cdf(t[:, None])).pvalue > FALSE_ALARM


@pytest.mark.parametrize("bounds", [None, (0, None)])
@pytest.mark.parametrize("kernel", list(kernels.KERNELS))
def test_many_draws_of_weighted_points(kernel, bounds):
    """25 000 draws from 6000 weights (an alias table): Kolmogorov-Smirnov, false alarm 1e-4 each."""
    rng = np.random.default_rng(20)
    X, weight = rng.gamma(2, size=(6000, 1)), rng.exponential(size=6000)
    model = KernelDensity(bandwidth=0.4, kernel=kernel, bounds=bounds).fit(X, sample_weight=weight)
    sample = np.sort(model.sample(25_000, random_state=1)[:, 0])
    grid = sample[::25]
    empirical = np.searchsorted(sample, grid, side="right") / len(sample)
    assert np.abs(empirical - model.cdf(grid[:, None])).max() < kstwo.isf(1e-4, 25_000) + 25 / 25_000


@pytest.mark.parametrize("kernel", ["gaussian4", "sinc"])
def test_signed_kernels_are_projected(kernel):
    """f is max(raw - c, 0): exact where positive, and closer to the raw estimate than clipping is."""
    rng = np.random.default_rng(7)
    x, grid = rng.standard_normal((500, 1)), np.linspace(-2, 2, 41)
    model = KernelDensity(kernel=kernel, bandwidth=0.5).fit(x)
    raw = kernels.density_1d(kernel, (grid[:, None] - x[:, 0]) / 0.5).mean(axis=1) / 0.5
    engine = model._get_engine()
    assert engine.shift > 0
    np.testing.assert_allclose(np.exp(model.score_samples(grid[:, None])), raw - engine.shift, rtol=1e-8)
    assert np.isneginf(model.score_samples([[1e3]])[0])


def test_fourth_order_kernel_beats_the_gaussian_on_the_normal():
    """Mean ISE over 30 samples, n = 2000, each near its optimum: ratio 0.7, sd 0.05."""
    rng = np.random.default_rng(8)
    grid = np.linspace(-6, 6, 601)
    truth = np.exp(-0.5 * grid**2) / np.sqrt(2 * np.pi)
    total = dict.fromkeys(("gaussian", "gaussian4", "sinc"), 0.0)
    for _ in range(30):
        x = rng.standard_normal((2000, 1))
        for kernel, h in (("gaussian", 0.236), ("gaussian4", 0.6), ("sinc", 0.38)):
            fitted = KernelDensity(kernel=kernel, bandwidth=h).fit(x)
            total[kernel] += np.square(np.exp(fitted.score_samples(grid[:, None])) - truth).sum()
    assert total["gaussian4"] < 0.9 * total["gaussian"]
    assert total["sinc"] < 0.9 * total["gaussian"]


def test_bounds_keep_the_rate_at_a_jump():
    """Mean ISE on the exponential, n = 4000, h = 0.25: open edge loses tenfold, reflection twofold or so."""
    rng = np.random.default_rng(9)
    grid = np.linspace(0, 12, 2401)
    truth = np.exp(-grid)
    open_edge = bounded = reflected = 0.0
    for _ in range(10):
        x = rng.exponential(size=(4000, 1))
        one = KernelDensity(bandwidth=0.25).fit(x)
        two = KernelDensity(bandwidth=0.25, bounds=(0, None)).fit(x)
        density = np.exp(one.score_samples(grid[:, None]))
        open_edge += np.square(density - truth).sum()
        mirrored = density + np.exp(one.score_samples(-grid[:, None]))
        reflected += np.square(mirrored - truth).sum()
        bounded += np.square(np.exp(two.score_samples(grid[:, None])) - truth).sum()
    assert bounded < 0.1 * open_edge
    assert bounded < 0.5 * reflected


def test_bounds_keep_the_rate_at_a_jump_slope():
    """Root-MISE on the exponential, n to 10^5, h ~ n^(-1/5), 20 samples: n^(-2/5), n^(-1/4) where it is open.

    The slopes' standard errors are 0.017 and 0.007 by bootstrap over 40 samples; 4 are allowed (6e-5 each).
    """
    sizes, grid = np.array([1000, 10_000, 100_000]), np.linspace(0, 14, 5601)
    total = np.zeros((2, 3))
    for replicate in range(20):
        X = np.random.default_rng(replicate).exponential(size=(sizes[-1], 1))
        for j, n in enumerate(sizes):
            inner = KernelDensity(bandwidth=0.224 * (n / 1000) ** -0.2, bounds=(0, None), rtol=1e-6)
            fits = inner.fit(X[:n]), KernelDensity(rtol=1e-6).fit(X[:n])
            for i, model in enumerate(fits):
                square = np.square(np.exp(model.score_samples(grid[:, None])) - np.exp(-grid))
                total[i, j] += square[1:].sum() + square[0] / 2
    slopes = [0.5 * np.polyfit(np.log(sizes), np.log(error), 1)[0] for error in total]
    assert slopes[0] == pytest.approx(-2 / 5, abs=0.068)
    assert slopes[1] == pytest.approx(-1 / 4, abs=0.028)


@pytest.mark.parametrize("kernel", ["gaussian", "epanechnikov"])
def test_images_continue_an_exponential_exactly(kernel):
    """A kernel only scales an exponential that goes on and on: 10^5 quantiles, no bias at the edge."""
    X = -np.log1p(-(np.arange(100_000) + 0.5) / 100_000)[:, None]
    x = np.array([0.0, 0.05, 0.1, 0.3, 1.0])
    for data, bounds in ((X, (0, None)), (-X, (None, 0))):
        model = KernelDensity(bandwidth=0.1, kernel=kernel, bounds=bounds, rtol=1e-7).fit(data)
        np.testing.assert_allclose(model.score_samples(np.sign(data[-1]) * x[:, None]), -x, atol=2e-5)


def test_images_continue_value_and_slope():
    """A rising edge, f = 0.5 + y on [0, 1]: the bias at the edge has no term of order h."""
    level = (np.arange(400_000) + 0.5) / 400_000
    X = (np.sqrt(0.25 + 2 * level) - 0.5)[:, None]
    for h in (0.05, 0.025):
        at_edge = np.exp(KernelDensity(bandwidth=h, bounds=(0, 1)).fit(X).score_samples([[0.0], [1.0]]))
        assert abs(at_edge[0] - 0.5) < 8 * h**2
        assert abs(at_edge[1] - 1.5) < 2 * h**2


def test_bounds_in_two_dimensions():
    rng = np.random.default_rng(10)
    X = rng.random((400, 2))
    model = KernelDensity(bandwidth=0.1, bounds=[(0, 1), (0, None)]).fit(X)
    axis = (np.arange(400) + 0.5) / 400
    grid = np.stack(np.meshgrid(axis, 2 * axis, indexing="ij"), -1).reshape(-1, 2)
    assert np.exp(model.score_samples(grid)).mean() * 2 == pytest.approx(1, abs=1e-4)
    assert np.all(np.isneginf(model.score_samples([[-0.01, 0.5], [0.5, -0.01], [1.01, 0.5]])))
    sample = model.sample(2000, random_state=0)
    assert sample.min() >= 0
    assert sample[:, 0].max() <= 1


@pytest.mark.parametrize("bounds", [None, (0, None)])
@pytest.mark.parametrize("kernel", ["gaussian", "linear", "gaussian4"])
def test_whole_weights_are_repeats(kernel, bounds):
    rng = np.random.default_rng(11)
    x, weight = rng.exponential(size=(200, 1)), rng.integers(0, 4, 200).astype(float)
    queries = np.linspace(0.1, 5, 50)[:, None]
    model = KernelDensity(kernel=kernel, bandwidth=0.4, bounds=bounds)
    one = model.fit(x, sample_weight=weight)
    scores, levels, draws = one.score_samples(queries), one.cdf(queries), one.sample(5, random_state=1)
    two = model.fit(np.repeat(x, weight.astype(int), axis=0))
    np.testing.assert_allclose(scores, two.score_samples(queries), rtol=1e-10)
    np.testing.assert_allclose(levels, two.cdf(queries), rtol=1e-10)
    if bounds is None:
        np.testing.assert_allclose(draws, two.sample(5, random_state=1))


def test_one_point_and_constant_data():
    at = np.array([[3.0], [4.0]])
    expected = [-0.5 * np.log(2 * np.pi), -0.5 * np.log(2 * np.pi) - 0.5]
    for X in ([[3.0]], np.full((70_000, 1), 3.0)):
        np.testing.assert_allclose(
            KernelDensity(bandwidth=1.0).fit(X).score_samples(np.repeat(at, 9, 0))[::9], expected
        )
    same = KernelDensity(bandwidth=1.0).fit(np.full((9000, 2), 3.0))
    np.testing.assert_allclose(same.score_samples(np.full((70, 2), 3.0)), -np.log(2 * np.pi))


def test_fit_keeps_its_own_copy_and_round_trips(tmp_path):
    x = np.random.default_rng(12).standard_normal((100, 1))
    model = KernelDensity(bandwidth=0.3).fit(x)
    before = model.score_samples([[0.0]])
    x[:] = 7
    assert model.score_samples([[0.0]]) == before
    save(model, tmp_path / "kde.safetensors")
    assert load(tmp_path / "kde.safetensors").score_samples([[0.0]]) == before
    assert model.n_parameters_ == 100
    assert model.nbytes_ == 800


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"bandwidth": -1.0}, "positive"),
        ({"bandwidth": 0}, "positive"),
        ({"bandwidth": np.nan}, "bandwidth must be"),
        ({"bandwidth": "silvermann"}, "'silverman'"),
        ({"bandwidth": [0.1, 0.2, 0.3]}, "array of 2"),
        ({"bandwidth": [[1.0, 2.0], [2.0, 1.0]]}, "positive definite"),
        ({"bandwidth": "improved_sheather_jones"}, "one dimension"),
        ({"kernel": "gauss"}, "epanechnikov"),
        ({"kernel": "sinc"}, "one dimension"),
        ({"rtol": 2}, "rtol"),
        ({"bounds": (0, None)}, "bounds"),
        ({"bounds": [(0.5, None), (None, None)]}, "outside of bounds"),
    ],
)
def test_bad_parameters_are_named_at_fit(parameters, message):
    X = np.random.default_rng(13).random((50, 2))
    with pytest.raises(ValueError, match=message):
        KernelDensity(**parameters).fit(X)


@pytest.mark.parametrize("bandwidth", list(SELECTORS))
def test_selectors_refuse_constant_columns(bandwidth):
    with pytest.raises(ValueError, match="column 0 is constant"):
        KernelDensity(bandwidth=bandwidth).fit(np.full((30, 1), 2.0))


def test_memory_is_linear(few_pairs):
    """n x queries would be 80 GB here."""
    rng = np.random.default_rng(14)
    model = KernelDensity(bandwidth=0.1).fit(rng.standard_normal((100_000, 1)))
    scores = model.score_samples(rng.standard_normal((100_000, 1)))
    assert np.all(np.isfinite(scores))
