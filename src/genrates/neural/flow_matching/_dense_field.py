"""The velocity of vectors and its divergence, in numpy: a fitted model of vectors needs no torch."""

import math

import numpy as np

#: rows that pass the network at once, few enough for the cache
_CHUNK = 256
#: a network sees a time as t, and sines and cosines of pi t times these
TIME_FREQUENCIES = (1, 2, 3, 4)


def normal_coefficient(t):
    r"""Return c such that c x is the velocity for standard normal data, (2t - 1) / (t^2 + (1 - t)^2).

    Parameters
    ----------
    t : float, array or Tensor
        Times in [0, 1].

    Returns
    -------
    float, array or Tensor
        Of the shape of t.
    """
    return (2 * t - 1) / (t * t + (1 - t) * (1 - t))


class DenseField:
    """The velocity field of a fitted dense network, evaluated in numpy; its layers in float32.

    Parameters
    ----------
    weights : list of ndarray
        Matrix and bias of each layer, in turn.
    """

    #: the velocity is defined up to this time
    last_time = 1.0

    def __init__(self, weights: list[np.ndarray]):
        self.matrices, self.biases = weights[::2], weights[1::2]
        self.d = self.matrices[-1].shape[1]

    def velocity(self, x: np.ndarray, t: float) -> np.ndarray:
        """Return the velocities at one time.

        Parameters
        ----------
        x : ndarray of shape (n, d)
            Points, standardized.
        t : float
            Time in [0, 1].

        Returns
        -------
        ndarray of shape (n, d)
        """
        parts = [self._layers(x[i : i + _CHUNK], t, False)[0] for i in range(0, max(len(x), 1), _CHUNK)]
        return normal_coefficient(t) * x + np.concatenate(parts)

    def velocity_and_divergence(self, x: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the velocities and the exact trace of their Jacobian, at one time.

        Complexity: O((1 + d) W) a point for W weights.

        Parameters
        ----------
        x : ndarray of shape (n, d)
            Points, standardized.
        t : float
            Time in [0, 1].

        Returns
        -------
        velocity : ndarray of shape (n, d)
        divergence : ndarray of shape (n,)
        """
        parts = [self._layers(x[i : i + _CHUNK], t, True) for i in range(0, max(len(x), 1), _CHUNK)]
        outputs, traces = (np.concatenate(part) for part in zip(*parts, strict=True))
        c = normal_coefficient(t)
        return c * x + outputs, c * self.d + traces

    def clean(self, x: np.ndarray, t: float) -> np.ndarray:
        """Return the mean of the data that a point may come from, x + (1 - t) velocity.

        Parameters
        ----------
        x : ndarray of shape (n, d)
            Points, standardized.
        t : float
            Time in [0, 1].

        Returns
        -------
        ndarray of shape (n, d)
        """
        return x + (1 - t) * self.velocity(x, t)

    def _layers(self, x: np.ndarray, t: float, with_trace: bool) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the layers' outputs, float64, and the trace of their Jacobian where it is asked for."""
        waves = [f(math.pi * k * t) for k in TIME_FREQUENCIES for f in (math.sin, math.cos)]
        first, at = self.matrices[0], np.array([[t, *waves]], dtype=np.float32)
        a = x.astype(np.float32) @ first[: self.d] + (at @ first[self.d :] + self.biases[0])
        h, slope = _silu(a)
        # tangents[i] is the derivative of the units with respect to coordinate i
        tangents = first[: self.d, None, :] * slope if with_trace else None
        for w, b in zip(self.matrices[1:-1], self.biases[1:-1], strict=True):
            h, slope = _silu(h @ w + b)
            if with_trace:
                tangents = (tangents @ w) * slope
        last = self.matrices[-1]
        trace = np.einsum("inh,hi->n", tangents, last).astype(np.float64) if with_trace else None
        return (h @ last + self.biases[-1]).astype(np.float64), trace


def _silu(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a sigmoid(a) and its derivative."""
    s = np.float32(0.5) * (np.float32(1) + np.tanh(np.float32(0.5) * a))
    return a * s, s * (1 + a * (1 - s))
