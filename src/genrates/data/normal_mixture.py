"""Mixtures of normals in one dimension: flexible shapes whose density, quantiles and draws are exact."""

import numpy as np

from genrates.data.base import KnownDensity
from genrates.data.given import numbers_in
from genrates.data.quadrature import with_breakpoints
from genrates.errors import LARGEST_SCALE, shown
from genrates.rates.mixture import NormalMixture


class NormalMixtureData(KnownDensity):
    r"""Mixture of normals, :math:`f(x) = \sum_j w_j N(x; \mu_j, \sigma_j^2)`.

    Parameters
    ----------
    weights, means, sds : sequences of floats of the same length
        Weights are positive and sum to 1 (to 1e-9); standard deviations are positive.

    Attributes
    ----------
    mixture : NormalMixture
        The density with its closed forms, from which exact finite-n theory starts.
    domain
        Seven standard deviations beyond every component: 3e-12 of the mass at most lies outside.

    Raises
    ------
    ValueError
        For lengths that differ, values that are not finite, weights that are not positive with sum 1, or
        standard deviations that are not positive.

    Examples
    --------
    >>> data = NormalMixtureData(weights=[0.5, 0.5], means=[-1, 1], sds=[1, 1])
    >>> float(data.cdf(0.0)[0])
    0.5
    >>> data.sample(3, np.random.default_rng(0)).shape
    (3, 1)
    """

    def __init__(self, *, weights, means, sds):
        given = {"weights": weights, "means": means, "sds": sds}
        for name, value in given.items():
            array = numbers_in(value)
            if array is None or array.ndim > 1 or not array.size or np.abs(array).max() > LARGEST_SCALE:
                raise ValueError(
                    f"{type(self).__name__}: {name} must be finite numbers, one a component, "
                    f"got {shown(value)}."
                )
        try:
            self.mixture = NormalMixture.univariate((weights, means, sds))
        except ValueError as error:
            given = ", ".join(f"{name}={shown(value)}" for name, value in given.items())
            raise ValueError(f"{type(self).__name__}: {error} Got {given}.") from None
        m, s = self.mixture.means, self.mixture.sds
        self.domain = (np.array([np.min(m - 7 * s)]), np.array([np.max(m + 7 * s)]))

    def panel_edges(self):
        """Return the edges of equal panels, with further edges around narrow components.

        Returns
        -------
        ndarray
        """
        # Equal panels resolve the oscillations of a fitted model; a narrow component needs finer ones.
        edges = super().panel_edges()
        width = edges[1] - edges[0]
        components = zip(self.mixture.means, self.mixture.sds, strict=True)
        fine = [m + s * np.arange(-8, 9) for m, s in components if s < width]
        return with_breakpoints(edges, np.concatenate(fine)) if fine else edges

    def _draw(self, n, rng):
        labels, normals = rng.spawn(2)
        weights, means, sds = self.mixture.weights, self.mixture.means, self.mixture.sds
        j = np.searchsorted(np.cumsum(weights)[:-1], labels.random(n), side="right")
        return (means[j] + sds[j] * normals.standard_normal(n))[:, None]

    def _logpdf(self, X):
        return self.mixture.logpdf(X[:, 0])

    def _cdf(self, x):
        return np.minimum(self.mixture.cdf(x), 1.0)

    def _ppf(self, q):
        return self.mixture.ppf(q)
