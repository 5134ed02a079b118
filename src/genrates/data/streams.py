"""Random streams keyed by what they are for, so that every machine draws the same numbers."""

import hashlib

import numpy as np


def stable_hash(text: str) -> int:
    """Return a 64-bit hash that is the same in every process (Python's own `hash` is salted).

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    int
        From 0 to 2^64 - 1.

    Examples
    --------
    >>> stable_hash("marron_wand_01") == stable_hash("marron_wand_01")
    True
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def seed_sequence(seed: int, data: str, replicate: int, purpose: str) -> np.random.SeedSequence:
    """Return the seed sequence of one replicate of one data set for one purpose.

    Parameters
    ----------
    seed : int
        The pipeline's seed.
    data : str
        Name of the data set.
    replicate : int
        Number of the replicate, from 0.
    purpose : str
        What the stream is for; another purpose gives an independent stream.

    Returns
    -------
    SeedSequence
        The same one for the same key, on every machine.
    """
    return np.random.SeedSequence([seed, stable_hash(data), replicate, stable_hash(purpose)])


def training_seed(seed: int, data: str, replicate: int) -> np.random.SeedSequence:
    """Return the seed of a training set. The model is no part of it: all models see the same points.

    Parameters
    ----------
    seed, data, replicate
        As in :func:`seed_sequence`.

    Returns
    -------
    SeedSequence
        Of the largest training set; the smaller ones are its prefixes.
    """
    return seed_sequence(seed, data, replicate, "train")


def fit_seed(seed: int, data: str, replicate: int, n: int) -> int:
    """Return the `random_state` of the model that is fitted to n points.

    Parameters
    ----------
    seed, data, replicate
        As in :func:`seed_sequence`.
    n : int
        Size of the training set.

    Returns
    -------
    int
        From 0 to 2^32 - 1.
    """
    return int(seed_sequence(seed, data, replicate, f"fit/{n}").generate_state(1)[0])


def draw_seed(seed: int, data: str, replicate: int, variant: str, n: int) -> np.random.SeedSequence:
    """Return the seed with which a fitted model is drawn from.

    Parameters
    ----------
    seed, data, replicate
        As in :func:`seed_sequence`.
    variant : str
        Name of the model with its changed parameters: each variant draws independently.
    n : int
        Size of the training set.

    Returns
    -------
    SeedSequence
        The same one for the same key, on every machine.
    """
    return seed_sequence(seed, data, replicate, f"sample/{variant}/{n}")
