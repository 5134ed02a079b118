"""Base class of densities that are straight lines between equidistant nodes, and 0 beyond them."""

import numpy as np

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators.univariate import UnivariateDensity


class PiecewiseLinearDensity(UnivariateDensity):
    """Base class of densities that are straight lines between equidistant nodes, and 0 beyond them.

    A query is O(1), a quantile O(log n_nodes), a draw O(1): density, distribution function and quantiles are
    exact, polynomials of degree 1 and 2 and their inverse.

    Attributes
    ----------
    origin_ : float
        The first node, where the density is 0.
    step_ : float
        Distance between nodes.
    masses_ : ndarray of shape (n_nodes,)
        Density at the nodes, times `step_`; their sum is 1, and the first and the last are 0.
    """

    def _set_nodes(self, origin: float, step: float, masses: np.ndarray):
        """Take the nodes; return self."""
        self.origin_, self.step_, self.masses_ = origin, step, masses
        self._choice = self._levels = None
        return self

    @property
    def breakpoints_(self) -> np.ndarray:
        """Points where the slope of the density jumps.

        Returns
        -------
        ndarray
            The nodes if there are at most 10^4, else those at the ends.
        """
        nodes = np.arange(len(self.masses_))
        return self.origin_ + self.step_ * (nodes if len(nodes) <= 10_000 else nodes[[0, -1]])

    def _place(self, x):
        """Return positions in steps from the first node, within the nodes."""
        with np.errstate(over="ignore"):
            return np.clip((x - self.origin_) / self.step_, 0.0, len(self.masses_) - 1.0)

    def _log_density(self, X):
        height = heights_at(self.masses_, self._place(X[:, 0]))
        with np.errstate(divide="ignore"):
            return np.log(height) - np.log(self.step_)

    def _draw(self, n_samples, rng):
        """Return draws: a node, and noise from the triangle around it."""
        if getattr(self, "_choice", None) is None:
            self._choice = Alternatives(self.masses_)
        X = np.empty((n_samples, 1))
        for rows, index in self._choice.draw(n_samples, rng):
            X[rows, 0] = index + (rng.random(len(index)) + rng.random(len(index)) - 1)
        X *= self.step_
        X += self.origin_
        return X

    def _at_nodes(self):
        """Return the distribution function at the nodes."""
        if getattr(self, "_levels", None) is None:
            level = np.append(0.0, np.cumsum(0.5 * (self.masses_[:-1] + self.masses_[1:])))
            self._levels = np.minimum(level / level[-1], 1.0)
        return self._levels

    def _cdf(self, x):
        place, level = self._place(x), self._at_nodes()
        i = np.minimum(place.astype(np.intp), len(level) - 2)
        u, left, right = place - i, self.masses_[i], self.masses_[i + 1]
        return np.clip(level[i] + u * (left + 0.5 * u * (right - left)), 0.0, 1.0)

    def _ppf(self, q):
        level = self._at_nodes()
        # the first panel that ends at the level or above; it has mass, for q > 0
        i = np.clip(np.searchsorted(level, q) - 1, 0, len(level) - 2)
        rest, left, right = q - level[i], self.masses_[i], self.masses_[i + 1]
        root = np.sqrt(np.maximum(left**2 + 2 * (right - left) * rest, 0.0))
        u = np.divide(2 * rest, left + root, out=np.zeros(len(q)), where=left + root > 0)
        return self.origin_ + self.step_ * (i + np.clip(u, 0.0, 1.0))


def heights_at(masses: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return the masses, joined by straight lines.

    Parameters
    ----------
    masses : ndarray of shape (n_nodes,)
        At the nodes.
    place : ndarray
        Positions in steps from the first node, from 0 to the number of nodes less 1.

    Returns
    -------
    ndarray
        Of the shape of `place`.

    Examples
    --------
    >>> heights_at(np.array([0.0, 1.0, 0.0]), np.array([0.5, 1.25]))
    array([0.5 , 0.75])
    """
    i = np.minimum(place.astype(np.intp), len(masses) - 2)
    u = place - i
    return (1 - u) * masses[i] + u * masses[i + 1]
