"""Base classes of data sets: sources of points, with or without a known density."""

import numbers
from abc import ABC, abstractmethod

import numpy as np

from genrates.data.masked import refuse_masked
from genrates.data.quadrature import gauss_legendre_on, midpoint_grid, with_breakpoints


class Data(ABC):
    """A source of points of shape (n, n_features), float64.

    Points are *prefix-stable*: with equal seeds, the first m rows of n > m points are the m points. So the
    `_draw` of a subclass takes each kind of random number from its own stream (`rng.spawn`), in order, and
    never rejects or permutes points.
    """

    n_features: int = 1
    #: number of rows of a finite data set; None for an unlimited source
    n_max: int | None = None

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw n points.

        Parameters
        ----------
        n : int
            At least 1, at most `n_max`.
        rng : numpy.random.Generator
            A new generator: equal seeds give equal points.

        Returns
        -------
        ndarray of shape (n, n_features)

        Raises
        ------
        ValueError
            For n < 1 or n > `n_max`.
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
        """Draw n >= 1 prefix-stable points, shape (n, n_features)."""


class KnownDensity(Data):
    """A data set with a known density and, in one dimension, a known distribution function.

    A subclass defines `_draw`, `_logpdf` and `domain`, in one dimension also `_cdf` and `_ppf`.
    """

    #: box (low, high), each of shape (n_features,), outside of which the density's mass is below 1e-9
    domain: tuple[np.ndarray, np.ndarray]
    #: points where the density or its first derivative jumps (one dimension)
    breakpoints: tuple[float, ...] = ()
    #: points around which the squared density has no integral (one dimension): L2 errors are infinite
    square_poles: tuple[float, ...] = ()
    #: moments of every order below this exist
    moments: float = np.inf
    #: panels of the quadrature in one dimension, 4 nodes each
    n_panels: int = 512
    #: cells per side of the quadrature in the plane
    n_cells: int = 200
    _quadrature: tuple[np.ndarray, np.ndarray] | None = None
    _log_truth: np.ndarray | None = None

    def logpdf(self, X: np.ndarray) -> np.ndarray:
        """Return the log-density in nats.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            In one dimension also of shape (n,).

        Returns
        -------
        ndarray of shape (n,)
            -inf outside the support. Read-only at the nodes of :meth:`quadrature`.
        """
        # Every fit is compared with the truth at the same nodes, so these values are kept.
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
        """Return the density.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
            In one dimension also of shape (n,).

        Returns
        -------
        ndarray of shape (n,)
        """
        return np.exp(self.logpdf(X))

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return the distribution function.

        Parameters
        ----------
        x : array-like of shape (n, n_features)
            In one dimension also of shape (n,).

        Returns
        -------
        ndarray of shape (n,)
        """
        X = self._check_rows(x)
        return self._cdf(X[:, 0] if self.n_features == 1 else X)

    def ppf(self, q: np.ndarray) -> np.ndarray:
        """Return quantiles; one dimension only.

        Parameters
        ----------
        q : array-like of any shape
            Levels in [0, 1].

        Returns
        -------
        ndarray of the shape of q

        Raises
        ------
        ValueError
            For levels outside [0, 1].
        """
        refuse_masked(q, f"{type(self).__name__}.ppf")
        q = np.asarray(q, dtype=np.float64)
        if not np.all((q >= 0) & (q <= 1)):
            raise ValueError(f"{type(self).__name__}.ppf: levels q must lie in [0, 1].")
        return self._ppf(q.ravel()).reshape(q.shape)

    def panel_edges(self) -> np.ndarray:
        """Return the edges of the quadrature's panels; by default the panels are equal.

        Returns
        -------
        ndarray
            Increasing.
        """
        return np.linspace(float(self.domain[0][0]), float(self.domain[1][0]), self.n_panels + 1)

    def panels(self, breakpoints: np.ndarray | tuple = (), *, stride: int = 1) -> np.ndarray:
        """Return the edges of the quadrature's panels, those at breakpoints too; one dimension only.

        Parameters
        ----------
        breakpoints : array-like of shape (k,), optional
            Further points where an integrand may jump, such as the edges of a histogram.
        stride : int, default=1
            How many panels are joined to one. Breakpoints are edges in any case.

        Returns
        -------
        ndarray
            Increasing.
        """
        edges = self.panel_edges()
        cuts = np.concatenate([self.breakpoints, np.ravel(breakpoints)])
        return with_breakpoints(np.append(edges[:-1:stride], edges[-1]), cuts)

    def quadrature(self, breakpoints: np.ndarray | tuple = ()) -> tuple[np.ndarray, np.ndarray]:
        """Return nodes and weights that integrate a function over the domain.

        In one dimension these are four-point Gauss-Legendre panels, in the plane the midpoint rule on
        `n_cells` x `n_cells` equal cells. In more dimensions the subclass chooses. From two dimensions on,
        every call returns the same read-only arrays.

        Parameters
        ----------
        breakpoints : array-like of shape (k,), optional
            Further points where the integrand may jump, such as the edges of a histogram. Panels end there.
            One dimension only.

        Returns
        -------
        nodes : ndarray of shape (m, n_features)
        weights : ndarray of shape (m,)
        """
        if self.n_features == 1:
            nodes, weights = gauss_legendre_on(self.panels(breakpoints))
            return nodes[:, None], weights
        if self._quadrature is None:
            self._quadrature = self._nodes()
            for array in self._quadrature:
                array.flags.writeable = False
        return self._quadrature

    def _nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the nodes and weights of the quadrature in two or more dimensions."""
        if self.n_features == 2:
            return midpoint_grid(*self.domain, self.n_cells)
        name = type(self).__name__
        raise NotImplementedError(f"{name} has no quadrature in {self.n_features} dimensions.")

    def _logpdf(self, X: np.ndarray) -> np.ndarray:
        """Return the log-density of checked rows X."""
        raise NotImplementedError

    def _cdf(self, x: np.ndarray) -> np.ndarray:
        """Return the distribution function at points (n,), in several dimensions at rows."""
        raise NotImplementedError(f"{type(self).__name__} has no distribution function.")

    def _ppf(self, q: np.ndarray) -> np.ndarray:
        """Return the quantiles at levels of shape (n,)."""
        raise NotImplementedError(f"{type(self).__name__} has no quantile function.")

    def _check_rows(self, X: np.ndarray) -> np.ndarray:
        """Return X as a float array of shape (n, n_features), after checking shape, masks and for NaN."""
        refuse_masked(X, type(self).__name__)
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
