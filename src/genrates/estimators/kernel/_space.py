"""A kernel density estimate in more than one dimension."""

import numpy as np
import scipy

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators.kernel import _boundary
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel._line import plain_log_sums, tree_error

_FEW_PAIRS = 1 << 19


class _Space:
    """Weighted points (n, d), bandwidth (number, (d,) or (d, d)), kernel, bounds (one pair per feature)."""

    def __init__(self, points, weight, bandwidth, kernel, bounds):
        self.given, self.given_weight, self.kernel, self.bounds = points, weight, kernel, bounds
        self.h = np.asarray(bandwidth)
        self.mass = float(len(points) if weight is None else weight.sum())
        self.bounded = bool(np.any(np.isfinite(bounds)))
        if self.bounded:
            depth = np.broadcast_to(kernels.reach(kernel) * self.h, points.shape[1:])
            points, weight = _boundary.reflect(points, weight, bounds, depth)
        self.choice = Alternatives(self.given_weight, len(self.given))
        self.origin = points[len(points) // 2]
        self.white, self.weight = self._whiten(points), weight
        self._tree = None

    def _whiten(self, X):
        if self.h.ndim < 2:
            return (X - self.origin) / self.h
        return np.ascontiguousarray(
            scipy.linalg.solve_triangular(np.linalg.cholesky(self.h), (X - self.origin).T, lower=True).T
        )

    def _log_volume(self):
        if self.h.ndim < 2:
            return float(np.sum(np.log(np.broadcast_to(self.h, self.white.shape[1:]))))
        return 0.5 * float(np.linalg.slogdet(self.h)[1])

    def log_density(self, X, rtol: float = 0.0) -> np.ndarray:
        """Log-density of each row, shape (m,)."""
        constant = kernels.log_norm(self.kernel, X.shape[1]) - self._log_volume() - np.log(self.mass)
        out = self._log_sums(np.clip(self._whiten(X), -1e150, 1e150), rtol) + constant
        for j, (lower, upper) in enumerate(self.bounds):
            out[(X[:, j] < lower) | (X[:, j] > upper)] = -np.inf
        return out

    def _log_sums(self, queries, rtol):
        if len(queries) * len(self.white) <= _FEW_PAIRS:
            square = np.zeros((len(queries), len(self.white)))
            for j in range(queries.shape[1]):
                square += (queries[:, j, None] - self.white[:, j]) ** 2
            return plain_log_sums(self.kernel, np.sqrt(square), self.weight)
        if self.kernel == "gaussian" and queries.shape[1] == 2 and rtol >= 1e-6:
            out = self._on_grid(queries, rtol)
            if out is not None:
                lost = np.isnan(out)
                if lost.any():
                    out[lost] = self._on_tree(queries[lost], rtol)
                return out
        return self._on_tree(queries, rtol)

    def _on_grid(self, queries, rtol):
        from genrates.estimators.kernel import _grid_plane

        # the grid's size goes with the extent: the farthest queries are the tree's
        low, high = self.white.min(axis=0) - 6, self.white.max(axis=0) + 6
        inside = np.all((queries >= low) & (queries <= high), axis=1)
        if len(self.white) < 20_000 or inside.sum() < 5_000:
            return None
        out = np.full(len(queries), np.nan)
        found = _grid_plane.log_sums(self.white, self.weight, self.mass, queries[inside], rtol)
        if found is None:
            return None
        out[inside] = found
        return out

    def _on_tree(self, queries, rtol):
        if self._tree is None:
            from genrates.estimators.kernel._tree_sums import _Tree

            self._tree = _Tree(self.white, self.weight)
        return self._tree.log_sums(self.kernel, queries, tree_error(rtol))

    def draw(self, n: int, rng) -> np.ndarray:
        """n draws, shape (n, d): a data point plus a draw from the kernel, folded back into the box."""
        d = self.given.shape[1]
        factor = np.linalg.cholesky(self.h).T if self.h.ndim == 2 else None
        X = np.empty((n, d))
        for rows, i in self.choice.draw(n, rng):
            step = kernels.draw(self.kernel, len(i), d, rng)
            if factor is None:
                step *= self.h
            else:
                step = step @ factor
            np.add(step, self.given.take(i, axis=0, mode="clip"), out=X[rows])
        return _boundary.fold(X, self.bounds) if self.bounded else X
