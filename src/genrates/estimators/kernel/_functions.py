"""The kernels: shape, constant, integral, self-convolution and moments.

Names and constants are scikit-learn's. All kernels are radial: K(u) = c_d k(|u|) in d dimensions, u in
bandwidths. "gaussian4" and "sinc" have an order above two, take negative values and exist in one dimension
only.
"""

import numpy as np
from scipy.special import gammaln, ndtr, sici

KERNELS = ("gaussian", "epanechnikov", "tophat", "linear", "exponential", "cosine", "gaussian4", "sinc")
#: kernels that are densities themselves
SECOND_ORDER = KERNELS[:6]
COMPACT = ("epanechnikov", "tophat", "linear", "cosine")

_SQRT_2PI = float(np.sqrt(2 * np.pi))


def _phi(u):
    """Return the standard normal density."""
    return np.exp(-0.5 * u * u) / _SQRT_2PI


def log_norm(kernel: str, d: int) -> float:
    """Return the log of c_d, the constant that makes the d-dimensional radial kernel integrate to one.

    Parameters
    ----------
    kernel : str
        A second-order kernel.
    d : int

    Returns
    -------
    float
    """
    if kernel == "gaussian":
        return -0.5 * d * float(np.log(2 * np.pi))
    log_sphere = np.log(2.0) + 0.5 * d * np.log(np.pi) - gammaln(0.5 * d)  # area of the unit sphere
    return -float(log_sphere + _log_radial_integral(kernel, d - 1))


