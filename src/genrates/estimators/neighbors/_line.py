"""Exact k-nearest-neighbor density on an interval of the line.

The k nearest neighbors of x are k consecutive order statistics: a window [l_i, r_i]. The k-th distance is
then max(x - l_i, r_i - x). If windows are sorted by their ends, window i is the nearest between the midpoints
(l_{i-1} + r_i) / 2 and (l_i + r_{i+1}) / 2. So the k-th distance is piecewise linear with slopes -1 and 1.
Its knots are the windows' centers and those midpoints, and the integral of its inverse is a sum of
logarithms.
"""

from functools import cached_property

import numpy as np

from genrates.estimators._numerics.cell_rejection import CellSampler
from genrates.estimators._numerics.discrete import draw_index

_N_CELLS = 16384


def windows(x: np.ndarray, weight: np.ndarray | None, k: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the smallest windows of weight k; O(n log n).

    Parameters
    ----------
    x : ndarray of shape (n,)
        Sorted points.
    weight : ndarray of shape (n,) or None
        Weights of the points; None gives all points weight 1.
    k : float
        Weight of a window.

    Returns
    -------
    left : ndarray of shape (m,)
        Left ends, sorted.
    right : ndarray of shape (m,)
        Right ends, sorted.
    """
    if weight is None:
        return x[: len(x) - int(k) + 1], x[int(k) - 1 :]
    total = np.cumsum(weight)
    before = np.concatenate([[0.0], total[:-1]])
    # sums of weights that are not whole numbers have rounding errors
    right = np.searchsorted(total, (before + k) * (1 - 1e-12), side="left")
    start = np.flatnonzero(right < len(x))
    # among windows with the same right end
    is_narrowest = np.append(right[start][1:] != right[start][:-1], True)
    return x[start[is_narrowest]], x[right[start[is_narrowest]]]


class KthDistance:
    """The k-th distance as a piecewise linear function on the interval [low, high].

    Parameters
    ----------
    left, right : ndarray of shape (m,)
        Ends of the smallest windows, as :func:`windows` returns them.
    low, high : float
        Ends of the interval.
    """

    def __init__(self, left: np.ndarray, right: np.ndarray, low: float, high: float):
        self._left, self._right, self._low, self._high = left, right, low, high
        self._midpoint = _mean(left[:-1], right[1:])
        self._sampler = None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the distances from x (n,) to their k-th neighbors, O(log m) each."""
        i = np.searchsorted(self._midpoint, x)
        return np.maximum(x - self._left[i], self._right[i] - x)

    @cached_property
    def knots(self) -> np.ndarray:
        """Points where the slope changes, and the ends of the interval.

        Returns
        -------
        ndarray
            Sorted points in [low, high].
        """
        inner = np.empty(2 * len(self._left) - 1)
        inner[::2], inner[1::2] = _mean(self._left, self._right), self._midpoint
        first, last = np.searchsorted(inner, [self._low, self._high])
        # the distance falls towards the first center, rises to the first midpoint, and so on
        self._rising = np.arange(first + 1, last + 2) % 2 == 0
        distance = np.empty_like(inner)
        distance[::2] = 0.5 * (self._right - self._left)
        distance[1::2] = 0.5 * (self._right[1:] - self._left[:-1])
        ends = self(np.array([self._low, self._high]))
        self._at_knot = np.concatenate([ends[:1], distance[first:last], ends[1:]])
        return np.concatenate([[self._low], inner[first:last], [self._high]])

    @cached_property
    def _mass(self) -> np.ndarray:
        """Integral of 1 / distance from `low` to each knot."""
        length = np.diff(self.knots)
        smaller = np.minimum(self._at_knot[:-1], self._at_knot[1:])
        with np.errstate(over="ignore", divide="ignore"):
            ratio = length / smaller
            # the ratio may overflow; its logarithm does not
            mass = np.where(ratio < np.inf, np.log1p(ratio), np.log(length) - np.log(smaller))
        return np.concatenate([[0.0], np.cumsum(mass)])

    def _near_end(self, i: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the end of each segment where the distance is smaller.

        All positions on a segment are measured from there. From the other end they would lose their digits
        where the distance varies by many orders of magnitude, which one far value is enough for.

        Returns
        -------
        knot, distance, mass, sign : ndarray of the shape of i
            Position, distance and mass at that end; sign 1 if the segment lies to the right of it, else -1.
        """
        rising = self._rising[i]
        j = np.where(rising, i, i + 1)
        return self.knots[j], self._at_knot[j], self._mass[j], np.where(rising, 1.0, -1.0)

    @cached_property
    def total(self) -> float:
        """Integral of 1 / distance over the interval.

        Returns
        -------
        float
            The integral.
        """
        first, last = (_mean(self._left[i], self._right[i]) for i in (0, -1))
        if not self._low <= first <= last <= self._high:
            return float(self._mass[-1])
        center = self._right - self._left  # twice the distances at the centers
        # each segment gives the logarithm of the ratio of its end distances; the sum telescopes
        ends = 2 * self(np.array([self._low, self._high]))
        inner = np.log((self._right[1:] - self._left[:-1]) / center[:-1])
        return float(np.log(ends / center[-1]).sum() + 2 * inner.sum())

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return the share of the integral of 1 / distance that lies below x.

        Parameters
        ----------
        x : ndarray of shape (n,)
            Points of the interval.

        Returns
        -------
        ndarray of shape (n,)
            Shares in [0, 1].
        """
        i = np.clip(np.searchsorted(self.knots, x, side="right") - 1, 0, len(self.knots) - 2)
        knot, distance, mass, sign = self._near_end(i)
        with np.errstate(over="ignore"):
            step = np.maximum(sign * (x - knot), 0.0) / distance
        above = np.where(step < np.inf, np.log1p(step), self._mass[i + 1] - self._mass[i])
        return (mass + sign * above) / self._mass[-1]

    def ppf(self, q: np.ndarray) -> np.ndarray:
        """Return the inverse of :meth:`cdf`.

        Parameters
        ----------
        q : ndarray of shape (n,)
            Levels in [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            Points x with cdf(x) = q.
        """
        mass = q * self._mass[-1]
        i = np.clip(np.searchsorted(self._mass, mass, side="left") - 1, 0, len(self.knots) - 2)
        knot, distance, at_knot, sign = self._near_end(i)
        with np.errstate(over="ignore"):
            step = distance * np.expm1(np.maximum(sign * (mass - at_knot), 0.0))
        return np.clip(knot + sign * step, self.knots[i], self.knots[i + 1])

    def draw(self, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Draw points from the density proportional to 1 / distance on the interval.

        The slope is -1 or 1, so over a cell of mass m the logarithm of the distance varies by at most m.
        Cells of equal mass therefore give sharp bounds, and rejection evaluates few points, whatever n is. If
        the windows are so small that these cells would not do, a segment between knots is chosen and
        inverted.

        Parameters
        ----------
        n_samples : int
            Number of draws.
        rng : numpy.random.Generator
            Source of random numbers.

        Returns
        -------
        ndarray of shape (n_samples,)
            The draws.
        """
        if self._mass[-1] > _N_CELLS / 16:
            return self._draw_by_segments(n_samples, rng)
        if self._sampler is None:
            edge = self.ppf(np.linspace(0, 1, _N_CELLS + 1))
            edge[[0, -1]] = self._low, self._high
            size, distance = np.diff(edge), self(edge)
            end_sum = distance[1:] + distance[:-1]
            # rounding of a cell's ends may leave a bound of the distance that is not positive
            least = np.maximum(end_sum - size, np.minimum(distance[1:], distance[:-1]))
            bounds = 2 / (end_sum + size), 2 / least
            self._sampler = CellSampler(
                "NeighborDensity", self._inverse, edge[:-1, None], size[:, None], *bounds
            )
        return self._sampler.draw(n_samples, rng)[:, 0]

    def _inverse(self, z):
        """Return 1 / distance at points z (n, 1)."""
        order = np.argsort(z[:, 0])  # sorted look-ups stay in the cache
        out = np.empty(len(z))
        out[order] = 1 / self(z[order, 0])
        return out

    def _draw_by_segments(self, n_samples, rng):
        """Draw by choosing a segment between knots and inverting its distribution function."""
        mass = np.diff(self._mass)
        knot, distance, _, sign = self._near_end(np.arange(len(mass)))
        slope = distance * sign
        x = np.empty(n_samples)
        for rows, i in draw_index(mass, n_samples, rng):
            step = rng.random(len(i))
            step *= mass.take(i, mode="clip")
            np.expm1(step, out=step)
            step *= slope.take(i, mode="clip")
            step += knot.take(i, mode="clip")
            low, high = self.knots[:-1].take(i, mode="clip"), self.knots[1:].take(i, mode="clip")
            x[rows] = np.clip(step, low, high)
        return x


def _mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return (a + b) / 2 without overflow."""
    return 0.5 * a + 0.5 * b
