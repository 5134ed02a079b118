"""From starts to the maximum of the likelihood: on few rows first, then on all of them."""

import math
from dataclasses import replace

import numpy as np

from genrates.estimators.mixture import _em, _em_line
from genrates.estimators.mixture._condensed import condensed
from genrates.estimators.mixture._em_starts import Settings, best_try
from genrates.estimators.mixture._newton import climb

_ROWS = 5_000  # that starts are tried on
_GROWN_ON = 2_000  # rows that a further component is looked for on
_CELLS = 256  # that rows are condensed to in one dimension; with 64 a peak of 1 % of the mass is lost
_LEFT = 0.1, 0.01  # nats of the whole log-likelihood that a search and a fit may leave
_SEARCH_PASSES = 50


def fitter(columns, weight, rng: np.random.Generator, settings: Settings):
    """What fits mixtures to columns (d, n) of sorted rows with weights (n,) that sum to 1.

    Its `fit(k, rng, smaller)` and `finish(found)` give parameters, mean log-likelihood, passes over the rows
    and convergence; `finish` takes the last steps of the one fit that is to be kept.
    """
    if len(columns) == 1:
        return LineFit(columns, weight, settings)
    return RowsFit(columns, weight, rng, settings)


class RowsFit:
    """Any dimension: EM on at most 5 000 rows, then on all."""

    def __init__(self, columns, weight, rng: np.random.Generator, settings: Settings):
        self.all, self.settings = (columns, weight), settings
        self.few = few, few_weight = _systematic(columns, weight, rng)
        stride = -(-few.shape[1] // _GROWN_ON)  # every so many of the sorted rows: growth needs fewer still
        share = few_weight[::stride]
        self.fewer = np.ascontiguousarray(few[:, ::stride]), share / share.sum()

    def fit(self, k: int, rng: np.random.Generator, smaller: _em.Parameters | None = None):
        s = self.settings
        found = best_try(_em.run, self.few, self.fewer, k, rng, s, smaller)
        limits = {"floor": s.floor, "tol": s.tol, "max_iter": s.max_iter}
        if self.few[0] is not self.all[0]:
            found = _em.run(*self.few, found, **limits)[0]
        return _em.run(*self.all, found, **limits)

    def finish(self, found):
        return found


class LineFit:
    """One dimension: rows condensed without loss, starts by compiled EM, the rest by Newton's method."""

    def __init__(self, columns, weight, settings: Settings):
        self.all, self.settings = (columns, weight), replace(settings, n_rows=columns.shape[1])
        points, share = condensed(columns[0], weight, _CELLS)
        self.few = points[None], share

    def fit(self, k: int, rng: np.random.Generator, smaller: _em.Parameters | None = None):
        start = best_try(_em_line.run, self.few, self.few, k, rng, self.settings, smaller)
        found, _, passes, converged = self._climb(self.few, start, _LEFT[0], _SEARCH_PASSES)
        return found, _em_line.log_likelihood(*self.all, found), passes, converged

    def finish(self, found):
        most = self.settings.max_iter
        return self._climb(self.all, self._climb(self.few, found[0], _LEFT[1], most)[0], _LEFT[1], most)

    def _climb(self, rows, start: _em.Parameters, left: float, most: int):
        (x,), weight = rows
        goal = left / self.all[0].shape[1]
        found, *rest = climb(
            x, weight, _em_line.as_rows(start), floor=self.settings.floor, goal=goal, max_iter=most
        )
        return _em_line.as_parameters(found, start), *rest


def _systematic(columns, weight, rng):
    """At most 5 000 of the (sorted) points, evenly through their weights; all of them if they are few.

    In high dimension fewer, so that their features fit some 100 MB.
    """
    d = len(columns)
    most = max(min(_ROWS, math.ceil(10**7 / (1 + d * (d + 3) / 2))), 500)
    if columns.shape[1] <= most:
        return columns, weight
    level = np.cumsum(weight)
    at = np.searchsorted(level, (np.arange(most) + rng.random()) / most * level[-1])
    return np.ascontiguousarray(columns[:, np.minimum(at, len(level) - 1)]), np.full(most, 1 / most)
