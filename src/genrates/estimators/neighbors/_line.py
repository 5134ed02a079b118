"""Exact k-nearest-neighbor density on an interval of the line.

The k nearest neighbors of x are k consecutive order statistics: a window [l_i, r_i], from which the k-th
distance is max(x - l_i, r_i - x). Windows sorted by their ends, window i is the nearest between the middles
(l_{i-1} + r_i) / 2 and (l_i + r_{i+1}) / 2. So the k-th distance is piecewise linear with slopes -1 and 1,
knots at the windows' centers and at those middles, and the integral of its inverse is a sum of logarithms.
"""

from functools import cached_property

import numpy as np

from genrates.estimators._numerics.cell_rejection import CellSampler
from genrates.estimators._numerics.discrete import draw_index

_CELLS = 16384


def windows(x: np.ndarray, weight: np.ndarray | None, k: float) -> tuple[np.ndarray, np.ndarray]:
    """Left and right ends of the smallest windows of weight k, each sorted; x is sorted. O(n log n)."""
    if weight is None:
        return x[: len(x) - int(k) + 1], x[int(k) - 1 :]
    total = np.cumsum(weight)
    before = np.concatenate([[0.0], total[:-1]])
    # weights that are no whole numbers add up with rounding errors
    right = np.searchsorted(total, (before + k) * (1 - 1e-12), side="left")
    start = np.flatnonzero(right < len(x))
    last = np.append(right[start][1:] != right[start][:-1], True)  # the narrowest of those with one right end
    return x[start[last]], x[right[start[last]]]


class KthDistance:
    """The k-th distance as a piecewise linear function on the interval [low, high]."""

    def __init__(self, left: np.ndarray, right: np.ndarray, low: float, high: float):
        self._left, self._right, self._low, self._high = left, right, low, high
        self._middle = _mean(left[:-1], right[1:])
        self._sampler = None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Distance from x to its k-th neighbor, O(log n) each."""
        i = np.searchsorted(self._middle, x)
        return np.maximum(x - self._left[i], self._right[i] - x)

    @cached_property
    def knots(self) -> np.ndarray:
        """Where the slope changes, within [low, high] and with both of these, sorted."""
        inner = np.empty(2 * len(self._left) - 1)
        inner[::2], inner[1::2] = _mean(self._left, self._right), self._middle
        first, last = np.searchsorted(inner, [self._low, self._high])
        # the distance falls towards the first center, rises to the first middle, and so on
        self._sign = 1.0 - 2.0 * (np.arange(first + 1, last + 2) % 2)
        distance = np.empty_like(inner)
        distance[::2] = 0.5 * (self._right - self._left)
        distance[1::2] = 0.5 * (self._right[1:] - self._left[:-1])
        ends = self(np.array([self._low, self._high]))
        self._at_knot = np.concatenate([ends[:1], distance[first:last], ends[1:]])
        return np.concatenate([[self._low], inner[first:last], [self._high]])

    @cached_property
    def _mass(self) -> np.ndarray:
        length = np.diff(self.knots)
        lesser = np.minimum(self._at_knot[:-1], self._at_knot[1:])
        return np.concatenate([[0.0], np.cumsum(np.log1p(length / lesser))])

    @cached_property
    def total(self) -> float:
        """Integral of 1 / distance over the interval."""
        first, last = (_mean(self._left[i], self._right[i]) for i in (0, -1))
        if not self._low <= first <= last <= self._high:
            return float(self._mass[-1])
        center = self._right - self._left  # twice the distances at the centers
        # each stretch gives the logarithm of the ratio of its ends; they telescope
        ends = 2 * self(np.array([self._low, self._high]))
        inner = np.log((self._right[1:] - self._left[:-1]) / center[:-1])
        return float(np.log(ends / center[-1]).sum() + 2 * inner.sum())

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Share of the integral of 1 / distance that lies below x, for x in the interval."""
        i = np.clip(np.searchsorted(self.knots, x, side="right") - 1, 0, len(self.knots) - 2)
        step = (x - self.knots[i]) / self._at_knot[i]
        return (self._mass[i] + self._sign[i] * np.log1p(self._sign[i] * step)) / self._mass[-1]

    def ppf(self, q: np.ndarray) -> np.ndarray:
        """The x with `cdf(x) == q`."""
        mass = q * self._mass[-1]
        i = np.clip(np.searchsorted(self._mass, mass, side="left") - 1, 0, len(self.knots) - 2)
        step = self._at_knot[i] * self._sign[i] * np.expm1(self._sign[i] * (mass - self._mass[i]))
        return np.clip(self.knots[i] + step, self.knots[i], self.knots[i + 1])

    def draw(self, n_samples: int, rng: np.random.Generator) -> np.ndarray:
        """Draws from the density 1 / distance on the interval, shape (n_samples,).

        Over a cell of mass m the logarithm of the distance varies by m at most, since its slope is -1 or 1:
        cells of equal mass give sharp bounds for a rejection that looks at few points, whatever n is. Where
        the windows are so small that the cells would not do, a stretch between knots is chosen and inverted.
        """
        if self._mass[-1] > _CELLS / 16:
            return self._draw_by_stretches(n_samples, rng)
        if self._sampler is None:
            edge = self.ppf(np.linspace(0, 1, _CELLS + 1))
            edge[[0, -1]] = self._low, self._high
            size, at = np.diff(edge), self(edge)
            twice = at[1:] + at[:-1]
            bounds = 2 / (twice + size), 2 / (twice - size)
            self._sampler = CellSampler(self._inverse, edge[:-1, None], size[:, None], *bounds)
        return self._sampler.draw(n_samples, rng)[:, 0]

    def _inverse(self, z):
        order = np.argsort(z[:, 0])  # in order, look-ups among a million windows stay in the cache
        out = np.empty(len(z))
        out[order] = 1 / self(z[order, 0])
        return out

    def _draw_by_stretches(self, n_samples, rng):
        mass = np.diff(self._mass)
        slope, signed = self._at_knot[:-1] * self._sign, mass * self._sign
        x = np.empty(n_samples)
        for rows, i in draw_index(mass, n_samples, rng):
            step = rng.random(len(i))
            step *= signed.take(i, mode="clip")
            np.expm1(step, out=step)
            step *= slope.take(i, mode="clip")
            low, high = self.knots[:-1].take(i, mode="clip"), self.knots[1:].take(i, mode="clip")
            x[rows] = np.clip(low + step, low, high)
        return x


def _mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return 0.5 * a + 0.5 * b
