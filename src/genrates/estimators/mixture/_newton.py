"""Newton's method for a mixture in one dimension, where EM would take thousands of steps."""

import numpy as np

_BLOCK = 4096
_LOG_2PI = float(np.log(2 * np.pi))
_MIN_INFORMATION = 1e-9  # smallest eigenvalue, as a share of the complete data's information


def climb(x, weight, rows: np.ndarray, *, floor: float, goal: float, max_iter: int):
    """Take Newton steps until less than `goal` of the mean log-likelihood is left to gain.

    The coordinates are log-weights, means and log-deviations. The observed information :math:`A` (Louis 1982)
    is taken in units of the complete data's :math:`D`. An eigenvalue of :math:`D^{-1/2} A D^{-1/2}` is 1
    minus the rate at which EM converges in that direction; it is about 1e-4 where components overlap. The
    score is divided by the eigenvalue's absolute value, so that saddles repel (Dauphin et al. 2014). The gain
    that is left is :math:`g^T A^{-1} g / 2`. A step that loses likelihood is not taken; the damping is raised
    instead (Marquardt 1963), which turns the steps into EM's own.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    rows : ndarray of shape (K, 3)
        Weights, means and variances to start from.
    floor : float
        Smallest variance.
    goal : float
        Gain per row, in nats, below which the method stops.
    max_iter : int
        Largest number of passes over the points.

    Returns
    -------
    rows : ndarray of shape (K, 3)
        Weights, means and variances of the fit.
    value : float
        Its mean log-likelihood in nats.
    passes : int
        Number of passes over the points.
    converged : bool
        Whether the goal was reached.
    """
    theta = np.stack([np.log(rows[:, 0]), rows[:, 1], 0.5 * np.log(rows[:, 2])])
    min_log_sd = 0.5 * np.log(floor)
    value, gradient, information = _scores(x, weight, theta)
    damping, passes = 1e-6, 1
    while True:
        free = np.ones(theta.shape, dtype=bool)
        free[2] = (theta[2] > min_log_sd) | (gradient[2] > 0)  # the others stay at the floor
        slope, size, basis = _scaled(theta, gradient, information, free)
        if 0.5 * np.sum(slope**2 / size) < goal or damping > 1e8:  # such damping: only rounding is left
            return _rows(theta), value, passes, True
        if passes >= max_iter:
            return _rows(theta), value, passes, False
        step = np.zeros(theta.shape)
        step[free] = basis @ (slope / (size + damping))
        step /= max(1.0, np.abs(step[[0, 2]]).max(), np.abs(step[1] * np.exp(-theta[2])).max())
        trial = theta + step
        trial[0] -= np.logaddexp.reduce(trial[0])
        trial[2] = np.clip(trial[2], min_log_sd, -min_log_sd)
        trial_scores = _scores(x, weight, trial)
        passes += 1
        if trial_scores[0] > value:
            theta, (value, gradient, information) = trial, trial_scores
            damping = max(damping / 10, 1e-6)
        else:
            damping *= 10


def _rows(theta):
    """Return weights, means and variances (K, 3) of the coordinates."""
    return np.column_stack([np.exp(theta[0]), theta[1], np.exp(2 * theta[2])])


def _scaled(theta, gradient, information, free):
    """Diagonalize the information in units of the complete data's.

    Returns
    -------
    slope : ndarray
        Gradient along the eigenvectors.
    size : ndarray
        Absolute eigenvalues.
    basis : ndarray
        Eigenvectors in the original units.
    """
    weight, precision = np.exp(theta[0]), np.exp(-2 * theta[2])
    unit = 1 / np.sqrt(np.stack([weight, weight * precision, 2 * weight])[free])
    kept = free.ravel()
    value, vector = np.linalg.eigh(information[np.ix_(kept, kept)] * unit[:, None] * unit)
    basis = unit[:, None] * vector
    return basis.T @ gradient[free], np.maximum(np.abs(value), _MIN_INFORMATION), basis


def _scores(x, weight, theta):
    """Return mean log-likelihood, mean score (3, K) and mean observed information (3K, 3K)."""
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
        largest = joint.max(axis=0)
        joint -= largest
        share = np.exp(joint, out=part[0])
        total = share.sum(axis=0)
        value += w @ (largest + np.log(total))
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
    """Return Louis's formula: the complete data's information minus the conditional variance of its score."""
    k = len(weight)
    zero, one, two, three, four = moment
    # for each component: information minus squared score, in log-weight, mean and log-deviation
    block = np.zeros((3, 3, k))
    block[0, 0] = -zero
    block[0, 1] = block[1, 0] = -one * precision
    block[0, 2] = block[2, 0] = -(two - zero)
    block[1, 1] = (zero - two) * precision**2
    block[1, 2] = block[2, 1] = (2 * one - three + one) * precision
    block[2, 2] = 2 * two - (four - 2 * two + zero)
    out = outer.reshape(3, k, 3, k).copy()
    diagonal = np.arange(k)
    out[:, diagonal, :, diagonal] += block.transpose(2, 0, 1)
    out[0, :, 0] += np.diag(weight) - np.outer(weight, weight)
    return out.reshape(3 * k, 3 * k)
