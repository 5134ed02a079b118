"""Expectation-maximization in one dimension, compiled, since its steps are many and small."""

import math

import numpy as np
from numba import njit

from genrates.estimators._numerics.fast_exp import fast_exp
from genrates.estimators.mixture._em import MixtureParameters

_BLOCK = 256  # points whose responsibilities stay in the first-level cache
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


# Inlined on purpose. A process that loads several compiled copies of a function links the first one. Without
# inlining the order of the sums, and so their last bit, would depend on whether the caller was compiled in
# this process or read from the cache.
@njit(cache=True, fastmath={"contract", "reassoc", "nsz"}, forceinline=True)
def e_step(x, weight, mixture, statistics):
    """Run an E-step; fill `statistics` and return the mean log-likelihood.

    Parameters
    ----------
    x : ndarray of shape (n,)
        Points.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    mixture : ndarray of shape (K, 3)
        Weights, means and variances of the components.
    statistics : ndarray of shape (K, 3)
        Filled with the weighted sums of responsibility times 1, x and x^2.

    Returns
    -------
    float
        Mean log-likelihood in nats.
    """
    k, n = len(mixture), len(x)
    joint, largest, total = np.empty((k, _BLOCK)), np.empty(_BLOCK), np.empty(_BLOCK)
    statistics[:] = 0.0
    likelihood = 0.0
    for start in range(0, n, _BLOCK):
        m = min(_BLOCK, n - start)
        points, w = x[start : start + m], weight[start : start + m]
        largest[:] = -np.inf
        total[:] = 0.0
        for j in range(k):
            constant = math.log(mixture[j, 0]) - 0.5 * math.log(mixture[j, 2]) - _HALF_LOG_2PI
            mean, half_precision = mixture[j, 1], 0.5 / mixture[j, 2]
            for i in range(m):
                value = constant - half_precision * (points[i] - mean) ** 2
                joint[j, i] = value
                largest[i] = max(largest[i], value)
        for j in range(k):
            for i in range(m):
                value = fast_exp(max(joint[j, i] - largest[i], -700.0))
                joint[j, i] = value
                total[i] += value
        for i in range(m):
            likelihood += w[i] * (largest[i] + math.log(total[i]))
            total[i] = w[i] / total[i]
        for j in range(k):
            zero, one, two = 0.0, 0.0, 0.0
            for i in range(m):
                share = joint[j, i] * total[i]
                zero += share
                one += share * points[i]
                two += share * points[i] * points[i]
            statistics[j, 0] += zero
            statistics[j, 1] += one
            statistics[j, 2] += two
    return likelihood


@njit(cache=True)
def _updated(old, statistics, floor):
    """Return the mixture after an M-step; see `MixtureParameters.updated`."""
    new = old.copy()
    for j in range(len(old)):
        share = statistics[j, 0]
        new[j, 0] = max(share, 1e-300)
        if share > 1e-12:
            mean = statistics[j, 1] / share
            new[j, 1] = mean
            new[j, 2] = max(statistics[j, 2] / share - mean * mean, floor)
    new[:, 0] /= new[:, 0].sum()
    return new


@njit(cache=True)
def _extrapolated(zero, one, two, floor):
    """Return the SQUAREM extrapolation (scheme S3) in log-weights, means and log-deviations."""
    theta = np.empty((3, *zero.shape))
    for t, p in enumerate((zero, one, two)):
        theta[t, :, 0], theta[t, :, 1], theta[t, :, 2] = np.log(p[:, 0]), p[:, 1], 0.5 * np.log(p[:, 2])
    first, second = theta[1] - theta[0], theta[2] - 2 * theta[1] + theta[0]
    step, bend = math.sqrt((first**2).sum()), math.sqrt((second**2).sum())
    length = max(step / bend, 1.0) if bend > 0 else 1.0
    leap = theta[0] + 2 * length * first + length**2 * second
    min_log_sd = 0.5 * math.log(floor)
    out = np.empty_like(zero)
    max_log_weight = leap[:, 0].max()
    for j in range(len(out)):
        out[j, 0] = max(math.exp(max(leap[j, 0] - max_log_weight, -700.0)), 1e-300)
        out[j, 1] = leap[j, 1]
        out[j, 2] = math.exp(2 * min(max(leap[j, 2], min_log_sd), -min_log_sd))
    out[:, 0] /= out[:, 0].sum()
    return out


@njit(cache=True)
def _run(x, weight, start, floor, tol, max_iter):
    """Run EM; see `run`."""
    current, iterations = start, 0
    statistics = np.empty_like(start)
    while iterations < max_iter:
        likelihood = e_step(x, weight, current, statistics)
        one = _updated(current, statistics, floor)
        likelihood_one = e_step(x, weight, one, statistics)
        iterations += 2
        if likelihood_one - likelihood < tol:
            return one, likelihood_one, iterations, True
        two = _updated(one, statistics, floor)
        leap = _extrapolated(current, one, two, floor)
        likelihood_leap = e_step(x, weight, leap, statistics)
        iterations += 1
        current = _updated(leap, statistics, floor) if likelihood_leap >= likelihood_one else two
    return current, e_step(x, weight, current, statistics), iterations, False


def run(columns, weight, start: MixtureParameters, *, floor: float, tol: float, max_iter: int):
    """Run EM in one dimension, like :func:`genrates.estimators.mixture._em.run`.

    Parameters
    ----------
    columns : ndarray of shape (1, n)
        Points, with mean about 0 and deviation about 1.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    start : MixtureParameters
        The mixture to start from.
    floor : float
        Smallest variance of a component.
    tol : float
        Gain in mean log-likelihood of one plain step, in nats, below which EM has converged.
    max_iter : int
        Number of E-steps after which EM stops.

    Returns
    -------
    found : MixtureParameters
        The fitted mixture.
    likelihood : float
        Its mean log-likelihood in nats.
    n_steps : int
        Number of E-steps.
    converged : bool
        Whether EM converged within `max_iter`.
    """
    found, *rest = _run(columns[0], weight, as_rows(start), floor, tol, max_iter)
    return as_parameters(found, start), *rest


def log_likelihood(columns, weight, mixture: MixtureParameters) -> float:
    """Return the mean log-likelihood of the points.

    Parameters
    ----------
    columns : ndarray of shape (1, n)
        Points.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    mixture : MixtureParameters
        The mixture.

    Returns
    -------
    float
        Mean log-likelihood in nats.
    """
    rows = as_rows(mixture)
    return e_step(columns[0], weight, rows, np.empty_like(rows))


def as_rows(p: MixtureParameters) -> np.ndarray:
    """Return the parameters of normals in one dimension as one array.

    Parameters
    ----------
    p : MixtureParameters
        The mixture.

    Returns
    -------
    ndarray of shape (K, 3)
        Weights, means and variances.
    """
    return np.column_stack([p.weights, p.means[:, 0], p.covariances.reshape(len(p.weights))])


def as_parameters(rows: np.ndarray, like: MixtureParameters) -> MixtureParameters:
    """Return `MixtureParameters` from the array that :func:`as_rows` makes.

    Parameters
    ----------
    rows : ndarray of shape (K, 3)
        Weights, means and variances.
    like : MixtureParameters
        Its covariances give the shape of the new ones.

    Returns
    -------
    MixtureParameters
        The mixture.
    """
    return MixtureParameters(
        rows[:, 0].copy(), rows[:, 1:2].copy(), rows[:, 2].reshape(like.covariances.shape).copy()
    )
