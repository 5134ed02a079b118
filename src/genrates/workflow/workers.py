"""Work shared by processes, where there is enough of it for several."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

from genrates.workflow.log import write_to

FEW = 20  # cells that are not worth a process of their own
_TALKS = 64  # how often workers are given something to do; each time costs as much as a small piece of it


def worth(cells: int, threads: int) -> int:
    """How many processes so many cells are worth, `threads` at most."""
    return min(threads, max(1, cells // FEW))


@contextmanager
def processes(workers: int, log: str | None = None) -> Iterator[Callable[..., Iterator]]:
    """`map` as so many processes do it: what a function makes of each item, in order, from now on.

    They write to the file `log`, as their parent does. One worker is no process of its own: it works when it
    is asked for the next result.
    """
    if workers <= 1:
        yield map
        return
    os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}  # for each worker
    # Spawned, not forked: libraries have threads of their own by now.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(log,)) as pool:
        try:
            yield lambda function, items: pool.map(function, items, chunksize=1 + len(items) // _TALKS)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # an error is not to wait for all the rest
            raise


def _begin(log: str | None) -> None:
    gc.freeze()  # what is imported is to stay
    write_to(log)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent_process().join()
    os._exit(1)
