"""The Markov chain of a denoising autoencoder: many chains side by side, one batch a step."""

from collections.abc import Callable

import numpy as np

from genrates.neural._corruption import Corruption
from genrates.neural._image_layers import activate


class MarkovChain:
    r"""X~_t ~ C(X~ | X_t), X_{t+1} ~ P(X | X~_t): what is fed back is a sample, never the means.

    Parameters
    ----------
    network : callable
        Corrupted rows (n, d) to output units (n, d), float32, an array that may be overwritten.
    corruption : Corruption
    start : ndarray of shape (n, d)
        X_0 of n chains: booleans, or standardised numbers.
    deviation : ndarray of shape (d,) or None
        Standard deviations of a Gaussian P(X | X~); None: it is Bernoulli, and outputs are logits.
    rng : Generator

    Attributes
    ----------
    rows : ndarray of shape (n, d)
        X_t.
    means : ndarray of shape (n, d), float32
        Of P(X | X~) that the last step has drawn from.

    Notes
    -----
    A step costs two random numbers an entry beside the network's matrix products; all arrays are kept.
    """

    def __init__(
        self,
        network: Callable,
        corruption: Corruption,
        start: np.ndarray,
        deviation,
        rng: np.random.Generator,
    ):
        self.network, self.corruption, self.rng = network, corruption, rng
        self.deviation = None if deviation is None else deviation.astype(np.float32)
        self.rows = start.copy()
        self._u = np.empty(start.shape, np.float32)
        self.means = self._u

    def outputs(self) -> np.ndarray:
        """Corrupt the states and let the network answer: logits, or means."""
        return self.network(self.corruption(self.rows))

    def step(self) -> None:
        """One step of every chain."""
        self.means = self.outputs()
        if self.deviation is not None:
            self.rng.standard_normal(dtype=np.float32, out=self.rows)
            self.rows *= self.deviation
            self.rows += self.means
            return
        activate(self.means, "sigmoid")
        self.rng.random(dtype=np.float32, out=self._u)
        np.less(self._u, self.means, out=self.rows)

    def run(self, n_steps: int) -> None:
        """Many steps."""
        for _ in range(n_steps):
            self.step()
