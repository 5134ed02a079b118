"""The error at a point: bias and variance of a kernel estimate against their closed forms."""

import numpy as np
import pytest
from scipy.stats import norm

from genrates.data.gaussian_d import GaussianD
from genrates.data.normal_mixture import NormalMixtureData
from genrates.estimators import KernelDensity
from genrates.metrics import PointwiseError
from genrates.metrics.base import Evaluation, Skip

NORMAL = NormalMixtureData(weights=[1.0], means=[0.5], sds=[1.0])


def evaluated(data, train, bandwidth=0.4) -> Evaluation:
    return Evaluation(KernelDensity(bandwidth=bandwidth).fit(train), data, train)


def test_bias_and_variance_are_those_of_the_kernel_estimate():
    """Mean N(x; 1 + h^2) and variance of one kernel over n, 500 samples; |z| < 4.9: one in 10^6 alarms."""
    x, h, n, replicates, metric = 1.2, 0.4, 40, 500, PointwiseError(x=1.2)
    rng = np.random.default_rng(0)
    found = [
        metric.auxiliary(evaluated(NORMAL, NORMAL.sample(n, child), h))["bias"]
        for child in rng.spawn(replicates)
    ]
    mean = norm.pdf(x, 0.5, np.sqrt(1 + h**2))
    square = norm.pdf(x, 0.5, np.sqrt(1 + h**2 / 2)) / (2 * h * np.sqrt(np.pi))
    variance = (square - mean**2) / n
    assert abs(np.mean(found) - (mean - norm.pdf(x, 0.5))) < 4.9 * np.sqrt(variance / replicates)
    assert abs(np.var(found, ddof=1) / variance - 1) < 4.9 * np.sqrt(2 / replicates)


def test_the_value_is_the_size_of_the_signed_error():
    evaluation = evaluated(NORMAL, NORMAL.sample(50, np.random.default_rng(0)))
    for x in (-1.0, 0.5, 9.0):
        metric = PointwiseError(x=x)
        signed = np.exp(evaluation.model.score_samples([[x]])[0]) - norm.pdf(x, 0.5)
        assert metric.auxiliary(evaluation)["bias"] == pytest.approx(signed)
        assert metric(evaluation) == pytest.approx(abs(signed))


def test_without_a_point_it_is_a_quantile_of_the_truth():
    evaluation = evaluated(NORMAL, NORMAL.sample(50, np.random.default_rng(0)))
    assert PointwiseError()(evaluation) == PointwiseError(x=0.5)(evaluation)
    lower = PointwiseError(level=0.1)(evaluation)
    assert lower == pytest.approx(PointwiseError(x=norm.ppf(0.1, 0.5))(evaluation), rel=1e-9)


def test_a_point_in_the_plane():
    data = GaussianD(d=2)
    evaluation = evaluated(data, data.sample(50, np.random.default_rng(0)))
    assert PointwiseError(x=[0.0, 1.0])(evaluation) > 0
    with pytest.raises(Skip, match="x is not given"):
        PointwiseError()(evaluation)
    with pytest.raises(Skip, match="x has 1 coordinates, the data have 2 features"):
        PointwiseError(x=0.0)(evaluation)


@pytest.mark.parametrize("x", ["a", [], [None], np.nan, [0.0, np.inf], True, [[0.0]]], ids=repr)
def test_a_bad_point_is_named(x):
    with pytest.raises(ValueError, match="PointwiseError: x must be a number, or one for each feature"):
        PointwiseError(x=x)


@pytest.mark.parametrize("level", [0, 1, -0.1, np.nan, None])
def test_a_bad_level_is_named(level):
    with pytest.raises(ValueError, match="PointwiseError: level must lie between 0 and 1"):
        PointwiseError(level=level)
