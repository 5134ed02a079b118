"""Inference in numpy from a network's weights: value, exact derivative and limits. No torch."""

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

    def limits(self) -> tuple[float, float]:
        """H(-inf) and H(inf), where every unit of the first layer that has an input saturates."""
        weight, bias = self.layers[0]
        ends = []
        for end in (-1.0, 1.0):
            h = np.where(weight[0] == 0, np.tanh(bias), np.sign(end * weight[0]))
            for w, b in self.layers[1:-1]:
                h = np.tanh(h @ w + b)
            w, b = self.layers[-1]
            ends.append(float(self._phi(h @ w + b)[0]))
        return ends[0], ends[1]

    def transitions(self, reach: float = 20.0, n_points: int = 81) -> np.ndarray:
        """Points that resolve every unit of the first layer while it is not saturated, sorted."""
        weight, bias = self.layers[0]
        alive = weight[0] != 0
        t = np.linspace(-reach, reach, n_points)
        return np.unique((t[:, None] - bias[alive]) / weight[0, alive])

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
    """The distribution whose density is the positive part of H', normalised.

    The penalty leaves a network that may still fall a little somewhere. Its positive variation
    V(z) = int_{-inf}^z max(H', 0) is found exactly: between consecutive sign changes of H' it is a
    difference of values of H. V/V(inf) is then a distribution function, and max(H', 0)/V(inf) its exact
    derivative; where H never falls it is H, renormalised by H(-inf) and H(inf).
    """

    network: CDFNetwork
    start: np.ndarray  # of the rising intervals, in z
    end: np.ndarray
    value_start: np.ndarray  # H at their ends
    value_end: np.ndarray
    offset: np.ndarray  # V at their starts
    total: float

    @classmethod
    def of(cls, network: CDFNetwork, grid: np.ndarray, low: float, high: float) -> "PositiveVariation":
        """Find the rising intervals between the sign changes of H' on a grid that resolves its units.

        Kept are those that meet the data's range [low, high]: what a network does after it has turned
        down outside of the data is nothing that it was taught.
        """
        sign = network.derivative(grid)[1]
        seen = np.flatnonzero(sign)
        changes = np.flatnonzero(np.diff(sign[seen]) != 0)
        roots = _bisect_sign(network, grid[seen[changes]], grid[seen[changes + 1]])
        edges = np.concatenate([[-np.inf], roots, [np.inf]])
        value = np.concatenate([network.limits()[:1], network.value(roots), network.limits()[1:]])
        first = 0 if not seen.size or sign[seen[0]] > 0 else 1
        rising = np.arange(first, len(edges) - 1, 2)
        rising = rising[(edges[rising] < high) & (edges[rising + 1] > low)]
        gain = np.maximum(value[rising + 1] - value[rising], 0.0)
        cumulative = np.concatenate([[0.0], np.cumsum(gain)])
        if not (np.isfinite(cumulative[-1]) and cumulative[-1] > 0):
            raise FloatingPointError("the network is nowhere increasing")
        return cls(
            network, edges[rising], edges[rising + 1], value[rising], value[rising + 1],
            cumulative[:-1], float(cumulative[-1]),
        )  # fmt: skip

    def cdf(self, z: np.ndarray) -> np.ndarray:
        """V(z)/V(inf), shape (m,)."""
        i = np.searchsorted(self.start, z, side="right") - 1
        j = np.maximum(i, 0)
        rise = np.minimum(self.network.value(z), self.value_end[j])
        rise = np.where(z >= self.end[j], self.value_end[j], rise) - self.value_start[j]
        return np.where(i < 0, 0.0, np.clip((self.offset[j] + np.maximum(rise, 0.0)) / self.total, 0.0, 1.0))

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """log of max(H'(z), 0)/V(inf), shape (m,); -inf where H falls."""
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
