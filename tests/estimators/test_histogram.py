"""The histogram against numpy, against its own definition, and against exact theory."""

import csv
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, norm

from genrates.data.marron_wand import MarronWand
from genrates.data.quadrature import composite_gauss_legendre
from genrates.estimators import HistogramDensity
from genrates.estimators.histogram import _bins as bins_module
from genrates.estimators.histogram._search import squared_shares


def _claw(n, rng):
    component = rng.integers(0, 10, n)
    narrow = component < 5
    return np.where(narrow, component / 2 - 1, 0.0) + np.where(narrow, 0.1, 1.0) * rng.standard_normal(n)


LAWS = {
    "normal": lambda n, rng: rng.standard_normal(n),
    "exponential": lambda n, rng: rng.standard_exponential(n),
    "claw": _claw,
    "t3": lambda n, rng: rng.standard_t(3, n),
    "two far": lambda n, rng: rng.standard_normal(n) + 30 * rng.integers(0, 2, n),
}


def _numpy_bins(x, rule):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # "suboptimal": the minimum is at the bound
        return len(np.histogram_bin_edges(x, bins=rule)) - 1


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n", [30, 300, 5000])
def test_leave_one_out_is_numpys_stone(law, n):
    """The same number of bins, unless numpy's is in the upper half of its candidates and ours went on.

    numpy turns its choice m into a width, and that into ceil(range / (range / m)) bins, which rounding
    makes m + 1 at times.
    """
    for seed in range(5):
        x = LAWS[law](n, np.random.default_rng(seed))
        ours, theirs, bound = (
            HistogramDensity().fit(x[:, None]),
            _numpy_bins(x, "stone"),
            max(100, int(n**0.5)),
        )
        rounded = int(np.ceil(np.ptp(x) / (np.ptp(x) / ours.n_bins_)))
        assert rounded == theirs or (theirs > 0.5 * bound and ours.n_bins_ > bound)
        height, edges = np.histogram(x, bins=ours.n_bins_, density=True)
        np.testing.assert_array_equal(ours.bin_edges_[0], edges)
        np.testing.assert_allclose(ours.densities_, height, rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("rule", ["fd", "scott"])
def test_reference_rules_are_numpys(law, rule):
    x = LAWS[law](500, np.random.default_rng(6))
    assert HistogramDensity(bins=rule).fit(x[:, None]).n_bins_ == _numpy_bins(x, rule)


def test_leave_one_out_by_its_definition():
    """The risk by leaving out one point after the other."""
    x = np.random.default_rng(0).standard_normal(40)

    def risk(m):
        edges = np.linspace(x.min(), x.max(), m + 1)
        h = edges[1] - edges[0]
        count = np.histogram(x, edges)[0]
        inside = np.minimum(np.searchsorted(edges, x, side="right") - 1, m - 1)
        return (count**2).sum() / (len(x) ** 2 * h) - 2 / len(x) * (
            (count[inside] - 1) / (len(x) - 1) / h
        ).sum()

    assert HistogramDensity().fit(x[:, None]).n_bins_ == 1 + int(np.argmin([risk(m) for m in range(1, 101)]))


@settings(max_examples=20, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10**6), decimals=st.integers(1, 6), weighted=st.booleans())
def test_compiled_search_counts_as_numpy_does(seed, decimals, weighted):
    """Ties and edges that fall on points included."""
    rng = np.random.default_rng(seed)
    x = np.sort(np.round(rng.standard_t(2, 500), decimals))
    weight = rng.integers(1, 4, len(x)).astype(float) if weighted else np.ones(len(x))
    total = np.concatenate([[0.0], np.cumsum(weight)])
    candidates = np.arange(1, 200)
    found = squared_shares(x, total if weighted else None, candidates, total[-1])
    expected = [((np.histogram(x, m, weights=weight)[0] / total[-1]) ** 2).sum() for m in candidates]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    plain = bins_module._squared_shares(x, total if weighted else None, candidates, total[-1])
    np.testing.assert_allclose(plain, expected, rtol=1e-12)


