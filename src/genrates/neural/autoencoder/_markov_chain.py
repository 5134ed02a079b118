"""The Markov chain of a denoising autoencoder: many chains in parallel, one batch per step."""

from collections.abc import Callable

import numpy as np

from genrates.neural.autoencoder._corruption import Corruption, RandomWords

#: the largest float32 below 2^31; a signed random word is almost surely below it
_MAX_WORD = np.float32(2**31 - 128)


class MarkovChain:
    """The chain X~_t ~ C(X~ | X_t), X_{t+1} ~ P(X | X~_t); a random draw is fed back, never the means.

    Parameters
    ----------
    network : callable
        Maps corrupted rows (n, d) to output units (n, d), float32, an array that may be overwritten.
    corruption : Corruption
        Corrupts the rows.
    start : ndarray of shape (n, d)
        X_0 of n chains: booleans, or standardized numbers.
    deviation : ndarray of shape (d,) or None
        Standard deviations of a Gaussian P(X | X~). None: P is Bernoulli, and the outputs are logits.
    rng : Generator
        Source of the draws.

    Attributes
    ----------
    rows : ndarray of shape (n, d)
        X_t.

    Notes
    -----
    For bits, a step uses two random words per entry besides the network's matrix products; all arrays are
    reused. A pixel is 1 with probability sigmoid(a) = (1 + tanh(a / 2)) / 2. So it is set to 1 if a signed
    random word, uniform on [-2^31, 2^31), is less than 2^31 tanh(a / 2); no floating-point random number is
    needed.
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
            self._threshold = np.empty(start.shape, np.int32)

    def outputs(self) -> np.ndarray:
        """Corrupt the states and evaluate the network on them.

        Returns
        -------
        ndarray of shape (n, d), float32
            Logits, or means; overwritten by the next call.
        """
        return self.network(self.corruption(self.rows))

    def step(self) -> None:
        """Advance every chain by one step."""
        self._last_outputs = self.outputs()
        if self.deviation is not None:
            self.rng.standard_normal(dtype=np.float32, out=self.rows)
            self.rows *= self.deviation
            self.rows += self._last_outputs
            return
        self._last_outputs *= np.float32(0.5)
        np.tanh(self._last_outputs, out=self._last_outputs)
        self._last_outputs *= _MAX_WORD
        np.copyto(self._threshold, self._last_outputs, casting="unsafe")
        np.less(self._words().view(np.int32), self._threshold, out=self.rows)

    def run(self, n_steps: int) -> None:
        """Advance every chain by several steps.

        Parameters
        ----------
        n_steps : int
            Number of steps.
        """
        for _ in range(n_steps):
            self.step()

    @property
    def means(self) -> np.ndarray:
        """Means of the laws P(X | X~) from which the last step has drawn.

        Returns
        -------
        ndarray of shape (n, d)
        """
        return (
            self._last_outputs if self.deviation is not None else 0.5 + (0.5 / _MAX_WORD) * self._last_outputs
        )
