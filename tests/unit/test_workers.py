"""Work that processes share comes back whole and in order, however many there are."""

import os

import pytest

from genrates.workers import FEW, processes, worth


def whose(item: int) -> tuple[int, int]:
    return item**2, os.getpid()


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_items(workers):
    with processes(workers) as each:
        squares, ids = zip(*each(whose, range(200)), strict=True)
    assert squares == tuple(i**2 for i in range(200))
    assert (os.getpid() in ids) == (workers == 1)


def fails(item: int) -> None:
    raise ValueError(f"not {item}")


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_is_not_lost(workers):
    with pytest.raises(ValueError, match="not 3"), processes(workers) as each:
        list(each(fails, [3]))


def test_few_cells_are_not_worth_a_second_process():
    assert worth(FEW - 1, 8) == worth(2 * FEW - 1, 8) == 1
    assert worth(2 * FEW, 8) == 2
    assert worth(100 * FEW, 8) == 8
    assert worth(100 * FEW, 1) == 1
