"""Measure what published tables hold, and write both side by side: docs/published.md.

python benchmarks/published_tables.py                                       minutes on one core

Published numbers stand in benchmarks/published/, each with its source. A table that could not be read has no
number here. Seeds are fixed: a second run writes the same page.
"""

import argparse
import csv
import time
from pathlib import Path

import numpy as np

from genrates.data import BerlinetDevroye, MarronWand
from genrates.estimators import HistogramDensity, KernelDensity
from genrates.metrics import Hellinger, RootMISE, TotalVariation
from genrates.metrics.base import Evaluation
from genrates.rates.kernel_mise import kernel_optimum

FOLDER = Path(__file__).parent / "published"
PAGE = Path(__file__).parents[1] / "docs" / "published.md"
DENSITIES = {BerlinetDevroye(number=k).name: ("berlinet_devroye", k) for k in range(1, 29)}
DENSITIES["asymmetric claw"] = ("marron_wand", 12)
THEIRS = ("Wand", "AIC", "BIC", "BR", "RIH")
SEED = 2025


class PenalizedHistogram:
    """The regular histogram of greatest penalized likelihood, coded anew to check data and metric.

    At most 4 n / log(n)^2 bins, as in the published study.

    Parameters
    ----------
    penalty : callable
        Penalty of k bins and n points.
    """

    def __init__(self, penalty):
        self.penalty = penalty

    def fit(self, X):
        """Return the fitted histogram.

        Parameters
        ----------
        X : ndarray of shape (n, 1)

        Returns
        -------
        HistogramDensity
        """
        x, n = np.sort(X[:, 0]), len(X)
        ks = np.arange(1, min(int(np.ceil(4 * n / np.log(n) ** 2)), 1000) + 1)
        found = []
        for k in ks:
            edges = np.linspace(x[0], x[-1], k + 1)
            counts = np.diff(np.concatenate([[0], np.searchsorted(x, edges[1:-1]), [n]]))
            counts = counts[counts > 0]
            found.append(counts @ np.log(counts / n) + n * np.log(k) - self.penalty(k, n))
        return HistogramDensity(bins=int(ks[np.argmax(found)])).fit(X)


OURS = {
    "AIC": PenalizedHistogram(lambda k, n: k),
    "BIC": PenalizedHistogram(lambda k, n: 0.5 * k * np.log(n)),
    "BR": PenalizedHistogram(lambda k, n: k + np.log(k) ** 2.5),
    "histogram": HistogramDensity(),
    "kde": KernelDensity(),
}
SELECTORS = {
    "lscv": KernelDensity(),
    "ISJ": KernelDensity(bandwidth="improved_sheather_jones"),
    "silverman": KernelDensity(bandwidth="silverman"),
}


def density(name: str):
    """Return a data set by its name in a published table.

    Parameters
    ----------
    name : str

    Returns
    -------
    KnownDensity
    """
    family, number = DENSITIES[name]
    return (BerlinetDevroye if family == "berlinet_devroye" else MarronWand)(number=number)


def errors(data, models: dict, metric, n: int, replicates: int, seed: int) -> dict[str, np.ndarray]:
    """Return the errors of models on the same samples.

    Parameters
    ----------
    data : KnownDensity
    models : dict
    metric : Metric
    n, replicates, seed : int

    Returns
    -------
    dict of str to ndarray of shape (replicates,)
    """
    found = {name: np.empty(replicates) for name in models}
    for r in range(replicates):
        X = data.sample(n, np.random.default_rng([SEED, seed, n, r]))
        for name, model in models.items():
            found[name][r] = metric(Evaluation(model.fit(X), data, X))
    return found


