"""The normal mixture itself, in one dimension and in several."""

import numpy as np
import pytest

from genrates.rates import NormalMixture, kernel_mise

LEVELS = np.array([0.001, 0.25, 0.5, 0.75, 0.999])


def test_quantiles_of_many_levels_and_of_one_agree(claw):
    points = claw.ppf(LEVELS)
    np.testing.assert_allclose(claw.cdf(points), LEVELS, rtol=1e-12)
    np.testing.assert_allclose(points, [claw.quantile(q) for q in LEVELS], rtol=1e-11, atol=1e-15)
    assert claw.ppf([[0.0, 1.0]]).tolist() == [[-np.inf, np.inf]]


def test_one_column_is_the_univariate_mixture(bimodal):
    column = NormalMixture(bimodal.weights, bimodal.means[:, None], bimodal.sds)
    x = np.linspace(-3, 3, 7)
    assert (bimodal.n_features, column.n_features) == (1, 1)
    assert column.sd.tolist() == [bimodal.sd]
    assert column.roughness() == pytest.approx(bimodal.roughness(), rel=1e-14)
    np.testing.assert_allclose(column.pdf(x[:, None]), bimodal.pdf(x), rtol=1e-13)
    np.testing.assert_allclose(column.logpdf(x[:, None]), bimodal.logpdf(x), rtol=1e-13)


def test_log_density_is_finite_where_the_density_underflows(bimodal):
    plane = NormalMixture([0.5, 0.5], [[-1, 0], [1, 0]], [[1, 2], [1, 2]])
    assert bimodal.pdf(100.0) == 0 == plane.pdf([100.0, 0.0])
    assert np.isfinite([bimodal.logpdf(100.0), plane.logpdf([100.0, 0.0])]).all()


def test_what_belongs_to_one_dimension_is_refused_in_several():
    plane = NormalMixture([1.0], [[0.0, 0.0]], [1.0])
    for use in (
        lambda: plane.cdf([0.0]),
        lambda: plane.ppf([0.5]),
        lambda: plane.quantile(0.5),
        lambda: kernel_mise(plane, 100, 0.3),
    ):
        with pytest.raises(ValueError, match=r"means must have shape \(k,\)"):
            use()
    with pytest.raises(ValueError, match="order must be 0"):
        plane.roughness(1)
