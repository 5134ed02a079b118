"""Speed of kernel density estimation and its peers in one process: seconds, ratios, demands, growth with n.

    python benchmarks/bench_kernel.py

`rows()` returns the table for `make bench`. Times are medians of repeats that alternate between ours and
the peer's. Slow peers run once.
"""

import numpy as np
from _side_by_side import exponent, row, seconds

from genrates.estimators import KernelDensity

QUERIES_1D = 1024
#: the slowest peers answer every fourth query; their time is scaled, and their fit is left out
_FEWER = 4


def _row(what, n, d, peer_name, demand, ours, peer, repeats=5, peer_repeats=5) -> dict:
    return row(what, n, d, seconds(ours, peer, repeats, peer_repeats), peer_name, demand)


def _line_rows(n: int):
    from KDEpy import FFTKDE
    from sklearn.neighbors import KernelDensity as Theirs

    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, 1))
    h = 1.06 * n**-0.2
    grid = np.linspace(x.min() - 3 * h, x.max() + 3 * h, QUERIES_1D)[:, None]

    def ours(rtol):
        return lambda: KernelDensity(bandwidth=h, rtol=rtol).fit(x).score_samples(grid)

    def theirs(rtol):
        return lambda: Theirs(bandwidth=h, rtol=rtol).fit(x).score_samples(grid)

    fitted = Theirs(bandwidth=h).fit(x)

    def fft():
        return FFTKDE(kernel="gaussian", bw=h).fit(x).evaluate(grid)

    def select():
        return KernelDensity().fit(x)

    quick, exact = "fit + 1024 points, rtol 1e-4", "fit + 1024 points, exact"
    yield _row(quick, n, 1, "KDEpy FFTKDE", 1.0, ours(1e-4), fft, 15, 15)
    yield _row("LSCV fit", n, 1, "np.sort", 6.0, select, lambda: np.sort(x[:, 0]), 5, 5)
    yield _row(quick, n, 1, "sklearn rtol 1e-4", 1 / 200, ours(1e-4), theirs(1e-4), 5, 1)
    times = seconds(ours(0.0), lambda: fitted.score_samples(grid[::_FEWER]), 5, 1)
    yield row(exact, n, 1, (times[0], _FEWER * times[1]), "sklearn exact, its queries", 1 / 100)


def _grid_search_row(n: int) -> dict:
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KernelDensity as Theirs

    x = np.random.default_rng(1).standard_normal((n, 1))
    search = GridSearchCV(Theirs(), {"bandwidth": np.geomspace(0.02, 1, 20)}, cv=5)
    peer = "GridSearchCV, 20 x 5 folds"
    return _row("LSCV fit", n, 1, peer, 1e-3, lambda: KernelDensity().fit(x), lambda: search.fit(x), 5, 1)


def _space_rows(n: int, m: int):
    from sklearn.neighbors import KernelDensity as Theirs

    for d in (2, 5):
        rng = np.random.default_rng(d)
        X, queries = rng.standard_normal((n, d)), rng.standard_normal((m, d))
        h = float(n ** (-1 / (d + 4)))

        def ours(X=X, queries=queries, h=h):
            return KernelDensity(bandwidth=h, rtol=1e-4).fit(X).score_samples(queries)

        fitted = Theirs(bandwidth=h, rtol=1e-4).fit(X)
        times = seconds(ours, lambda f=fitted, q=queries[::_FEWER]: f.score_samples(q), 3, 1)
        times = times[0], _FEWER * times[1]
        line = row(f"fit + {m} points, rtol 1e-4", n, d, times, "sklearn rtol 1e-4, its queries", 1 / 4)
        exact = KernelDensity(bandwidth=h).fit(X).score_samples(queries[:500])
        error = float(np.abs(np.expm1(ours()[:500] - exact)).max())
        line["what"] += f" (relative error {error:.0e})"
        line["ok"] = line["ok"] and error <= 1e-6
        yield line


def growth(sizes=(10_000, 100_000, 1_000_000)) -> dict[str, float]:
    """Return exponents of time against n.

    Parameters
    ----------
    sizes : sequence of int
        Values of n in one dimension, increasing.

    Returns
    -------
    dict of str to float
        Exponent by task.
    """
    rng = np.random.default_rng(3)
    grid = np.linspace(-5, 5, QUERIES_1D)[:, None]
    line = [(n, rng.standard_normal((n, 1))) for n in sizes]
    plane, space = ([(n, rng.standard_normal((n, d))) for n in (10_000, 30_000, 100_000)] for d in (2, 5))

    def at_rate(X):
        # 1000 queries at the bandwidth with the optimal rate
        n, d = X.shape
        KernelDensity(bandwidth=float(n ** (-1 / (d + 4))), rtol=1e-4).fit(X).score_samples(X[:1000])

    return {
        "KDE, exact": exponent(lambda x: KernelDensity(bandwidth=0.1).fit(x).score_samples(grid), line),
        "KDE, rtol 1e-4": exponent(
            lambda x: KernelDensity(bandwidth=0.1, rtol=1e-4).fit(x).score_samples(grid), line
        ),
        "KDE, LSCV fit": exponent(lambda x: KernelDensity().fit(x), line),
        "KDE, 1000 queries, d = 2": exponent(at_rate, plane, 3),
        "KDE, 1000 queries, d = 5": exponent(at_rate, space, 3),
    }


def rows() -> list[dict]:
    """Return the table of comparisons.

    Returns
    -------
    list of dict
        One row each: what, n, d, ours_s, peer, peer_s (seconds), ratio, demand, ok.
    """
    return list(_each_row())


def _each_row():
    yield from _line_rows(1_000_000)
    yield _grid_search_row(10_000)
    yield from _space_rows(100_000, 10_000)


if __name__ == "__main__":
    for line in _each_row():
        print({k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}, flush=True)
    print(growth())
