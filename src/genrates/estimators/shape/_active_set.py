"""Log-concave maximum likelihood on the line by an active set (Duembgen and Rufibach 2011).

The logarithm of the estimate is linear between knots, which are points of the sample. Two steps take turns.
For given knots the likelihood is a smooth concave function of the heights at them: Newton's method, cut short
where a kink would turn convex; that knot is given up. For given heights a kink at t would raise the
likelihood by D(t) = int_{-inf}^t (F - F_n) per unit, the difference of the integrated distribution functions:
the knots with the largest D are taken up. At the end D <= 0 everywhere, and D = 0 at the knots.
"""

from itertools import pairwise

import numpy as np
from scipy.linalg import solveh_banded

from genrates.estimators.shape._exponentials import remainder

_TOLERANCE = 1e-11  # of D, in units of the standard deviation
_MAX_ROUNDS = 1000
_MAX_NEWTON, _MAX_HALVINGS = 500, 60
_LEVEL = 1e-9  # share of a step within which a kink counts as none
_CONVERGED = 1e-26  # squared length of the last Newton step, in the metric of the likelihood


class NotConverged(Exception):
    """The search has not found the maximum in the rounds that it is given."""


def fit(z: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the knots of the maximum-likelihood estimate and its logarithm at them.

    Parameters
    ----------
    z : ndarray of shape (m,)
        Distinct points, ascending, in a unit near their standard deviation; at least 2.
    weight : ndarray of shape (m,)
        Their weights, of sum 1, positive.

    Returns
    -------
    knots : ndarray of int, shape (k,)
        Indices of the knots, the first and the last point among them.
    height : ndarray of shape (k,)
        Log-density at the knots, in nats.

    Raises
    ------
    NotConverged
        If it does not end.
    """
    knots = np.array([0, len(z) - 1])
    height = np.full(2, -np.log(z[-1] - z[0]))
    knots, height = _climb(z, weight, knots, height)
    several = True
    for _ in range(_MAX_ROUNDS):
        gain = integrated_difference(z, weight, knots, height)
        gain[knots] = 0.0
        new = _best_in_panels(gain, knots)
        if not len(new):
            return knots, height
        if not several:
            new = new[[np.argmax(gain[new])]]
        before = _objective(_projected(z, weight, knots), np.diff(z[knots]), height)
        more = np.union1d(knots, new)
        candidate, found = _climb(z, weight, more, np.interp(z[more], z[knots], height))
        after = _objective(_projected(z, weight, candidate), np.diff(z[candidate]), found)
        if not after > before:
            if not several:  # rounding is all that is left
                return knots, height
            several = False
            continue
        knots, height, several = candidate, found, True
    raise NotConverged


def integrated_difference(z, weight, knots, height) -> np.ndarray:
    """Return the integral of F - F_n up to each point.

    Parameters
    ----------
    z, weight : ndarray of shape (m,)
        Points and weights, as in :func:`fit`.
    knots : ndarray of int, shape (k,)
        Indices of the knots.
    height : ndarray of shape (k,)
        Log-density at the knots.

    Returns
    -------
    ndarray of shape (m,)
    """
    length, slope = np.diff(z[knots]), np.diff(height)
    panel = np.repeat(np.arange(len(length)), np.diff(knots))
    panel = np.append(panel, len(length) - 1)
    u = z - z[knots[panel]]
    mass = np.append(0.0, np.cumsum(np.exp(height[:-1]) * length * remainder(slope, 1)))
    whole = mass[:-1] * length + np.exp(height[:-1]) * length**2 * remainder(slope, 2)
    until = np.append(0.0, np.cumsum(whole))
    t = u * (slope / length)[panel]
    model = until[panel] + mass[panel] * u + np.exp(height[panel]) * u**2 * remainder(t, 2)
    empirical = np.append(0.0, np.cumsum(np.cumsum(weight)[:-1] * np.diff(z)))
    return model - empirical


def _best_in_panels(gain, knots) -> np.ndarray:
    """Return the point of largest gain between each two knots, where it is a gain."""
    best = [a + 1 + int(np.argmax(gain[a + 1 : b])) for a, b in pairwise(knots) if b > a + 1]
    best = np.array(best, dtype=np.intp)
    return best[gain[best] > _TOLERANCE] if len(best) else best


def _projected(z, weight, knots) -> np.ndarray:
    """Return the weights of the points, shared out to the knots on either side."""
    start = knots[:-1]
    length = np.diff(z[knots])
    panel = np.repeat(np.arange(len(start)), np.diff(knots))
    right = weight[:-1] * ((z[:-1] - z[knots[panel]]) / length[panel])
    to_right = np.add.reduceat(right, start)
    to_left = np.add.reduceat(weight[:-1], start) - to_right
    shared = np.zeros(len(knots))
    shared[:-1] += to_left
    shared[1:] += to_right
    shared[-1] += weight[-1]
    return shared


def _objective(shared, length, height) -> float:
    """Return the log-likelihood less the integral."""
    with np.errstate(over="ignore"):
        largest = np.maximum(height[:-1], height[1:])
        return float(shared @ height - (length * np.exp(largest)) @ remainder(-np.abs(np.diff(height)), 1))


def _newton_step(shared, length, height) -> tuple[np.ndarray, float]:
    """Return Newton's step, and its squared length in the metric of the second derivatives."""
    d = np.diff(height)
    left, right = np.exp(height[:-1]) * length, np.exp(height[1:]) * length
    by_left, by_right = left * remainder(d, 2), right * remainder(-d, 2)
    twice_left, twice_right = 2 * left * remainder(d, 3), 2 * right * remainder(-d, 3)
    gradient = shared.copy()
    gradient[:-1] -= by_left
    gradient[1:] -= by_right
    band = np.zeros((2, len(height)))
    band[1, :-1] += twice_left
    band[1, 1:] += twice_right
    band[0, 1:] = by_left - twice_left
    step = solveh_banded(band, gradient)
    return step, float(gradient @ step)


def _climb(z, weight, knots, height) -> tuple[np.ndarray, np.ndarray]:
    """Return the best heights on these knots, less those whose kink would turn convex."""
    shared, length = _projected(z, weight, knots), np.diff(z[knots])
    value = _objective(shared, length, height)
    for _ in range(_MAX_NEWTON):
        try:
            step, squared = _newton_step(shared, length, height)
        except (np.linalg.LinAlgError, ValueError):
            raise NotConverged from None
        if not squared > _CONVERGED:
            return knots, height
        # how far the step can go before a kink turns convex
        kink, turn = np.diff(np.diff(height) / length), np.diff(np.diff(step) / length)
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where((turn > 0) & (kink + turn > 0), np.maximum(-kink, 0.0) / turn, np.inf)
        most = min(1.0, float(room.min(initial=np.inf)))
        most = most if most > _LEVEL else 0.0  # a kink that is rounding
        part = most
        for _ in range(_MAX_HALVINGS):
            found = _objective(shared, length, height + part * step)
            if part == 0 or found > value or (squared < 1e-14 and found >= value - 1e-14):
                break
            part /= 2
        else:
            return knots, height  # rounding is all that is left
        height, value = height + part * step, max(found, value) if squared < 1e-14 else found
        if part == most < 1.0:
            kept = np.arange(len(knots)) != 1 + int(np.argmin(room))
            knots, height = knots[kept], height[kept]
            shared, length = _projected(z, weight, knots), np.diff(z[knots])
            value = _objective(shared, length, height)
    raise NotConverged
