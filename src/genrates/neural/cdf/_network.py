"""Inference in numpy from a network's weights: its value, its exact derivative, its law. No torch."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, ndtr

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True)
class CDFNetwork:
    """H(z) = phi(a(z)), a tanh network of one input and one output and an output unit phi onto (0, 1).

    `layers` are pairs (weight of shape (inputs, outputs), bias of shape (outputs,)); `output` is "erf"
    (the normal distribution function, as in the paper) or "sigmoid".
    """

    layers: list
    output: str = "erf"

    def value(self, z: np.ndarray) -> np.ndarray:
        """H at z; both of shape (m,). O(m x weights)."""
        return self._phi(self._activation(z)[0])

    def derivative(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logarithm of |H'| and the sign of H' at z, exact, by forward-mode differentiation."""
        a, slope = self._activation(z)
        erf = self.output == "erf"
        log_phi = -0.5 * a * a - _LOG_SQRT_2PI if erf else log_expit(a) + log_expit(-a)
        with np.errstate(divide="ignore"):
            return log_phi + np.log(np.abs(slope)), np.sign(slope)

    def transitions(self, low: float, high: float, reach: float = 20.0, n_points: int = 81) -> np.ndarray:
        """Points in [low, high], sorted, that resolve every unit of the first layer until it saturates."""
        weight, bias = self.layers[0]
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            z = (np.linspace(-reach, reach, n_points)[:, None] - bias) / weight[0]
        return np.unique(z[(z > low) & (z < high)])

    def _phi(self, a: np.ndarray) -> np.ndarray:
        return ndtr(a) if self.output == "erf" else expit(a)

    def _activation(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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

    The penalty leaves a network that may still fall a little somewhere. Its positive variation
    V(z) = int max(H', 0), from the window's lower end to z, is found exactly: between sign changes of H' it
    is a difference of values of H. V/V(end) is then a distribution function, and max(H', 0)/V(end) its exact
    derivative; where H never falls it is H, renormalized by its values at the ends.

    The ends are finite because a network's limits at infinity are nothing that it was taught: a unit that
    training has left with a weight of 1e-70 hides mass at 1e70.
    """

    network: CDFNetwork
    start: np.ndarray  # of the rising intervals, in z
    end: np.ndarray
    value_start: np.ndarray  # H at their ends
    value_end: np.ndarray
    offset: np.ndarray  # V at their starts
    total: float
    grid: np.ndarray  # points that resolve the density, both ends of the window among them

    @classmethod
    def of(
        cls, network: CDFNetwork, window: tuple[float, float], support: tuple[float, float]
    ) -> "PositiveVariation":
        """Find the rising intervals between the sign changes of H' in the window.

        Kept are those that meet the data's range, `support`: where H rises again after it has turned down
        outside of the data it speaks of no data.
        """
        low, high = window
        grid = np.unique(np.concatenate([network.transitions(low, high), np.linspace(low, high, 1025)]))
        sign = network.derivative(grid)[1]
        seen = np.flatnonzero(sign)
        changes = np.flatnonzero(np.diff(sign[seen]) != 0)
        roots = _bisect_sign(network, grid[seen[changes]], grid[seen[changes + 1]])
        edges = np.concatenate([[low], roots, [high]])
        value = network.value(edges)
        first = 0 if not seen.size or sign[seen[0]] > 0 else 1
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
        """V(z)/V(end), shape (m,)."""
        i = np.searchsorted(self.start, z, side="right") - 1
        j = np.maximum(i, 0)
        rise = np.where(z >= self.end[j], self.value_end[j], self.network.value(z)) - self.value_start[j]
        share = (self.offset[j] + np.maximum(rise, 0.0)) / self.total
        return np.where(i < 0, 0.0, np.minimum(share, 1.0))

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """log of max(H'(z), 0)/V(end), shape (m,); -inf where H falls and outside of the window."""
        i = np.searchsorted(self.start, z, side="right") - 1
        inside = (i >= 0) & (z <= self.end[np.maximum(i, 0)])
        log_slope, sign = self.network.derivative(z)
        return np.where(inside & (sign > 0), log_slope - np.log(self.total), -np.inf)


def _bisect_sign(network: CDFNetwork, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    left = network.derivative(low)[1]
    for _ in range(60):
        middle = 0.5 * (low + high)
        same = network.derivative(middle)[1] == left
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return 0.5 * (low + high)
