"""What a data set is: something that draws points, and may know the density they come from."""

from abc import ABC, abstractmethod

import numpy as np

from genrates.data.quadrature import composite_gauss_legendre


class Data(ABC):
    """A source of points of shape (n, n_features), float64."""

    n_features: int = 1

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n points, shape (n, n_features).

        Draws are *prefix-stable*: from equal seeds the first m rows of a larger sample are the sample of
        size m. So an implementation draws each of its variates from a stream of its own (`rng.spawn`),
        in order, and never rejects or permutes.
        """


class KnownDensity(Data):
    """A data set that knows its truth. In one dimension it has a distribution function too."""

    #: box (low, high), each of shape (n_features,), outside of which the density's mass is below 1e-9
    domain: tuple[np.ndarray, np.ndarray]
    #: points in one dimension where the density or its first derivative jumps
    breakpoints: tuple[float, ...] = ()
    #: panels of the quadrature in one dimension, 4 nodes each
    n_panels: int = 512

    @abstractmethod
    def logpdf(self, X: np.ndarray) -> np.ndarray:
        """Log-density in nats of each row of X, shape (n,); -inf outside the support."""

    def pdf(self, X: np.ndarray) -> np.ndarray:
        """Density of each row of X, shape (n,)."""
        return np.exp(self.logpdf(X))

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Distribution function at x, shape (n,), one dimension only."""
        raise NotImplementedError(f"{type(self).__name__} has no distribution function.")

    def quadrature(self, breakpoints: np.ndarray | tuple = ()) -> tuple[np.ndarray, np.ndarray]:
        """Nodes (m, n_features) and weights (m,) that integrate a function over the domain.

        Parameters
        ----------
        breakpoints : array of shape (k,)
            Further points where the integrand may jump (a histogram's edges, say): panels end there.
        """
        if self.n_features != 1:
            raise NotImplementedError(f"{type(self).__name__} has no quadrature in {self.n_features} dimensions.")
        low, high = float(self.domain[0][0]), float(self.domain[1][0])
        nodes, weights = composite_gauss_legendre(
            low, high, self.n_panels, np.concatenate([self.breakpoints, np.ravel(breakpoints)])
        )
        return nodes[:, None], weights
