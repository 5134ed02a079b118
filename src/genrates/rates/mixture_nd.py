"""Normal mixtures in several dimensions whose components have diagonal covariances."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class NormalMixtureND:
    """The density sum_j weights[j] N(means[j], diag(sds[j]^2)) in d dimensions.

    Parameters
    ----------
    weights : array-like of shape (k,)
        Positive, of sum 1.
    means : array-like of shape (k, d)
    sds : array-like of shape (k,) or (k, d)
        Standard deviations, one for each component or for each of its coordinates; positive.

    Raises
    ------
    ValueError
        For shapes that do not fit, values that are not finite, or rules broken.

    Examples
    --------
    >>> NormalMixtureND([0.5, 0.5], [[-1, 0], [1, 0]], [1, 1]).sd.round(6)
    array([1.414214, 1.      ])
    """

    weights: np.ndarray
    means: np.ndarray
    sds: np.ndarray

    def __post_init__(self):
        w, m, s = (np.asarray(part, dtype=np.float64) for part in (self.weights, self.means, self.sds))
        s = np.broadcast_to(s[:, None], m.shape) if s.ndim == 1 and m.ndim == 2 and len(s) == len(m) else s
        if w.ndim != 1 or m.ndim != 2 or len(m) != len(w) or s.shape != m.shape:
            raise ValueError(
                "NormalMixtureND: needs weights (k,), means (k, d) and sds (k,) or (k, d), "
                f"got {w.shape}, {m.shape} and {s.shape}."
            )
        if not (np.all(np.isfinite(w)) and np.all(np.isfinite(m)) and np.all(np.isfinite(s))):
            raise ValueError("NormalMixtureND: weights, means and sds must be finite.")
        if np.any(w <= 0) or abs(w.sum() - 1) > 1e-9 or np.any(s <= 0):
            raise ValueError("NormalMixtureND: weights must be positive and sum to 1, sds be positive.")
        for name, part in zip(("weights", "means", "sds"), (w, m, s), strict=True):
            object.__setattr__(self, name, part)

    @property
    def n_features(self) -> int:
        return self.means.shape[1]

    @property
    def sd(self) -> np.ndarray:
        """Standard deviation of each coordinate, shape (d,)."""
        mean = self.weights @ self.means
        return np.sqrt(self.weights @ ((self.means - mean) ** 2 + self.sds**2))

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights (p,), mean differences (p, d) and variance sums (p, d) over ordered pairs of components.

        They are the law of the difference of two independent points.
        """
        k, d = self.means.shape
        difference = (self.means[:, None] - self.means).reshape(k * k, d)
        variance = (self.sds[:, None] ** 2 + self.sds**2).reshape(k * k, d)
        return np.outer(self.weights, self.weights).ravel(), difference, variance

    def roughness(self) -> float:
        """R(f), the integral of the squared density.

        >>> round(NormalMixtureND([1], [[0, 0]], [1]).roughness() * 4 * np.pi, 12)
        1.0
        """
        weight, difference, variance = self.pairs
        return float(weight @ normal_at(difference, variance))


def normal_at(x: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Density at x of the normal with mean 0 and diagonal covariance; the last axis is the dimension.

    >>> float(normal_at(np.zeros(2), np.ones(2)).round(6))
    0.159155
    """
    return np.exp(-0.5 * np.sum(x * x / variance + np.log(2 * np.pi * variance), axis=-1))
