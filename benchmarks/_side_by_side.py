"""How two calls are compared, and how time grows: what every benchmark here shares."""

import time
from collections.abc import Callable, Iterable

import numpy as np


def seconds(ours: Callable, peer: Callable, repeats: int = 5, peer_repeats: int | None = None):
    """Median seconds of both calls, run in turn, so that a busy machine slows both alike.

    The first call of ours is not timed: compilation and caches are not what is compared. Peers that take
    minutes run once.
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
    """A line of the table; `demand` is the largest ratio of our time to the peer's, None for information."""
    ours_s, peer_s = times
    ratio = ours_s / peer_s
    ok = None if demand is None else bool(ratio <= demand)
    line = {"what": what, "n": n, "d": d, "ours_s": ours_s, "peer": peer, "peer_s": peer_s}
    return line | {"ratio": ratio, "demand": demand, "ok": ok} | more


def exponent(task: Callable, inputs: Iterable, repeats: int = 5) -> float:
    """Least-squares slope of log seconds on log n; `inputs` are pairs (n, argument of the task)."""
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
