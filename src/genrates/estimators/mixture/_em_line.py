"""Expectation-maximization in one dimension, compiled: its steps are many and small."""

import math

import numpy as np
from numba import njit

from genrates.estimators._numerics.fast_exp import fast_exp
from genrates.estimators.mixture._em import Parameters

_BLOCK = 256  # points whose responsibilities stay in the nearest cache
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


# Inlined: a process links the first of several copies that it loads, and so the order of a sum, its last bit,
# would depend on whether its caller was compiled here or read from the cache.
@njit(cache=True, fastmath={"contract", "reassoc", "nsz"}, forceinline=True)
def e_step(x, weight, mixture, statistics):
    """Mean log-likelihood; fills `statistics` (K, 3) with the sums of responsibility times 1, x, x^2.

    `mixture` is (K, 3): weights, means, variances. `weight` sums to 1.
    """
    k, n = len(mixture), len(x)
    joint, top, total = np.empty((k, _BLOCK)), np.empty(_BLOCK), np.empty(_BLOCK)
    statistics[:] = 0.0
    likelihood = 0.0
    for start in range(0, n, _BLOCK):
        m = min(_BLOCK, n - start)
        points, w = x[start : start + m], weight[start : start + m]
        top[:] = -np.inf
        total[:] = 0.0
        for j in range(k):
            constant = math.log(mixture[j, 0]) - 0.5 * math.log(mixture[j, 2]) - _HALF_LOG_2PI
            mean, half = mixture[j, 1], 0.5 / mixture[j, 2]
            for i in range(m):
                value = constant - half * (points[i] - mean) ** 2
                joint[j, i] = value
                top[i] = max(top[i], value)
        for j in range(k):
            for i in range(m):
                value = fast_exp(max(joint[j, i] - top[i], -700.0))
                joint[j, i] = value
                total[i] += value
        for i in range(m):
            likelihood += w[i] * (top[i] + math.log(total[i]))
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
    """M-step; a component that no point wants keeps its place, as in `Parameters.updated`."""
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
    """Where the steps lead, in log-weights, means and log-deviations (SQUAREM, scheme S3)."""
    theta = np.empty((3, *zero.shape))
    for t, p in enumerate((zero, one, two)):
        theta[t, :, 0], theta[t, :, 1], theta[t, :, 2] = np.log(p[:, 0]), p[:, 1], 0.5 * np.log(p[:, 2])
    first, second = theta[1] - theta[0], theta[2] - 2 * theta[1] + theta[0]
    step, bend = math.sqrt((first**2).sum()), math.sqrt((second**2).sum())
    length = max(step / bend, 1.0) if bend > 0 else 1.0
    leap = theta[0] + 2 * length * first + length**2 * second
    lowest = 0.5 * math.log(floor)
    out = np.empty_like(zero)
    highest = leap[:, 0].max()
    for j in range(len(out)):
        out[j, 0] = max(math.exp(max(leap[j, 0] - highest, -700.0)), 1e-300)
        out[j, 1] = leap[j, 1]
        out[j, 2] = math.exp(2 * min(max(leap[j, 2], lowest), -lowest))
    out[:, 0] /= out[:, 0].sum()
    return out


@njit(cache=True)
def _run(x, weight, start, floor, tol, max_iter):
    current, iterations = start, 0
    statistics = np.empty_like(start)
    while iterations < max_iter:
        before = e_step(x, weight, current, statistics)
        one = _updated(current, statistics, floor)
        after = e_step(x, weight, one, statistics)
        iterations += 2
        if after - before < tol:
            return one, after, iterations, True
        two = _updated(one, statistics, floor)
        leap = _extrapolated(current, one, two, floor)
        there = e_step(x, weight, leap, statistics)
        iterations += 1
        current = _updated(leap, statistics, floor) if there >= after else two
    return current, e_step(x, weight, current, statistics), iterations, False


def run(columns, weight, start: Parameters, *, floor: float, tol: float, max_iter: int):
    """`genrates.estimators.mixture._em.run` for columns of shape (1, n)."""
    found, *rest = _run(columns[0], weight, as_rows(start), floor, tol, max_iter)
    return as_parameters(found, start), *rest


def log_likelihood(columns, weight, mixture: Parameters) -> float:
    rows = as_rows(mixture)
    return e_step(columns[0], weight, rows, np.empty_like(rows))


def as_rows(p: Parameters) -> np.ndarray:
    """Weights, means and variances of normals in one dimension, shape (K, 3)."""
    return np.column_stack([p.weights, p.means[:, 0], p.covariances.reshape(len(p.weights))])


def as_parameters(rows: np.ndarray, like: Parameters) -> Parameters:
    return Parameters(
        rows[:, 0].copy(), rows[:, 1:2].copy(), rows[:, 2].reshape(like.covariances.shape).copy()
    )
