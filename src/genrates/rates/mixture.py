"""Normal mixtures: densities whose finite-sample errors have closed forms."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp, ndtr, ndtri

_SQRT_2PI = float(np.sqrt(2 * np.pi))
_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


def normal_derivative(x: np.ndarray, sd: np.ndarray, order: int = 0) -> np.ndarray:
    r"""Return a derivative of the normal density with mean 0 and standard deviation `sd`.

    .. math:: \phi_\sigma^{(r)}(x) = (-1)^r \sigma^{-r} He_r(x/\sigma)\, \phi_\sigma(x)

    with the probabilists' Hermite polynomials He_r.

    Parameters
    ----------
    x, sd : float or ndarray
        Points and standard deviations; they broadcast.
    order : int, default=0
        Order r of the derivative in x; 0 is the density itself.

    Returns
    -------
    ndarray of the broadcast shape

    Examples
    --------
    >>> float(normal_derivative(0.0, 1.0, 2).round(6))
    -0.398942
    """
    z = np.asarray(x) / sd
    hermite = np.polynomial.hermite_e.hermeval(z, [0.0] * order + [1.0])
    return (-1) ** order * hermite * np.exp(-0.5 * z * z) / (_SQRT_2PI * sd ** (order + 1))


def diagonal_normal_pdf(x: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the density of the normal with mean 0 and a diagonal covariance matrix.

    Parameters
    ----------
    x, variance : ndarray of shape (..., d)
        Points and the diagonals of the covariance; they broadcast.

    Returns
    -------
    ndarray of shape (...)

    Examples
    --------
    >>> float(diagonal_normal_pdf(np.zeros(2), np.ones(2)).round(6))
    0.159155
    """
    return np.exp(-0.5 * np.sum(x * x / variance + np.log(2 * np.pi * variance), axis=-1))


