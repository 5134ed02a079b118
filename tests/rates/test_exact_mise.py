"""Exact errors against the reference table, against quadrature and against simulation."""

import numpy as np
import pytest

from genrates.rates import (
    NormalMixture,
    cosine_coefficients,
    data_interval,
    exact_error,
    exact_rate,
    gaussian_mise,
    gaussian_plateau,
    histogram_mise,
    histogram_optimum,
    histogram_width,
    kernel_amise,
    kernel_amise_bandwidth,
    kernel_bandwidth,
    kernel_mise,
    kernel_optimum,
    series_mise,
    series_optimum,
)
from genrates.rates.search import log_grid_minimum

from .conftest import gaussian_fit_errors, reference_rows

SIZES = np.array([100, 316, 1000, 3162, 10_000, 31_623, 100_000])


def test_kernel_agrees_with_the_reference(reference_row):
    mixture, n = reference_row["mixture"], int(reference_row["n"])
    bandwidth, mise = kernel_optimum(mixture, n)
    amise_bandwidth = kernel_amise_bandwidth(mixture, n)
    got = [mixture.roughness(0), mixture.roughness(1), mixture.roughness(2), bandwidth, mise]
    got += [amise_bandwidth, float(kernel_mise(mixture, n, amise_bandwidth))]
    columns = ("R_f", "R_f1", "R_f2", "kde_h_mise", "kde_min_mise", "kde_h_amise", "kde_mise_at_h_amise")
    np.testing.assert_allclose(got, [float(reference_row[column]) for column in columns], rtol=1e-6)


def test_histogram_agrees_with_the_reference(reference_row):
    # The reference averages over eight origins, which is as good as the closed form's average over all but
    # for the comb at n = 100: there the finest tooth is far narrower than an eighth of a bin, the average
    # of eight ripples with the width (by 1e-4), and the reference stands in one of its local minima.
    mixture, n = reference_row["mixture"], int(reference_row["n"])

    def over_eight_origins(widths):
        return np.array(
            [np.mean([histogram_mise(mixture, n, b, origin=k * b / 8) for k in range(8)]) for b in widths]
        )

    expected_width, expected = float(reference_row["hist_h_mise"]), float(reference_row["hist_min_mise"])
    np.testing.assert_allclose(over_eight_origins([expected_width])[0], expected, rtol=1e-6)
    if (reference_row["density"], n) == ("14", 100):
        width, mise = log_grid_minimum(over_eight_origins, 0.335, 0.342, points=64)
        assert float(histogram_mise(mixture, n, width)) == pytest.approx(expected, rel=2e-4)
    else:
        width, mise = histogram_optimum(mixture, n)
    np.testing.assert_allclose([width, mise], [expected_width, expected], rtol=1e-6)


def test_histogram_closed_form_is_the_average_over_origins():
    comb = NormalMixture([0.6, 0.3, 0.1], [-1.5, 0.8, 2.0], [0.5, 0.25, 0.03])
    for width in (0.05, 0.4, 2.0):
        average = np.mean([histogram_mise(comb, 50, width, origin=o) for o in np.arange(256) * width / 256])
        assert float(histogram_mise(comb, 50, width)) == pytest.approx(average, rel=1e-10)


def test_kernel_mise_is_bias_and_variance_by_quadrature(bimodal):
    h, n = 0.5, 37
    x = np.linspace(-15, 15, 60_001)
    mean = NormalMixture(bimodal.weights, bimodal.means, np.sqrt(bimodal.sds**2 + h * h)).pdf(x)
    # phi_h^2 = phi_{h/sqrt 2} / (2 sqrt(pi) h)
    second = NormalMixture(bimodal.weights, bimodal.means, np.sqrt(bimodal.sds**2 + h * h / 2)).pdf(x)
    second /= 2 * np.sqrt(np.pi) * h
    mise = np.sum((mean - bimodal.pdf(x)) ** 2 + (second - mean**2) / n) * (x[1] - x[0])
    assert float(kernel_mise(bimodal, n, h)) == pytest.approx(mise, rel=1e-10)


def test_kernel_optimum_is_the_global_minimum():
    # ten fine teeth on a broad hump: one valley of the MISE resolves them, another smooths them away, and
    # which is deeper changes with n, so that a local search is wrong on one side or the other
    comb = NormalMixture([0.5] + [0.05] * 10, [0.0, *np.linspace(-1.5, 1.5, 10)], [1.0] + [0.02] * 10)
    grid = np.geomspace(1e-3, 4, 4000)
    best = []
    for n in (30, 100):
        values = kernel_mise(comb, n, grid)
        assert np.sum((values[1:-1] < values[:-2]) & (values[1:-1] < values[2:])) == 2
        bandwidth, mise = kernel_optimum(comb, n)
        assert values.min() * (1 - 1e-5) < mise <= values.min()
        best.append(bandwidth)
    np.testing.assert_allclose(best, [0.588, 0.0265], rtol=2e-3)


