"""What an adaptive kernel estimate computes with: sums over points that have bandwidths of their own."""

import numpy as np
import scipy

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators.kernel import _adaptive_sums as sums
from genrates.estimators.kernel import _boundary, _kd_tree
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel._line import quantiles

# A dense cell's points are replaced by 16 Chebyshev nodes: on half a bandwidth the Gaussian and the factors,
# smooth functions of the place, are polynomials of that degree to 1e-12 within 8 bandwidths.
_SHARE, _NODES, _FEWEST, _REACH = 0.5, 16, 48, 8.0
_MANY = 4096


class _Adaptive:
    """Points (n, d), weights, factors (n,), bandwidth (number, (d,) or (d, d)), kernel, bounds.

    `factor_at` gives the factor of any place (m, d).
    """

    def __init__(self, points, weight, factor, bandwidth, kernel, bounds, factor_at):
        self.given, self.given_weight, self.given_factor = points, weight, factor
        self.kernel, self.bounds, self.h = kernel, bounds, np.asarray(bandwidth)
        self.factor_at = factor_at
        self.mass = float(len(points) if weight is None else weight.sum())
        if np.any(np.isfinite(bounds)):
            points, weight, factor = self._reflect(points, weight, factor)
        self.points, self.weight, self.factor = points, weight, factor
        self.choice = Alternatives(self.given_weight, len(self.given))
        self.origin = points[len(points) // 2]
        self._tree = self._reduced = None

    def _reflect(self, points, weight, factor):
        """With mirror images at the faces, as many as the widest kernel reaches."""
        d = points.shape[1]
        h = np.broadcast_to(self.h, (d,))
        for j, (lower, upper) in enumerate(self.bounds):
            depth = kernels.reach(self.kernel) * h[j] * factor
            parts = [np.arange(len(points))]
            places = [points]
            finite = [edge for edge in (lower, upper) if np.isfinite(edge)]
            times = int(np.ceil(depth.max() / (2 * (upper - lower)))) if len(finite) == 2 else 0
            for turn in range(-times, times + 1):
                offset = 2 * turn * (upper - lower) if turn else 0.0
                for edge in finite[:1] + ([None] if turn else []):
                    image = points[:, j] + offset if edge is None else 2 * edge - points[:, j] + offset
                    near = np.flatnonzero((image >= lower - depth) & (image <= upper + depth))
                    moved = points[near].copy()
                    moved[:, j] = image[near]
                    parts.append(near)
                    places.append(moved)
            index = np.concatenate(parts)
            points, factor = np.concatenate(places), factor[index]
            weight = None if weight is None else weight[index]
        return points, weight, factor

    def _whiten(self, X):
        if self.h.ndim < 2:
            return (X - self.origin) / self.h
        factor = np.linalg.cholesky(self.h)
        return np.ascontiguousarray(scipy.linalg.solve_triangular(factor, (X - self.origin).T, lower=True).T)

    def _log_volume(self):
        if self.h.ndim < 2:
            return float(np.sum(np.log(np.broadcast_to(self.h, self.points.shape[1:]))))
        return 0.5 * float(np.linalg.slogdet(self.h)[1])

    # -- densities ----------------------------------------------------------------------------------

    def log_density(self, X, rtol: float = 0.0) -> np.ndarray:
        """Log-density of each row, shape (m,)."""
        d = X.shape[1]
        queries = self._whiten(X)
        out = np.full(len(X), np.nan)
        if self._compressible():
            place, weight, factor = self._nodes()
            out = sums.gaussian_sums(queries[:, 0], place, weight / factor, factor**-2.0, _REACH)
        rest = np.isnan(out)
        out[rest] = self._tree_sums(queries[rest], max(rtol / 10, 1e-13))
        out += kernels.log_norm(self.kernel, d) - self._log_volume() - np.log(self.mass)
        for j, (lower, upper) in enumerate(self.bounds):
            out[(X[:, j] < lower) | (X[:, j] > upper)] = -np.inf
        return out

    def _tree_sums(self, queries, error):
        if self._tree is None:
            white = self._whiten(self.points)
            order, begin, end, low, high = _kd_tree.build(white, sums.LEAF)
            factor = self.factor[order]
            weight = np.ones(len(order)) if self.weight is None else self.weight[order]
            amplitude = weight * factor ** -float(white.shape[1])
            widest = np.array([factor[a:b].max() for a, b in zip(begin, end, strict=True)])
            flat = _kd_tree.leaves_first(white, order, begin, end)
            self._tree = (
                flat, amplitude, factor**-2.0, begin, end, low, high, widest, float(amplitude.sum())
            )  # fmt: skip
        return sums.tree_log_sums(sums.CODES[self.kernel], queries, *self._tree, error)

    def _compressible(self):
        return self.points.shape[1] == 1 and self.kernel == "gaussian" and len(self.points) > _MANY

    def _nodes(self):
        """Sorted places, weights, factors of fewer points that act as the given; one dimension, Gaussian."""
        if self._reduced is None:
            white = self._whiten(self.points)[:, 0]
            order = np.argsort(white, kind="stable")
            white, factor = white[order], self.factor[order]
            weight = np.ones(len(order)) if self.weight is None else self.weight[order]
            begin, dense = sums.cell_ends(white, factor, _SHARE, _FEWEST)
            place, node_weight = sums.anterpolate(white, weight, begin, dense, _NODES)
            node_factor = self.factor_at((place.ravel() * self.h + self.origin)[:, None])
            kept = np.repeat(~dense, np.diff(begin))
            place = np.concatenate([white[kept], place.ravel()])
            weight = np.concatenate([weight[kept], node_weight.ravel()])
            factor = np.concatenate([factor[kept], node_factor])
            order = np.argsort(place)
            self._reduced = place[order], weight[order], factor[order]
        return self._reduced

    # -- one dimension ------------------------------------------------------------------------------

    def cdf(self, x) -> np.ndarray:
        """Distribution function at x, shape (m,)."""
        lower, upper = self.bounds[0]
        edges = np.array([max(lower, -1e300), min(upper, 1e300)])
        left, right = self._cdf_sums(edges) if np.any(np.isfinite(self.bounds)) else (0.0, self.mass)
        inside = np.clip((self._cdf_sums(x) - left) / (right - left), 0, 1)
        return np.where(x >= upper, 1.0, np.where(x <= lower, 0.0, inside))

    def _cdf_sums(self, x):
        q = self._whiten(x[:, None])[:, 0]
        if self._compressible():
            place, weight, factor = self._nodes()
        else:
            place, factor = self._whiten(self.points)[:, 0], self.factor
            weight = np.ones(len(place)) if self.weight is None else self.weight
        if self.kernel == "gaussian":
            order = np.argsort(place)
            root = 1 / (np.sqrt(2) * factor[order])
            return sums.gaussian_cdf_sums(q, place[order], weight[order], root)
        out = np.empty(len(q))
        rows = max(1, (1 << 20) // len(place))
        for i in range(0, len(q), rows):
            part = kernels.integral_1d(self.kernel, (q[i : i + rows, None] - place) / factor)
            out[i : i + rows] = part @ weight
        return out

    def ppf(self, q) -> np.ndarray:
        """Quantiles; the ends of the support at levels 0 and 1."""
        lower, upper = self.bounds[0]
        x = self.given[:, 0]
        wide = self.h * self.given_factor
        reach = 1.0 if self.kernel in kernels.COMPACT else np.inf
        low, high = max(lower, np.min(x - reach * wide)), min(upper, np.max(x + reach * wide))
        out = np.where(q <= 0, low, high)
        inner = np.flatnonzero((q > 0) & (q < 1))
        if len(inner):
            steps = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 40.0, 800.0])
            ends = [np.min(x - s * wide) for s in steps] + [np.max(x + s * wide) for s in steps]
            knots = np.concatenate([np.quantile(x, np.linspace(0, 1, min(len(x), 513))), ends])
            knots = np.unique(np.clip(knots, max(low, min(ends)), min(high, max(ends))))
            level = np.maximum.accumulate(self.cdf(knots))
            right = np.clip(np.searchsorted(level, q[inner]), 1, len(knots) - 1)
            bracket = knots[right - 1].copy(), knots[right].copy()
            out[inner] = quantiles(self.cdf, self._density, q[inner], *bracket)
        return out

    def _density(self, x):
        return np.exp(self.log_density(x[:, None]))

    def draw(self, n: int, rng) -> np.ndarray:
        """n draws, shape (n, d): a point plus a draw from its own kernel, folded back into the box."""
        d = self.given.shape[1]
        matrix = np.linalg.cholesky(self.h).T if self.h.ndim == 2 else None
        X = np.empty((n, d))
        for rows, i in self.choice.draw(n, rng):
            step = kernels.draw(self.kernel, len(i), d, rng)
            step *= self.given_factor.take(i, mode="clip")[:, None]
            if matrix is None:
                step *= self.h
            else:
                step = step @ matrix
            np.add(step, self.given.take(i, axis=0, mode="clip"), out=X[rows])
        return _boundary.fold(X, self.bounds) if np.any(np.isfinite(self.bounds)) else X