def told(values: np.ndarray, digits: int = 3) -> str:
    """Return a mean with its standard error in units of the last digit.

    Parameters
    ----------
    values : ndarray
    digits : int, default=3

    Returns
    -------
    str
    """
    error = values.std(ddof=1) / np.sqrt(len(values)) * 10**digits
    return f"{values.mean():.{digits}f} ({max(1, round(error))})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown.

    Parameters
    ----------
    head : list of str
    rows : list of list of str

    Returns
    -------
    str
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def hellinger_of_histograms(replicates: int) -> tuple[str, np.ndarray]:
    """Return the table of Hellinger distances, and the differences in standard errors of recoded rules.

    Parameters
    ----------
    replicates : int

    Returns
    -------
    text : str
    z : ndarray
    """
    with open(FOLDER / "hellinger_histograms.csv", encoding="utf-8") as file:
        published = {(r["density"], int(r["n"]), r["rule"]): float(r["value"]) for r in csv.DictReader(file)}
    rows, z = [], []
    for name, n in dict.fromkeys(key[:2] for key in published):
        found = errors(density(name), OURS, Hellinger(), n, replicates, sum(name.encode()))
        found = {key: np.sqrt(2) * values for key, values in found.items()}  # they leave out the factor 1/2
        theirs = [f"{published[name, n, rule]:.3f}" for rule in THEIRS]
        rows.append([name, str(n), *theirs, *(told(values) for values in found.values())])
        for rule in ("AIC", "BIC", "BR"):
            values = found[rule]
            error = values.std(ddof=1) * np.sqrt(1 / replicates + 1 / 500)
            z.append((values.mean() - published[name, n, rule]) / max(error, 1e-9))
        print(*rows[-1], *(f"{x:.1f}" for x in z[-3:]), flush=True)
    head = ["density", "n", *THEIRS, *(f"ours: {key}" for key in OURS)]
    return table(head, rows), np.array(z)


def l1_on_28(n: int, replicates: int) -> str:
    """Return the table of L1 errors.

    Parameters
    ----------
    n, replicates : int

    Returns
    -------
    str
    """
    models = {"histogram": HistogramDensity(), "kde, lscv": SELECTORS["lscv"], "kde, ISJ": SELECTORS["ISJ"]}
    rows = []
    for number in range(1, 29):
        data = BerlinetDevroye(number=number)
        if number == 14:
            rows.append([str(number), data.name, "", "", "", ""])
            continue
        found = errors(data, models, TotalVariation(), n, replicates, number)
        rows.append([str(number), data.name, "", *(told(2 * values) for values in found.values())])
        print(*rows[-1], flush=True)
    return table(["number", "density", "published", *(f"ours: {m}" for m in models)], rows)


def selectors_on_mixtures(n: int, replicates: int) -> str:
    """Return the table of selectors' mean ISE over the exact least MISE.

    Parameters
    ----------
    n, replicates : int

    Returns
    -------
    str
    """
    rows = []
    for number in range(1, 16):
        data = MarronWand(number=number)
        least = float(kernel_optimum(data.mixture, n)[1])
        found = errors(data, SELECTORS, RootMISE(), n, replicates, 100 + number)
        ratios = [told(values**2 / least, 2) for values in found.values()]
        rows.append([str(number), f"{least:.3e}", "", "", *ratios])
        print(*rows[-1], flush=True)
    head = ["density", "least MISE, exact", "published: LSCV", "published: ISJ"]
    return table([*head, *(f"ours: {s}" for s in SELECTORS)], rows)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=40)
    replicates, start = parser.parse_args().replicates, time.process_time()
    text = (FOLDER / "page.md").read_text(encoding="utf-8")
    hellinger, z = hellinger_of_histograms(replicates)
    numbers = {
        "hellinger": hellinger,
        "l1": l1_on_28(100, replicates),
        "selectors": selectors_on_mixtures(1000, replicates),
        "replicates": str(replicates),
        "cells": str(len(z)),
        "beyond_2": str(np.sum(np.abs(z) > 2)),
        "beyond_3": str(np.sum(np.abs(z) > 3)),
        "largest": f"{np.abs(z).max():.1f}",
        "z_mean": f"{z.mean():+.2f}",
        "z_sd": f"{z.std():.2f}",
        "minutes": f"{(time.process_time() - start) / 60:.0f}",
    }
    for key, value in numbers.items():
        text = text.replace("{{" + key + "}}", value)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
