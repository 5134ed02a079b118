"""Expectation-maximization for normal mixtures, as two matrix products an iteration.

A normal's log-density is linear in the features (1, x, x_i x_j), so the E-step is one product of the
mixture's coefficients with the features, and the M-step's sufficient statistics are one product of the
responsibilities with the same features. Rows go through in blocks that stay in the cache, so that memory
beyond the data is O(K + d^2) times the block's length. Expects columns of about mean 0 and deviation 1.
"""

from functools import lru_cache

import numpy as np

_BLOCK = 4096
_CACHED = 1 << 17  # numbers that stay in the cache
_LOG_2PI = float(np.log(2 * np.pi))
_upper = lru_cache(maxsize=8)(np.triu_indices)


class Parameters:
    """Weights (K,), means (K, d) and covariances, (K, d, d) if full or (K, d) if diagonal."""

    def __init__(self, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray):
        self.weights, self.means, self.covariances = weights, means, covariances

    @property
    def full(self) -> bool:
        return self.covariances.ndim == 3

    def coefficients(self) -> np.ndarray:
        """Of the features in each component's log(weight x density), shape (K, n_feature)."""
        d = self.means.shape[1]
        if self.full:
            precision = np.linalg.inv(self.covariances)
            log_det = np.linalg.slogdet(self.covariances)[1]
            linear = np.einsum("kij,kj->ki", precision, self.means)
            i, j = _upper(d)
            quadratic = np.where(i == j, -0.5, -1.0) * precision[:, i, j]
        else:
            log_det = np.log(self.covariances).sum(axis=1)
            linear = self.means / self.covariances
            quadratic = -0.5 / self.covariances
        square = np.einsum("ki,ki->k", linear, self.means)
        constant = np.log(self.weights) - 0.5 * (d * _LOG_2PI + log_det + square)
        return np.column_stack([constant, linear, quadratic])

    def updated(self, statistics: np.ndarray, floor: float) -> "Parameters":
        """M-step from the sums of responsibility x features, shape (K, n_feature), weights summing to 1.

        Eigenvalues of the covariances are raised to `floor`: the maximum likelihood under that constraint,
        so that the likelihood still never falls.
        """
        share, d = statistics[:, 0], self.means.shape[1]
        alive = share > 1e-12
        moments = statistics[alive, 1:] / share[alive, None]
        means, covariances = self.means.copy(), self.covariances.copy()
        means[alive] = mean = moments[:, :d]
        if self.full:
            i, j = _upper(d)
            matrix = np.empty((len(mean), d, d))
            matrix[:, i, j] = matrix[:, j, i] = moments[:, d:] - mean[:, i] * mean[:, j]
            covariances[alive] = _raised(matrix, floor)
        else:
            covariances[alive] = np.maximum(moments[:, d:] - mean**2, floor)
        share = np.maximum(share, 1e-300)  # a component that no point wants any more keeps a finite logarithm
        return Parameters(share / share.sum(), means, covariances)


def _raised(matrix: np.ndarray, floor: float) -> np.ndarray:
    """Symmetric matrices (K, d, d) with eigenvalues below `floor` raised to it."""
    try:
        np.linalg.cholesky(matrix - floor * np.eye(matrix.shape[1]))  # a tenth of the cost of eigenvalues
    except np.linalg.LinAlgError:
        value, vector = np.linalg.eigh(matrix)
        low = value[:, 0] < floor
        raised = vector[low] * np.maximum(value[low], floor)[:, None, :]
        matrix[low] = raised @ vector[low].transpose(0, 2, 1)
    return matrix


def features(columns: np.ndarray, full: bool, out: np.ndarray) -> np.ndarray:
    """Fill `out` with 1, x, and x_i x_j (all of them, or squares alone) of columns (d, n)."""
    d, n = columns.shape
    out = out[:, :n]
    out[0], out[1 : d + 1] = 1.0, columns
    if not full:
        np.square(columns, out=out[d + 1 :])
        return out
    row = d + 1
    for i in range(d):
        np.multiply(columns[i], columns[i:], out=out[row : row + d - i])
        row += d - i
    return out


