"""Speed of neural CDFs: an ensemble against one Trainer per replicate, and growth with n.

python benchmarks/bench_neural.py
"""

import time

import numpy as np

REPLICATES = 50


def _row(what, n, ours_s, peer, peer_s, demand, d=1) -> dict:
    """Return a row. `demand` is the largest ratio allowed to the peer's time; None is for information."""
    ratio = ours_s / peer_s
    return {
        "what": what, "n": n, "d": d, "ours_s": ours_s, "peer": peer, "peer_s": peer_s,
        "ratio": ratio, "demand": demand, "ok": None if demand is None else ratio <= demand,
    }  # fmt: skip


def _samples(n: int, replicates: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [
        np.where(rng.random(n) < 0.5, -1.0, 1.0)[:, None] + rng.normal(0, 2 / 3, (n, 1))
        for _ in range(replicates)
    ]


def _seconds(samples: list[np.ndarray], **params) -> float:
    from genrates.neural import NeuralCDF

    start = time.perf_counter()
    NeuralCDF.fit_replicates([NeuralCDF(random_state=r, **params) for r in range(len(samples))], samples)
    return time.perf_counter() - start


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
    out = []
    samples = _samples(1000, REPLICATES)
    _seconds(samples[:2], trainer={"max_steps": 3})  # so that imports are not timed
    alone = 2 if quick else 5
    together, one_by_one, adam_together, adam_one_by_one = [], [], [], []
    adam = {"optimizer": "adam", "trainer": {"max_steps": 300 if quick else 2000}}
    for i in range(1 if quick else 3):
        together.append(_seconds(samples))
        one_by_one.append(np.mean([_seconds([x]) for x in samples[i : i + alone]]))
        adam_together.append(_seconds(samples, **adam))
        adam_one_by_one.append(_seconds(samples[i : i + 1], **adam))
    together, adam_together = (float(np.median(s)) / REPLICATES for s in (together, adam_together))
    each, adam_each = float(np.median(one_by_one)), float(np.median(adam_one_by_one))
    out.append(
        _row(
            "Adam, one of 50 replicates trained together",
            1000,
            adam_together,
            "Adam, one Trainer each",
            adam_each,
            None if quick else 1 / 20,
        )
    )
    # The two rows of Gauss-Newton are for information: another optimizer is no gain of batching.
    gauss_newton = "Gauss-Newton, one of 50 replicates trained together"
    out.append(_row(gauss_newton, 1000, together, "Adam, one Trainer each", adam_each, None))
    out.append(_row(gauss_newton, 1000, together, "Gauss-Newton, one Trainer each", each, None))
    # With fixed units only the sort grows with n. A network that chooses its units grows too, since fixed
    # units leave an error that no n removes.
    for name, units, demand in (("12 units", {"hidden": (12,)}, 1.2), ("units that grow", {}, None)):
        base = _seconds(_samples(1000, 10), **units) / 10
        for n in (10_000, 100_000) if quick else (10_000, 100_000, 1_000_000):
            samples = _samples(n, 10)
            start = time.perf_counter()
            for sample in samples:
                np.sort(sample[:, 0])
            sort = (time.perf_counter() - start) / 10
            what = f"Gauss-Newton, one of 10 replicates, {name}; the sort aside"
            peer = "the same at n = 1000"
            out.append(_row(what, n, _seconds(samples, **units) / 10 - sort, peer, base, demand))
    return out


if __name__ == "__main__":
    for row in rows():
        print({k: f"{v:.3g}" if isinstance(v, float) else v for k, v in row.items()})
