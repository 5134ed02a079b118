"""The histogram, and sampling, beside their peers: one process, alternating runs, median of repeats.

python benchmarks/bench_histogram.py
"""

import time
import warnings

import numpy as np


def _side_by_side(ours, peer, repeats: int, peer_repeats: int | None = None) -> tuple[float, float]:
    """Median seconds of both, run in turn, so that a busy machine slows both alike."""
    taken: tuple[list, list] = ([], [])
    ours()  # compilation and caches are not what is compared
    for i in range(repeats):
        for times, call, wanted in zip(taken, (ours, peer), (repeats, peer_repeats or repeats), strict=True):
            if i < wanted:
                start = time.perf_counter()
                call()
                times.append(time.perf_counter() - start)
    return float(np.median(taken[0])), float(np.median(taken[1]))


def _row(what, n, d, times, peer, demand) -> dict:
    """`demand`: largest ratio of our time to the peer's; None where the row is for information."""
    ours_s, peer_s = times
    ratio = ours_s / peer_s
    return {
        "what": what, "n": n, "d": d, "ours_s": ours_s, "peer": peer, "peer_s": peer_s,
        "ratio": ratio, "demand": demand, "ok": None if demand is None else ratio <= demand,
    }  # fmt: skip


def rows(quick: bool = False) -> list[dict]:
    """The table: one dict (what, n, d, ours_s, peer, peer_s, ratio, demand, ok) a line."""
    from genrates.estimators import GaussianDensity, HistogramDensity

    rng = np.random.default_rng(0)
    n = 100_000 if quick else 1_000_000
    X = rng.standard_normal((n, 2))
    x, column = X[:, 0].copy(), X[:, :1].copy()
    out = []

    def stone():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            np.histogram_bin_edges(x, bins="stone")

    loo = _side_by_side(lambda: HistogramDensity().fit(column), stone, 5, 2)
    out.append(
        _row("histogram, leave-one-out bins", n, 1, loo, 'numpy bins="stone"', None if quick else 1 / 50)
    )
    sort = _side_by_side(lambda: HistogramDensity().fit(column), lambda: np.sort(x), 5)
    out.append(_row("histogram, leave-one-out bins", n, 1, sort, "np.sort", None))
    fixed = _side_by_side(
        lambda: HistogramDensity(bins=200).fit(X), lambda: np.histogramdd(X, bins=200, density=True), 5
    )
    out.append(_row("histogram, 200 x 200 bins given", n, 2, fixed, "np.histogramdd", None))
    loo_2d = _side_by_side(
        lambda: HistogramDensity().fit(X), lambda: np.histogramdd(X, bins=100, density=True), 3
    )
    out.append(_row("histogram, leave-one-out bins", n, 2, loo_2d, "np.histogramdd, bins given", None))
    for model, data in [(HistogramDensity(), column), (HistogramDensity(), X), (GaussianDensity(), X)]:
        model.fit(data)
        d = data.shape[1]
        drawn = _side_by_side(
            lambda model=model: model.sample(n, random_state=0), lambda d=d: rng.standard_normal((n, d)), 9
        )
        out.append(_row(f"{type(model).__name__}.sample", n, d, drawn, "drawing the normals", 2.0))
    return out


if __name__ == "__main__":
    for row in rows():
        print({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
