"""What a data set is: something that draws points, and may know the density they come from."""

import numbers
from abc import ABC, abstractmethod

import numpy as np

from genrates.data.quadrature import gauss_legendre_on, midpoint_grid, with_breakpoints


class Data(ABC):
    """A source of points of shape (n, n_features), float64.

    Draws are *prefix-stable*: from equal seeds the first m rows of a larger sample are the sample of
    size m. So a subclass's `_draw` draws each of its variates from a stream of its own (`rng.spawn`),
    in order, and never rejects or permutes what it drew.
    """

    n_features: int = 1
    #: most rows there are; None: as many as you like
    n_max: int | None = None

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n points, shape (n, n_features).

        Parameters
        ----------
        n : int
            At least 1, at most `n_max`.
        rng : numpy.random.Generator
            Made from a seed: equal seeds give equal points.

        Raises
        ------
        ValueError
            For n < 1, or for more rows than there are.
        """
        name = type(self).__name__
        if not isinstance(n, numbers.Integral) or isinstance(n, bool) or n < 1:
            raise ValueError(f"{name}.sample: n must be an integer >= 1, got {n!r}.")
        if self.n_max is not None and n > self.n_max:
            raise ValueError(
                f"{name}.sample: asked for n = {n} rows, there are {self.n_max} (metadata.n_max)."
            )
        return self._draw(int(n), rng)

    @abstractmethod
    def _draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n >= 1 points, prefix-stable, shape (n, n_features)."""


class KnownDensity(Data):
    """A data set that knows its truth. In one dimension it has a distribution function too.

    A subclass gives `_draw`, `_logpdf` and `domain`; in one dimension `_cdf` and `_ppf`.
    """

    #: box (low, high), each of shape (n_features,), outside of which the density's mass is below 1e-9
    domain: tuple[np.ndarray, np.ndarray]
    #: points in one dimension where the density or its first derivative jumps
    breakpoints: tuple[float, ...] = ()
    #: panels of the quadrature in one dimension, 4 nodes each
    n_panels: int = 512
    #: cells per side of the quadrature in the plane
    n_cells: int = 200
    _quadrature: tuple[np.ndarray, np.ndarray] | None = None
    _log_truth: np.ndarray | None = None

    def logpdf(self, X: np.ndarray) -> np.ndarray:
        """Log-density in nats of each row of X, shape (n,); -inf outside the support."""
        # Every fit is compared with the truth at the same nodes: those values are kept.
        at_nodes = self._quadrature is not None and X is self._quadrature[0]
        if at_nodes and self._log_truth is not None:
            return self._log_truth
        with np.errstate(divide="ignore"):
            log_f = self._logpdf(self._check_rows(X))
        if at_nodes:
            self._log_truth = log_f
            log_f.flags.writeable = False
        return log_f

    def pdf(self, X: np.ndarray) -> np.ndarray:
        """Density of each row of X, shape (n,)."""
        return np.exp(self.logpdf(X))

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Distribution function at x, of shape (n,) or (n, n_features); returns shape (n,)."""
        X = self._check_rows(x)
        return self._cdf(X[:, 0] if self.n_features == 1 else X)

    def ppf(self, q: np.ndarray) -> np.ndarray:
        """Quantiles at levels q in [0, 1], same shape as q; one dimension only."""
        q = np.asarray(q, dtype=np.float64)
        if not np.all((q >= 0) & (q <= 1)):
            raise ValueError(f"{type(self).__name__}.ppf: levels q must lie in [0, 1].")
        return self._ppf(q.ravel()).reshape(q.shape)

    def panel_edges(self) -> np.ndarray:
        """Increasing edges of the quadrature's panels; equal panels unless a subclass knows better."""
        return np.linspace(float(self.domain[0][0]), float(self.domain[1][0]), self.n_panels + 1)

    def quadrature(self, breakpoints: np.ndarray | tuple = ()) -> tuple[np.ndarray, np.ndarray]:
        """Nodes (m, n_features) and weights (m,) that integrate a function over the domain.

        In one dimension four-point Gauss-Legendre panels; in the plane the midpoint rule on `n_cells` x
        `n_cells` equal cells; in more dimensions what the subclass says. From two dimensions on the arrays
        are the same at each call, and read-only.

        Parameters
        ----------
        breakpoints : array of shape (k,)
            Further points where the integrand may jump (a histogram's edges, say): panels end there.
            One dimension only.
        """
        if self.n_features == 1:
            cuts = np.concatenate([self.breakpoints, np.ravel(breakpoints)])
            nodes, weights = gauss_legendre_on(with_breakpoints(self.panel_edges(), cuts))
            return nodes[:, None], weights
        if self._quadrature is None:
            self._quadrature = self._nodes()
            for array in self._quadrature:
                array.flags.writeable = False
        return self._quadrature

    def _nodes(self) -> tuple[np.ndarray, np.ndarray]:
        if self.n_features == 2:
            return midpoint_grid(*self.domain, self.n_cells)
        name = type(self).__name__
        raise NotImplementedError(f"{name} has no quadrature in {self.n_features} dimensions.")

    def _logpdf(self, X: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _cdf(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} has no distribution function.")

    def _ppf(self, q: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} has no quantile function.")

    def _check_rows(self, X: np.ndarray) -> np.ndarray:
        X = np.asarray(X, dtype=np.float64)
        if X.ndim < 2 and self.n_features == 1:
            X = X.reshape(-1, 1)
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise ValueError(
                f"{type(self).__name__}: needs rows of {self.n_features} features, got shape {X.shape}."
            )
        if np.isnan(X).any():
            raise ValueError(f"{type(self).__name__}: the points contain NaN.")
        return X
