"""Inference in numpy from a network's weights: its value, its exact derivative, its law. No torch."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, ndtr

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True)
class CDFNetwork:
    """H(z) = phi(a(z)): a tanh network with one input and one output, and an output unit phi onto (0, 1).

    Parameters
    ----------
    layers : list of (weight (inputs, outputs), bias (outputs,)) arrays
        Parameters of each layer.
    output : {"erf", "sigmoid"}, default="erf"
        phi: the normal distribution function, as in the paper, or the logistic function.
    """

    layers: list
    output: str = "erf"

    def value(self, z: np.ndarray) -> np.ndarray:
        """Return H at z, in O(m W) for W weights.

        Parameters
        ----------
        z : ndarray of shape (m,)
            Points.

        Returns
        -------
        ndarray of shape (m,)
        """
        return self._phi(self._activation(z)[0])

    def derivative(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivative H' at z, exact, by forward-mode differentiation.

        Parameters
        ----------
        z : ndarray of shape (m,)
            Points.

        Returns
        -------
        log_slope, sign : ndarray of shape (m,)
            Logarithm of |H'|, and the sign of H'.
        """
        a, slope = self._activation(z)
        erf = self.output == "erf"
        log_phi = -0.5 * a * a - _LOG_SQRT_2PI if erf else log_expit(a) + log_expit(-a)
        with np.errstate(divide="ignore"):
            return log_phi + np.log(np.abs(slope)), np.sign(slope)

    def transitions(self, low: float, high: float, reach: float = 20.0, n_points: int = 81) -> np.ndarray:
        """Return points that resolve every unit of the first layer until it saturates.

        Parameters
        ----------
        low, high : float
            Interval of the points.
        reach : float, default=20.0
            Largest activation of a unit that is resolved.
        n_points : int, default=81
            Points per unit.

        Returns
        -------
        ndarray of shape (k,), increasing
        """
        weight, bias = self.layers[0]
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            z = (np.linspace(-reach, reach, n_points)[:, None] - bias) / weight[0]
        return np.unique(z[(z > low) & (z < high)])

    def _phi(self, a: np.ndarray) -> np.ndarray:
        """Apply the output unit to its activations."""
        return ndtr(a) if self.output == "erf" else expit(a)

    def _activation(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the output unit's activation a(z) and its derivative a'(z)."""
        h, slope = z[:, None], np.ones((len(z), 1))
        for w, b in self.layers[:-1]:
            u = h @ w + b
            e = np.exp(-2 * np.abs(u))
            h = np.copysign((1 - e) / (1 + e), u)
            slope = (slope @ w) * (4 * e / (1 + e) ** 2)  # sech^2 without the cancellation of 1 - tanh^2
        w, b = self.layers[-1]
        return (h @ w + b)[:, 0], (slope @ w)[:, 0]


@dataclass(frozen=True)
class PositiveVariation:
    """The distribution on a window whose density is the positive part of H', normalized.

    The penalty permits a network that falls a little somewhere. Its positive variation V(z) = int max(H', 0),
    from the window's lower end to z, is found exactly: between sign changes of H' it is a difference of
    values of H. So V/V(end) is a distribution function, and max(H', 0)/V(end) its exact derivative. Where H
    never falls, this is H, renormalized by its values at the window's ends.

    The window is finite, because training does not determine a network's limits at infinity: a unit that
    training has left with a weight of 1e-70 hides mass at 1e70.

    Parameters
    ----------
    network : CDFNetwork
        H.
    start, end : ndarray of shape (k,)
        Ends of the rising intervals, in z.
    value_start, value_end : ndarray of shape (k,)
        H at these ends.
    offset : ndarray of shape (k,)
        V at the intervals' starts.
    total : float
        V at the window's upper end.
    grid : ndarray of shape (g,)
        Points that resolve the density, both ends of the window included.
    """

    network: CDFNetwork
    start: np.ndarray
    end: np.ndarray
    value_start: np.ndarray
    value_end: np.ndarray
    offset: np.ndarray
    total: float
    grid: np.ndarray

    @classmethod
    def of(
        cls, network: CDFNetwork, window: tuple[float, float], support: tuple[float, float]
    ) -> "PositiveVariation":
        """Find the rising intervals between the sign changes of H' in a window.

        Only the intervals that meet the data's range are kept. Where H rises again after it has turned down
        outside of the data, the data do not support that rise.

        Parameters
        ----------
        network : CDFNetwork
            H.
        window : (float, float)
            Ends of the window.
        support : (float, float)
            Smallest and largest data point.

        Returns
        -------
        PositiveVariation

        Raises
        ------
        FloatingPointError
            If no rise is left.
        """
        low, high = window
        grid = np.unique(np.concatenate([network.transitions(low, high), np.linspace(low, high, 1025)]))
        sign = network.derivative(grid)[1]
        nonzero = np.flatnonzero(sign)
        changes = np.flatnonzero(np.diff(sign[nonzero]) != 0)
        roots = _bisect_sign(network, grid[nonzero[changes]], grid[nonzero[changes + 1]])
        edges = np.concatenate([[low], roots, [high]])
        value = network.value(edges)
        first = 0 if not nonzero.size or sign[nonzero[0]] > 0 else 1
        rising = np.arange(first, len(edges) - 1, 2)
        rising = rising[(edges[rising] < support[1]) & (edges[rising + 1] > support[0])]
        gain = np.maximum(value[rising + 1] - value[rising], 0.0)
        cumulative = np.concatenate([[0.0], np.cumsum(gain)])
        if not (np.isfinite(cumulative[-1]) and cumulative[-1] > 0):
            raise FloatingPointError("the network is nowhere increasing")
        return cls(
            network,
            edges[rising],
            edges[rising + 1],
            value[rising],
            value[rising + 1],
            cumulative[:-1],
            float(cumulative[-1]),
            grid,
        )

    def cdf(self, z: np.ndarray) -> np.ndarray:
        """Return the distribution function V(z)/V(end).

        Parameters
        ----------
        z : ndarray of shape (m,)
            Points.

        Returns
        -------
        ndarray of shape (m,)
        """
        i = np.searchsorted(self.start, z, side="right") - 1
        j = np.maximum(i, 0)
        rise = np.where(z >= self.end[j], self.value_end[j], self.network.value(z)) - self.value_start[j]
        share = (self.offset[j] + np.maximum(rise, 0.0)) / self.total
        return np.where(i < 0, 0.0, np.minimum(share, 1.0))

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """Return the logarithm of max(H'(z), 0)/V(end).

        Parameters
        ----------
        z : ndarray of shape (m,)
            Points.

        Returns
        -------
        ndarray of shape (m,)
            Nats; -inf where H falls and outside of the window.
        """
        i = np.searchsorted(self.start, z, side="right") - 1
        inside = (i >= 0) & (z <= self.end[np.maximum(i, 0)])
        log_slope, sign = self.network.derivative(z)
        return np.where(inside & (sign > 0), log_slope - np.log(self.total), -np.inf)


def _bisect_sign(network: CDFNetwork, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Find the sign changes of H' between points low and high with different signs."""
    left = network.derivative(low)[1]
    for _ in range(60):
        middle = 0.5 * (low + high)
        same = network.derivative(middle)[1] == left
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return 0.5 * (low + high)
