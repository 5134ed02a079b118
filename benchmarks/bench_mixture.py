"""Speed of normal mixtures and scikit-learn's: one process, alternating runs, median of repeats.

python benchmarks/bench_mixture.py
"""

import warnings
from itertools import cycle

import numpy as np
from _side_by_side import exponent, row, seconds

_K, _SEEDS = 8, 5


def _clusters(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    centers, shapes = 3 * rng.standard_normal((_K, d)), rng.standard_normal((_K, d, d)) / 2 + np.eye(d)
    label = rng.integers(0, _K, n)
    return centers[label] + np.einsum("nij,nj->ni", shapes[label], rng.standard_normal((n, d)))


def rows(quick: bool = False) -> list[dict]:
    """Return the table of comparisons.

    A fit meets its demand if it takes no longer than scikit-learn's and its mean log-likelihood over five
    seeds is not lower by more than 1e-3 nats a row.

    Parameters
    ----------
    quick : bool, default=False
        Use smaller sizes and fewer repeats.

    Returns
    -------
    list of dict
        One row each: what, n, d, ours_s, peer, peer_s (seconds), ratio, demand, ok.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    from genrates.estimators import MixtureDensity

    def fits(model, X, found, keyword):
        # Each call of the returned function takes the next seed.
        seeds = cycle(range(_SEEDS))

        def call():
            seed = next(seeds)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                found[seed] = model(**keyword, random_state=seed).fit(X)

        return call

    rng = np.random.default_rng(0)
    n = 10_000 if quick else 100_000
    out = []
    for d in (1, 2, 10):
        X = _clusters(n, d, rng)
        ours, theirs, restarted = {}, {}, {}
        fit = fits(MixtureDensity, X, ours, {"n_components": _K})
        once = fits(GaussianMixture, X, theirs, {"n_components": _K})
        often = fits(GaussianMixture, X, restarted, {"n_components": _K, "n_init": 5})
        out.append(_compared(X, seconds(fit, once, _SEEDS), ours, theirs, "sklearn GaussianMixture"))
        peer = "sklearn GaussianMixture, 5 starts"
        out.append(_compared(X, seconds(fit, often, _SEEDS, 1), ours, restarted, peer))
        score = seconds(
            lambda f=ours[0], X=X: f.score_samples(X), lambda f=theirs[0], X=X: f.score_samples(X)
        )
        out.append(row("mixture, score_samples", n, d, score, "sklearn GaussianMixture", None))
    return out


def _compared(X, times, ours, theirs, peer):
    """Return the row of two fits. Its name states the gain of ours in log-likelihood."""
    gain = np.mean([m.score(X) for m in ours.values()]) - np.mean([m.score(X) for m in theirs.values()])
    what = f"mixture EM, K = {_K} (log-likelihood {gain:+.4f} nats a row)"
    line = row(what, *X.shape, times, peer, 1.0)
    return line | {"ok": bool(line["ok"] and gain > -1e-3)}


def growth(sizes=(10_000, 30_000, 100_000)) -> dict[str, float]:
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
    from genrates.estimators import MixtureDensity

    rng = np.random.default_rng(0)
    X = _clusters(max(sizes), 2, rng)
    data = [(n, X[:n]) for n in sizes]
    fit = exponent(lambda X: MixtureDensity(n_components=_K, random_state=0).fit(X), data, 3)
    return {f"mixture EM, K = {_K}, d = 2": fit}


if __name__ == "__main__":
    for row in rows():
        print({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
