"""The engine of an adaptive kernel estimate: sums over points that have bandwidths of their own."""

import numpy as np
import scipy

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators.kernel import _adaptive_sums as sums
from genrates.estimators.kernel import _boundary, _heat_cells, _kd_tree
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel._line import quantiles

# The points of a dense cell are replaced by 16 Chebyshev nodes. The cell is half a bandwidth
# wide. On it polynomials of that degree match the factors and the Gaussian (within 8 bandwidths) to 1e-12.
_CELL_WIDTH, _NODES, _MIN_POINTS, _REACH = 0.5, 16, 48, 8.0
#: how far the nodes of cells without a formula for their factors are as good: to 1e-9 of the density
_HEAT_REACH = 5.5
#: nodes replace points if there are more than this
_MANY = 4096


class Adaptive:
    """An adaptive kernel estimate: log-density, distribution function, quantiles and draws.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    factor : ndarray of shape (n,)
        Bandwidth of each point, in units of `bandwidth`.
    bandwidth : float or ndarray of shape (d,) or (d, d)
    kernel : str
        A second-order kernel.
    bounds : sequence of d pairs (lower, upper)
        Support, infinite where open.
    factor_at : callable or None
        Maps positions (m, d) to factors (m,). None: the factors are no smooth function of the position.
    """

    def __init__(self, points, weight, factor, bandwidth, kernel, bounds, factor_at):
        self.data, self.data_weight, self.data_factor = points, weight, factor
        self.kernel, self.bounds, self.h = kernel, bounds, np.asarray(bandwidth)
        self.factor_at = factor_at
        self.mass = float(len(points) if weight is None else weight.sum())
        if np.any(np.isfinite(bounds)):
            points, weight, factor = self._reflect(points, weight, factor)
        self.points, self.weight, self.factor = points, weight, factor
        self.choice = Alternatives(self.data_weight, len(self.data))
        self.origin = points[len(points) // 2]
        self._tree = self._reduced = None

    def _reflect(self, points, weight, factor):
        """Append the mirror images at the faces, up to the reach of the widest kernel."""
        d = points.shape[1]
        h = np.broadcast_to(self.h, (d,))
        for j, (lower, upper) in enumerate(self.bounds):
            depth = kernels.reach(self.kernel) * h[j] * factor
            parts = [np.arange(len(points))]
            positions = [points]
            finite = [edge for edge in (lower, upper) if np.isfinite(edge)]
            n_periods = int(np.ceil(depth.max() / (2 * (upper - lower)))) if len(finite) == 2 else 0
            for period in range(-n_periods, n_periods + 1):
                offset = 2 * period * (upper - lower) if period else 0.0
                for edge in finite[:1] + ([None] if period else []):
                    image = points[:, j] + offset if edge is None else 2 * edge - points[:, j] + offset
                    near = np.flatnonzero((image >= lower - depth) & (image <= upper + depth))
                    moved = points[near].copy()
                    moved[:, j] = image[near]
                    parts.append(near)
                    positions.append(moved)
            index = np.concatenate(parts)
            points, factor = np.concatenate(positions), factor[index]
            weight = None if weight is None else weight[index]
        return points, weight, factor

    def _whiten(self, X):
        """Return the rows of X in bandwidths from the origin."""
        if self.h.ndim < 2:
            return (X - self.origin) / self.h
        factor = np.linalg.cholesky(self.h)
        return np.ascontiguousarray(scipy.linalg.solve_triangular(factor, (X - self.origin).T, lower=True).T)

    def _log_volume(self):
        """Return the log-volume of a cube with edges of one bandwidth."""
        if self.h.ndim < 2:
            return float(np.sum(np.log(np.broadcast_to(self.h, self.points.shape[1:]))))
        return 0.5 * float(np.linalg.slogdet(self.h)[1])

    # -- densities ----------------------------------------------------------------------------------

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
        d = X.shape[1]
        queries = self._whiten(X)
        out = np.full(len(X), np.nan)
        if self._compressible():
            position, weight, factor = self._nodes()
            reach = _HEAT_REACH if self.factor_at is None else _REACH
            out = sums.gaussian_sums(queries[:, 0], position, weight / factor, factor**-2.0, reach)
        rest = np.isnan(out)
        out[rest] = self._tree_sums(queries[rest], max(rtol / 10, 1e-13))
        out += kernels.log_norm(self.kernel, d) - self._log_volume() - np.log(self.mass)
        for j, (lower, upper) in enumerate(self.bounds):
            out[(X[:, j] < lower) | (X[:, j] > upper)] = -np.inf
        return out

    def _tree_sums(self, queries, error):
        """Return the log of the kernel sum at each query, by the k-d tree."""
        if self._tree is None:
            whitened = self._whiten(self.points)
            order, begin, end, low, high = _kd_tree.build(whitened, sums.LEAF)
            factor = self.factor[order]
            weight = np.ones(len(order)) if self.weight is None else self.weight[order]
            log_amplitude = np.log(weight) - whitened.shape[1] * np.log(factor)
            largest = float(log_amplitude.max())
            # in many dimensions the amplitudes are of an order of magnitude that no double has
            self._log_unit = largest if abs(largest) > 300 else 0.0
            amplitude = np.exp(log_amplitude - self._log_unit)
            widest = np.array([factor[a:b].max() for a, b in zip(begin, end, strict=True)])
            flat = _kd_tree.flatten_leaves(whitened, order, begin, end)
            self._tree = (
                flat, amplitude, factor**-2.0, begin, end, low, high, widest, float(amplitude.sum())
            )  # fmt: skip
        log_sums = sums.tree_log_sums(sums.CODES[self.kernel], queries, *self._tree, error)
        return log_sums + self._log_unit

    def _compressible(self):
        """Return whether nodes may replace the points: Gaussian, one dimension, many points."""
        return self.points.shape[1] == 1 and self.kernel == "gaussian" and len(self.points) > _MANY

    def _nodes(self):
        """Replace dense cells by fewer points with the same sums; one dimension, Gaussian kernel.

        Returns
        -------
        position : ndarray of shape (k,)
            In bandwidths, ascending.
        weight : ndarray of shape (k,)
        factor : ndarray of shape (k,)
        """
        if self._reduced is None:
            whitened = self._whiten(self.points)[:, 0]
            order = np.argsort(whitened, kind="stable")
            whitened, factor = whitened[order], self.factor[order]
            weight = np.ones(len(order)) if self.weight is None else self.weight[order]
            if self.factor_at is None:
                begin, dense = _heat_cells.cell_ends(whitened, factor, _MIN_POINTS)
                position, node_weight, node_factor = _heat_cells.anterpolate(
                    whitened, factor, weight, begin, dense
                )
            else:
                begin, dense = sums.cell_ends(whitened, factor, _CELL_WIDTH, _MIN_POINTS)
                position, node_weight = sums.anterpolate(whitened, weight, begin, dense, _NODES)
                node_factor = self.factor_at((position.ravel() * self.h + self.origin)[:, None])
            kept = np.repeat(~dense, np.diff(begin))
            position = np.concatenate([whitened[kept], position.ravel()])
            weight = np.concatenate([weight[kept], node_weight.ravel()])
            factor = np.concatenate([factor[kept], node_factor.ravel()])
            order = np.argsort(position)
            self._reduced = position[order], weight[order], factor[order]
        return self._reduced

    # -- one dimension ------------------------------------------------------------------------------

    def cdf(self, x) -> np.ndarray:
        """Return the distribution function at x, in one dimension.

        Parameters
        ----------
        x : ndarray of shape (m,)

        Returns
        -------
        ndarray of shape (m,)
        """
        lower, upper = self.bounds[0]
        edges = np.array([lower, upper])
        left, right = self._cdf_sums(edges) if np.any(np.isfinite(self.bounds)) else (0.0, self.mass)
        inside = np.clip((self._cdf_sums(x) - left) / (right - left), 0, 1)
        return np.where(x >= upper, 1.0, np.where(x <= lower, 0.0, inside))

    def _cdf_sums(self, x):
        """Return the sum of w times the kernel's distribution function at each x."""
        q = np.clip(self._whiten(x[:, None])[:, 0], -1e300, 1e300)
        if self._compressible():
            position, weight, factor = self._nodes()
        else:
            position, factor = self._whiten(self.points)[:, 0], self.factor
            weight = np.ones(len(position)) if self.weight is None else self.weight
        if self.kernel == "gaussian":
            order = np.argsort(position)
            inverse_scale = 1 / (np.sqrt(2) * factor[order])
            return sums.gaussian_cdf_sums(q, position[order], weight[order], inverse_scale)
        out = np.empty(len(q))
        rows = max(1, (1 << 20) // len(position))
        for i in range(0, len(q), rows):
            part = kernels.integral_1d(self.kernel, (q[i : i + rows, None] - position) / factor)
            out[i : i + rows] = part @ weight
        return out

    def ppf(self, q) -> np.ndarray:
        """Return quantiles, in one dimension.

        Parameters
        ----------
        q : ndarray of shape (m,)
            Levels. 0 and 1 give the ends of the support.

        Returns
        -------
        ndarray of shape (m,)
        """
        lower, upper = self.bounds[0]
        x = self.data[:, 0]
        widths = self.h * self.data_factor
        reach = 1.0 if self.kernel in kernels.COMPACT else np.inf
        low, high = max(lower, np.min(x - reach * widths)), min(upper, np.max(x + reach * widths))
        out = np.where(q <= 0, low, high)
        inner = np.flatnonzero((q > 0) & (q < 1))
        if len(inner):
            steps = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 40.0, 800.0])
            ends = [np.min(x - s * widths) for s in steps] + [np.max(x + s * widths) for s in steps]
            knots = np.concatenate([np.quantile(x, np.linspace(0, 1, min(len(x), 513))), ends])
            knots = np.unique(np.clip(knots, max(low, min(ends)), min(high, max(ends))))
            level = np.maximum.accumulate(self.cdf(knots))
            right = np.clip(np.searchsorted(level, q[inner]), 1, len(knots) - 1)
            bracket = knots[right - 1].copy(), knots[right].copy()
            out[inner] = quantiles(self.cdf, self._density, q[inner], *bracket)
        return out

    def _density(self, x):
        """Return the density at each x."""
        return np.exp(self.log_density(x[:, None]))

    def draw(self, n: int, rng) -> np.ndarray:
        """Return draws: a point plus noise from its own kernel, folded back into the box.

        Parameters
        ----------
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n, d)
        """
        d = self.data.shape[1]
        matrix = np.linalg.cholesky(self.h).T if self.h.ndim == 2 else None
        X = np.empty((n, d))
        for rows, i in self.choice.draw(n, rng):
            step = kernels.draw(self.kernel, len(i), d, rng)
            step *= self.data_factor.take(i, mode="clip")[:, None]
            if matrix is None:
                step *= self.h
            else:
                step = step @ matrix
            np.add(step, self.data.take(i, axis=0, mode="clip"), out=X[rows])
        return _boundary.fold(X, self.bounds) if np.any(np.isfinite(self.bounds)) else X
