"""Random streams keyed by what they are for, so that every machine draws the same numbers."""

import hashlib

import numpy as np


def stable_hash(text: str) -> int:
    """64-bit hash of a text that is the same in every process (Python's own `hash` is salted).

    >>> stable_hash("marron_wand_01") == stable_hash("marron_wand_01")
    True
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def seed_sequence(seed: int, data: str, replicate: int, purpose: str) -> np.random.SeedSequence:
    """The seed sequence of one replicate of one data set for one purpose.

    The model is no part of the key for purpose "train": all models see the same points.

    Parameters
    ----------
    seed : int
        The experiment's seed.
    data : str
        Name of the data set.
    replicate : int
        Number of the replicate, from 0.
    purpose : str
        "train" for the training points; anything else (say "sample/kde") for an independent stream.
    """
    return np.random.SeedSequence([seed, stable_hash(data), replicate, stable_hash(purpose)])
