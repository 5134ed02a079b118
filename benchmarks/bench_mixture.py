"""Normal mixtures beside scikit-learn's: one process, alternating runs, median of repeats.

python benchmarks/bench_mixture.py
"""

import time
import warnings
from functools import partial

import numpy as np

_K = 8


def _side_by_side(ours, peer, repeats: int) -> tuple[float, float]:
    """Median seconds of both, run in turn, so that a busy machine slows both alike."""
    taken: tuple[list, list] = ([], [])
    for i in range(repeats):
        for times, call in zip(taken, (ours, peer), strict=True):
            start = time.perf_counter()
            call(i)
            times.append(time.perf_counter() - start)
    return float(np.median(taken[0])), float(np.median(taken[1]))


def _row(what, n, d, times, peer, demand, ok) -> dict:
    ours_s, peer_s = times
    return {
        "what": what, "n": n, "d": d, "ours_s": ours_s, "peer": peer, "peer_s": peer_s,
        "ratio": ours_s / peer_s, "demand": demand, "ok": ok,
    }  # fmt: skip


def _clusters(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    centres, shapes = 3 * rng.standard_normal((_K, d)), rng.standard_normal((_K, d, d)) / 2 + np.eye(d)
    label = rng.integers(0, _K, n)
    return centres[label] + np.einsum("nij,nj->ni", shapes[label], rng.standard_normal((n, d)))


def rows(quick: bool = False) -> list[dict]:
    """The table: one dict (what, n, d, ours_s, peer, peer_s, ratio, demand, ok) a line.

    A fit is ok if it takes no longer than scikit-learn's and ends at no lower a likelihood: the means over
    the starts (five seeds), to 1e-3 nats.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    from genrates.estimators import MixtureDensity

    def fit_ours(X, found, seed):
        found[seed] = MixtureDensity(n_components=_K, random_state=seed).fit(X)

    def fit_theirs(X, found, seed):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            found[seed] = GaussianMixture(_K, random_state=seed).fit(X)

    rng = np.random.default_rng(0)
    n, draws = (10_000, 100_000) if quick else (100_000, 1_000_000)
    out = []
    for d in (1, 2, 10):
        X = _clusters(n, d, rng)
        ours, theirs = {}, {}
        times = _side_by_side(partial(fit_ours, X, ours), partial(fit_theirs, X, theirs), 5)
        gain = np.mean([m.score(X) for m in ours.values()]) - np.mean([m.score(X) for m in theirs.values()])
        ok = bool(times[0] <= times[1] and gain > -1e-3)
        what = f"mixture EM, K = {_K} (log-likelihood {gain:+.4f} nats a row)"
        out.append(_row(what, n, d, times, "sklearn GaussianMixture", 1.0, ok))
        model, peer = ours[0], theirs[0]
        score = _side_by_side(
            lambda _, f=model, X=X: f.score_samples(X), lambda _, f=peer, X=X: f.score_samples(X), 5
        )
        out.append(_row("mixture, score_samples", n, d, score, "sklearn GaussianMixture", None, None))
        drawn = _side_by_side(
            lambda i, f=model: f.sample(draws, random_state=i),
            lambda _, d=d: rng.standard_normal((draws, d)),
            9,
        )
        out.append(
            _row(
                "MixtureDensity.sample", draws, d, drawn, "drawing the normals", 2.0, drawn[0] <= 2 * drawn[1]
            )
        )
    return out


if __name__ == "__main__":
    for row in rows():
        print({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
