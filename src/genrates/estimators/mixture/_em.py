"""Expectation-maximization for normal mixtures, as two matrix products an iteration.

A normal's log-density is linear in the features (1, x, x_i x_j). So the E-step is one product of the
mixture's coefficients with the features. The M-step's sufficient statistics are one product of the
responsibilities with the same features. Rows are processed in blocks that stay in the cache, so the memory
beyond the data is O(K + d^2) times the block's length. The columns must have mean about 0 and deviation
about 1.
"""

from functools import lru_cache

import numpy as np

_BLOCK = 4096
_CACHE_SIZE = 1 << 17  # in numbers, not bytes
_LOG_2PI = float(np.log(2 * np.pi))
_upper = lru_cache(maxsize=8)(np.triu_indices)


class MixtureParameters:
    """Parameters of a mixture of K normals in d dimensions.

    Parameters
    ----------
    weights : ndarray of shape (K,)
        Weights of the components, with sum 1.
    means : ndarray of shape (K, d)
        Means of the components.
    covariances : ndarray of shape (K, d, d) or (K, d)
        Covariance matrices, or the variances if they are diagonal.
    """

    def __init__(self, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray):
        self.weights, self.means, self.covariances = weights, means, covariances

    @property
    def full(self) -> bool:
        """Whether the covariances are matrices.

        Returns
        -------
        bool
            False if they are diagonal.
        """
        return self.covariances.ndim == 3

    def coefficients(self) -> np.ndarray:
        """Return the coefficients of the features in each component's log(weight x density).

        Returns
        -------
        ndarray of shape (K, n_features)
            Coefficients of (1, x, x_i x_j), in the order of :func:`features`.
        """
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

    def updated(self, statistics: np.ndarray, floor: float) -> "MixtureParameters":
        """Return the parameters after an M-step.

        Eigenvalues of the covariances are raised to `floor`. This is the maximum likelihood under that
        constraint, so the likelihood still never falls.

        Parameters
        ----------
        statistics : ndarray of shape (K, n_features)
            Sums of responsibility x features, with weights of sum 1.
        floor : float
            Smallest eigenvalue of a covariance.

        Returns
        -------
        MixtureParameters
            The new mixture. A component without points keeps its mean and covariance.
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
            covariances[alive] = _with_floored_eigenvalues(matrix, floor)
        else:
            covariances[alive] = np.maximum(moments[:, d:] - mean**2, floor)
        share = np.maximum(share, 1e-300)  # the logarithm of an empty component's weight stays finite
        return MixtureParameters(share / share.sum(), means, covariances)


def _with_floored_eigenvalues(matrix: np.ndarray, floor: float) -> np.ndarray:
    """Return symmetric matrices (K, d, d) with eigenvalues below `floor` raised to it."""
    try:
        np.linalg.cholesky(matrix - floor * np.eye(matrix.shape[1]))  # cheaper than eigenvalues
    except np.linalg.LinAlgError:
        value, vector = np.linalg.eigh(matrix)
        low = value[:, 0] < floor
        raised = vector[low] * np.maximum(value[low], floor)[:, None, :]
        matrix[low] = raised @ vector[low].transpose(0, 2, 1)
    return matrix


def features(columns: np.ndarray, full: bool, out: np.ndarray) -> np.ndarray:
    """Fill `out` with the features 1, x and x_i x_j of the points.

    Parameters
    ----------
    columns : ndarray of shape (d, n)
        Points.
    full : bool
        Whether to include the products x_i x_j with i < j; squares only otherwise.
    out : ndarray of shape (n_features, at least n)
        Array to fill.

    Returns
    -------
    ndarray of shape (n_features, n)
        The filled part of `out`.
    """
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
    """Return the number of features of d columns.

    Parameters
    ----------
    d : int
        Number of columns.
    full : bool
        Whether products of different columns count.

    Returns
    -------
    int
        Number of features, the constant included.
    """
    return 1 + d + (d * (d + 1) // 2 if full else d)


def em_step(columns: np.ndarray, weight: np.ndarray, old: MixtureParameters) -> tuple[np.ndarray, float]:
    """Run an E-step and sum its sufficient statistics.

    Parameters
    ----------
    columns : ndarray of shape (d, n)
        Points, one column of this array each; every feature has mean about 0 and deviation about 1.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    old : MixtureParameters
        The mixture that gives the responsibilities.

    Returns
    -------
    statistics : ndarray of shape (K, n_features)
        Weighted sums of responsibility x features.
    likelihood : float
        Mean log-likelihood of the points under `old`, in nats.
    """
    coefficients = old.coefficients()
    statistics, likelihood = np.zeros_like(coefficients), 0.0
    block = max(min(_BLOCK, _CACHE_SIZE // coefficients.shape[1]), 1024)
    buffer = np.empty((coefficients.shape[1], block))
    for start in range(0, columns.shape[1], block):
        phi = features(columns[:, start : start + block], old.full, buffer)
        w = weight[start : start + block]
        joint = coefficients @ phi
        largest = joint.max(axis=0)
        joint -= largest
        np.exp(joint, out=joint)
        total = joint.sum(axis=0)
        likelihood += w @ (largest + np.log(total))
        joint *= w / total
        statistics += joint @ phi.T
    return statistics, float(likelihood)


def run(columns, weight, start: MixtureParameters, *, floor: float, tol: float, max_iter: int):
    """Run EM until a plain step gains less than `tol` in mean log-likelihood.

    EM converges linearly, and slowly if components overlap. So after every two plain steps the parameters are
    extrapolated (SQUAREM: Varadhan and Roland 2008, scheme S3). An extrapolation that loses likelihood is
    dropped. `max_iter` is checked after each such cycle.

    Parameters
    ----------
    columns : ndarray of shape (d, n)
        Points, one column of this array each; every feature has mean about 0 and deviation about 1.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    start : MixtureParameters
        The mixture to start from.
    floor : float
        Smallest variance of a component in any direction.
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
    current, iterations = start, 0
    while iterations < max_iter:
        statistics, likelihood = em_step(columns, weight, current)
        one = current.updated(statistics, floor)
        statistics, likelihood_one = em_step(columns, weight, one)
        iterations += 2
        if likelihood_one - likelihood < tol:
            return one, likelihood_one, iterations, True
        two = one.updated(statistics, floor)
        leap = _extrapolated(current, one, two, floor)
        statistics, likelihood_leap = em_step(columns, weight, leap)
        iterations += 1
        current = leap.updated(statistics, floor) if likelihood_leap >= likelihood_one else two
    return current, em_step(columns, weight, current)[1], iterations, False


def _extrapolated(
    zero: MixtureParameters, one: MixtureParameters, two: MixtureParameters, floor: float
) -> MixtureParameters:
    """Return the SQUAREM extrapolation of the steps zero -> one -> two, in unconstrained coordinates."""
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
        # extrapolation may make the product of the factors nearly singular
        value, vector = np.linalg.eigh(factor @ factor.transpose(0, 2, 1))
        covariances = (vector * np.clip(value, floor, 1 / floor)[:, None, :]) @ vector.transpose(0, 2, 1)
    else:
        covariances = np.exp(2 * log_sd)
    return MixtureParameters(weights / weights.sum(), theta[:, 1 : 1 + d], covariances)


def _coordinates(p: MixtureParameters) -> np.ndarray:
    """Return log-weights, means and log-Cholesky factors (K, .); any real numbers give a mixture."""
    d = p.means.shape[1]
    if not p.full:
        return np.column_stack([np.log(p.weights), p.means, 0.5 * np.log(p.covariances)])
    factor = np.linalg.cholesky(p.covariances)
    diagonal = np.log(factor[:, *np.diag_indices(d)])
    return np.column_stack([np.log(p.weights), p.means, diagonal, factor[:, *np.tril_indices(d, -1)]])