def test_both_searches_choose_the_same(monkeypatch):
    x = _claw(3000, np.random.default_rng(1))[:, None]
    weight = np.random.default_rng(2).integers(0, 3, len(x))
    slow = [HistogramDensity().fit(x).n_bins_, HistogramDensity().fit(x, sample_weight=weight).n_bins_]
    monkeypatch.setattr(bins_module, "_COMPILED_ABOVE", 0)
    assert slow == [
        HistogramDensity().fit(x).n_bins_,
        HistogramDensity().fit(x, sample_weight=weight).n_bins_,
    ]


def test_candidates_go_on_where_numpys_end():
    """The claw at n = 1e5 needs some 380 bins, numpy stops at 316; heavy tails need thousands."""
    rng = np.random.default_rng(3)
    assert HistogramDensity().fit(_claw(10**5, rng)[:, None]).n_bins_ > 316
    assert HistogramDensity().fit(rng.standard_t(2, (10**4, 1))).bin_width_ < 0.5


def test_tied_data_are_named():
    x = np.random.default_rng(4).choice(np.random.default_rng(5).random(10), (1000, 1))
    with pytest.warns(UserWarning, match="equal"):
        HistogramDensity().fit(x)


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("h", [0.2, 0.7])
def test_mean_ise_is_the_exact_mise(n, h):
    """|z| < 4 over 200 samples, false alarm 6e-5 a case; on the grid h Z the exact value is

    1/(nh) - (n+1)/n sum p_k^2 / h + R(f), with p_k the bins' probabilities.
    """
    rng = np.random.default_rng(5)
    edges = h * np.arange(np.floor(-9 / h), np.ceil(9 / h) + 1)
    p = np.diff(norm.cdf(edges))
    roughness = 1 / (2 * np.sqrt(np.pi))
    exact = 1 / (n * h) - (n + 1) / n * (p @ p) / h + roughness
    ise = np.empty(200)
    for r in range(len(ise)):
        model = HistogramDensity(bin_width=h).fit(rng.standard_normal((n, 1)))
        x, w = composite_gauss_legendre(-9.0, 9.0, 100, model.breakpoints_)
        ise[r] = w @ (np.exp(model.score_samples(x[:, None])) - norm.pdf(x)) ** 2
    assert abs(ise.mean() - exact) < 4 * ise.std(ddof=1) / np.sqrt(len(ise))


def _reference_rows():
    with open(Path(__file__).parents[1] / "rates" / "reference" / "marron_wand_exact_mise.csv") as file:
        return [row for row in csv.DictReader(file) if int(row["n"]) <= 10_000]


@pytest.mark.slow
@pytest.mark.parametrize("row", _reference_rows(), ids=lambda row: f"{row['density']}-{row['n']}")
def test_mean_ise_on_every_marron_wand_density(row):
    """|z| < 4 over 60 samples at the table's width: false alarm 6e-5 a row, 0.2 % over all of them.

    The table averages over the grid's origin, and so does the test.
    """
    data, n, h = MarronWand(number=int(row["density"])), int(row["n"]), float(row["hist_h_mise"])
    rng = np.random.default_rng([int(row["density"]), n])
    ise = np.empty(60)
    for r in range(len(ise)):
        model = HistogramDensity(bin_width=h, origin=h * rng.random()).fit(data.sample(n, rng))
        x, w = data.quadrature(model.breakpoints_)
        ise[r] = w @ (np.exp(model.score_samples(x)) - data.pdf(x)) ** 2
    assert abs(ise.mean() - float(row["hist_min_mise"])) < 4 * ise.std(ddof=1) / np.sqrt(len(ise))


