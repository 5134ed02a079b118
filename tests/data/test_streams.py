"""Random streams: the same on every machine, another for every purpose."""

import itertools

import numpy as np

from genrates.data.streams import seed_sequence, stable_hash


def test_streams_do_not_depend_on_the_machine_or_the_process():
    """Numbers that were drawn once; they may never change, or every table would."""
    assert stable_hash("marron_wand_01") == 7405489827507784111
    drawn = np.random.default_rng(seed_sequence(0, "marron_wand_01", 0, "train")).integers(0, 2**32, 3)
    assert drawn.tolist() == [175259111, 505657770, 219094714]


def test_streams_differ_in_every_part_of_their_key():
    keys = itertools.product((0, 1), ("a", "b", "ab"), (0, 1), ("train", "sample/kde", "fit/100"))
    drawn = [tuple(np.random.default_rng(seed_sequence(*key)).integers(0, 2**63, 2)) for key in keys]
    assert len(set(drawn)) == len(drawn) == 36
