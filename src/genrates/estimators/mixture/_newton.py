"""The last steps to the maximum of a one-dimensional mixture's likelihood, where EM takes thousands."""

import numpy as np

_BLOCK = 4096
_LOG_2PI = float(np.log(2 * np.pi))
_FLAT = 1e-9  # share of the complete data's information below which a direction counts as having none


def climb(x, weight, rows: np.ndarray, *, floor: float, goal: float, max_iter: int):
    r"""Newton steps until less than `goal` of the mean log-likelihood is left to gain.

    In log-weights, means and log-deviations, with the observed information :math:`A` (Louis 1982) in units of
    the complete data's :math:`D`. An eigenvalue of :math:`D^{-1/2} A D^{-1/2}` is 1 less the rate at which EM
    converges in that direction, 1e-4 where components overlap; the score is divided by its absolute value, so
    that saddles repel (Dauphin et al. 2014). What is left to gain is :math:`g^T A^{-1} g / 2`. A step that
    loses is not taken, and a damping raised (Marquardt 1963), which leads over to EM's own steps.

    Parameters
    ----------
    x, weight : ndarrays of shape (n,)
        The weights sum to 1.
    rows : ndarray of shape (K, 3)
        Weights, means and variances to start from.
    floor : float
        Smallest variance.
    goal : float
        In nats a row.

    Returns
    -------
    rows, mean log-likelihood, number of passes over the rows, whether the goal was reached
    """
    theta = np.stack([np.log(rows[:, 0]), rows[:, 1], 0.5 * np.log(rows[:, 2])])
    lowest = 0.5 * np.log(floor)
    value, gradient, information = _scores(x, weight, theta)
    damping, passes = 1e-6, 1
    while True:
        free = np.ones(theta.shape, dtype=bool)
        free[2] = (theta[2] > lowest) | (gradient[2] > 0)  # the others rest upon the floor
        slope, size, basis = _scaled(theta, gradient, information, free)
        if 0.5 * np.sum(slope**2 / size) < goal or damping > 1e8:  # beyond, nothing but rounding is left
            return _rows(theta), value, passes, True
        if passes >= max_iter:
            return _rows(theta), value, passes, False
        step = np.zeros(theta.shape)
        step[free] = basis @ (slope / (size + damping))
        step /= max(1.0, np.abs(step[[0, 2]]).max(), np.abs(step[1] * np.exp(-theta[2])).max())
        there = theta + step
        there[0] -= np.logaddexp.reduce(there[0])
        there[2] = np.clip(there[2], lowest, -lowest)
        found = _scores(x, weight, there)
        passes += 1
        if found[0] > value:
            theta, (value, gradient, information) = there, found
            damping = max(damping / 10, 1e-6)
        else:
            damping *= 10


def _rows(theta):
    return np.column_stack([np.exp(theta[0]), theta[1], np.exp(2 * theta[2])])


def _scaled(theta, gradient, information, free):
    """Gradient in the scaled information's eigenvectors, absolute eigenvalues, and the vectors unscaled."""
    weight, precision = np.exp(theta[0]), np.exp(-2 * theta[2])
    unit = 1 / np.sqrt(np.stack([weight, weight * precision, 2 * weight])[free])
    kept = free.ravel()
    value, vector = np.linalg.eigh(information[np.ix_(kept, kept)] * unit[:, None] * unit)
    basis = unit[:, None] * vector
    return basis.T @ gradient[free], np.maximum(np.abs(value), _FLAT), basis


def _scores(x, weight, theta):
    """Mean log-likelihood, mean score (3, K) and mean observed information (3K, 3K)."""
    log_weight, mean, log_sd = theta[:, :, None]
    precision = np.exp(-theta[2])
    k, value = theta.shape[1], 0.0
    outer, moment = np.zeros((3 * k, 3 * k)), np.zeros((5, k))
    scores = np.empty((3, k, min(len(x), _BLOCK)))
    for start in range(0, len(x), _BLOCK):
        w = weight[start : start + _BLOCK]
        part = scores[:, :, : len(w)]
        z = (x[start : start + _BLOCK] - mean) * precision[:, None]
        square = z * z
        joint = log_weight - log_sd - 0.5 * (square + _LOG_2PI)
        top = joint.max(axis=0)
        joint -= top
        share = np.exp(joint, out=part[0])
        total = share.sum(axis=0)
        value += w @ (top + np.log(total))
        share /= total
        np.multiply(share, z, out=part[1])
        np.multiply(share, square, out=part[2])
        moment[:3] += part @ w
        square *= part[1]
        moment[3] += square @ w
        square *= z
        moment[4] += square @ w
        part[1] *= precision[:, None]
        part[2] -= share
        flat = part.reshape(3 * k, -1)
        outer += (flat * w) @ flat.T
    gradient = np.stack([moment[0] - np.exp(theta[0]), moment[1] * precision, moment[2] - moment[0]])
    return float(value), gradient, _information(np.exp(theta[0]), precision, moment, outer)


def _information(weight, precision, moment, outer):
    """Louis's formula: the complete data's information less the variance of its score given the data."""
    k = len(weight)
    zero, one, two, three, four = moment
    # of each component alone: information less squared score, for log-weight, mean and log-deviation
    block = np.zeros((3, 3, k))
    block[0, 0] = -zero
    block[0, 1] = block[1, 0] = -one * precision
    block[0, 2] = block[2, 0] = -(two - zero)
    block[1, 1] = (zero - two) * precision**2
    block[1, 2] = block[2, 1] = (2 * one - three + one) * precision
    block[2, 2] = 2 * two - (four - 2 * two + zero)
    out = outer.reshape(3, k, 3, k).copy()
    at = np.arange(k)
    out[:, at, :, at] += block.transpose(2, 0, 1)
    out[0, :, 0] += np.diag(weight) - np.outer(weight, weight)
    return out.reshape(3 * k, 3 * k)