@pytest.mark.slow
def test_leave_one_out_follows_the_best_width_on_the_claw():
    """Mean ISE at most 1.3 times the exact minimum up to n = 1e5, where numpy's candidates end."""
    data, rng = MarronWand(number=10), np.random.default_rng(10)
    for n, best in ((1000, 0.0151040), (10**4, 0.00334163), (10**5, 0.000726209)):
        ise = []
        for _ in range(20):
            model = HistogramDensity().fit(data.sample(n, rng))
            x, w = data.quadrature(model.breakpoints_)
            ise.append(w @ (np.exp(model.score_samples(x)) - data.pdf(x)) ** 2)
        assert np.mean(ise) < 1.3 * best


@pytest.mark.parametrize("d", [2, 3])
def test_cells_agree_with_numpy_in_d_dimensions(d):
    X = np.random.default_rng(6).standard_normal((2000, d))
    model = HistogramDensity().fit(X)
    height, edges = np.histogramdd(X, bins=model.n_bins_, density=True)
    for ours, theirs in zip(model.bin_edges_, edges, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_allclose(model.densities_, height, rtol=1e-12)


def test_leave_one_out_scale_in_2d_is_a_minimum():
    """No common scale, on a fine grid of them, has a risk lower by more than 1 %."""
    X = np.random.default_rng(7).standard_normal((3000, 2)) @ [[1.0, 0.6], [0.0, 2.0]]

    def risk(shape):
        count, edges = np.histogramdd(X, bins=shape)
        area = np.prod([e[1] - e[0] for e in edges])
        return (2 - (len(X) + 1) * ((count / len(X)) ** 2).sum()) / area

    model = HistogramDensity().fit(X)
    ratio = model.n_bins_[1] / model.n_bins_[0]
    best = min(risk((m, max(round(m * ratio), 1))) for m in range(2, 60))
    assert risk(tuple(model.n_bins_)) <= 0.99 * best  # both are negative


def test_sparse_cells_are_the_dense_histogram(monkeypatch):
    X = np.random.default_rng(8).standard_normal((500, 3))
    queries = np.vstack([X, 3 * X])
    dense = HistogramDensity(bins=7).fit(X)
    monkeypatch.setattr("genrates.estimators.histogram.density.DENSE_LIMIT", 1)
    sparse = HistogramDensity(bins=7).fit(X)
    assert dense.cells_ is None
    assert sparse.cells_.shape == ((dense.densities_ > 0).sum(), 3)
    np.testing.assert_array_equal(sparse.score_samples(queries), dense.score_samples(queries))
    np.testing.assert_array_equal(sparse.sample(100, random_state=0), dense.sample(100, random_state=0))
    one = HistogramDensity(bins=30).fit(X[:, :1])
    assert one.cells_ is not None
    assert kstest(one.sample(2000, random_state=1)[:, 0], lambda x: one.cdf(x[:, None])).pvalue > 1e-4


def test_more_cells_than_integers_count():
    """64 columns of 8 bins have 2^192 cells; only the occupied ones are kept."""
    X = np.random.default_rng(9).random((300, 64))
    model = HistogramDensity(bins=8).fit(X)
    assert model.densities_.size <= 300
    np.testing.assert_allclose(
        model.score_samples(X), np.log(1 / 300) - np.log(np.ptp(X, axis=0) / 8).sum(), rtol=1e-9
    )
    sample = model.sample(50, random_state=0)
    assert np.all(np.isfinite(model.score_samples(sample)))
    assert np.all(np.isneginf(model.score_samples(X[:, ::-1])))
    assert HistogramDensity().fit(X).n_bins_.tolist() == [1] * 64  # more would be noise


def test_outside_and_on_the_edges():
    model = HistogramDensity(bins=2).fit([[0.0], [0.1], [0.2], [1.0]])
    np.testing.assert_allclose(
        np.exp(model.score_samples([[-1e-9], [0.0], [0.5], [1.0], [1 + 1e-9]])), [0, 1.5, 0.5, 0.5, 0]
    )
    np.testing.assert_allclose(model.cdf([[-5.0], [0.0], [1.0], [5.0]]), [0, 0, 1, 1])
    np.testing.assert_allclose(model.ppf([0.0, 0.75, 1.0]), [0, 0.5, 1])


def test_quantiles_skip_empty_bins():
    model = HistogramDensity(bins=10).fit([[0.0], [0.05], [1.0], [0.95]])
    np.testing.assert_allclose(model.ppf([0.25, 0.5, 0.5 + 1e-12]), [0.05, 0.1, 0.9], atol=1e-9)


def test_given_width_anchors_the_grid():
    X = np.array([[0.31], [0.9], [2.0]])
    np.testing.assert_allclose(HistogramDensity(bin_width=0.5).fit(X).bin_edges_[0], [0, 0.5, 1, 1.5, 2, 2.5])
    shifted = HistogramDensity(bin_width=0.5, origin=0.25).fit(X)
    np.testing.assert_allclose(shifted.bin_edges_[0], [0.25, 0.75, 1.25, 1.75, 2.25])
    one = HistogramDensity(bin_width=0.5).fit([[3.2]])
    np.testing.assert_allclose(one.bin_edges_[0], [3.0, 3.5])
    assert one.score([[3.2]]) == pytest.approx(np.log(2))
    both = HistogramDensity(bin_width=[0.5, 2.0]).fit(np.hstack([X, X]))
    np.testing.assert_allclose(both.bin_width_, [0.5, 2.0])


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    center=st.floats(-1e6, 1e6),
    exponent=st.floats(-3, 3),
    offsets=st.lists(st.floats(-50, 50), min_size=1, max_size=20),
)
def test_given_width_loses_no_point(center, exponent, offsets):
    """Rounding at the edges: every training point has positive density, and all mass is there."""
    h = 10.0**exponent
    X = (center + np.array(offsets) * h)[:, None]
    model = HistogramDensity(bin_width=h).fit(X)
    assert np.all(np.isfinite(model.score_samples(X)))
    assert model.densities_.sum() * model.bin_width_ == pytest.approx(1.0)


