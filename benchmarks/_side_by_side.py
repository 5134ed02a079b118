"""Timing of two calls in turn, and growth of time with n; shared by the benchmarks."""

import time
from collections.abc import Callable, Iterable

import numpy as np


def seconds(ours: Callable, peer: Callable, repeats: int = 5, peer_repeats: int | None = None):
    """Return the median seconds of both calls.

    The calls run in turn, so that a busy machine slows both alike. The first call of ours is not timed:
    compilation and caches are not part of the comparison.

    Parameters
    ----------
    ours : callable
        Our call, without arguments.
    peer : callable
        The peer's call, without arguments.
    repeats : int, default=5
        Timed runs of ours.
    peer_repeats : int, optional
        Timed runs of the peer, by default `repeats`. Slow peers run once.

    Returns
    -------
    ours_s : float
    peer_s : float
    """
    ours()
    taken: tuple[list, list] = ([], [])
    wanted = repeats, repeats if peer_repeats is None else peer_repeats
    for turn in range(max(wanted)):
        for times, call, most in zip(taken, (ours, peer), wanted, strict=True):
            if turn < most:
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
    return float(np.median(taken[0])), float(np.median(taken[1]))


def row(what: str, n: int, d: int, times: tuple, peer: str, demand: float | None, **more) -> dict:
    """Return one row of the table.

    Parameters
    ----------
    what : str
        The task.
    n : int
        Number of points.
    d : int
        Number of features.
    times : (float, float)
        Seconds of ours and of the peer.
    peer : str
        Name of the peer.
    demand : float or None
        Largest ratio allowed of our time to the peer's. None if the row is for information only.
    **more
        Further columns.

    Returns
    -------
    dict
        what, n, d, ours_s, peer, peer_s, ratio, demand, ok, and the further columns.
    """
    ours_s, peer_s = times
    ratio = ours_s / peer_s
    ok = None if demand is None else bool(ratio <= demand)
    line = {"what": what, "n": n, "d": d, "ours_s": ours_s, "peer": peer, "peer_s": peer_s}
    return line | {"ratio": ratio, "demand": demand, "ok": ok} | more


def exponent(task: Callable, inputs: Iterable, repeats: int = 5) -> float:
    """Return the least-squares slope of log seconds on log n.

    Parameters
    ----------
    task : callable
        Takes one argument.
    inputs : iterable of (int, object)
        Pairs of n and the argument of the task.
    repeats : int, default=5
        Timed runs for each n; their median counts. One more run before them is not timed.

    Returns
    -------
    float
    """
    sizes, taken = [], []
    for n, argument in inputs:
        task(argument)
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            task(argument)
            times.append(time.perf_counter() - start)
        sizes.append(n)
        taken.append(float(np.median(times)))
    return float(np.polyfit(np.log(sizes), np.log(taken), 1)[0])
