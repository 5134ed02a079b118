"""A kernel density estimate in two and more dimensions."""

import numpy as np
import scipy

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators.kernel import _boundary
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel._line import direct_log_sums, tree_error

#: up to this number of pairs plain numpy is used, and no compiled code is loaded
_FEW_PAIRS = 1 << 19


class Space:
    """A kernel density estimate: log-density and draws.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    bandwidth : float or ndarray of shape (d,) or (d, d)
    kernel : str
        A second-order kernel.
    bounds : sequence of d pairs (lower, upper)
        Support, infinite where open.
    """

    def __init__(self, points, weight, bandwidth, kernel, bounds):
        self.data, self.data_weight, self.kernel, self.bounds = points, weight, kernel, bounds
        self.h = np.asarray(bandwidth)
        self.mass = float(len(points) if weight is None else weight.sum())
        self.bounded = bool(np.any(np.isfinite(bounds)))
        if self.bounded:
            depth = np.broadcast_to(kernels.reach(kernel) * self.h, points.shape[1:])
            points, weight = _boundary.reflect(points, weight, bounds, depth)
        self.choice = Alternatives(self.data_weight, len(self.data))
        self.origin = points[len(points) // 2]
        self.whitened, self.weight = self._whiten(points), weight
        self._tree = None

    def _whiten(self, X):
        """Return the rows of X in bandwidths from the origin."""
        if self.h.ndim < 2:
            return (X - self.origin) / self.h
        return np.ascontiguousarray(
            scipy.linalg.solve_triangular(np.linalg.cholesky(self.h), (X - self.origin).T, lower=True).T
        )

    def _log_volume(self):
        """Return the log-volume of a cube with edges of one bandwidth."""
        if self.h.ndim < 2:
            return float(np.sum(np.log(np.broadcast_to(self.h, self.whitened.shape[1:]))))
        return 0.5 * float(np.linalg.slogdet(self.h)[1])

    def log_density(self, X, rtol: float = 0.0) -> np.ndarray:
        """Return the log-density of each row.

        Parameters
        ----------
        X : ndarray of shape (m, d)
        rtol : float, default=0.0
            Relative accuracy of the density; 0: to rounding.

        Returns
        -------
        ndarray of shape (m,)
            In nats; -inf outside of the bounds.
        """
        constant = kernels.log_norm(self.kernel, X.shape[1]) - self._log_volume() - np.log(self.mass)
        out = self._log_sums(np.clip(self._whiten(X), -1e150, 1e150), rtol) + constant
        for j, (lower, upper) in enumerate(self.bounds):
            out[(X[:, j] < lower) | (X[:, j] > upper)] = -np.inf
        return out

    def _log_sums(self, queries, rtol):
        """Return the log of the kernel sum at each query."""
        if len(queries) * len(self.whitened) <= _FEW_PAIRS:
            square = np.zeros((len(queries), len(self.whitened)))
            for j in range(queries.shape[1]):
                square += (queries[:, j, None] - self.whitened[:, j]) ** 2
            return direct_log_sums(self.kernel, np.sqrt(square), self.weight)
        if self.kernel == "gaussian" and queries.shape[1] == 2 and rtol >= 1e-6:
            out = self._on_grid(queries, rtol)
            if out is not None:
                missing = np.isnan(out)
                if missing.any():
                    out[missing] = self._on_tree(queries[missing], rtol)
                return out
        return self._on_tree(queries, rtol)

    def _on_grid(self, queries, rtol):
        """Return the log sums from a grid, nan where it is not accurate enough; None if it does not pay."""
        from genrates.estimators.kernel import _grid_plane

        # the grid's size grows with the extent, so the farthest queries go to the tree
        low, high = self.whitened.min(axis=0) - 6, self.whitened.max(axis=0) + 6
        inside = np.all((queries >= low) & (queries <= high), axis=1)
        if len(self.whitened) < 20_000 or inside.sum() < 5_000:
            return None
        out = np.full(len(queries), np.nan)
        grid_sums = _grid_plane.log_sums(self.whitened, self.weight, self.mass, queries[inside], rtol)
        if grid_sums is None:
            return None
        out[inside] = grid_sums
        return out

    def _on_tree(self, queries, rtol):
        """Return the log sums from the k-d tree."""
        if self._tree is None:
            from genrates.estimators.kernel._tree_sums import Tree

            self._tree = Tree(self.whitened, self.weight)
        return self._tree.log_sums(self.kernel, queries, tree_error(rtol))

    def draw(self, n: int, rng) -> np.ndarray:
        """Return draws: a point plus noise from the kernel, folded back into the box.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n, d)
        """
        d = self.data.shape[1]
        factor = np.linalg.cholesky(self.h).T if self.h.ndim == 2 else None
        X = np.empty((n, d))
        for rows, i in self.choice.draw(n, rng):
            step = kernels.draw(self.kernel, len(i), d, rng)
            if factor is None:
                step *= self.h
            else:
                step = step @ factor
            np.add(step, self.data.take(i, axis=0, mode="clip"), out=X[rows])
        return _boundary.fold(X, self.bounds) if self.bounded else X