def n_features(d: int, full: bool) -> int:
    return 1 + d + (d * (d + 1) // 2 if full else d)


def em_step(columns: np.ndarray, weight: np.ndarray, old: Parameters) -> tuple[np.ndarray, float]:
    """Sufficient statistics (K, n_feature) under `old`, and its mean log-likelihood.

    `columns` is (d, n), `weight` (n,) sums to 1.
    """
    coefficients = old.coefficients()
    statistics, likelihood = np.zeros_like(coefficients), 0.0
    block = max(min(_BLOCK, _CACHED // coefficients.shape[1]), 1024)
    buffer = np.empty((coefficients.shape[1], block))
    for start in range(0, columns.shape[1], block):
        phi = features(columns[:, start : start + block], old.full, buffer)
        w = weight[start : start + block]
        joint = coefficients @ phi
        top = joint.max(axis=0)
        joint -= top
        np.exp(joint, out=joint)
        total = joint.sum(axis=0)
        likelihood += w @ (top + np.log(total))
        joint *= w / total
        statistics += joint @ phi.T
    return statistics, float(likelihood)


def run(columns, weight, start: Parameters, *, floor: float, tol: float, max_iter: int):
    """Iterate until a plain step gains less than `tol` in mean log-likelihood.

    After every two plain steps the parameters are extrapolated (SQUAREM: Varadhan and Roland 2008, scheme
    S3), since EM converges linearly, and slowly where components overlap; an extrapolation that loses
    likelihood is dropped. `max_iter` is looked at after each such cycle.

    Returns the parameters, their mean log-likelihood, the number of E-steps and whether they converged.
    """
    current, iterations = start, 0
    while iterations < max_iter:
        statistics, before = em_step(columns, weight, current)
        one = current.updated(statistics, floor)
        statistics, after = em_step(columns, weight, one)
        iterations += 2
        if after - before < tol:
            return one, after, iterations, True
        two = one.updated(statistics, floor)
        leap = _extrapolated(current, one, two, floor)
        statistics, there = em_step(columns, weight, leap)
        iterations += 1
        current = leap.updated(statistics, floor) if there >= after else two
    return current, em_step(columns, weight, current)[1], iterations, False


def _extrapolated(zero: Parameters, one: Parameters, two: Parameters, floor: float) -> Parameters:
    """Where the steps zero -> one -> two lead, in coordinates in which every point is a mixture."""
    a, b, c = (_coordinates(p) for p in (zero, one, two))
    step, bend = b - a, c - 2 * b + a
    curvature = float(np.linalg.norm(bend))
    length = max(float(np.linalg.norm(step)) / curvature, 1.0) if curvature > 0 else 1.0
    theta = a + 2 * length * step + length**2 * bend
    k, d = two.means.shape
    weights = np.maximum(np.exp(theta[:, 0] - theta[:, 0].max()), 1e-300)
    lowest = 0.5 * np.log(floor)
    log_sd = np.clip(theta[:, 1 + d : 1 + 2 * d], lowest, -lowest)
    if two.full:
        factor = np.zeros((k, d, d))
        factor[:, *np.tril_indices(d, -1)] = theta[:, 1 + 2 * d :]
        factor[:, *np.diag_indices(d)] = np.exp(log_sd)
        # both factors of a leap may run off, and leave a matrix that no longer has an inverse
        value, vector = np.linalg.eigh(factor @ factor.transpose(0, 2, 1))
        covariances = (vector * np.clip(value, floor, 1 / floor)[:, None, :]) @ vector.transpose(0, 2, 1)
    else:
        covariances = np.exp(2 * log_sd)
    return Parameters(weights / weights.sum(), theta[:, 1 : 1 + d], covariances)


def _coordinates(p: Parameters) -> np.ndarray:
    """Log-weights, means and log-Cholesky factors, shape (K, .): any real numbers are a mixture."""
    d = p.means.shape[1]
    if not p.full:
        return np.column_stack([np.log(p.weights), p.means, 0.5 * np.log(p.covariances)])
    factor = np.linalg.cholesky(p.covariances)
    diagonal = np.log(factor[:, *np.diag_indices(d)])
    return np.column_stack([np.log(p.weights), p.means, diagonal, factor[:, *np.tril_indices(d, -1)]])
