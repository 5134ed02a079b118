"""Kernel density estimation beside its peers, in one process: seconds, ratios, demands, growth with n.

    python benchmarks/bench_kernel.py

`rows()` returns the table for `make bench`. Times are medians of repeats that alternate between ours and
the peer's; peers that take minutes run once.
"""

import time

import numpy as np

from genrates.estimators import KernelDensity

QUERIES_1D = 1024


def _seconds(ours, peer, repeats: int, peer_repeats: int) -> tuple[float, float]:
    """Medians of interleaved timings; the first call of ours (compilation) is not timed."""
    ours()
    a, b = [], []
    for k in range(max(repeats, peer_repeats)):
        if k < repeats:
            start = time.perf_counter()
            ours()
            a.append(time.perf_counter() - start)
        if k < peer_repeats:
            start = time.perf_counter()
            peer()
            b.append(time.perf_counter() - start)
    return float(np.median(a)), float(np.median(b))


def _row(what, n, d, peer_name, demand, ours, peer, repeats=5, peer_repeats=5) -> dict:
    ours_s, peer_s = _seconds(ours, peer, repeats, peer_repeats)
    ratio = ours_s / peer_s
    return {
        "what": what,
        "n": n,
        "d": d,
        "ours_s": ours_s,
        "peer": peer_name,
        "peer_s": peer_s,
        "ratio": ratio,
        "demand": demand,
        "ok": bool(ratio <= demand),
    }


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

    def fft():
        return FFTKDE(kernel="gaussian", bw=h).fit(x).evaluate(grid)

    def select():
        return KernelDensity().fit(x)

    quick, exact = "fit + 1024 points, rtol 1e-4", "fit + 1024 points, exact"
    yield _row(quick, n, 1, "KDEpy FFTKDE", 1.0, ours(1e-4), fft, 15, 15)
    yield _row("LSCV fit", n, 1, "np.sort", 6.0, select, lambda: np.sort(x[:, 0]), 5, 5)
    yield _row(quick, n, 1, "sklearn rtol 1e-4", 1 / 200, ours(1e-4), theirs(1e-4), 5, 1)
    yield _row(exact, n, 1, "sklearn exact", 1 / 100, ours(0.0), theirs(0.0), 5, 1)


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

        def theirs(X=X, queries=queries, h=h):
            return Theirs(bandwidth=h, rtol=1e-4).fit(X).score_samples(queries)

        row = _row(f"fit + {m} points, rtol 1e-4", n, d, "sklearn rtol 1e-4", 1 / 4, ours, theirs, 3, 1)
        exact = KernelDensity(bandwidth=h).fit(X).score_samples(queries[:500])
        row["relative_error"] = float(np.abs(np.expm1(ours()[:500] - exact)).max())
        row["ok"] = row["ok"] and row["relative_error"] <= 1e-6
        yield row


def growth(sizes=(10_000, 100_000, 1_000_000)) -> dict[str, float]:
    """Exponent of time against n, by least squares on logarithms."""
    tasks = {
        "exact": lambda x, grid: KernelDensity(bandwidth=0.1).fit(x).score_samples(grid),
        "rtol 1e-4": lambda x, grid: KernelDensity(bandwidth=0.1, rtol=1e-4).fit(x).score_samples(grid),
        "LSCV fit": lambda x, grid: KernelDensity().fit(x),
    }
    rng = np.random.default_rng(3)
    data = {n: rng.standard_normal((n, 1)) for n in sizes}
    grid = np.linspace(-5, 5, QUERIES_1D)[:, None]
    exponents = {}
    for name, task in tasks.items():
        seconds = [
            _seconds(lambda x=x, task=task: task(x, grid), lambda: None, 5, 1)[0] for x in data.values()
        ]
        exponents[name] = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
    return exponents


def rows() -> list[dict]:
    """The table, one dict per comparison: what, n, d, ours_s, peer, peer_s, ratio, demand, ok."""
    return list(_each_row())


def _each_row():
    yield from _line_rows(1_000_000)
    yield _grid_search_row(10_000)
    yield from _space_rows(100_000, 10_000)


if __name__ == "__main__":
    for r in _each_row():
        error = f", relative error {r['relative_error']:.1e}" if "relative_error" in r else ""
        print(
            f"{r['what']:32} n={r['n']:<8} d={r['d']}  {r['ours_s']:9.4f} s  "
            f"{r['peer']:26} {r['peer_s']:9.4f} s  "
            f"ratio {r['ratio']:.5f} (demand {r['demand']:.5f}) {'ok' if r['ok'] else 'SHORT'}{error}",
            flush=True,
        )
    for name, exponent in growth().items():
        print(f"time ~ n^{exponent:.2f}: {name}")
