"""Speed of a million draws from every estimator, against as many NumPy normals, in one and two dimensions.

    python benchmarks/bench_sampling.py

Nearest neighbors in the plane have no demand. A draw that the bounds of its cell do not decide costs a
search of a tree, so twice the time of the normals is out of reach.
"""

import tracemalloc

import numpy as np
from _side_by_side import exponent, row, seconds

from genrates.estimators import (
    AdaptiveKernelDensity,
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    MixtureDensity,
    NeighborDensity,
    SeriesDensity,
)

_DEMAND = 2.0


def _models(d: int):
    """Yield models and the size of the training set of each."""
    yield GaussianDensity(), 100_000
    yield MixtureDensity(n_components=4, random_state=0), 20_000
    yield HistogramDensity(), 100_000
    for n in (100_000, 1_000_000):
        yield KernelDensity(bandwidth=0.1), n
    yield AdaptiveKernelDensity(bandwidth=0.1), 100_000
    if d == 1:
        yield KernelDensity(bandwidth=0.1, kernel="epanechnikov"), 100_000
        yield KernelDensity(bandwidth=0.1, bounds=(-10, None)), 100_000
        yield NeighborDensity(), 100_000
        yield NeighborDensity(), 1_000_000
    yield SeriesDensity(), 100_000


def rows(quick: bool = False) -> list[dict]:
    """Return the table of comparisons.

    Parameters
    ----------
    quick : bool, default=False
        Use smaller sizes and fewer repeats.

    Returns
    -------
    list of dict
        One row each: what, n, d, ours_s, peer, peer_s (seconds), ratio, demand, ok. n is the size
        of the training set.
    """
    rng = np.random.default_rng(0)
    draws, out = (100_000 if quick else 1_000_000), []
    for d in (1, 2):
        for model, n in _models(d):
            model.fit(rng.standard_normal((n, d)))
            out.append(_sampling_row(model, n, d, draws, _DEMAND, 9))
    plane = NeighborDensity().fit(rng.standard_normal((5000, 2)))
    out.append(_sampling_row(plane, 5000, 2, draws // 100, None, 3))
    return out


def _sampling_row(model, n, d, draws, demand, repeats):
    """Return the row of one fitted model."""
    times = seconds(
        lambda: model.sample(draws, random_state=0),
        lambda: np.random.default_rng(0).standard_normal((draws, d)),
        repeats,
    )
    shown = {k: v for k, v in model.get_params().items() if k in ("kernel", "bounds")}
    kind = "".join(f", {k}={v}" for k, v in shown.items() if v not in (None, "gaussian"))
    return row(f"{type(model).__name__}{kind}, {draws:.0e} draws", n, d, times, "drawing the normals", demand)


def growth(sizes=(10_000, 100_000, 1_000_000)) -> dict[str, float]:
    """Return exponents of time against the number of draws, and of peak memory against n.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of draws, increasing.

    Returns
    -------
    dict of str to float
        Exponent by task.
    """
    x = np.random.default_rng(0).standard_normal((100_000, 1))
    drawn = [(m, m) for m in sizes]
    models = (KernelDensity(bandwidth=0.1), NeighborDensity(), SeriesDensity(), HistogramDensity())
    found = {
        f"{type(model).__name__}.sample, against the draws": exponent(model.fit(x).sample, drawn, 3)
        for model in models
    }
    for d in (1, 2):
        found[f"peak memory of a KDE with as many queries as points, d = {d}"] = _memory(d)
    return found


def _memory(d, sizes=(10_000, 20_000, 40_000)):
    """Return the exponent of peak memory of a KDE with n points and n queries."""
    rng, peaks = np.random.default_rng(0), []
    for n in sizes:
        X, queries = rng.standard_normal((n, d)), rng.standard_normal((n, d))
        KernelDensity(bandwidth=0.1).fit(X[:2000]).score_samples(queries)  # compiles beforehand
        tracemalloc.start()
        KernelDensity(bandwidth=0.1).fit(X).score_samples(queries)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return float(np.polyfit(np.log(sizes), np.log(peaks), 1)[0])


if __name__ == "__main__":
    for line in rows():
        print({k: round(v, 4) if isinstance(v, float) else v for k, v in line.items()}, flush=True)
    print(growth())
