"""C(x~ | x) in numpy: what a denoising autoencoder's chain does to its rows at every step."""

import numpy as np

CORRUPTIONS = ("salt_and_pepper", "masking", "gaussian")


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
        self.kind, self.noise, self.rng = kind, np.float32(noise), rng
        self.out, self._u = np.empty(shape, np.float32), np.empty(shape, np.float32)
        if kind != "gaussian":
            self._keep, self._one = np.empty(shape, bool), np.empty(shape, bool)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Corrupted rows, float32, overwritten by the next call; bits come and are kept as booleans."""
        if self.kind == "gaussian":
            self.rng.standard_normal(dtype=np.float32, out=self.out)
            self.out *= self.noise
            self.out += rows
            return self.out
        self.rng.random(dtype=np.float32, out=self._u)
        np.greater_equal(self._u, self.noise, out=self._keep)
        self._keep &= rows
        if self.kind == "salt_and_pepper":
            np.less(self._u, np.float32(0.5) * self.noise, out=self._one)
            self._keep |= self._one
        np.copyto(self.out, self._keep)
        return self.out
