"""Densities that are linear between knots: mass, likelihood and quantiles in closed form, in numpy."""

import bisect

import numpy as np

#: smallest distance of two knots, as a fraction of the average distance
_MIN_SPACING = 1e-3


def knots_of(z: np.ndarray, n_knots: int, margin: float) -> np.ndarray:
    """Choose knots for data: half at their quantiles, half evenly spaced over the data's range and a margin.

    Near a quantile that almost coincides with a knot (by ties, or by chance) the density could have a spike
    of any height. Such quantiles are left out, and the widest gaps are halved instead, so that all replicates
    have the same number of knots.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Data.
    n_knots : int
        Number of knots.
    margin : float
        How far the knots reach beyond the data, in units of z.

    Returns
    -------
    ndarray of shape (n_knots,), strictly increasing
    """
    low, high = z.min() - margin, z.max() + margin
    knots = list(np.linspace(low, high, n_knots - n_knots // 2))
    for q in np.quantile(z, np.linspace(0, 1, n_knots // 2)):
        place = bisect.bisect(knots, q)
        nearest = min(abs(q - knot) for knot in knots[max(place - 1, 0) : place + 1])
        if nearest > _MIN_SPACING * (high - low) / n_knots:
            knots.insert(place, float(q))
    while len(knots) < n_knots:
        widest = int(np.argmax(np.diff(knots)))
        knots.insert(widest + 1, 0.5 * (knots[widest] + knots[widest + 1]))
    return np.array(knots)


def normalized(log_height: np.ndarray, knots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Normalize densities that are given by log-heights at the knots.

    Parameters
    ----------
    log_height : ndarray of shape (n, b)
        Log-heights up to a constant in each row.
    knots : ndarray of shape (b,)
        Knots.

    Returns
    -------
    height, cumulative : ndarray of shape (n, b)
        Density and distribution function at the knots.
    """
    height = np.exp(log_height - log_height.max(axis=1, keepdims=True))
    mass = 0.5 * (height[:, 1:] + height[:, :-1]) * np.diff(knots)
    cumulative = np.concatenate([np.zeros((len(height), 1)), np.cumsum(mass, axis=1)], axis=1)
    total = cumulative[:, -1:]
    return height / total, cumulative / total


def density(z: np.ndarray, height: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Return the density of row i's law at z_i.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Points.
    height : ndarray of shape (n, b)
        Densities at the knots.
    knots : ndarray of shape (b,)
        Knots.

    Returns
    -------
    ndarray of shape (n,)
        0 outside of the knots.
    """
    i = np.clip(np.searchsorted(knots, z, side="right") - 1, 0, len(knots) - 2)
    share = (z - knots[i]) / (knots[i + 1] - knots[i])
    row = np.arange(len(z))
    inside = (z >= knots[0]) & (z <= knots[-1])
    return np.where(inside, (1 - share) * height[row, i] + share * height[row, i + 1], 0.0)


def quantile(q: np.ndarray, height: np.ndarray, cumulative: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Return the quantile of row i's law at level q_i: the root of a quadratic, in its stable form.

    Parameters
    ----------
    q : ndarray of shape (n,)
        Levels.
    height, cumulative : ndarray of shape (n, b)
        Density and distribution function at the knots.
    knots : ndarray of shape (b,)
        Knots.

    Returns
    -------
    ndarray of shape (n,)
    """
    i = np.clip((cumulative <= q[:, None]).sum(axis=1) - 1, 0, len(knots) - 2)
    row = np.arange(len(q))
    width = knots[i + 1] - knots[i]
    left, right = height[row, i], height[row, i + 1]
    target = np.maximum(q - cumulative[row, i], 0.0) / width
    # left s + (right - left) s^2 / 2 = need
    root = np.sqrt(np.maximum(left**2 + 2 * (right - left) * target, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        s = np.where(target > 0, 2 * target / (left + root), 0.0)
    return knots[i] + width * np.clip(s, 0.0, 1.0)
