"""Orthonormal bases of the unit interval, and the sums, derivatives and integrals of series in them.

A series f = sum_k theta_k phi_k has orthonormal coefficients theta of shape (M,); phi_0 = 1.
"""

import math

import numpy as np
from numpy.polynomial import legendre

# Grid spacing per wavelength and number of moments: the first neglected Taylor term,
# (pi / 16)^10 / 10!, is 2e-14, below the rounding of a sum over the points.
_OVERSAMPLING = 8
_MOMENTS = 10


def _clenshaw(coefficients: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return b_1 and b_2 of Clenshaw's recurrence b_k = c_k + 2 x b_{k+1} - b_{k+2}, elementwise in x."""
    b1, b2 = np.zeros_like(x), np.zeros_like(x)
    twice = 2 * x
    for c in coefficients[:0:-1]:
        b2 *= -1
        b2 += twice * b1
        b2 += c
        b1, b2 = b2, b1
    return b1, b2


class Cosine:
    """The cosine basis phi_k(u) = sqrt(2) cos(pi k u).

    These are the eigenfunctions of the Laplacian with zero slope at both ends.
    """

    @staticmethod
    def coefficients(u: np.ndarray, weight: np.ndarray | None, n_terms: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the weighted means of phi_k and of phi_k^2 over the points.

        Each point is moved to the nearest node of a grid, and the first moments of the shifts are kept (a
        Taylor expansion of the cosine). Fast Fourier transforms then sum over the grid: O(n + M log M), exact
        to 1e-13. The squares follow from phi_k^2 = 1 + phi_{2k} / sqrt(2).

        Parameters
        ----------
        u : ndarray of shape (n,)
            Points of [0, 1].
        weight : ndarray of shape (n,) or None
            Weights of the points; None weighs all equally.
        n_terms : int
            Number of basis functions, the constant included.

        Returns
        -------
        means : ndarray of shape (n_terms,)
            Weighted means of phi_k.
        squares : ndarray of shape (n_terms,)
            Weighted means of phi_k^2.
        """
        top = 2 * n_terms
        nodes = _OVERSAMPLING * 2 ** math.ceil(math.log2(top))
        cell = np.rint(u * nodes)
        shift = u * nodes - cell
        cell = cell.astype(np.intp)
        moment = np.full(len(u), 1 / len(u)) if weight is None else weight / weight.sum()
        frequency = 1j * np.pi / nodes * np.arange(top)
        total = np.zeros(top, dtype=complex)
        power = np.ones(top, dtype=complex)
        for m in range(_MOMENTS):
            if m:
                moment = moment * shift
                power = power * frequency / m
            # sum_j a_j exp(i pi k j / nodes) is the conjugate of a real transform of length 2 nodes
            grid = np.bincount(cell, weights=moment, minlength=nodes + 1)
            total += power * np.conj(np.fft.rfft(grid, 2 * nodes)[:top])
        means = np.sqrt(2) * total.real
        means[0] = 1.0
        squares = 1 + means[::2] / np.sqrt(2)
        squares[0] = 1.0
        return means[:n_terms], squares

    @staticmethod
    def matrix(u: np.ndarray, n_terms: int) -> np.ndarray:
        """Return phi_k(u).

        Parameters
        ----------
        u : ndarray of shape (n,)
            Points of [0, 1].
        n_terms : int
            Number of basis functions, the constant included.

        Returns
        -------
        ndarray of shape (n, n_terms)
            Values of the basis functions.
        """
        out = np.empty((n_terms, len(u)))
        out[0] = 1.0
        if n_terms > 1:
            np.cos(np.pi * u, out=out[1])
        twice = 2 * out[1] if n_terms > 1 else None
        for k in range(2, n_terms):  # cos(k t) = 2 cos(t) cos((k - 1) t) - cos((k - 2) t)
            np.multiply(twice, out[k - 1], out=out[k])
            out[k] -= out[k - 2]
        out[1:] *= np.sqrt(2)
        return out.T

    @staticmethod
    def slopes(u: np.ndarray, n_terms: int) -> np.ndarray:
        """Return phi_k'(u).

        Parameters
        ----------
        u : ndarray of shape (n,)
            Points of [0, 1].
        n_terms : int
            Number of basis functions, the constant included.

        Returns
        -------
        ndarray of shape (n, n_terms)
            Derivatives of the basis functions.
        """
        k = np.arange(n_terms)
        return -np.sqrt(2) * np.pi * k * np.sin(np.pi * np.outer(u, k))

    @staticmethod
    def value(theta: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Return the series f(u).

        Parameters
        ----------
        theta : ndarray of shape (M,)
            Coefficients of the series.
        u : ndarray of shape (n,)
            Points of [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            Values of the series.
        """
        x = np.cos(np.pi * u)
        b1, b2 = _clenshaw(np.sqrt(2) * theta, x)
        return theta[0] + b1 * x - b2

    @staticmethod
    def derivative(theta: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Return the derivative f'(u).

        Parameters
        ----------
        theta : ndarray of shape (M,)
            Coefficients of the series.
        u : ndarray of shape (n,)
            Points of [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            Derivatives of the series.
        """
        b1, _ = _clenshaw(-np.pi * np.sqrt(2) * np.arange(len(theta)) * theta, np.cos(np.pi * u))
        return b1 * np.sin(np.pi * u)

    @staticmethod
    def integral(theta: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Return the antiderivative of f that vanishes at u = 0.

        Parameters
        ----------
        theta : ndarray of shape (M,)
            Coefficients of the series.
        u : ndarray of shape (n,)
            Points of [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            Integrals of the series from 0 to u.
        """
        k = np.maximum(np.arange(len(theta)), 1)
        b1, _ = _clenshaw(np.sqrt(2) / np.pi * theta / k, np.cos(np.pi * u))
        return theta[0] * u + b1 * np.sin(np.pi * u)

    @staticmethod
    def max_slope(n_terms: int) -> np.ndarray:
        """Return the supremum of |phi_k'| over [0, 1] for each k.

        Parameters
        ----------
        n_terms : int
            Number of basis functions, the constant included.

        Returns
        -------
        ndarray of shape (n_terms,)
            The suprema.
        """
        return np.sqrt(2) * np.pi * np.arange(n_terms)

    @staticmethod
    def max_curvature(n_terms: int) -> np.ndarray:
        """Return the supremum of |phi_k''| over [0, 1] for each k.

        Parameters
        ----------
        n_terms : int
            Number of basis functions, the constant included.

        Returns
        -------
        ndarray of shape (n_terms,)
            The suprema.
        """
        return np.sqrt(2) * (np.pi * np.arange(n_terms)) ** 2

    @staticmethod
    def max_value(n_terms: int) -> np.ndarray:
        """Return the supremum of |phi_k| over [0, 1] for each k.

        Parameters
        ----------
        n_terms : int
            Number of basis functions, the constant included.

        Returns
        -------
        ndarray of shape (n_terms,)
            The suprema.
        """
        return np.where(np.arange(n_terms) == 0, 1.0, np.sqrt(2))


class Legendre:
    """The Legendre basis phi_k(u) = sqrt(2k + 1) P_k(2u - 1).

    Polynomials may have any value and slope at both ends.
    """

    @staticmethod
    def coefficients(u: np.ndarray, weight: np.ndarray | None, n_terms: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the weighted means of phi_k and of phi_k^2, by the three-term recurrence, O(n M).

        Parameters
        ----------
        u : ndarray of shape (n,)
            Points of [0, 1].
        weight : ndarray of shape (n,) or None
            Weights of the points; None weighs all equally.
        n_terms : int
            Number of basis functions, the constant included.

        Returns
        -------
        means : ndarray of shape (n_terms,)
            Weighted means of phi_k.
        squares : ndarray of shape (n_terms,)
            Weighted means of phi_k^2.
        """
        w = np.full(len(u), 1 / len(u)) if weight is None else weight / weight.sum()
        means, squares = np.ones(n_terms), np.ones(n_terms)
        x = 2 * u - 1
        before, now = np.ones_like(x), x
        for k in range(1, n_terms):
            means[k] = math.sqrt(2 * k + 1) * (w @ now)
            squares[k] = (2 * k + 1) * (w @ (now * now))
            before, now = now, ((2 * k + 1) * x * now - k * before) / (k + 1)
        return means, squares

    @staticmethod
    def value(theta: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Return the series f(u).

        Parameters
        ----------
        theta : ndarray of shape (M,)
            Coefficients of the series.
        u : ndarray of shape (n,)
            Points of [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            Values of the series.
        """
        return legendre.legval(2 * u - 1, Legendre._legendre_coefficients(theta))

    @staticmethod
    def derivative(theta: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Return the derivative f'(u).

        Parameters
        ----------
        theta : ndarray of shape (M,)
            Coefficients of the series.
        u : ndarray of shape (n,)
            Points of [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            Derivatives of the series.
        """
        return 2 * legendre.legval(2 * u - 1, legendre.legder(Legendre._legendre_coefficients(theta)))

    @staticmethod
    def integral(theta: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Return the antiderivative of f that vanishes at u = 0.

        Parameters
        ----------
        theta : ndarray of shape (M,)
            Coefficients of the series.
        u : ndarray of shape (n,)
            Points of [0, 1].

        Returns
        -------
        ndarray of shape (n,)
            Integrals of the series from 0 to u.
        """
        return 0.5 * legendre.legval(
            2 * u - 1, legendre.legint(Legendre._legendre_coefficients(theta), lbnd=-1)
        )

    @staticmethod
    def _legendre_coefficients(theta: np.ndarray) -> np.ndarray:
        """Return the coefficients of the polynomials P_k."""
        return theta * np.sqrt(2 * np.arange(len(theta)) + 1)


BASES = {"cosine": Cosine, "legendre": Legendre}
#: largest number of basis functions per dimension that the risk compares, by number of dimensions
MOST_TERMS = {"cosine": {1: 1024, 2: 64, 3: 16}, "legendre": {1: 64}}
