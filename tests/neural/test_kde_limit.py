"""The denoising chain with the exact posterior is a kernel density estimate: for every sigma, exactly."""

import numpy as np
import pytest
from scipy.stats import chi2, kstest, norm

from genrates.estimators import KernelDensity
from genrates.neural.autoencoder._corruption import Corruption
from genrates.neural.autoencoder._markov_chain import MarkovChain
from genrates.neural.autoencoder.kde_limit import KernelLimit, relaxation_time

FALSE_ALARM = 1e-4


def clusters(d: int, n: int = 40) -> np.ndarray:
    """Two clusters of n points."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(-2, 0.4, (n, d)), rng.normal(2, 0.4, (n, d))])


@pytest.mark.parametrize(("d", "sigma"), [(1, 1.0), (1, 0.3), (1, 0.05), (2, 1.0), (2, 0.3)])
def test_transition_matrix_is_symmetric_and_doubly_stochastic(d, sigma):
    matrix = KernelLimit(clusters(d), sigma).transition_matrix()
    assert np.abs(matrix - matrix.T).max() < 1e-12
    assert np.abs(matrix.sum(axis=0) - 1).max() < 1e-12
    assert np.abs(matrix.sum(axis=1) - 1).max() < 1e-12
    assert matrix.min() >= 0


def test_transition_matrix_is_the_chains():
    """After one step from a point X~ has the mixture of normals whose weights are its row.

    Kolmogorov-Smirnov over 20 000 chains, false alarm 1e-4; another point's row is rejected.
    """
    points, sigma = np.array([[0.0], [1.0], [1.5], [3.0]]), 0.7
    limit = KernelLimit(points, sigma)
    after, matrix = limit.chain(20_000, 2, 2, first=1)[1, :, 0], limit.transition_matrix()
    for row, right in ((1, True), (0, False), (2, False)):
        pvalue = kstest(after, lambda x, row=row: norm.cdf(x[:, None], points.T, sigma) @ matrix[row]).pvalue
        assert (pvalue > FALSE_ALARM) == right
    still = KernelLimit(points, 1e-3 * sigma).chain(1000, 2, 2, first=1)[1]
    assert np.abs(still - points[1]).max() < 0.01, "with hardly any noise the chain stays"


def test_thinned_chain_is_the_kde():
    """Kolmogorov-Smirnov, false alarm 1e-4, from one starting point; twice the bandwidth is rejected."""
    points, sigma = np.random.default_rng(2).normal(0, 1, (30, 1)) + 2.0 * (np.arange(30) % 2)[:, None], 0.5
    assert relaxation_time(points, sigma) < 10
    chain = KernelLimit(points, sigma).chain(200, 600, 3, first=0)
    thinned = chain[100::50].ravel()  # 5 relaxation times and more between two states of a chain
    assert len(thinned) == 2000
    same = KernelDensity(bandwidth=sigma).fit(points)
    wider = KernelDensity(bandwidth=2 * sigma).fit(points)
    assert kstest(thinned, lambda x: same.cdf(x[:, None])).pvalue > FALSE_ALARM
    assert kstest(thinned, lambda x: wider.cdf(x[:, None])).pvalue < FALSE_ALARM


@pytest.mark.parametrize("d", [1, 3])
@pytest.mark.parametrize("sigma", [0.2, 0.9])
def test_score_identity(d, sigma):
    """(E[X | x~] - x~) / sigma^2 is the gradient of log KDE, here by central differences."""
    points = clusters(d, 15)
    queries, step = np.random.default_rng(4).normal(0, 2, (20, d)), 1e-5
    kde = KernelDensity(bandwidth=sigma).fit(points)
    gradient = np.stack(
        [
            (kde.score_samples(queries + step * e) - kde.score_samples(queries - step * e)) / (2 * step)
            for e in np.eye(d)
        ],
        axis=1,
    )
    np.testing.assert_allclose(KernelLimit(points, sigma).score(queries), gradient, rtol=1e-5, atol=1e-5)


class MeansFedBack(MarkovChain):
    """The classic bug."""

    def step(self):
        super().step()
        self.rows = self.means.copy()


@pytest.mark.parametrize("sigma", [1.0, 0.3, 0.1])
def test_samples_keep_the_variance_and_means_halve_it(sigma):
    """On N(0, tau^2) the posterior is normal; the very chain that trained models run, with that denoiser.

    Chi-squared intervals of the variance over 20 000 independent chains, false alarm 1e-4 each.
    """
    tau, n = 1.5, 20_000
    shrink, deviation = tau**2 / (tau**2 + sigma**2), tau * sigma / np.hypot(tau, sigma)
    steps = int(np.ceil(8 / -np.log(shrink**2)))  # what is left of the start's variance: exp(-8)

    def variance(kind):
        rng = np.random.default_rng(5)
        start = (tau * rng.standard_normal((n, 1))).astype(np.float32)
        chain = kind(
            lambda noisy: np.float32(shrink) * noisy,
            Corruption("gaussian", sigma, (n, 1), rng),
            start,
            np.array([deviation]),
            rng,
        )
        chain.run(steps)
        return float(chain.rows.astype(np.float64).var(ddof=1))

    low, high = chi2.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], n - 1) / (n - 1)
    assert low < variance(MarkovChain) / tau**2 < high
    stationary = shrink**2 * sigma**2 / (1 - shrink**2)
    started = np.exp(-8) * (tau**2 - stationary)
    assert low < variance(MeansFedBack) / (stationary + started) < high
    if sigma <= 0.1:
        assert stationary / tau**2 == pytest.approx(0.5, abs=0.01)


def test_relaxation_time_explodes_as_the_noise_falls():
    times = [relaxation_time(clusters(1), sigma) for sigma in (1.0, 0.7, 0.5, 0.35)]
    assert np.all(np.diff(np.log10(times)) > 0.4), times
    assert relaxation_time([[0.0], [100.0]], 1.0) == np.inf
    assert relaxation_time([[0.0]], 1.0) == 0.0


@pytest.mark.parametrize("a", [3.0, 5.0])
def test_two_points_far_apart_take_exponentially_long(a):
    r"""Two points at +-a sigma: lambda_2 = 1 - 2 p, p the chance to go over, which Laplace's method gives.

    .. math:: p = \sqrt{\pi/8}\, e^{-a^2/2} / a\, (1 - \pi^2 / 8 a^2 + O(a^{-4})), \quad time = 1 / 2p
    """
    formula = np.sqrt(2 / np.pi) * a * np.exp(a**2 / 2) / (1 - np.pi**2 / (8 * a**2))
    assert relaxation_time([[-a], [a]], 1.0) == pytest.approx(formula, rel=4 / a**4)


def test_figure_of_relaxation():
    import matplotlib.pyplot as plt

    from genrates.reporting.figures.relaxation import draw_relaxation

    ax = plt.figure().add_subplot()
    draw_relaxation(ax, [1.0, 0.5], {"two clusters": np.array([13.0, np.inf])})
    (line,) = ax.lines
    assert line.get_ydata()[0] == 13.0
    assert np.isnan(line.get_ydata()[1])
    plt.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sigma": 0.0},
        {"sigma": np.nan},
        {"sigma": "small"},
        {"points": [[np.inf]]},
        {"points": []},
        {"points": [0.0, 1.0]},  # two points on a line, or one in the plane?
    ],
)
def test_bad_input(wrong):
    with pytest.raises(ValueError, match="KernelLimit"):
        KernelLimit(**{"points": [[0.0], [1.0]], "sigma": 1.0} | wrong)
    with pytest.raises(ValueError, match="3"):
        KernelLimit(np.zeros((2, 3)), 1.0).transition_matrix()
    for ask in (KernelLimit.posterior, KernelLimit.mean, KernelLimit.score):
        with pytest.raises(ValueError, match=r"shape \(n, 2\), got \(3, 1\)"):
            ask(KernelLimit(np.eye(2), 1.0), np.zeros((3, 1)))