def _log_radial_integral(kernel: str, m: int) -> float:
    """Return the log of the integral of k(r) r^m over r > 0; the integral itself may overflow."""
    if kernel == "gaussian":
        return float(0.5 * (m - 1) * np.log(2) + gammaln(0.5 * (m + 1)))
    if kernel == "exponential":
        return float(gammaln(m + 1))
    if kernel == "tophat":
        return -float(np.log(m + 1))
    if kernel == "epanechnikov":  # 1 / (m + 1) - 1 / (m + 3)
        return float(np.log(2 / (m + 1) / (m + 3)))
    if kernel == "linear":  # 1 / (m + 1) - 1 / (m + 2)
        return -float(np.log(m + 1) + np.log(m + 2))
    # cosine: Gauss-Legendre is exact to rounding for this entire function
    node, weight = np.polynomial.legendre.leggauss(48 + (m + 1) // 2)
    r = 0.5 * (node + 1)
    return float(np.log(0.5 * weight @ (np.cos(0.5 * np.pi * r) * r**m)))


def profile(kernel: str, r):
    """Return k(r), unnormalized: k(0) = 1.

    Parameters
    ----------
    kernel : str
        A second-order kernel.
    r : ndarray
        Distances, at least 0, in bandwidths.

    Returns
    -------
    ndarray of the same shape

    Raises
    ------
    ValueError
        For any other kernel.
    """
    if kernel == "gaussian":
        return np.exp(-0.5 * r * r)
    if kernel == "exponential":
        return np.exp(-r)
    if kernel == "tophat":
        return (r < 1).astype(np.float64)
    if kernel == "epanechnikov":
        return np.where(r < 1, 1 - r * r, 0.0)
    if kernel == "linear":
        return np.where(r < 1, 1 - r, 0.0)
    if kernel == "cosine":
        return np.where(r < 1, np.cos(0.5 * np.pi * r), 0.0)
    raise ValueError(f"no radial profile for the kernel {kernel!r}")


def density_1d(kernel: str, u):
    """Return K(u), normalized, in one dimension.

    Parameters
    ----------
    kernel : str
    u : ndarray
        In bandwidths.

    Returns
    -------
    ndarray of the same shape
    """
    if kernel == "gaussian4":
        return 0.5 * (3 - u * u) * _phi(u)
    if kernel == "sinc":
        return np.sinc(u / np.pi) / np.pi
    return np.exp(log_norm(kernel, 1)) * profile(kernel, np.abs(u))


def integral_1d(kernel: str, u):
    """Return the integral of K from -infinity to u, in one dimension.

    Parameters
    ----------
    kernel : str
    u : ndarray
        In bandwidths.

    Returns
    -------
    ndarray of the same shape
    """
    if kernel == "gaussian":
        return ndtr(u)
    if kernel == "gaussian4":
        return ndtr(u) + 0.5 * u * _phi(u)
    if kernel == "sinc":
        return 0.5 + sici(u)[0] / np.pi
    if kernel == "exponential":
        return np.where(u < 0, 0.5 * np.exp(np.minimum(u, 0)), 1 - 0.5 * np.exp(-np.maximum(u, 0)))
    c = np.clip(u, -1, 1)
    if kernel == "tophat":
        return 0.5 * (1 + c)
    if kernel == "epanechnikov":
        return 0.25 * (2 + 3 * c - c**3)
    if kernel == "linear":
        return 0.5 + c - 0.5 * c * np.abs(c)
    return 0.5 * (1 + np.sin(0.5 * np.pi * c))


def convolution_1d(kernel: str, u):
    """Return (K * K)(u), in one dimension, which gives the integral of the squared estimate.

    Parameters
    ----------
    kernel : str
    u : ndarray
        In bandwidths.

    Returns
    -------
    ndarray of the same shape
    """
    v = np.abs(u)
    if kernel == "gaussian":
        return _phi(v / np.sqrt(2)) / np.sqrt(2)
    if kernel == "gaussian4":
        # K = phi - phi''/2, so K*K = g - g'' + g''''/4 with g the N(0, 2) density
        s = v * v / 2
        g = _phi(v / np.sqrt(2)) / np.sqrt(2)
        return g * (1 - (s - 1) / 2 + (s * s - 6 * s + 3) / 16)
    if kernel == "sinc":
        return density_1d("sinc", v)
    if kernel == "exponential":
        return 0.25 * (1 + v) * np.exp(-v)
    c = np.minimum(v, 2.0)
    if kernel == "tophat":
        return 0.25 * (2 - c)
    if kernel == "epanechnikov":
        return 3 / 160 * (2 - c) ** 3 * (c * c + 6 * c + 4)
    if kernel == "linear":
        return np.where(c < 1, 2 / 3 - c**2 + c**3 / 2, (2 - c) ** 3 / 6)
    return np.pi**2 / 32 * ((2 - c) * np.cos(np.pi * c / 2) + 2 / np.pi * np.sin(np.pi * c / 2))


def reach(kernel: str) -> float:
    """Return the distance beyond which less than about 1e-16 of the kernel's mass is left.

    Parameters
    ----------
    kernel : str

    Returns
    -------
    float
        In bandwidths; inf for "sinc", which has no such distance.
    """
    if kernel in COMPACT:
        return 1.0
    return {"gaussian": 8.5, "gaussian4": 9.0, "exponential": 37.0, "sinc": np.inf}[kernel]


def log_squared_integral(kernel: str, d: int) -> float:
    """Return the log of R(K), the integral of K^2 in d dimensions.

    Parameters
    ----------
    kernel : str
    d : int

    Returns
    -------
    float
    """
    if kernel in ("gaussian4", "sinc"):
        return float(np.log(convolution_1d(kernel, np.zeros(1))[0]))
    if kernel == "gaussian":
        return -0.5 * d * float(np.log(4 * np.pi))
    if kernel == "exponential":
        log_inner = gammaln(d) - d * np.log(2)
    else:
        node, weight = np.polynomial.legendre.leggauss(48 + (d + 1) // 2)
        r = 0.5 * (node + 1)
        log_inner = np.log(0.5 * weight @ (profile(kernel, r) ** 2 * r ** (d - 1)))
    log_sphere = np.log(2.0) + 0.5 * d * np.log(np.pi) - gammaln(0.5 * d)
    return float(2 * log_norm(kernel, d) + log_sphere + log_inner)


def variance(kernel: str, d: int) -> float:
    """Return the variance of one coordinate of a draw from the kernel.

    Parameters
    ----------
    kernel : str
        A second-order kernel.
    d : int

    Returns
    -------
    float
        In squared bandwidths.
    """
    return float(np.exp(_log_radial_integral(kernel, d + 1) - _log_radial_integral(kernel, d - 1))) / d


def canonical_ratio(kernel: str, d: int) -> float:
    """Return the bandwidth of `kernel` that smooths as much as the Gaussian with bandwidth 1.

    Parameters
    ----------
    kernel : str
        A kernel of higher order gives 1.
    d : int

    Returns
    -------
    float

    References
    ----------
    Marron and Nolan (1988).

    Examples
    --------
    >>> round(canonical_ratio("epanechnikov", 1), 4)
    2.2138
    """
    if kernel == "gaussian" or kernel not in SECOND_ORDER:
        return 1.0

    def log_delta(name):
        return (log_squared_integral(name, d) - 2 * np.log(variance(name, d))) / (d + 4)

    return float(np.exp(log_delta(kernel) - log_delta("gaussian")))


def draw(kernel: str, n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Draw from a second-order kernel with bandwidth 1.

    Parameters
    ----------
    kernel : str
    n : int
    d : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (n, d)
    """
    if kernel != "gaussian" and d == 1:
        return _draw_on_the_line(kernel, n, rng)[:, None]
    z = rng.standard_normal((n, d))
    if kernel == "gaussian":
        return z
    direction = z / np.sqrt(np.einsum("ij,ij->i", z, z))[:, None]
    return direction * _draw_radius(kernel, n, d, rng)[:, None]


def _draw_on_the_line(kernel, n, rng):
    """Draw n values from a kernel other than the Gaussian, in one dimension."""
    if kernel == "exponential":
        return rng.laplace(size=n)
    u = rng.random(n)
    if kernel == "cosine":  # the inverse of its distribution function
        return np.arcsin(2 * u - 1) * (2 / np.pi)
    if kernel == "linear":
        return u - rng.random(n)
    if kernel == "epanechnikov":  # the median of three uniforms
        v, w = rng.random(n), rng.random(n)
        u, v = np.minimum(u, v), np.maximum(u, v)
        u = np.maximum(u, np.minimum(v, w))
    return 2 * u - 1


def _draw_radius(kernel, n, d, rng):
    """Draw n distances from the origin, for a kernel other than the Gaussian in d dimensions."""
    if kernel == "tophat":
        return rng.random(n) ** (1 / d)
    if kernel == "exponential":
        return rng.gamma(d, size=n)
    if kernel == "epanechnikov":
        return np.sqrt(rng.beta(d / 2, 2, size=n))
    if kernel == "linear":
        return rng.beta(d, 2, size=n)
    # cosine: rejection from the linear kernel's radius; cos(pi r / 2) <= (pi / 2) (1 - r)
    out = np.empty(0)
    while out.size < n:
        r = rng.beta(d, 2, size=2 * n + 16)
        keep = rng.random(r.size) * (np.pi / 2) * (1 - r) < np.cos(np.pi / 2 * r)
        out = np.concatenate([out, r[keep]])
    return out[:n]
