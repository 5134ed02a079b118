"""Batches of row numbers: shuffled anew each epoch for training, in order for validation."""

from collections.abc import Callable

import numpy as np
import torch

#: fewest steps of an epoch; a small training set is passed over several times to reach it
MINIMUM_STEPS = 25
#: rows of a validation batch
_VALIDATION_ROWS = 1000


class Minibatches:
    """Row numbers in a new order each epoch, `size` at a time.

    Parameters
    ----------
    n : int
        Number of rows.
    size : int
        Rows of a batch.
    seed : int
        Seed of the order.
    epoch : callable returning int
        The current epoch; each epoch has its own order.
    minimum_steps : int
        Fewest steps of an epoch.
    """

    def __init__(
        self, n: int, size: int, seed: int, epoch: Callable[[], int], minimum_steps: int = MINIMUM_STEPS
    ):
        self.n, self.size, self.seed, self.epoch = n, size, seed, epoch
        self.steps_per_pass = -(-n // size)
        self.passes = -(-minimum_steps // self.steps_per_pass)

    def __len__(self):
        """Return the number of batches of an epoch."""
        return self.passes * self.steps_per_pass

    def __iter__(self):
        """Yield the batches of the current epoch."""
        rng = np.random.default_rng([self.seed, 2, self.epoch()])
        for _ in range(self.passes):
            yield from torch.from_numpy(rng.permutation(self.n)).split(self.size)


class Slices:
    """Row numbers in order, for the held-out rows.

    Parameters
    ----------
    n : int
        Number of rows; may be 0.
    """

    def __init__(self, n: int):
        self.parts = torch.arange(n).split(_VALIDATION_ROWS) if n else ()

    def __len__(self):
        return len(self.parts)

    def __iter__(self):
        return iter(self.parts)
