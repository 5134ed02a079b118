"""Speed of neighbors, series, adaptive kernels and bits, and of their peers: one process, median of repeats.

python benchmarks/bench_neighbors.py
"""

import warnings

import numpy as np
from _side_by_side import exponent, row, seconds


def _row(what, n, d, calls, peer_name, demand, repeats=5, peer_repeats=None, factor=1.0):
    """Return a row. `factor` scales the time of a peer that answered fewer queries."""
    ours_s, peer_s = seconds(*calls, repeats, peer_repeats)
    return row(what, n, d, (ours_s, factor * peer_s), peer_name, demand)


def rows(quick: bool = False) -> list[dict]:
    """Return the table of comparisons.

    The slowest peers answer a tenth of the queries, and their times are scaled.

    Parameters
    ----------
    quick : bool, default=False
        Use smaller sizes and fewer repeats.

    Returns
    -------
    list of dict
        One row each: what, n, d, ours_s, peer, peer_s (seconds), ratio, demand, ok.
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
    calls = (
        lambda: NeighborDensity(n_neighbors=k).fit(X).score_samples(Q),
        lambda: cKDTree(X).query(few, k=[k]),
    )
    out.append(_row(f"kNN, fit + {m} queries, k = n^(4/5)", n, 1, calls, "scipy cKDTree", 0.2, 5, 1, 10))

    X2, Q2 = rng.normal(size=(n, 2)), rng.normal(size=(m // 10, 2))
    model, tree = NeighborDensity(n_neighbors=round(n**0.5)).fit(X2), cKDTree(X2)
    calls = lambda: model.score_samples(Q2), lambda: tree.query(Q2, k=[round(n**0.5)])
    out.append(_row(f"kNN, {m // 10} queries, k = n^(1/2)", n, 2, calls, "scipy cKDTree", None, 3))

    calls = lambda: NeighborDensity(n_neighbors="likelihood_cv").fit(X), lambda: np.sort(X, 0)
    out.append(_row("kNN, k by left-out likelihood", n, 1, calls, "np.sort", None, 3))

    calls = lambda: SeriesDensity().fit(X), lambda: np.cos(np.pi * X * np.arange(64)).mean(axis=0)
    out.append(_row("series, M of 1024 by risk", n, 1, calls, "64 means of cosines in numpy", None, 5, 3))

    grid = np.linspace(-4, 4, m // 5)[:, None]
    calls = (
        lambda: AdaptiveKernelDensity(bandwidth=0.1).fit(X).score_samples(grid),
        lambda: gaussian_kde(X[:, 0])(grid[::10, 0]),
    )
    what = f"adaptive KDE, fit + {m // 5} points"
    out.append(_row(what, n, 1, calls, "scipy gaussian_kde (fixed)", None, 5, 1, 10))

    bits = (rng.random((n // 10, 784)) < rng.random(784)).astype(float)
    calls = lambda: BernoulliPixels().fit(bits), lambda: BernoulliNB().fit(bits, np.zeros(len(bits)))
    out.append(_row("independent pixels, fit", n // 10, 784, calls, "scikit-learn BernoulliNB", None, 3))
    mixture = BernoulliMixture(n_components=10, max_iter=10, tol=0.0, random_state=0)
    product = rng.random((10, 784))
    calls = lambda: mixture.fit(bits), lambda: [(bits @ product.T).T @ bits for _ in range(10)]
    out.append(_row("mixture of 10, 10 EM steps", n // 10, 784, calls, "its 20 matrix products", None, 1))
    return out


def growth(sizes=(10_000, 100_000, 1_000_000)) -> dict[str, float]:
    """Return exponents of time against n.

    Parameters
    ----------
    sizes : sequence of int
        Values of n, increasing.

    Returns
    -------
    dict of str to float
        Exponent by task.
    """
    from genrates.estimators import AdaptiveKernelDensity, NeighborDensity, SeriesDensity

    rng = np.random.default_rng(1)
    line = [(n, rng.standard_normal((n, 1))) for n in sizes]
    grid = np.linspace(-4, 4, 1024)[:, None]
    return {
        "kNN, fit + 1024 points": exponent(lambda X: NeighborDensity().fit(X).score_samples(grid), line, 3),
        "series, M by risk": exponent(lambda X: SeriesDensity().fit(X), line, 3),
        "adaptive KDE, fit + 1024 points": exponent(
            lambda X: AdaptiveKernelDensity(bandwidth=0.1).fit(X).score_samples(grid), line, 3
        ),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for row in rows():
        numbers = {key: f"{row[key]:.4g}" for key in ("ours_s", "peer_s", "ratio") if row[key] is not None}
        print(row["what"], f"n={row['n']} d={row['d']}", numbers, row["peer"], row["demand"], row["ok"])