def test_amise_is_the_limit_of_mise(normal):
    n = 10**9
    h = kernel_amise_bandwidth(normal, n)
    # the -R(f)/n that the textbooks drop is still 1 % of the error here
    limit = kernel_amise(normal, n, h) - normal.roughness(0) / n
    assert float(kernel_mise(normal, n, h)) == pytest.approx(limit, rel=1e-3)


def test_gaussian_limit_and_scale(normal):
    n = 10**6
    assert n * gaussian_mise(normal, n) == pytest.approx(7 / (16 * np.sqrt(np.pi)), rel=1e-5)
    assert gaussian_mise(([1], [5], [3]), 50) == pytest.approx(gaussian_mise(normal, 50) / 3, rel=1e-12)


def test_gaussian_expansion_agrees_with_the_exact_value_on_a_normal():
    # a hair away from normal the other formula is in use
    nearly = NormalMixture([0.5, 0.5], [0.0, 1e-7], [1.0, 1.0])
    assert gaussian_mise(nearly, 10_000) == pytest.approx(gaussian_mise(([1], [0], [1]), 10_000), rel=1e-3)


@pytest.mark.parametrize("n", [5, 30])
def test_gaussian_is_exact_on_a_normal(normal, n):
    # |z| < 4: false alarm 6e-5
    squares = gaussian_fit_errors(np.random.default_rng(11), normal, np.array([n]), 4000)[0] ** 2
    z = (squares.mean() - gaussian_mise(normal, n)) / (squares.std() / np.sqrt(len(squares)))
    assert abs(z) < 4


@pytest.mark.parametrize("which", ["bimodal", "skewed"])
def test_gaussian_elsewhere_is_second_order(bimodal, which):
    # |z| < 4: false alarm 6e-5 each; at n = 200 the next order is below the simulation's error
    mixture = bimodal if which == "bimodal" else NormalMixture([0.75, 0.25], [0.0, 1.5], [1.0, 1 / 3])
    squares = gaussian_fit_errors(np.random.default_rng(12), mixture, np.array([200]), 3000)[0] ** 2
    z = (squares.mean() - gaussian_mise(mixture, 200)) / (squares.std() / np.sqrt(len(squares)))
    assert abs(z) < 4
    # a formula that forgot the 1/n term would be caught
    blind = (squares.mean() - gaussian_plateau(mixture) ** 2) / (squares.std() / np.sqrt(len(squares)))
    assert abs(blind) > 4


def test_series_mise_by_simulation():
    # |z| < 4 for four numbers of terms: false alarm 3e-4; the density is Beta(2, 2)
    def pdf(x):
        return 6 * x * (1 - x)

    n, replicates = 40, 3000
    x = np.random.default_rng(3).beta(2, 2, (replicates, n))
    theta, norm = cosine_coefficients(pdf, 0.0, 1.0, 6)
    estimate = np.stack([np.sqrt(2) * np.cos(np.pi * j * x).mean(axis=1) for j in range(1, 7)])
    mise = series_mise(pdf, 0.0, 1.0, n, 6)
    assert norm == pytest.approx(1.2, rel=1e-12)
    for terms in (1, 2, 4, 6):
        square = np.sum((estimate[:terms] - theta[1 : terms + 1, None]) ** 2, axis=0)
        square = square + norm - np.sum(theta[: terms + 1] ** 2)
        assert abs(square.mean() - mise[terms]) < 4 * square.std() / np.sqrt(replicates)


def test_series_shows_the_exponent_of_its_boundary():
    # f' does not vanish at the ends: 3/8, not the 2/5 of Sobolev smoothness 2. Beta(2, 2) reaches it early.
    sizes = np.array([10**4, 10**5, 10**6])
    errors = [series_optimum(lambda x: 6 * x * (1 - x), 0.0, 1.0, n, max_terms=400)[1] ** 0.5 for n in sizes]
    assert -np.polyfit(np.log(sizes), np.log(errors), 1)[0] == pytest.approx(3 / 8, abs=0.01)


def test_series_slopes_that_the_theory_page_gives():
    """On the interval that leaves 1/n of the mass outside at either end, n = 100 to 10 000."""
    mixtures = {row["density"]: row["mixture"] for row in reference_rows()}
    found = [exact_rate("series", mixtures[k], SIZES[:5]) for k in ("1", "6", "10")]
    assert found == pytest.approx([0.421, 0.463, 0.424], abs=1e-3)


def test_series_error_is_that_of_its_number_of_terms(bimodal):
    low, high = data_interval(bimodal, 1000)
    assert NormalMixture.of(bimodal).cdf([low, high]) == pytest.approx([1e-3, 1 - 1e-3], abs=1e-9)
    mise = series_mise(NormalMixture.of(bimodal).pdf, low, high, 1000, 40)
    given = exact_error("series", bimodal, [1000], n_terms=8, bounds=None, floor=None, basis="cosine")
    assert given == pytest.approx([np.sqrt(mise[7])])  # the constant is one of the eight
    assert exact_error("series", bimodal, [1000]) == pytest.approx([np.sqrt(mise.min())])
    for unknown in ({"bounds": (0, 1)}, {"basis": "legendre"}, {"floor": 0.1}, {"n_terms": "many"}):
        assert exact_error("series", bimodal, [1000], **unknown) is None


