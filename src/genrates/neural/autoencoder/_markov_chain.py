"""The Markov chain of a denoising autoencoder: many chains side by side, one batch a step."""

from collections.abc import Callable

import numpy as np

from genrates.neural.autoencoder._corruption import Corruption, RandomWords

#: the largest float32 below 2^31: a signed word below it is almost certain
_MOST = np.float32(2**31 - 128)


class MarkovChain:
    r"""X~_t ~ C(X~ | X_t), X_{t+1} ~ P(X | X~_t): what is fed back is a sample, never the means.

    Parameters
    ----------
    network : callable
        Corrupted rows (n, d) to output units (n, d), float32, an array that may be overwritten.
    corruption : Corruption
    start : ndarray of shape (n, d)
        X_0 of n chains: booleans, or standardized numbers.
    deviation : ndarray of shape (d,) or None
        Standard deviations of a Gaussian P(X | X~); None: it is Bernoulli, and outputs are logits.
    rng : Generator

    Attributes
    ----------
    rows : ndarray of shape (n, d)
        X_t.

    Notes
    -----
    A step costs two random words an entry beside the network's matrix products; all arrays are kept. A pixel
    is 1 with probability sigmoid(a) = (1 + tanh(a / 2)) / 2, so if a signed random word, uniform on
    [-2^31, 2^31), is less than 2^31 tanh(a / 2): no floating-point random number is made.
    """

    def __init__(
        self,
        network: Callable,
        corruption: Corruption,
        start: np.ndarray,
        deviation: np.ndarray | None,
        rng: np.random.Generator,
    ):
        self.network, self.corruption, self.rng = network, corruption, rng
        self.deviation = None if deviation is None else deviation.astype(np.float32)
        self.rows = start.copy()
        if deviation is None:
            self._words = RandomWords(start.shape, rng)
            self._level = np.empty(start.shape, np.int32)

    def outputs(self) -> np.ndarray:
        """Corrupt the states and let the network answer: logits, or means."""
        return self.network(self.corruption(self.rows))

    def step(self) -> None:
        """One step of every chain."""
        self._last = self.outputs()
        if self.deviation is not None:
            self.rng.standard_normal(dtype=np.float32, out=self.rows)
            self.rows *= self.deviation
            self.rows += self._last
            return
        self._last *= np.float32(0.5)
        np.tanh(self._last, out=self._last)
        self._last *= _MOST
        np.copyto(self._level, self._last, casting="unsafe")
        np.less(self._words().view(np.int32), self._level, out=self.rows)

    def run(self, n_steps: int) -> None:
        """Many steps."""
        for _ in range(n_steps):
            self.step()

    @property
    def means(self) -> np.ndarray:
        """Means of the P(X | X~) that the last step has drawn from, shape (n, d)."""
        return self._last if self.deviation is not None else 0.5 + (0.5 / _MOST) * self._last
