"""A kernel density estimate in one dimension: normalized on its support, with quantiles and draws."""

import numpy as np

from genrates.estimators._numerics.discrete import Alternatives
from genrates.estimators.kernel import _boundary
from genrates.estimators.kernel import _functions as kernels
from genrates.estimators.kernel._line import Line, quantiles

_MAX_ROUNDS = 10_000  # in which draws outside of the support are repeated


def bounded_line(points, weight, h, kernel, bounds):
    """Return the engine of a one-dimensional KernelDensity.

    Parameters
    ----------
    points : ndarray of shape (n,)
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    h : float
        Bandwidth.
    kernel : str
    bounds : pair (lower, upper)
        Support, infinite where open.

    Returns
    -------
    _BoundedLine or Projected
        For a second-order kernel, or for one that takes negative values.
    """
    if kernel in kernels.SECOND_ORDER:
        return _BoundedLine(points, weight, h, kernel, bounds)
    from genrates.estimators.kernel._projected import Projected

    return Projected(points, weight, h, kernel, bounds)


class _BoundedLine:
    """The estimate of a second-order kernel on [lower, upper], infinite ends included."""

    def __init__(self, points, weight, h, kernel, bounds):
        self.lower, self.upper = bounds
        self.bounded = bool(np.any(np.isfinite(bounds)))
        if self.bounded:
            depth, stretch = kernels.reach(kernel) * h, _boundary.STRETCH * h
            points, weight = _boundary.extend(points, weight, *bounds, depth, stretch)
        self.points, self.weight, self.h, self.kernel = points, weight, h, kernel
        self.choice = Alternatives(weight, len(points))
        self.line = Line(points, weight, h, kernel)
        # mass to the left of the support, and on the support
        self.before, self.mass = 0.0, self.line.mass
        if self.bounded:
            left, right = self.line.cdf(np.array([self.lower, self.upper]))
            self.before, self.mass = float(left), float(right - left)

    def log_density(self, x, rtol=0.0):
        """Return the log-density at each x, in nats, shape (m,)."""
        out = self.line.log_density(x, rtol) - np.log(self.mass)
        if self.bounded:
            out[(x < self.lower) | (x > self.upper)] = -np.inf
        return out

    def cdf(self, x):
        """Return the distribution function at each x, shape (m,)."""
        inside = (self.line.cdf(x) - self.before) / self.mass
        return np.where(x >= self.upper, 1.0, np.where(x <= self.lower, 0.0, np.clip(inside, 0, 1)))

    def ppf(self, q):
        """Return the quantile of each level, shape (m,); levels 0 and 1 give the ends of the support."""
        reach = self.h if self.kernel in kernels.COMPACT else np.inf
        ends = max(self.lower, self.points.min() - reach), min(self.upper, self.points.max() + reach)
        out = np.where(q <= 0, ends[0], ends[1])
        inner = (q > 0) & (q < 1)
        if inner.any():
            out[inner] = self._invert(q[inner], ends)
        return out

    def _invert(self, q, ends):
        # knots: data quantiles, and steps up to where the kernel underflows (at most 800 bandwidths)
        """Return the quantiles of levels in (0, 1)."""
        data = np.quantile(self.points, np.linspace(0, 1, min(len(self.points), 513)))
        steps = self.h * np.array([1.0, 2.0, 4.0, 8.0, 16.0, 40.0, 800.0])
        knots = np.concatenate([data[0] - steps[::-1], data, data[-1] + steps])
        knots = np.unique(np.clip(knots, max(ends[0], knots[0]), min(ends[1], knots[-1])))
        level = np.maximum.accumulate(self.cdf(knots))
        right = np.clip(np.searchsorted(level, q), 1, len(knots) - 1)
        return quantiles(
            self.cdf, lambda x: np.exp(self.log_density(x)), q, knots[right - 1].copy(), knots[right].copy()
        )

    def draw(self, n, rng):
        """Return n draws, shape (n, 1): a point plus kernel noise, redrawn where it leaves the support."""
        x = self._draw_unbounded(n, rng)
        outside = self._outside(x) if self.bounded else ()
        for _ in range(_MAX_ROUNDS):
            if not len(outside):
                break
            redrawn = self._draw_unbounded(len(outside), rng)
            x[outside] = redrawn
            outside = outside[self._outside(redrawn)]
        if len(outside):
            raise ValueError(
                f"KernelDensity: {len(outside)} of {n} draws were outside of bounds ({self.lower:g}, "
                f"{self.upper:g}) after {_MAX_ROUNDS} tries; the bandwidth {self.h:g} is too large for them."
            )
        return x[:, None]

    def _outside(self, x):
        """Return the indices of the values outside of the support."""
        return np.flatnonzero((x < self.lower) | (x > self.upper))

    def _draw_unbounded(self, n, rng):
        """Return n draws, shape (n,): a point plus kernel noise, inside or outside of the support."""
        x = np.empty(n)
        for rows, i in self.choice.draw(n, rng):
            step = kernels.draw(self.kernel, len(i), 1, rng)[:, 0]
            step *= self.h
            np.add(step, self.points.take(i, mode="clip"), out=x[rows])
        return x
