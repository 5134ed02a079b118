"""Normal mixtures: the densities on which finite-n errors are known without simulation."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

_SQRT_2PI = float(np.sqrt(2 * np.pi))


def normal_derivative(x: np.ndarray, sd: np.ndarray, order: int = 0) -> np.ndarray:
    r"""The order-th derivative in x of the normal density with mean 0 and standard deviation sd.

    .. math:: \phi_\sigma^{(r)}(x) = (-1)^r \sigma^{-r} He_r(x/\sigma)\, \phi_\sigma(x)

    with the probabilists' Hermite polynomials He_r; x and sd broadcast.

    >>> float(normal_derivative(0.0, 1.0, 2).round(6))
    -0.398942
    """
    z = np.asarray(x) / sd
    hermite = np.polynomial.hermite_e.hermeval(z, [0.0] * order + [1.0])
    return (-1) ** order * hermite * np.exp(-0.5 * z * z) / (_SQRT_2PI * sd ** (order + 1))


@dataclass(frozen=True, eq=False)
class NormalMixture:
    """The density sum_j weights[j] N(means[j], sds[j]^2) on the line, and what theory asks about it.

    Parameters
    ----------
    weights, means, sds : array-like of shape (k,)
        Weights are positive and sum to 1; sds are standard deviations, positive.

    Raises
    ------
    ValueError
        If the three differ in length, are not finite, or break the rules above.

    Examples
    --------
    >>> bimodal = NormalMixture([0.5, 0.5], [-1, 1], [2 / 3, 2 / 3])
    >>> round(bimodal.sd, 6), round(bimodal.roughness(0), 6)
    (1.20185, 0.233871)
    """

    weights: np.ndarray
    means: np.ndarray
    sds: np.ndarray

    def __post_init__(self):
        parts = [
            np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (self.weights, self.means, self.sds)
        ]
        shapes = [part.shape for part in parts]
        if len(set(shapes)) != 1 or parts[0].ndim != 1:
            raise ValueError(
                f"NormalMixture: weights, means and sds need one common shape (k,), got {shapes}."
            )
        if not all(np.all(np.isfinite(part)) for part in parts):
            raise ValueError("NormalMixture: weights, means and sds must be finite.")
        if np.any(parts[0] <= 0) or abs(parts[0].sum() - 1) > 1e-9:
            raise ValueError(
                f"NormalMixture: weights must be positive and sum to 1, got {parts[0].tolist()}."
            )
        if np.any(parts[2] <= 0):
            raise ValueError(f"NormalMixture: standard deviations must be positive, got {parts[2].tolist()}.")
        for name, part in zip(("weights", "means", "sds"), parts, strict=True):
            object.__setattr__(self, name, part)

    @classmethod
    def of(cls, mixture) -> "NormalMixture":
        """From a NormalMixture, a triple (weights, means, sds), or any object with those attributes."""
        if isinstance(mixture, cls):
            return mixture
        if all(hasattr(mixture, name) for name in ("weights", "means", "sds")):
            return cls(mixture.weights, mixture.means, mixture.sds)
        try:
            weights, means, sds = mixture
        except (TypeError, ValueError):
            raise ValueError(
                f"NormalMixture: need (weights, means, sds) or an object that has them, got {mixture!r}."
            ) from None
        return cls(weights, means, sds)

    @property
    def is_normal(self) -> bool:
        """Whether the mixture is a single normal distribution in disguise."""
        return bool(np.all(self.means == self.means[0]) and np.all(self.sds == self.sds[0]))

    @property
    def mean(self) -> float:
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        return float(np.sqrt(self.central_moment(2)))

    def central_moment(self, order: int) -> float:
        """E (X - E X)^order, order 0 to 4."""
        delta, v = self.means - self.mean, self.sds**2
        terms = (np.ones_like(delta), delta, delta**2 + v, delta**3 + 3 * delta * v)
        terms += (delta**4 + 6 * delta**2 * v + 3 * v**2,)
        return float(self.weights @ terms[order])

    def pdf(self, x) -> np.ndarray:
        """Density at x, same shape as x."""
        x = np.asarray(x, dtype=np.float64)
        return normal_derivative(x[..., None] - self.means, self.sds) @ self.weights

    def cdf(self, x) -> np.ndarray:
        """Distribution function at x, same shape as x."""
        x = np.asarray(x, dtype=np.float64)
        return ndtr((x[..., None] - self.means) / self.sds) @ self.weights

    def quantile(self, q: float) -> float:
        """The point with mass q below it, 0 < q < 1."""
        if not 0 < q < 1:
            raise ValueError(f"NormalMixture.quantile: q must lie strictly between 0 and 1, got {q!r}.")
        low, high = float(np.min(self.means - 40 * self.sds)), float(np.max(self.means + 40 * self.sds))
        for _ in range(90):  # bisection halves the bracket down to the spacing of doubles
            middle = (low + high) / 2
            low, high = (middle, high) if self.cdf(middle) < q else (low, middle)
        return (low + high) / 2

    @property
    def iqr(self) -> float:
        """Interquartile range."""
        return self.quantile(0.75) - self.quantile(0.25)

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights, mean differences and variance sums over ordered pairs of components, each (k*k,).

        They are the law of the difference of two independent points, which is all that the integrated
        squares of this module need.
        """
        weight = np.outer(self.weights, self.weights).ravel()
        difference = np.subtract.outer(self.means, self.means).ravel()
        variance = np.add.outer(self.sds**2, self.sds**2).ravel()
        return weight, difference, variance

    def roughness(self, order: int = 0) -> float:
        r"""R(f^(r)) = integral of the squared r-th derivative of the density.

        .. math:: R(f^{(r)}) = (-1)^r \sum_{jl} w_j w_l\, \phi^{(2r)}_{\sqrt{s_j^2 + s_l^2}}(m_j - m_l)

        >>> round(NormalMixture([1], [0], [1]).roughness(2), 6)  # 3 / (8 sqrt(pi))
        0.211571
        """
        if order < 0:
            raise ValueError(f"roughness: order must be 0, 1, 2, ..., got {order}.")
        weight, difference, variance = self.pairs
        return float((-1) ** order * weight @ normal_derivative(difference, np.sqrt(variance), 2 * order))