def test_breakpoints():
    model = HistogramDensity(bins=3).fit([[0.0], [3.0]])
    np.testing.assert_allclose(model.breakpoints_, [0, 1, 2, 3])
    assert not hasattr(HistogramDensity(bins=3).fit([[0.0, 1.0], [3.0, 2.0]]), "breakpoints_")


@pytest.mark.parametrize(
    ("parameters", "X", "message"),
    [
        ({"bins": 0}, [[0.0], [1.0]], "bins must be"),
        ({"bins": 2.5}, [[0.0], [1.0]], "bins must be"),
        ({"bins": True}, [[0.0], [1.0]], "bins must be"),
        ({"bins": "stone"}, [[0.0], [1.0]], "bins must be"),
        ({"bin_width": -1.0}, [[0.0], [1.0]], "bin_width must be"),
        ({"bin_width": [1.0, 1.0]}, [[0.0], [1.0]], "bin_width must be"),
        ({"bin_width": 1e-12}, [[0.0], [1.0]], "would need"),
        ({"bin_width": 1e-12}, [[1e9], [1e9 + 1e-6]], "spacing"),
        ({"bins": 10}, [[1.0], [1.0 + 4e-16]], "fewer"),
        ({"bins": "fd"}, [[0.0]] * 9 + [[1.0], [np.pi]], "interquartile"),
        ({}, [[1.0]] * 5, "constant"),
        ({}, [[-1e308], [1e308]], "range"),
    ],
)
def test_refusals(parameters, X, message):
    with pytest.raises(ValueError, match=f"HistogramDensity.*{message}"):
        HistogramDensity(**parameters).fit(X)


def test_importances():
    X = [[0.0], [1.0], [2.0]]
    weighted = HistogramDensity(bins=2).fit(X, sample_weight=[0.2, 0.3, 0.5])
    np.testing.assert_allclose(weighted.densities_, [0.2, 0.8])
