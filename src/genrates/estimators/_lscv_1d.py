"""Least-squares cross-validation in one dimension, through binned autocorrelations."""

import numpy as np
from scipy import fft
from scipy.optimize import minimize_scalar

#: bins per bandwidth at the lower end of an octave
_BINS = 8
_OCTAVES = 8


def minimise(x, weight, kernel="gaussian"):
    n = len(x) if weight is None else weight.sum()
    mean = np.average(x, weights=weight)
    sd = np.sqrt(np.average((x - mean) ** 2, weights=weight))
    top = 2.3 * sd * n ** (-0.2)
    step = top / 2 / _BINS / 2 ** (_OCTAVES - 1)
    low = x.min()
    n_bins = int(np.ptp(x) / step) + 3
    pos = (x - low) / step
    j = pos.astype(np.int64)
    t = pos - j
    w = np.ones_like(x) if weight is None else weight
    grid = np.bincount(j, w * (1 - t), n_bins) + np.bincount(j + 1, w * t, n_bins)
    octaves = []
    for _ in range(_OCTAVES):
        size = fft.next_fast_len(2 * len(grid), real=True)
        c = fft.irfft(np.abs(fft.rfft(grid, size)) ** 2, size)[: min(len(grid), 160)]
        octaves.append((step, c))
        padded = np.concatenate([grid, np.zeros(2 + len(grid) % 2)])
        fine = np.concatenate([[0.0], padded])
        grid = fine[1:-1:2] + 0.5 * (fine[0:-2:2] + fine[2::2])
        step *= 2

    self_w = float((w * w).sum())

    def risk(h, octave):
        step, c = octave
        lag = step * np.arange(len(c))
        a = np.sqrt(2 * h * h - step**2 / 3)
        b = np.sqrt(h * h - step**2 / 3)
        g = lambda s: np.exp(-0.5 * (lag / s) ** 2) / s / np.sqrt(2 * np.pi)  # noqa: E731
        ka, kb = g(a), g(b)
        sum_a = c[0] * ka[0] + 2 * c[1:] @ ka[1:]
        off = c.copy()
        off[0] -= 2 / 3 * self_w
        off[1] -= 1 / 6 * self_w
        sum_b = off[0] * kb[0] + 2 * off[1:] @ kb[1:]
        return sum_a / n**2 - 2 / (n * (n - 1)) * sum_b

    best = (np.inf, None, None)
    for octave in octaves:
        for h in octave[0] * _BINS * 2 ** np.linspace(0, 1, 9):
            r = risk(h, octave)
            if r < best[0]:
                best = (r, h, octave)
    _, h, octave = best
    span = (np.log(h / 1.1), np.log(h * 1.1))
    f = minimize_scalar(lambda s: risk(np.exp(s), octave), bounds=span, method="bounded")
    return float(np.exp(f.x))