def test_exact_slopes_that_the_design_promises(normal):
    assert exact_rate("kernel", normal, SIZES) == pytest.approx(0.375, abs=0.002)
    assert exact_rate("histogram", normal, SIZES) == pytest.approx(0.323, abs=0.001)
    assert exact_rate("gaussian", normal, SIZES) == pytest.approx(0.5, abs=0.003)


def test_tuning_reaches_the_right_formula(bimodal):
    def at(kind, **tuning):
        return float(exact_error(kind, bimodal, [1000], **tuning)[0]) ** 2

    best = kernel_optimum(bimodal, 1000)[1]
    for rule in ("optimal", "lscv", "likelihood_cv", "improved_sheather_jones"):
        assert at("kernel", bandwidth=rule, rtol=0.0, bounds=None) == pytest.approx(best)
    assert at("kernel", bandwidth=0.3) == pytest.approx(float(kernel_mise(bimodal, 1000, 0.3)))
    assert at("kernel", bandwidth=[0.3]) == pytest.approx(float(kernel_mise(bimodal, 1000, 0.3)))
    for rule in ("silverman", "scott"):
        h = kernel_bandwidth(bimodal, 1000, rule)
        assert at("kernel", bandwidth=rule) == pytest.approx(float(kernel_mise(bimodal, 1000, h)))
        assert at("kernel", bandwidth=rule) > best
    assert at("histogram", bins="loo") == pytest.approx(histogram_optimum(bimodal, 1000)[1])
    assert at("histogram", bins="loo", bin_width=0.3) == pytest.approx(
        float(histogram_mise(bimodal, 1000, 0.3))
    )
    anchored = float(histogram_mise(bimodal, 1000, 1.5, origin=0.2))
    assert at("histogram", bins="loo", bin_width=1.5, origin=0.2) == pytest.approx(anchored)
    assert at("histogram", bin_width=1.5) != pytest.approx(anchored, rel=1e-3)
    # where the data choose the bins, `origin` has no say
    assert at("histogram", bins="loo", origin=0.2) == pytest.approx(histogram_optimum(bimodal, 1000)[1])
    for rule in ("fd", "scott"):
        b = histogram_width(bimodal, 1000, rule)
        assert at("histogram", bins=rule) == pytest.approx(float(histogram_mise(bimodal, 1000, b)))
    assert at("gaussian", covariance="diag") == pytest.approx(gaussian_mise(bimodal, 1000))


@pytest.mark.parametrize(
    ("kind", "tuning"),
    [
        (None, {}),
        ("kernel", {"kernel": "epanechnikov"}),
        ("kernel", {"bounds": (0, None)}),
        ("kernel", {"bandwidth": [[0.1, 0.0], [0.0, 0.1]]}),
        ("kernel", {"bandwidth": "a rule of somebody else"}),
        ("histogram", {"bins": 20}),
        ("histogram", {"unheard_of": 1}),
    ],
)
def test_no_closed_form_is_none(normal, kind, tuning):
    assert exact_error(kind, normal, [100, 1000], **tuning) is None
    assert exact_rate(kind, normal, [100, 1000], **tuning) is None


def test_bad_input_is_refused(normal):
    with pytest.raises(ValueError, match="kind must be one of"):
        exact_error("spline", normal, [100])
    with pytest.raises(ValueError, match="increasing"):
        exact_error("kernel", normal, [100, 100])
    with pytest.raises(ValueError, match="bandwidth must be positive"):
        exact_error("kernel", normal, [100], bandwidth=-0.1)
    with pytest.raises(ValueError, match="bin_width must be positive"):
        histogram_mise(normal, 100, 0.0)
    with pytest.raises(ValueError, match="sum to 1"):
        NormalMixture([0.5, 0.6], [0, 1], [1, 1])
    with pytest.raises(ValueError, match="standard deviations"):
        NormalMixture([0.5, 0.5], [0, 1], [1, 0])
    with pytest.raises(ValueError, match="common shape"):
        NormalMixture([1.0], [0, 1], [1, 1])
    with pytest.raises(ValueError, match="finite"):
        NormalMixture([1.0], [np.nan], [1.0])


def test_mixture_from_an_object_with_its_attributes(bimodal):
    class Truth:
        weights, means, sds = bimodal.weights, bimodal.means, bimodal.sds

    assert NormalMixture.of(Truth()).sd == bimodal.sd
    assert bimodal.cdf(bimodal.quantile(0.3)) == pytest.approx(0.3, rel=1e-12)
