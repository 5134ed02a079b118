"""Masked arrays: a hidden entry is never taken for a measured one."""

import numpy as np
import pytest

from genrates import estimators
from genrates.data import FiniteData, MarronWand
from genrates.estimators.base import DensityEstimator

CLASSES = [
    found
    for name in estimators.__all__
    if isinstance(found := getattr(estimators, name), type)
    and issubclass(found, DensityEstimator)
    and found is not DensityEstimator
]


def masked(n: int = 40) -> np.ma.MaskedArray:
    """Points of which one is a mark for "no data", and hidden."""
    X = np.ma.array(np.random.default_rng(0).normal(size=(n, 1)))
    X[3] = 1e6
    X[3] = np.ma.masked
    return X


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_no_estimator_learns_what_a_mask_hides(found):
    """Before: the mean of a normal fitted to 1, 2, 3 and a hidden million was 250 001.5."""
    with pytest.raises(ValueError, match=f"{found.__name__}: 1 of 40 entries are masked; .*X.mask.any"):
        found().fit(masked())


def test_rows_weights_and_levels_are_refused_too():
    X = masked()
    model = estimators.GaussianDensity().fit(X[~X.mask.any(axis=1)])
    assert abs(model.mean_[0]) < 1
    for method in (model.score_samples, model.cdf, model.score):
        with pytest.raises(ValueError, match="GaussianDensity: 1 of 40 entries are masked"):
            method(X)
    with pytest.raises(ValueError, match=r"GaussianDensity\.ppf: q: 1 of 2 entries are masked"):
        model.ppf(np.ma.array([0.1, 0.9], mask=[0, 1]))
    with pytest.raises(ValueError, match="GaussianDensity: sample_weight: 1 of 40 entries are masked"):
        estimators.GaussianDensity().fit(X.data, sample_weight=np.ma.array(np.ones(40), mask=X.mask[:, 0]))
    with pytest.raises(ValueError, match="GaussianDensity: 1 of 40 entries are masked"):
        model.score_samples(list(X))


def test_an_array_whose_mask_hides_nothing_is_an_array():
    X = np.ma.array(np.random.default_rng(0).normal(size=(40, 1)))
    plain = estimators.GaussianDensity().fit(X.data)
    assert estimators.GaussianDensity().fit(X).mean_ == plain.mean_


def test_data_sets_refuse_them():
    X = masked()
    with pytest.raises(ValueError, match="FiniteData: points: 1 of 40 entries are masked"):
        FiniteData(points=X, test_points=X.data)
    with pytest.raises(ValueError, match="FiniteData: test_points: 1 of 40 entries are masked"):
        FiniteData(points=X.data, test_points=X)
    density = MarronWand(number=1)
    with pytest.raises(ValueError, match="MarronWand: 1 of 40 entries are masked"):
        density.pdf(X)
    with pytest.raises(ValueError, match=r"MarronWand\.ppf: 1 of 2 entries are masked"):
        density.ppf(np.ma.array([0.1, 0.9], mask=[0, 1]))
