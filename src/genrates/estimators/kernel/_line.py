"""Kernel sums on the line: densities, distribution functions and quantiles of a weighted set of points."""

import numpy as np

from genrates.estimators.kernel import _functions as kernels

#: up to this number of pairs plain numpy is used, and no compiled code is loaded
_FEW_PAIRS = 1 << 19
#: the same for distribution functions, whose terms cost more
_FEW_PAIRS_OF_CDF = 1 << 15
_NO_WEIGHT = np.empty(0)


class Line:
    """Weighted points on the line and a kernel with bandwidth h, for the sums sum_i w_i K((q - x_i)/h).

    Parameters
    ----------
    points : ndarray of shape (n,)
        In any order.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    bandwidth : float
        h.
    kernel : str
        A second-order kernel.
    """

    def __init__(self, points, weight, bandwidth: float, kernel: str):
        self.points, self.weight, self.h, self.kernel = points, weight, bandwidth, kernel
        self.mass = float(len(points) if weight is None else weight.sum())
        # the origin is in the data, so that a large offset costs no digits of the distances
        self.origin = float(points[len(points) // 2])
        self._sorted = self._gathered = self._tree = None

    # -- densities ----------------------------------------------------------------------------------

    def log_density(self, q, rtol: float = 0.0) -> np.ndarray:
        """Return the log of (1/h) sum_i w_i K((q - x_i)/h).

        Parameters
        ----------
        q : ndarray of shape (m,)
        rtol : float, default=0.0
            Relative accuracy of the sum; 0: to rounding.

        Returns
        -------
        ndarray of shape (m,)
            In nats.
        """
        constant = kernels.log_norm(self.kernel, 1) - np.log(self.h)
        u = self._scaled(q)
        if len(q) * len(self.points) <= _FEW_PAIRS:
            return self._direct(u) + constant
        if self.kernel == "exponential":
            return self._exponential(u) + constant
        if self.kernel != "gaussian":
            return self._tree_sums(u, rtol) + constant
        return self._gaussian(u, rtol) + constant

    def _scaled(self, q):
        # beyond 1e150 bandwidths squares overflow
        """Return q in bandwidths from the origin."""
        return np.clip((q - self.origin) / self.h, -1e150, 1e150)

    def _direct(self, u):
        """Return the log sums at u, over all pairs."""
        z = (self.points - self.origin) / self.h
        return direct_log_sums(self.kernel, np.abs(u[:, None] - z), self.weight)

    def _tree_sums(self, u, rtol):
        """Return the log sums at u, by the k-d tree."""
        from genrates.estimators.kernel._tree_sums import Tree

        if self._tree is None:
            self._tree = Tree(((self.points - self.origin) / self.h)[:, None], self.weight)
        return self._tree.log_sums(self.kernel, u[:, None], tree_error(rtol))

    def _gaussian(self, u, rtol):
        """Return the log sums at u for the Gaussian kernel."""
        if rtol >= 1e-7 and self._sorted is None:
            out = self._gaussian_unsorted(u, rtol)
            if out is not None:
                missing = np.isnan(out)
                if missing.any():
                    out[missing] = self._gaussian_sorted(u[missing], rtol)
                return out
        return self._gaussian_sorted(u, rtol)

    def _gaussian_unsorted(self, u, rtol):
        """Return the log sums at u on a grid of cells, or None if it would have too many."""
        from genrates.estimators.kernel import _fine_1d as fine

        width = fine.cell_width(rtol)
        key = ("unsorted", width)
        if self._gathered is None or self._gathered[0] != key:
            low, high = float(self.points.min()), float(self.points.max())
            n_cells = (high - low) / self.h / width + 2
            if not n_cells <= len(self.points) + 4096:
                return None
            weight = _NO_WEIGHT if self.weight is None else self.weight
            cells = fine.gather(self.points, weight, low, self.h, width, int(n_cells))
            self._gathered = key, (low - self.origin) / self.h, cells
        _, start, cells = self._gathered
        return fine.log_sums(u - start, *cells, width, self.mass, rtol / 8)

    def _gaussian_sorted(self, u, rtol):
        """Return the log sums at u over cells of sorted points."""
        from genrates.estimators.kernel import _cells_1d as cells

        terms, width, reach = cells.plan(rtol)
        z, weight, begin, center, _, tilted = self._cells(terms, width)
        error = rtol / 8 if rtol > 0 else 1e-15
        tree = (z, weight, begin, center, tilted, reach, self.mass, error)
        if len(u) < 4096:
            return cells.log_sums(u, *tree)
        order = np.argsort(u)
        out = np.empty(len(u))
        out[order] = cells.log_sums_dense(
            u[order], *tree, width, cells.chebyshev_transform(terms - 4 if terms > 8 else 11)
        )
        return out

    def _cells(self, terms, width):
        """Return the sorted points, their weights and their cells, gathered once."""
        from genrates.estimators.kernel import _cells_1d as cells

        key = ("sorted", terms, width)
        if self._gathered is None or self._gathered[0] != key:
            z, weight = self.sorted()
            weight = _NO_WEIGHT if weight is None else weight
            center, begin, raw = cells.gather_sorted(z, weight, width, terms)
            self._gathered = key, (z, weight, begin, center, raw, cells.tilt(raw))
        return self._gathered[1]

    def sorted(self):
        """Return the sorted points and their weights.

        Returns
        -------
        z : ndarray of shape (n,)
            In bandwidths from the origin, ascending.
        weight : ndarray of shape (n,) or None
        """
        if self._sorted is None:
            if self.weight is None:
                self._sorted = (np.sort(self.points) - self.origin) / self.h, None
            else:
                order = np.argsort(self.points, kind="stable")
                self._sorted = (self.points[order] - self.origin) / self.h, self.weight[order]
        return self._sorted

    # -- distribution -------------------------------------------------------------------------------

    def cdf(self, q) -> np.ndarray:
        """Return sum_i w_i times the kernel's distribution function at (q - x_i)/h.

        Parameters
        ----------
        q : ndarray of shape (m,)

        Returns
        -------
        ndarray of shape (m,)
            Between 0 and `mass`.
        """
        u = self._scaled(q)
        if len(q) * len(self.points) <= _FEW_PAIRS_OF_CDF:
            z = (self.points - self.origin) / self.h
            part = kernels.integral_1d(self.kernel, u[:, None] - z)
            return part.sum(axis=1) if self.weight is None else part @ self.weight
        if self.kernel == "gaussian":
            from genrates.estimators.kernel import _cells_1d as cells

            terms, width, _ = cells.plan(0.0)
            z, weight, begin, center, raw, _ = self._cells(terms, width)
            before = np.concatenate([[0.0], np.cumsum(raw[:, 0])])
            return cells.cdf_sums(u, z, weight, before, begin, center, raw)
        return self._cdf_windows(u)

    def _cdf_windows(self, u):
        """Return the same from the points within the kernel's reach of u and the weight left of them."""
        from genrates.estimators.kernel import _windows_1d as windows

        z, weight = self.sorted()
        before = np.arange(len(z) + 1.0) if weight is None else np.concatenate([[0.0], np.cumsum(weight)])
        if self.kernel == "exponential":
            below, above, j = windows.log_one_sided_sums(u, z, *self._decayed_sums())
            return before[j] - 0.5 * np.exp(below) + 0.5 * np.exp(above)
        return windows.cdf_compact(
            windows.CODES[self.kernel], u, z, _NO_WEIGHT if weight is None else weight, before
        )

    def _exponential(self, u):
        """Return the log sums at u for the exponential kernel."""
        from genrates.estimators.kernel import _windows_1d as windows

        below, above, _ = windows.log_one_sided_sums(u, self.sorted()[0], *self._decayed_sums())
        return np.logaddexp(below, above)

    def _decayed_sums(self):
        """Return the one-sided sums of the exponential kernel at the points, computed once."""
        from genrates.estimators.kernel import _windows_1d as windows

        if self._gathered is None:
            z, weight = self.sorted()
            self._gathered = windows.decayed_sums(z, _NO_WEIGHT if weight is None else weight)
        return self._gathered


def tree_error(rtol: float) -> float:
    """Return the relative error that pruning may cause.

    The bound is loose: most sums are far more accurate.

    Parameters
    ----------
    rtol : float
        Relative accuracy asked for.

    Returns
    -------
    float
    """
    return max(rtol / 10, 1e-12)


def direct_log_sums(kernel: str, distance, weight) -> np.ndarray:
    """Return the log of sum_i w_i k(distance_qi) over all pairs, by log-sum-exp where k is an exponential.

    Parameters
    ----------
    kernel : str
        A second-order kernel.
    distance : ndarray of shape (m, n)
        In bandwidths.
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.

    Returns
    -------
    ndarray of shape (m,)
        In nats.
    """
    if kernel in ("gaussian", "exponential"):
        exponent = -0.5 * distance**2 if kernel == "gaussian" else -distance
        top = exponent.max(axis=1, keepdims=True)
        part = np.exp(exponent - top)
        return np.log(part.sum(axis=1) if weight is None else part @ weight) + top[:, 0]
    part = kernels.profile(kernel, distance)
    with np.errstate(divide="ignore"):
        return np.log(part.sum(axis=1) if weight is None else part @ weight)


def quantiles(cdf, pdf, q, low, high) -> np.ndarray:
    """Solve cdf(x) = q for each q in (0, 1) by Newton steps kept inside a shrinking bracket.

    Parameters
    ----------
    cdf : callable
        Distribution function of an (m,) array.
    pdf : callable
        Density of an (m,) array.
    q : ndarray of shape (m,)
        Levels.
    low, high : ndarray of shape (m,)
        Brackets, with cdf(low) <= q <= cdf(high). Overwritten.

    Returns
    -------
    ndarray of shape (m,)
    """
    x = 0.5 * (low + high)
    active = np.arange(len(q))
    for _ in range(200):
        current, level = x[active], q[active]
        error = cdf(current) - level
        low[active] = np.where(error <= 0, current, low[active])
        high[active] = np.where(error >= 0, current, high[active])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = current - error / pdf(current)
        inside = (step > low[active]) & (step < high[active])
        new = np.where(inside, step, 0.5 * (low[active] + high[active]))
        x[active] = np.where(error == 0, current, new)
        tolerance = 4e-16 * np.maximum(np.abs(low[active]), np.abs(high[active])) + 5e-324
        moved = np.abs(new - current) > tolerance
        active = active[(error != 0) & moved & (high[active] - low[active] > tolerance)]
        if not len(active):
            break
    return x