@dataclass(frozen=True, eq=False)
class NormalMixture:
    r"""The density :math:`\sum_j w_j N(\mu_j, \mathrm{diag}(\sigma_j^2))` in one or several dimensions.

    The shape of the means decides. Means of shape (k,) make a *univariate* mixture, whose points are numbers.
    Means of shape (k, d) make a mixture in d dimensions, whose points are rows of d numbers.

    Parameters
    ----------
    weights : array-like of shape (k,)
        Positive, with sum 1.
    means : array-like of shape (k,) or (k, d)
    sds : array-like of shape (k,) or (k, d)
        Standard deviations, positive. In d dimensions one for each component, or one for each of its
        coordinates.

    Raises
    ------
    ValueError
        If the shapes do not fit, a value is not finite, the weights are not positive with sum 1, or a
        standard deviation is not positive.

    Examples
    --------
    >>> bimodal = NormalMixture([0.5, 0.5], [-1, 1], [2 / 3, 2 / 3])
    >>> round(bimodal.sd, 6), round(bimodal.roughness(0), 6)
    (1.20185, 0.233871)
    >>> NormalMixture([0.5, 0.5], [[-1, 0], [1, 0]], [1, 1]).sd.round(6)
    array([1.414214, 1.      ])
    """

    weights: np.ndarray
    means: np.ndarray
    sds: np.ndarray

    def __post_init__(self):
        weights, means, sds = (
            np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (self.weights, self.means, self.sds)
        )
        if sds.ndim == 1 and means.ndim == 2 and len(sds) == len(means):
            sds = np.broadcast_to(sds[:, None], means.shape)
        if (
            weights.ndim != 1
            or means.ndim not in (1, 2)
            or len(means) != len(weights)
            or sds.shape != means.shape
        ):
            raise ValueError(
                "NormalMixture: weights, means and sds must have one common shape (k,), or in d dimensions "
                f"shapes (k,), (k, d) and (k,) or (k, d), got {weights.shape}, {means.shape} and {sds.shape}."
            )
        if not all(np.all(np.isfinite(part)) for part in (weights, means, sds)):
            raise ValueError("NormalMixture: weights, means and sds must be finite.")
        if np.any(weights <= 0) or abs(weights.sum() - 1) > 1e-9:
            raise ValueError(f"NormalMixture: weights must be positive and sum to 1, got {weights.tolist()}.")
        if np.any(sds <= 0):
            raise ValueError(f"NormalMixture: standard deviations must be positive, got {sds.tolist()}.")
        for name, part in zip(("weights", "means", "sds"), (weights, means, sds), strict=True):
            object.__setattr__(self, name, part)

    @classmethod
    def of(cls, mixture) -> "NormalMixture":
        """Return `mixture` as a NormalMixture.

        Parameters
        ----------
        mixture : NormalMixture, triple (weights, means, sds) or object with those attributes

        Returns
        -------
        NormalMixture

        Raises
        ------
        ValueError
            If it is none of these, or malformed.
        """
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

    @classmethod
    def univariate(cls, mixture) -> "NormalMixture":
        """Return `mixture` as a univariate NormalMixture.

        Parameters
        ----------
        mixture : NormalMixture, triple (weights, means, sds) or object with those attributes

        Returns
        -------
        NormalMixture
            With means of shape (k,).

        Raises
        ------
        ValueError
            If it is none of these, malformed, or has means of shape (k, d).
        """
        mixture = cls.of(mixture)
        mixture._check_univariate("univariate")
        return mixture

    @property
    def is_univariate(self) -> bool:
        """Whether points are numbers (means of shape (k,)) and not rows of d numbers.

        Returns
        -------
        bool
        """
        return self.means.ndim == 1

    @property
    def n_features(self) -> int:
        """The dimension d.

        Returns
        -------
        int
        """
        return 1 if self.is_univariate else self.means.shape[1]

    @property
    def is_normal(self) -> bool:
        """Whether all components are equal, so that the mixture is a single normal distribution.

        Returns
        -------
        bool
        """
        return bool(np.all(self.means == self.means[0]) and np.all(self.sds == self.sds[0]))

    @property
    def mean(self) -> float | np.ndarray:
        """Expectation.

        Returns
        -------
        float or ndarray of shape (d,)
        """
        return self._average(self.means)

    @property
    def sd(self) -> float | np.ndarray:
        """Standard deviation, in d dimensions of each coordinate.

        Returns
        -------
        float or ndarray of shape (d,)
        """
        sd = np.sqrt(self.central_moment(2))
        return float(sd) if self.is_univariate else sd

    def central_moment(self, order: int) -> float | np.ndarray:
        """Return E (X - E X)^order.

        Parameters
        ----------
        order : int
            From 0 to 4.

        Returns
        -------
        float or ndarray of shape (d,)
            In d dimensions the moment of each coordinate.
        """
        delta, v = self.means - self.mean, self.sds**2
        terms = (np.ones_like(delta), delta, delta**2 + v, delta**3 + 3 * delta * v)
        terms += (delta**4 + 6 * delta**2 * v + 3 * v**2,)
        return self._average(terms[order])

    def pdf(self, x) -> np.ndarray:
        """Return the density.

        Parameters
        ----------
        x : array-like of shape (...) or, in d dimensions, (..., d)

        Returns
        -------
        ndarray of shape (...)
        """
        x = np.asarray(x, dtype=np.float64)
        if self.is_univariate:
            return normal_derivative(x[..., None] - self.means, self.sds) @ self.weights
        return diagonal_normal_pdf(x[..., None, :] - self.means, self.sds**2) @ self.weights

    def logpdf(self, x) -> np.ndarray:
        """Return the log-density in nats, finite also where the density underflows.

        Parameters
        ----------
        x : array-like of shape (...) or, in d dimensions, (..., d)

        Returns
        -------
        ndarray of shape (...)
        """
        x = np.asarray(x, dtype=np.float64)
        if self.is_univariate:
            z = (x[..., None] - self.means) / self.sds
            return logsumexp(-0.5 * z * z + np.log(self.weights / self.sds), axis=-1) - _LOG_SQRT_2PI
        z = (x[..., None, :] - self.means) / self.sds
        log_scale = np.log(self.weights) - np.sum(np.log(self.sds), axis=-1)
        terms = log_scale - 0.5 * np.sum(z * z, axis=-1)
        return logsumexp(terms, axis=-1) - self.n_features * _LOG_SQRT_2PI

    def cdf(self, x) -> np.ndarray:
        """Return the distribution function of a univariate mixture.

        Parameters
        ----------
        x : array-like of any shape

        Returns
        -------
        ndarray of the shape of x
            Rounding may leave values above 1 by a few units of the last digit.

        Raises
        ------
        ValueError
            If the mixture is not univariate.
        """
        self._check_univariate("cdf")
        x = np.asarray(x, dtype=np.float64)
        return ndtr((x[..., None] - self.means) / self.sds) @ self.weights

    def ppf(self, q) -> np.ndarray:
        """Return quantiles of a univariate mixture, by bisection between the quantiles of its components.

        Parameters
        ----------
        q : array-like of any shape
            Levels in [0, 1].

        Returns
        -------
        ndarray of the shape of q
            -inf at level 0 and inf at level 1.

        Raises
        ------
        ValueError
            If the mixture is not univariate.
        """
        self._check_univariate("ppf")
        q = np.asarray(q, dtype=np.float64)
        levels = q.ravel()
        each = self.means + self.sds * ndtri(levels)[:, None]
        low, high = each.min(axis=1), each.max(axis=1)
        inside = np.isfinite(low)
        points = 0.5 * (low + high)
        points[inside] = self._bisect(levels[inside], low[inside], high[inside], 80)
        return points.reshape(q.shape)

    def quantile(self, q: float) -> float:
        """Return one quantile of a univariate mixture, by bisection over its whole range.

        It equals :meth:`ppf` up to rounding. Exact rates are computed from it, so that they stay the same
        to the last digit.

        Parameters
        ----------
        q : float
            Strictly between 0 and 1.

        Returns
        -------
        float
            The point with mass q below it.

        Raises
        ------
        ValueError
            If q is out of range, or the mixture is not univariate.
        """
        self._check_univariate("quantile")
        if not 0 < q < 1:
            raise ValueError(f"NormalMixture.quantile: q must lie strictly between 0 and 1, got {q!r}.")
        low, high = np.min(self.means - 40 * self.sds), np.max(self.means + 40 * self.sds)
        return float(self._bisect(q, low, high, 90))

    @property
    def iqr(self) -> float:
        """Interquartile range of a univariate mixture.

        Returns
        -------
        float
        """
        return self.quantile(0.75) - self.quantile(0.25)

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Weights, mean differences and variance sums over ordered pairs of components.

        They describe the distribution of the difference of two independent points, from which integrals of
        squared densities follow.

        Returns
        -------
        weights : ndarray of shape (k*k,)
        differences, variances : ndarray of shape (k*k,) or (k*k, d)
        """
        shape = (len(self.weights) ** 2, *self.means.shape[1:])
        difference = (self.means[:, None] - self.means).reshape(shape)
        variance = (self.sds[:, None] ** 2 + self.sds**2).reshape(shape)
        return np.outer(self.weights, self.weights).ravel(), difference, variance

    def roughness(self, order: int = 0) -> float:
        r"""Return R(f^(r)), the integral of the squared r-th derivative of the density.

        .. math:: R(f^{(r)}) = (-1)^r \sum_{jl} w_j w_l\, \phi^{(2r)}_{\sqrt{s_j^2 + s_l^2}}(m_j - m_l)

        Parameters
        ----------
        order : int, default=0
            Order r of the derivative. In d dimensions only 0, the integral of the squared density.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If the order is negative, or positive in d dimensions.

        Examples
        --------
        >>> round(NormalMixture([1], [0], [1]).roughness(2), 6)  # 3 / (8 sqrt(pi))
        0.211571
        >>> round(NormalMixture([1], [[0, 0]], [1]).roughness() * 4 * np.pi, 12)
        1.0
        """
        if order < 0:
            raise ValueError(f"roughness: order must be 0, 1, 2, ..., got {order}.")
        weight, difference, variance = self.pairs
        if self.is_univariate:
            derivative = normal_derivative(difference, np.sqrt(variance), 2 * order)
            return float((-1) ** order * weight @ derivative)
        if order > 0:
            raise ValueError(f"roughness: order must be 0 in several dimensions, got {order}.")
        return float(weight @ diagonal_normal_pdf(difference, variance))

    def _average(self, values: np.ndarray) -> float | np.ndarray:
        """Return the weighted mean over components: a float, or an array of shape (d,)."""
        average = self.weights @ values
        return float(average) if self.is_univariate else average

    def _bisect(self, q, low, high, steps: int):
        """Return the points between `low` and `high` at which the distribution function reaches `q`."""
        for _ in range(steps):  # halves the bracket down to the spacing of doubles
            middle = 0.5 * (low + high)
            above = self.cdf(middle) >= q
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return 0.5 * (low + high)

    def _check_univariate(self, method: str) -> None:
        """Raise ValueError if the mixture has means of shape (k, d)."""
        if not self.is_univariate:
            raise ValueError(
                f"NormalMixture.{method}: means must have shape (k,) here, got {self.means.shape}."
            )
