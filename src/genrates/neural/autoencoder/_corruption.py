"""The corruption C(x~ | x) in numpy, as a denoising autoencoder's chain applies it at every step."""

import numpy as np

CORRUPTIONS = ("salt_and_pepper", "masking", "gaussian")
#: number of different random words
_N_WORDS = 2**32


class RandomWords:
    """Uniform random 32-bit words in a table, taken from the raw output of a bit generator.

    A word below p * 2^32 is an event of probability p, up to a rounding of 2^-32.

    Parameters
    ----------
    shape : (n, d)
        Shape of the table.
    rng : Generator
        Seeds the stream.
    """

    def __init__(self, shape: tuple[int, int], rng: np.random.Generator):
        self.shape, self._n = shape, shape[0] * shape[1]
        self._source = np.random.PCG64(np.random.SeedSequence(rng.integers(2**63, size=2).tolist()))

    def __call__(self) -> np.ndarray:
        """Draw words, uniform on 0, ..., 2^32 - 1, shape (n, d), uint32."""
        raw = self._source.random_raw((self._n + 1) // 2)
        return raw.view(np.uint32)[: self._n].reshape(self.shape)


class Corruption:
    """Corruption of n rows of d entries, again and again, into buffers that are reused.

    Parameters
    ----------
    kind : {"salt_and_pepper", "masking", "gaussian"}
        "salt_and_pepper": with probability `noise` an entry becomes 0 or 1, by a fair coin. "masking": with
        probability `noise` it becomes 0. "gaussian": a normal number is added to every entry.
    noise : float
        That probability, or the standard deviation of the normal numbers.
    shape : (n, d)
        Shape of the rows.
    rng : Generator
        Seeds the random words, or draws the normal numbers.
    """

    def __init__(self, kind: str, noise: float, shape: tuple[int, int], rng: np.random.Generator):
        self.kind, self.noise, self.rng = kind, noise, rng
        self.out = np.empty(shape, np.float32)
        if kind != "gaussian":
            self._words = RandomWords(shape, rng)
            self._ones, self._to_one = np.empty(shape, bool), np.empty(shape, bool)
            # words up to the first bound become 1, those up to the second are changed
            self._bounds = [np.uint32(min(round(p * _N_WORDS), _N_WORDS - 1)) for p in (noise / 2, noise)]

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return corrupted rows, float32, overwritten by the next call; bits must be given as booleans."""
        if self.kind == "gaussian":
            self.rng.standard_normal(dtype=np.float32, out=self.out)
            self.out *= np.float32(self.noise)
            self.out += rows
            return self.out
        words = self._words()
        np.greater_equal(words, self._bounds[1], out=self._ones)
        self._ones &= rows
        if self.kind == "salt_and_pepper":
            np.less(words, self._bounds[0], out=self._to_one)
            self._ones |= self._to_one
        np.copyto(self.out, self._ones)
        return self.out
