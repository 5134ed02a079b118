"""Nearest neighbors on the line and in space, beside the law of the k-th distance.

docs/theory.md, 6 (a) and (h). `genrates.rates.neighbor_mise` uses no code of the estimator.
"""

import numpy as np
import pytest

from genrates.data import MarronWand
from genrates.data.gaussian_d import GaussianD
from genrates.estimators import NeighborDensity
from genrates.metrics import RootMISE, RootMISECore
from genrates.metrics.base import Evaluation
from genrates.rates import exact_core_error, exact_error, log_log_slope, neighbor_errors

SIZES = np.array([100, 316, 1000, 3162, 10_000])


def normal(d):
    """The standard normal, as (weights, means, sds)."""
    return ([1.0], [0.0], [1.0]) if d == 1 else ([1.0], [[0.0] * d], [1.0])


@pytest.mark.slow
@pytest.mark.parametrize(("d", "n"), [(2, 1000), (3, 316), (5, 1000)])
def test_measured_errors_are_those_of_the_distances(d, n):
    """Mean squared errors of 40 samples within 3 % and 4 standard errors; false alarm 1e-4 each."""
    data, half_width, found = GaussianD(d=d), 4.0, []
    for replicate in range(40):
        X = data.sample(n, np.random.default_rng([d, replicate]))
        model = NeighborDensity(region=[(-half_width, half_width)] * d).fit(X)
        evaluation = Evaluation(model, data, X)
        found.append([metric(evaluation) ** 2 for metric in (RootMISE(), RootMISECore())])
    exact = neighbor_errors(normal(d), n, round(0.5 * n ** (4 / (4 + d))), half_width=half_width)
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(40)
    expected = np.array([exact.mise, exact.core_mise])
    assert np.all(np.abs(mean - expected) < 0.03 * expected + 4 * error), (mean / expected, error / expected)


@pytest.mark.parametrize(
    ("number", "rule"), [(1, "rate"), (1, "global_rate"), (6, "rate"), (10, "global_rate")]
)
def test_measured_errors_on_the_line_are_those_of_the_distances(number, rule):
    """150 samples of 300 points, each on its own box; within 5 % and 4 standard errors; false alarm 1e-4."""
    data, found = MarronWand(number=number), []
    for replicate in range(150):
        X = data.sample(300, np.random.default_rng([number, replicate]))
        evaluation = Evaluation(NeighborDensity(n_neighbors=rule).fit(X), data, X)
        found.append([metric(evaluation) ** 2 for metric in (RootMISE(), RootMISECore())])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(150)
    expected = [
        function("neighbors", data.mixture, [300], n_neighbors=rule)[0] ** 2
        for function in (exact_error, exact_core_error)
    ]
    assert np.all(np.abs(mean - expected) < 0.05 * np.array(expected) + 4 * error), (mean / expected, error)


#: of docs/theory.md, by d: slopes of the error everywhere, in the middle, of the bias alone; the share of its
#: mass that the middle keeps at n = 100 and at n = 10 000
DOCUMENTED = {
    1: (0.159, 0.396, 0.047, 0.916, 0.915),
    2: (0.194, 0.340, 0.082, 0.88, 0.90),
    3: (0.189, 0.307, 0.080, 0.855, 0.87),
    4: (0.176, 0.281, 0.071, 0.83, 0.84),
    5: (0.162, 0.266, 0.058, 0.80, 0.81),
    6: (0.167, 0.274, 0.041, 0.79, 0.78),
}


@pytest.mark.parametrize("d", list(DOCUMENTED))
def test_the_tails_are_slow_and_the_middle_is_not(d):
    """The slopes in docs/theory.md, 6 (a) and (h); the region is the data's range and a tenth beyond."""
    exact = [neighbor_errors(normal(d), n, round(0.5 * n ** (4 / (4 + d)))) for n in SIZES]
    everywhere, middle, bias = (
        -log_log_slope(SIZES, np.sqrt(squares))
        for squares in zip(*((e.mise, e.core_mise, e.bias) for e in exact), strict=True)
    )
    found = (everywhere, middle, bias, exact[0].core_share, exact[-1].core_share)
    assert found == pytest.approx(DOCUMENTED[d], abs=0.005)
    assert everywhere < 2 / (4 + d) - 0.03
    assert middle > 2 / (4 + d) - 0.01
    assert bias < 0.5 * everywhere, "the part of the error that does not fall"


def test_on_the_line_fewer_neighbors_are_late_as_well():
    """What docs/theory.md, 6 (a), says of `knn_global`: its third is not there at n = 100 000."""
    sizes = np.append(SIZES, [31_623, 100_000])
    found = [
        function("neighbors", normal(1), sizes, n_neighbors="global_rate")
        for function in (exact_error, exact_core_error)
    ]
    slopes = [-log_log_slope(sizes, error) for error in found]
    assert slopes == pytest.approx([0.267, 0.331], abs=0.002)
    assert found[0][-1] == pytest.approx(0.0205, abs=1e-4)


def test_units_and_places_do_not_matter():
    """The error of the density has the unit x^(-d/2)."""
    for d in (1, 3):
        weights, means, sds = normal(d)
        moved = (weights, np.asarray(means) + 5.0, 2.0 * np.asarray(sds))
        errors = (exact_error("neighbors", mixture, [1000])[0] for mixture in (normal(d), moved))
        assert next(errors) == pytest.approx(2 ** (d / 2) * next(errors), rel=1e-3)


@pytest.mark.parametrize(
    ("mixture", "tuning"),
    [
        (normal(1), {"n_neighbors": "likelihood_cv"}),
        (normal(1), {"region": [0, 1]}),
        (([0.5, 0.5], [[0, 0], [1, 1]], [1, 1]), {}),
    ],
)
def test_what_is_not_known_has_no_error(mixture, tuning):
    assert exact_error("neighbors", mixture, [100], **tuning) is None
    assert exact_core_error("neighbors", mixture, [100], **tuning) is None


def test_two_neighbors_have_no_variance_that_is_finite():
    assert exact_error("neighbors", normal(1), [100], n_neighbors=2)[0] == np.inf
    assert exact_core_error("kernel", normal(1), [100]) is None
