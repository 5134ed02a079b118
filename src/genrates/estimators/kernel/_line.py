"""Kernel sums on the line: densities, distribution functions and quantiles of a weighted set of points."""

import numpy as np

from genrates.estimators.kernel import _functions as kernels

#: below so many pairs numpy alone is as fast as loading compiled code
_FEW_PAIRS = 1 << 19
_NONE = np.empty(0)


class _Line:
    """Weighted points on the line and a kernel with bandwidth h; sums are sum_i w_i K((q - x_i)/h).

    Parameters
    ----------
    points : (n,) in any order
    weight : (n,) or None
    """

    def __init__(self, points, weight, bandwidth: float, kernel: str):
        self.points, self.weight, self.h, self.kernel = points, weight, bandwidth, kernel
        self.mass = float(len(points) if weight is None else weight.sum())
        # distances are taken after a shift to the data, so that a large offset costs no digits
        self.origin = float(points[len(points) // 2])
        self._sorted = self._gathered = self._tree = None

    # -- densities ----------------------------------------------------------------------------------

    def log_density(self, q, rtol: float = 0.0) -> np.ndarray:
        """Log of (1/h) sum_i w_i K((q - x_i)/h)."""
        constant = kernels.log_norm(self.kernel, 1) - np.log(self.h)
        u = self._scaled(q)
        if len(q) * len(self.points) <= _FEW_PAIRS:
            return self._plain(u) + constant
        if self.kernel == "exponential":
            return self._exponential(u) + constant
        if self.kernel != "gaussian":
            return self._tree_sums(u, rtol) + constant
        return self._gaussian(u, rtol) + constant

    def _scaled(self, q):
        # beyond 1e150 bandwidths squares overflow, and no double can tell log-densities apart
        return np.clip((q - self.origin) / self.h, -1e150, 1e150)

    def _plain(self, u):
        z = (self.points - self.origin) / self.h
        return plain_log_sums(self.kernel, np.abs(u[:, None] - z), self.weight)

    def _tree_sums(self, u, rtol):
        from genrates.estimators.kernel._tree_sums import _Tree

        if self._tree is None:
            self._tree = _Tree(((self.points - self.origin) / self.h)[:, None], self.weight)
        return self._tree.log_sums(self.kernel, u[:, None], tree_error(rtol))

    def _gaussian(self, u, rtol):
        if rtol >= 1e-7 and self._sorted is None:
            out = self._gaussian_unsorted(u, rtol)
            if out is not None:
                lost = np.isnan(out)
                if lost.any():
                    out[lost] = self._gaussian_sorted(u[lost], rtol)
                return out
        return self._gaussian_sorted(u, rtol)

    def _gaussian_unsorted(self, u, rtol):
        from genrates.estimators.kernel import _fine_1d as fine

        width = fine.cell_width(rtol)
        key = ("unsorted", width)
        if self._gathered is None or self._gathered[0] != key:
            low, high = float(self.points.min()), float(self.points.max())
            n_cells = (high - low) / self.h / width + 2
            if not n_cells <= len(self.points) + 4096:
                return None
            weight = _NONE if self.weight is None else self.weight
            cells = fine.gather(self.points, weight, low, self.h, width, int(n_cells))
            self._gathered = key, (low - self.origin) / self.h, cells
        _, start, cells = self._gathered
        return fine.log_sums(u - start, *cells, width, self.mass, rtol / 8)

    def _gaussian_sorted(self, u, rtol):
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
        from genrates.estimators.kernel import _cells_1d as cells

        key = ("sorted", terms, width)
        if self._gathered is None or self._gathered[0] != key:
            z, weight = self.sorted()
            weight = _NONE if weight is None else weight
            center, begin, raw = cells.gather_sorted(z, weight, width, terms)
            self._gathered = key, (z, weight, begin, center, raw, cells.tilt(raw))
        return self._gathered[1]

    def sorted(self):
        """Points in bandwidths from the origin, ascending, and their weights."""
        if self._sorted is None:
            if self.weight is None:
                self._sorted = (np.sort(self.points) - self.origin) / self.h, None
            else:
                order = np.argsort(self.points, kind="stable")
                self._sorted = (self.points[order] - self.origin) / self.h, self.weight[order]
        return self._sorted

    # -- distribution -------------------------------------------------------------------------------

    def cdf(self, q) -> np.ndarray:
        """sum_i w_i times the kernel's distribution function at (q - x_i)/h; between 0 and `mass`."""
        u = self._scaled(q)
        if len(q) * len(self.points) <= _FEW_PAIRS:
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
        """Only points within the kernel's reach of u are looked at; what lies left of them counts in full."""
        from genrates.estimators.kernel import _windows_1d as windows

        z, weight = self.sorted()
        before = np.arange(len(z) + 1.0) if weight is None else np.concatenate([[0.0], np.cumsum(weight)])
        if self.kernel == "exponential":
            below, above, j = windows.log_parts(u, z, *self._decayed())
            return before[j] - 0.5 * np.exp(below) + 0.5 * np.exp(above)
        return windows.cdf_compact(
            windows.CODES[self.kernel], u, z, _NONE if weight is None else weight, before
        )

    def _exponential(self, u):
        from genrates.estimators.kernel import _windows_1d as windows

        below, above, _ = windows.log_parts(u, self.sorted()[0], *self._decayed())
        return np.logaddexp(below, above)

    def _decayed(self):
        from genrates.estimators.kernel import _windows_1d as windows

        if self._gathered is None:
            z, weight = self.sorted()
            self._gathered = windows.decayed(z, _NONE if weight is None else weight)
        return self._gathered


def tree_error(rtol: float) -> float:
    """Relative error allowed to the pruning; its bound is a loose one, most sums are far better."""
    return max(rtol / 10, 1e-12)


def plain_log_sums(kernel: str, distance, weight) -> np.ndarray:
    """Log of sum_i w_i k(distance_qi) along the last axis; log-sum-exp where k is an exponential."""
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
    cdf, pdf : functions of an (m,) array
    low, high : (m,) arrays with cdf(low) <= q <= cdf(high)
    """
    x = 0.5 * (low + high)
    active = np.arange(len(q))
    for _ in range(200):
        here, level = x[active], q[active]
        error = cdf(here) - level
        low[active] = np.where(error <= 0, here, low[active])
        high[active] = np.where(error >= 0, here, high[active])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = here - error / pdf(here)
        inside = (step > low[active]) & (step < high[active])
        new = np.where(inside, step, 0.5 * (low[active] + high[active]))
        x[active] = np.where(error == 0, here, new)
        tight = 4e-16 * np.maximum(np.abs(low[active]), np.abs(high[active])) + 1e-300
        moved = np.abs(new - here) > tight
        active = active[(error != 0) & moved & (high[active] - low[active] > tight)]
        if not len(active):
            break
    return x
