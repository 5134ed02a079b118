"""C(x~ | x) in numpy: what a denoising autoencoder's chain does to its rows at every step."""

import numpy as np

CORRUPTIONS = ("salt_and_pepper", "masking", "gaussian")
#: one more than the largest random word
_WORDS = 2**32


class RandomWords:
    """Random 32-bit words for a table, fast: a bit generator's raw output, three times as fast as floats.

    A word w below p * 2^32 is an event of probability p, to 2^-32.

    Parameters
    ----------
    shape : (n, d)
    rng : Generator
        Seeds the stream.
    """

    def __init__(self, shape: tuple[int, int], rng: np.random.Generator):
        self.shape, self._n = shape, shape[0] * shape[1]
        self._source = np.random.PCG64(np.random.SeedSequence(rng.integers(2**63, size=2).tolist()))

    def __call__(self) -> np.ndarray:
        """Uniform on 0, ..., 2^32 - 1, shape (n, d), uint32."""
        raw = self._source.random_raw((self._n + 1) // 2)
        return raw.view(np.uint32)[: self._n].reshape(self.shape)


class Corruption:
    """Corrupts n rows of d entries again and again, into arrays of its own.

    Parameters
    ----------
    kind : {"salt_and_pepper", "masking", "gaussian"}
        With probability `noise` an entry becomes 0 or 1, by a fair coin; or 0; or every number gets a normal
        number added.
    noise : float
        That probability, or the normal numbers' standard deviation.
    shape : (n, d)
    rng : Generator
    """

    def __init__(self, kind: str, noise: float, shape: tuple[int, int], rng: np.random.Generator):
        self.kind, self.noise, self.rng = kind, noise, rng
        self.out = np.empty(shape, np.float32)
        if kind != "gaussian":
            self._words = RandomWords(shape, rng)
            self._keep, self._one = np.empty(shape, bool), np.empty(shape, bool)
            # words up to the first bound become 1, those up to the second are changed
            self._bounds = [np.uint32(min(round(p * _WORDS), _WORDS - 1)) for p in (noise / 2, noise)]

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Corrupted rows, float32, overwritten by the next call; bits come and are kept as booleans."""
        if self.kind == "gaussian":
            self.rng.standard_normal(dtype=np.float32, out=self.out)
            self.out *= np.float32(self.noise)
            self.out += rows
            return self.out
        words = self._words()
        np.greater_equal(words, self._bounds[1], out=self._keep)
        self._keep &= rows
        if self.kind == "salt_and_pepper":
            np.less(words, self._bounds[0], out=self._one)
            self._keep |= self._one
        np.copyto(self.out, self._keep)
        return self.out
