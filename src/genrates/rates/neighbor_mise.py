"""Mean integrated squared error (MISE) of a nearest-neighbor density, from the law of the k-th distance.

A point of the sample lies within r of x with a probability P(r), so that the k-th of n distances has
P(r_k) ~ Beta(k, n - k + 1). Mean and variance of r_k(x)^-d, to which the estimate is proportional, are exact.
The estimate is normalized on the data's bounding box, widened by a tenth of its width at either end. Here
the box and the normalizing integral are those of the mean; their scatter is left out, which costs less than
3 % of the squared error.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import betainc, gammaln, ndtri
from scipy.stats import chi2, ncx2, qmc

from genrates.rates.mixture import NormalMixture

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_CELLS = 120  # of the distribution of a distance
_MARGIN = 0.1  # by which the box is widened, of its width
_BISECTIONS = 45


class NeighborErrors(NamedTuple):
    """Squared errors of a nearest-neighbor density.

    Attributes
    ----------
    bias, variance : float
        Integrated squared bias and variance over the whole space.
    core_bias, core_variance : float
        The same on the core of the truth, with estimate and truth divided by their mass there.
    core_share : float
        Mass of the mean estimate on the core over that of the truth.
    """

    bias: float
    variance: float
    core_bias: float
    core_variance: float
    core_share: float

    @property
    def mise(self) -> float:
        """Mean integrated squared error.

        Returns
        -------
        float
        """
        return self.bias + self.variance

    @property
    def core_mise(self) -> float:
        """Mean integrated squared error on the core.

        Returns
        -------
        float
        """
        return self.core_bias + self.core_variance


def neighbor_errors(
    mixture, n: int, k: int, *, core: float = 0.9, half_width: float | None = None
) -> NeighborErrors:
    """Return the squared errors of the nearest-neighbor density of a sample.

    Parameters
    ----------
    mixture : NormalMixture or triple (weights, means, sds)
        The truth: a mixture on the line, or one normal with equal standard deviations in d dimensions.
    n : int
        Sample size.
    k : int
        Number of neighbors, from 3 to n - 1: with less the variance is infinite.
    core : float, default=0.9
        Mass of the truth's core: between two quantiles on the line, a ball in more dimensions.
    half_width : float, optional
        Half the width of the region around the mean, in standard deviations; by default it follows from the
        mean of the smallest and the largest of n points.

    Returns
    -------
    NeighborErrors

    Raises
    ------
    ValueError
        For another k, or a mixture of several normals in more than one dimension.

    References
    ----------
    Mack and Rosenblatt (1979), J. Multivariate Anal. 9, 1.

    Examples
    --------
    >>> errors = neighbor_errors(([1], [0], [1]), 10_000, 792)
    >>> round(errors.mise**0.5, 3), round(errors.core_mise**0.5, 3)
    (0.059, 0.02)
    """
    if not 3 <= k < n:
        raise ValueError(f"neighbor_errors: k must lie between 3 and n - 1 = {n - 1}, got {k!r}.")
    mixture = NormalMixture.of(mixture)
    if mixture.is_univariate:
        return _on_line(mixture, n, k, core, half_width)
    if len(mixture.weights) > 1 or np.ptp(mixture.sds) > 0:
        raise ValueError("neighbor_errors: in several dimensions the truth must be one normal of equal sds.")
    scale = float(mixture.sds[0, 0]) ** -mixture.n_features
    found = _in_space(mixture.n_features, n, k, core, half_width)
    return NeighborErrors(*(scale * value for value in found[:4]), found.core_share)


def _on_line(mixture: NormalMixture, n: int, k: int, core: float, half_width: float | None) -> NeighborErrors:
    """Return the errors on the line."""
    low, high = _mean_extremes(mixture, n)
    margin = _MARGIN * (high - low)
    low, high = low - margin, high + margin
    if half_width is not None:
        low, high = mixture.mean - half_width * mixture.sd, mixture.mean + half_width * mixture.sd
    ends = mixture.ppf([(1 - core) / 2, (1 + core) / 2])
    details = mixture.means[:, None] + mixture.sds[:, None] * np.arange(-5, 6)
    reach = max(abs(low), abs(high)) + 9 * mixture.sd
    edges = np.concatenate([details.ravel(), np.linspace(low, high, 41), ends, [low, high, -reach, reach]])
    edges = np.unique(edges)
    half = np.diff(edges)[:, None] / 2
    x, weights = (edges[:-1, None] + half * (1 + _NODES)).ravel(), (half * _WEIGHTS).ravel()
    p, inside = mixture.pdf(x), (x > low) & (x < high)

    def within(r):
        return mixture.cdf(x[inside, None] + r) - mixture.cdf(x[inside, None] - r)

    moments = np.zeros((2, len(x)))
    moments[:, inside] = _inverse_moments(within, 2 * reach, n, k, 1)
    middle = (x > ends[0]) & (x < ends[1])
    return _errors(p, weights, np.where(inside, weights, 0.0), *moments, middle)


def _in_space(d: int, n: int, k: int, core: float, half_width: float | None) -> NeighborErrors:
    """Return the errors on the standard normal in d dimensions, by the distance from its center."""
    if half_width is None:
        half_width = (1 + 2 * _MARGIN) * _mean_extremes(NormalMixture([1], [0], [1]), n)[1]
    rim = np.sqrt(chi2.ppf(core, d))
    edges = np.append(np.linspace(0, rim, 41), np.linspace(rim, half_width * np.sqrt(d), 81)[1:])
    radius = (edges[1:] + edges[:-1]) / 2
    direction = np.abs(ndtri(qmc.Sobol(d, rng=1).random_base2(12)))
    reach = np.sort(np.linalg.norm(direction, axis=1) / direction.max(axis=1)) * half_width
    sphere = np.exp(np.log(2) + d / 2 * np.log(np.pi) - gammaln(d / 2))
    volume = sphere * radius ** (d - 1) * np.diff(edges)
    inside = volume * (1 - np.searchsorted(reach, radius) / len(reach))  # the cube's part of each sphere
    p = (2 * np.pi) ** (-d / 2) * np.exp(-0.5 * radius**2)
    center = np.maximum(radius, 1e-6)[:, None] ** 2
    moments = _inverse_moments(lambda r: ncx2.cdf(r * r, d, center), 3 * edges[-1], n, k, d)
    return _errors(p, volume, inside, *moments, radius < rim)


def _errors(p, volume, inside, mean, variance, core) -> NeighborErrors:
    """Return the errors from the truth, the volume of each cell, its part in the region, and the moments."""
    total = inside @ mean
    q, variance = mean / total, variance / total**2
    own, truth = volume[core] @ q[core], volume[core] @ p[core]
    return NeighborErrors(
        float(inside @ (q - p) ** 2 + (volume - inside) @ p**2),
        float(inside @ variance),
        float(volume[core] @ (q[core] / own - p[core] / truth) ** 2),
        float(volume[core] @ variance[core] / own**2),
        float(own / truth),
    )


def _inverse_moments(within: Callable, most: float, n: int, k: int, d: int) -> np.ndarray:
    """Return mean and variance of r_k^-d at every point; `within` is P(r), `most` exceeds all distances."""
    spread = max(6 / np.sqrt(k), 12 / k)  # r^-2d is about P^-2: for small k the small P count
    least, largest = k / n * np.exp(-spread), min(k / n * np.exp(6 / np.sqrt(k)), 1 - 1e-12)
    low, high = (_distance_at(within, level, most) for level in (least, largest))
    share = np.linspace(0, 1, _CELLS + 1)
    r = low * (high / low) ** share
    chance = np.diff(betainc(k, n - k + 1, within(r)), axis=1)
    chance /= chance.sum(axis=1, keepdims=True)
    power = (r[:, 1:] * r[:, :-1]) ** (-d / 2)
    mean = np.sum(chance * power, axis=1)
    return np.array([mean, np.sum(chance * power**2, axis=1) - mean**2])


def _distance_at(within: Callable, level: float, most: float) -> np.ndarray:
    """Return the distance of each point, of shape (m, 1), within which the truth has a probability."""
    low, high = np.log(1e-9 * most), np.log(most)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        above = within(np.exp(middle)) >= level
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.exp((low + high) / 2)


def _mean_extremes(mixture: NormalMixture, n: int) -> tuple[float, float]:
    """Return the means of the smallest and the largest of n points."""
    low, high = np.min(mixture.means - 9 * mixture.sds), np.max(mixture.means + 9 * mixture.sds)
    x = np.linspace(low, high, 8001)
    F = np.minimum(mixture.cdf(x), 1.0)
    return float(low + np.trapezoid((1 - F) ** n, x)), float(high - np.trapezoid(F**n, x))
