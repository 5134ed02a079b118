"""Work that processes share comes back whole and in order, however many there are."""

import logging
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import psutil
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


def warns(item: int) -> int:
    logging.warning("of %d", item)
    warnings.warn("look here", stacklevel=1)
    return os.getpid()


def test_what_workers_say_is_in_the_log(tmp_path):
    log = tmp_path / "job.log"
    log.write_text("the parent's\n")
    with processes(2, str(log)) as each:
        assert os.getpid() not in set(each(warns, [1, 2]))
    said = log.read_text()
    assert said.startswith("the parent's")
    assert "WARNING of 1" in said
    assert "WARNING of 2" in said
    assert "UserWarning: look here" in said


def slowly_makes(path: Path) -> None:
    time.sleep(0.2)
    path.touch()


def makes_and_fails(folder: Path) -> None:
    with processes(2) as each:
        each(slowly_makes, [folder / str(i) for i in range(60)])
        raise KeyError("a mistake of the parent's")


def test_an_error_of_the_parent_does_not_wait_for_all_the_rest(tmp_path):
    with pytest.raises(KeyError):
        makes_and_fails(tmp_path)
    assert len(list(tmp_path.iterdir())) < 60


LEADER = """
import time
from genrates.workers import processes

def waits(_):
    time.sleep(600)

if __name__ == "__main__":
    with processes(2) as each:
        list(each(waits, range(8)))
"""


def test_workers_end_with_a_parent_that_was_killed(tmp_path):
    leader = tmp_path / "leader.py"
    leader.write_text(LEADER)
    with subprocess.Popen([sys.executable, leader]) as process:
        workers = until(lambda: workers_of(process.pid))
        process.kill()
    assert len(workers) == 2
    assert until(lambda: not any(map(alive, workers)))


def workers_of(leader: int) -> list[psutil.Process]:
    """Both workers, once they are at work."""
    children = psutil.Process(leader).children()
    found = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    return found if len(found) == 2 and all(child.num_threads() > 1 for child in found) else []


def alive(worker: psutil.Process) -> bool:
    try:
        return worker.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(condition, seconds: float = 60.0):
    """What `condition` says once it is true; whatever it says in the end."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_few_cells_are_not_worth_a_second_process():
    assert worth(FEW - 1, 8) == worth(2 * FEW - 1, 8) == 1
    assert worth(2 * FEW, 8) == 2
    assert worth(100 * FEW, 8) == 8
    assert worth(100 * FEW, 1) == 1
