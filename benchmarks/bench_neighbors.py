"""Neighbours, series, adaptive kernels and bits beside their peers, in one process, median of repeats.

python benchmarks/bench_neighbors.py
"""

import time
import warnings

import numpy as np


def _seconds(call, repeats: int) -> float:
    call()  # compilation and caches are not what is compared
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def _row(what, n, d, ours, peer_name, peer, demand, factor=1.0):
    """`demand`: largest ratio of ours to the peer's time; `factor` scales a peer run on fewer queries."""
    peer_s = None if peer is None else factor * peer
    ratio = None if peer is None else ours / peer_s
    ok = None if demand is None or ratio is None else ratio <= demand
    return {
        "what": what, "n": n, "d": d, "ours_s": ours, "peer": peer_name, "peer_s": peer_s,
        "ratio": ratio, "demand": demand, "ok": ok,
    }  # fmt: skip


def rows(quick: bool = False) -> list[dict]:
    """The table: one dict (what, n, d, ours_s, peer, peer_s, ratio, demand, ok) a line.

    The slowest peers answer a tenth of the queries (half a minute otherwise); their times are scaled.
    """
    from scipy.spatial import cKDTree
    from scipy.stats import gaussian_kde
    from sklearn.naive_bayes import BernoulliNB

    from genrates.estimators import (
        AdaptiveKernelDensity,
        BernoulliMixture,
        BernoulliPixels,
        NeighborDensity,
        SeriesDensity,
    )

    rng = np.random.default_rng(0)
    n, m = (10_000, 1000) if quick else (100_000, 10_000)
    X, Q = rng.normal(size=(n, 1)), rng.normal(size=(m, 1))
    k = round(n**0.8)
    out = []

    few = Q[: m // 10]
    ours = _seconds(lambda: NeighborDensity(n_neighbors=k).fit(X).score_samples(Q), 5)
    peer = _seconds(lambda: cKDTree(X).query(few, k=[k]), 1)
    out.append(_row(f"kNN, fit + {m} queries, k = n^(4/5)", n, 1, ours, "scipy cKDTree", peer, 0.2, 10))

    X2, Q2 = rng.normal(size=(n, 2)), rng.normal(size=(m // 10, 2))
    model = NeighborDensity(n_neighbors=round(n**0.5)).fit(X2)
    tree = cKDTree(X2)
    ours = _seconds(lambda: model.score_samples(Q2), 3)
    peer = _seconds(lambda: tree.query(Q2, k=[round(n**0.5)]), 3)
    out.append(_row(f"kNN, {m // 10} queries, k = n^(1/2)", n, 2, ours, "scipy cKDTree", peer, None))

    ours = _seconds(lambda: NeighborDensity(n_neighbors="likelihood_cv").fit(X), 3)
    out.append(
        _row("kNN, k by left-out likelihood", n, 1, ours, "np.sort", _seconds(lambda: np.sort(X, 0), 5), None)
    )

    ours = _seconds(lambda: SeriesDensity().fit(X), 5)
    peer = _seconds(lambda: np.cos(np.pi * X * np.arange(64)).mean(axis=0), 3)
    out.append(_row("series, M of 1024 by risk", n, 1, ours, "64 means of cosines in numpy", peer, None))

    grid = np.linspace(-4, 4, m // 5)[:, None]
    ours = _seconds(lambda: AdaptiveKernelDensity(bandwidth=0.1).fit(X).score_samples(grid), 5)
    few = grid[::10, 0]
    peer = _seconds(lambda: gaussian_kde(X[:, 0])(few), 1)
    out.append(
        _row(f"adaptive KDE, fit + {m // 5} points", n, 1, ours, "scipy gaussian_kde (fixed)", peer, None, 10)
    )

    bits = (rng.random((n // 10, 784)) < rng.random(784)).astype(float)
    ours = _seconds(lambda: BernoulliPixels().fit(bits), 3)
    peer = _seconds(lambda: BernoulliNB().fit(bits, np.zeros(len(bits))), 3)
    out.append(_row("independent pixels, fit", n // 10, 784, ours, "scikit-learn BernoulliNB", peer, None))
    mixture = BernoulliMixture(n_components=10, max_iter=10, tol=0.0, random_state=0)
    ours = _seconds(lambda: mixture.fit(bits), 1)
    product = rng.random((10, 784))
    peer = _seconds(lambda: [(bits @ product.T).T @ bits for _ in range(10)], 1)
    out.append(_row("mixture of 10, 10 EM steps", n // 10, 784, ours, "its 20 matrix products", peer, None))

    for name, model in (
        ("kNN", NeighborDensity().fit(X)),
        ("series", SeriesDensity().fit(X)),
        ("adaptive KDE", AdaptiveKernelDensity(bandwidth=0.1).fit(X)),
    ):
        size = 10 * n
        ours = _seconds(lambda model=model, size=size: model.sample(size, random_state=0), 3)
        peer = _seconds(lambda size=size: np.random.default_rng(0).standard_normal(size), 3)
        out.append(_row(f"{name}, {size} draws", n, 1, ours, "numpy normals", peer, None))
    return out


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for row in rows():
        numbers = {key: f"{row[key]:.4g}" for key in ("ours_s", "peer_s", "ratio") if row[key] is not None}
        print(row["what"], f"n={row['n']} d={row['d']}", numbers, row["peer"], row["demand"], row["ok"])
