"""Speed of the histogram and its peers: one process, alternating runs, median of repeats.

python benchmarks/bench_histogram.py
"""

import warnings

import numpy as np
from _side_by_side import exponent, row, seconds


def rows(quick: bool = False) -> list[dict]:
    """Return the table of comparisons.

    Parameters
    ----------
    quick : bool, default=False
        Use smaller sizes and fewer repeats.

    Returns
    -------
    list of dict
        One row each: what, n, d, ours_s, peer, peer_s (seconds), ratio, demand, ok.
    """
    from genrates.estimators import HistogramDensity

    rng = np.random.default_rng(0)
    n = 100_000 if quick else 1_000_000
    X = rng.standard_normal((n, 2))
    x, column = X[:, 0].copy(), X[:, :1].copy()
    out = []

    def stone():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            np.histogram_bin_edges(x, bins="stone")

    loo = seconds(lambda: HistogramDensity().fit(column), stone, 5, 2)
    out.append(
        row("histogram, leave-one-out bins", n, 1, loo, 'numpy bins="stone"', None if quick else 1 / 50)
    )
    sort = seconds(lambda: HistogramDensity().fit(column), lambda: np.sort(x), 5)
    out.append(row("histogram, leave-one-out bins", n, 1, sort, "np.sort", None))
    fixed = seconds(
        lambda: HistogramDensity(bins=200).fit(X), lambda: np.histogramdd(X, bins=200, density=True), 5
    )
    out.append(row("histogram, 200 x 200 bins given", n, 2, fixed, "np.histogramdd", None))
    loo_2d = seconds(lambda: HistogramDensity().fit(X), lambda: np.histogramdd(X, bins=100, density=True), 3)
    out.append(row("histogram, leave-one-out bins", n, 2, loo_2d, "np.histogramdd, bins given", None))
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
    from genrates.estimators import HistogramDensity

    data = [(n, np.random.default_rng(1).standard_normal((n, 2))) for n in sizes]
    return {
        "histogram, leave-one-out bins": exponent(lambda X: HistogramDensity().fit(X[:, :1]), data),
        "histogram, leave-one-out bins, d = 2": exponent(lambda X: HistogramDensity().fit(X), data, 3),
    }


if __name__ == "__main__":
    for row in rows():
        print({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
