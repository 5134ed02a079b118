"""Simulate the root MISE of tuned estimators on normal mixtures; imports nothing of this package.

python benchmarks/simulated_references.py             every row that is not in the file yet (half an hour)
python benchmarks/simulated_references.py --samples 50 --file /tmp/rows.csv

The rows are references of the table: a row's own error, its selector's scatter included. So the code here
shares nothing with the estimators; tests/analysis/test_simulated.py compares both fit by fit. Pairs of up to
100 points are summed one by one; of more, by the counts of their distances on a grid (linear binning).
"""

import argparse
import csv
import zlib
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtr

FILE = Path(__file__).parents[1] / "src" / "genrates" / "analysis" / "simulated.csv"
COLUMNS = ("data", "model", "metric", "n", "error", "error_se", "samples")
#: weights, means, standard deviations (Marron and Wand 1992, table 1)
MIXTURES = {
    "marron_wand_01": ([1.0], [0.0], [1.0]),
    "marron_wand_06": ([0.5, 0.5], [-1.0, 1.0], [2 / 3, 2 / 3]),
    "marron_wand_10": ([0.5] + [0.1] * 5, [0.0] + [k / 2 - 1 for k in range(5)], [1.0] + [0.1] * 5),
}
SIZES = (100, 316, 1000, 3162, 10000, 31623, 100000)
_EXACT_PAIRS = 100  # points
_GRID = 1 << 15
_OCTAVES, _PER_OCTAVE, _REACH = 7, 8, 9.0


def normal(x, sd):
    """Return the normal density with mean 0."""
    return np.exp(-0.5 * (x / sd) ** 2) / (np.sqrt(2 * np.pi) * sd)


def draw(mixture, n, rng):
    """Return n sorted draws."""
    w, m, s = map(np.array, mixture)
    k = rng.choice(len(w), n, p=w)
    return np.sort(rng.normal(m[k], s[k]))


def squared_norm(mixture):
    """Return the integral of the squared density."""
    w, m, s = map(np.array, mixture)
    return w @ normal(m[:, None] - m, np.hypot(s[:, None], s)) @ w


def distances(x):
    """Return distances of pairs in ascending order, and how many pairs there are of each."""
    n = len(x)
    if n <= _EXACT_PAIRS:
        d = np.sort((x[:, None] - x)[np.tril_indices(n, -1)])
        return d, np.ones(len(d))
    step = (x[-1] - x[0]) / (_GRID - 2)
    place = (x - x[0]) / step
    cell = place.astype(int)
    share = place - cell
    count = np.bincount(cell, 1 - share, _GRID) + np.bincount(cell + 1, share, _GRID)
    spectrum = np.fft.rfft(count, 2 * _GRID)
    pairs = np.fft.irfft(np.abs(spectrum) ** 2)[:_GRID]
    # A point is no pair with itself, though its two halves lie one step apart.
    own = np.array([(1 - share) ** 2 + share**2, (1 - share) * share]).sum(axis=1)
    pairs[0] = (pairs[0] - own[0]) / 2
    pairs[1] -= own[1]
    return step * np.arange(_GRID), pairs


def kernel_sum(pairs, sd):
    """Return the sum over pairs of the normal density of their distances."""
    d, count = pairs
    end = np.searchsorted(d, _REACH * sd)
    return normal(d[:end], sd) @ count[:end]


def kernel_bandwidth(x, pairs):
    """Return the bandwidth of least cross-validated risk, at most 2.3 s n^-0.2."""
    n = len(x)
    q1, q3 = np.quantile(x, [0.25, 0.75])
    scale = min(x.std(), (q3 - q1) / 1.349)

    def risk(log_h):
        h = np.exp(log_h)
        square = 1 / (2 * np.sqrt(np.pi) * n * h) + 2 * kernel_sum(pairs, np.sqrt(2) * h) / n**2
        return square - 4 * kernel_sum(pairs, h) / (n * (n - 1))

    start = np.log(2.3 * scale * n**-0.2)
    grid = start - np.log(2) / _PER_OCTAVE * np.arange(_OCTAVES * _PER_OCTAVE)
    best = grid[np.argmin([risk(g) for g in grid])]
    around = (best - np.log(2) / _PER_OCTAVE, best + np.log(2) / _PER_OCTAVE)
    return float(np.exp(minimize_scalar(risk, bounds=around, method="bounded", options={"xatol": 1e-7}).x))


def kernel_error(x, mixture):
    """Return the integrated squared error of the kernel estimate, in closed form, and its bandwidth."""
    n, pairs = len(x), distances(x)
    h = kernel_bandwidth(x, pairs)
    own = 1 / (2 * np.sqrt(np.pi) * n * h) + 2 * kernel_sum(pairs, np.sqrt(2) * h) / n**2
    cross = sum(w * normal(x - m, np.hypot(h, s)).mean() for w, m, s in zip(*mixture, strict=True))
    return own - 2 * cross + squared_norm(mixture), h


def histogram_error(x, mixture):
    """Return the exact integrated squared error of leave-one-out bins on the range, and their number."""
    n, span, start, found = len(x), x[-1] - x[0], 1, []
    bound = max(100, int(np.sqrt(n)))
    while True:
        for m in range(start, bound + 1):
            share = counts(x, m) / n
            found.append(((2 - (n + 1) * share @ share) * m / span, m))
        if min(found)[1] <= bound / 2 or bound >= n:
            break
        start, bound = bound + 1, 2 * bound
    m = min(found)[1]
    share, width, edges = counts(x, m) / n, span / m, np.linspace(x[0], x[-1], m + 1)
    mass = np.diff(sum(w * ndtr((edges - a) / s) for w, a, s in zip(*mixture, strict=True)))
    return share @ (share - 2 * mass) / width + squared_norm(mixture), m


def counts(x, m):
    """Return how many of the sorted points lie in each of m bins on their range."""
    inner = np.searchsorted(x, np.linspace(x[0], x[-1], m + 1)[1:-1])
    return np.diff(np.concatenate([[0], inner, [len(x)]]))


ERRORS = {"kde": kernel_error, "histogram": histogram_error}


def simulated(data, model, n, samples):
    """Return the root of the mean squared error, and its standard error."""
    rng = np.random.default_rng([zlib.crc32(data.encode()), n])
    errors = [ERRORS[model](draw(MIXTURES[data], n, rng), MIXTURES[data])[0] for _ in range(samples)]
    root = np.sqrt(np.mean(errors))
    return root, np.std(errors, ddof=1) / np.sqrt(samples) / (2 * root)


def main():
    """Append the rows that are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--file", type=Path, default=FILE)
    given = parser.parse_args()
    if not given.file.exists():
        given.file.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    with given.file.open(encoding="utf-8", newline="") as file:
        there = {(row["data"], row["model"], int(row["n"])) for row in csv.DictReader(file)}
    for n in SIZES:
        for data in MIXTURES:
            for model in ERRORS:
                if (data, model, n) in there:
                    continue
                error, se = simulated(data, model, n, given.samples)
                row = (data, model, "root_mise", n, f"{error:.6g}", f"{se:.2g}", given.samples)
                with given.file.open("a", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerow(row)
                print(*row, flush=True)


if __name__ == "__main__":
    main()
