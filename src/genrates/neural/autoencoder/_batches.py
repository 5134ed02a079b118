"""Row numbers, a batch at a time: in a new order each epoch to learn from, in order to judge."""

from collections.abc import Callable

import numpy as np
import torch

#: an epoch of few rows passes over them again until it has made so many steps
MINIMUM_STEPS = 25
#: rows of a validation batch
_VALIDATION_ROWS = 1000


class Minibatches:
    """Row numbers in a new order each epoch, `size` at a time."""

    def __init__(self, n: int, size: int, seed: int, epoch: Callable[[], int]):
        self.n, self.size, self.seed, self.epoch = n, size, seed, epoch
        self.each = -(-n // size)
        self.passes = -(-MINIMUM_STEPS // self.each)

    def __len__(self):
        return self.passes * self.each

    def __iter__(self):
        rng = np.random.default_rng([self.seed, 2, self.epoch()])
        for _ in range(self.passes):
            yield from torch.from_numpy(rng.permutation(self.n)).split(self.size)


class Slices:
    """Row numbers in order, for the held-out rows."""

    def __init__(self, n: int):
        self.parts = torch.arange(n).split(_VALIDATION_ROWS) if n else ()

    def __len__(self):
        return len(self.parts)

    def __iter__(self):
        return iter(self.parts)
