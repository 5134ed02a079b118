"""Make tests/rates/reference/real_errors.npz: errors of real fits, from which tests draw studies.

python benchmarks/real_errors.py                                            an hour on one core

For each density and model an array of shape (n_metrics, n_sizes, n_replicates), under the name DENSITY/MODEL.
NaN where a metric does not apply. The sample of size n of a replicate is a prefix of the larger ones, as in a
run.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.base import clone

from genrates.metrics.base import Evaluation
from genrates.metrics.measurement import measure
from genrates.workflow.config import ConfigTree
from genrates.workflow.targets import make, make_model

DENSITIES = ("marron_wand_01", "marron_wand_06", "marron_wand_10")
MODELS = ("gaussian", "histogram", "kde")
METRICS = ("root_mise", "root_sup_cdf", "kl", "wasserstein_1")
SIZES = (100, 316, 1000, 3162, 10_000)
FILE = Path(__file__).parents[1] / "tests" / "rates" / "reference" / "real_errors.npz"
CONFIGS = ConfigTree()


def errors(density: str, model: str, replicates: int) -> np.ndarray:
    """Return the errors of a model, shape (n_metrics, n_sizes, n_replicates)."""
    data = make(CONFIGS.choose("data", density, {}, "data"), density)
    unfitted = make_model(CONFIGS.choose("model", model, {}, "model"), model)
    sampler = make(CONFIGS.choose("sampler", "own", {}, "sampler"), "sampler")
    metrics = {name: make(content, name) for name, content in CONFIGS.metrics(METRICS).items()}
    found = np.full((len(METRICS), len(SIZES), replicates), np.nan)
    for r in range(replicates):
        points = data.sample(SIZES[-1], np.random.default_rng([777, r, int(density[-2:])]))
        for s, n in enumerate(SIZES):
            fitted = clone(unfitted).fit(points[:n])
            draws = sampler.draw(fitted, n, np.random.default_rng([778, r, n]))
            evaluation = Evaluation(fitted, data, points[:n], draws, why_no_draws=None, chain={})
            for m, (name, metric) in enumerate(metrics.items()):
                value = next(iter(measure(name, metric, evaluation)))
                found[m, s, r] = value.value if value.status == "ok" else np.nan
    return found


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=1000)
    replicates = parser.parse_args().replicates
    pairs = [(density, model) for density in DENSITIES for model in MODELS]
    arrays = {f"{d}/{m}": errors(d, m, replicates).astype(np.float32) for d, m in pairs}
    np.savez_compressed(FILE, sizes=np.array(SIZES), metrics=np.array(METRICS), **arrays)


if __name__ == "__main__":
    main()
