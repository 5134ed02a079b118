"""Fit of a mixture: from several starts on few rows to the maximum of the likelihood on all rows."""

import math
from dataclasses import replace

import numpy as np

from genrates.estimators.mixture import _em, _em_line
from genrates.estimators.mixture._condensed import condensed
from genrates.estimators.mixture._em_starts import Settings, best_try
from genrates.estimators.mixture._newton import climb

_SUBSET_SIZE = 5_000  # rows on which starts are tried
_SMALL_SUBSET_SIZE = 2_000  # rows on which a further component is searched for
_N_CELLS = 256  # into which rows are condensed in one dimension; 64 lose a peak of 1 % of the mass
# Newton's method stops when less of the total log-likelihood, in nats, is left to gain.
_SEARCH_GAIN_LEFT, _FINAL_GAIN_LEFT = 0.1, 0.01
_SEARCH_PASSES = 50


def make_fitter(columns, weight, rng: np.random.Generator, settings: Settings):
    """Return an object that fits mixtures to the points.

    Parameters
    ----------
    columns : ndarray of shape (d, n)
        Points, sorted, one column of this array each; every feature has mean about 0 and deviation about 1.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    rng : numpy.random.Generator
        Chooses the rows on which starts are tried.
    settings : Settings
        How EM is run.

    Returns
    -------
    LineFit or RowsFit
        Fitter for one dimension, or for any.
    """
    if len(columns) == 1:
        return LineFit(columns, weight, settings)
    return RowsFit(columns, weight, rng, settings)


class RowsFit:
    """Fitter for any dimension: EM on at most 5 000 rows, then on all rows.

    Parameters
    ----------
    columns : ndarray of shape (d, n)
        Points, one column of this array each; every feature has mean about 0 and deviation about 1.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    rng : numpy.random.Generator
        Chooses the rows on which starts are tried.
    settings : Settings
        How EM is run.
    """

    def __init__(self, columns, weight, rng: np.random.Generator, settings: Settings):
        self.rows, self.settings = (columns, weight), settings
        self.subset = subset, subset_weight = _systematic_sample(columns, weight, rng)
        # the rows are sorted, so equally spaced rows represent all of them
        stride = -(-subset.shape[1] // _SMALL_SUBSET_SIZE)
        share = subset_weight[::stride]
        self.small_subset = np.ascontiguousarray(subset[:, ::stride]), share / share.sum()

    def fit(self, k: int, rng: np.random.Generator, smaller: _em.MixtureParameters | None = None):
        """Fit a mixture of k components.

        Parameters
        ----------
        k : int
            Number of components.
        rng : numpy.random.Generator
            Draws the starts.
        smaller : MixtureParameters, default=None
            A fit of k - 1 components to grow from.

        Returns
        -------
        found : MixtureParameters
            The fitted mixture.
        likelihood : float
            Its mean log-likelihood over all rows, in nats.
        n_passes : int
            Number of passes over the rows in the last run.
        converged : bool
            Whether that run converged.
        """
        s = self.settings
        found = best_try(_em.run, self.subset, self.small_subset, k, rng, s, smaller)
        limits = {"floor": s.floor, "tol": s.tol, "max_iter": s.max_iter}
        if self.subset[0] is not self.rows[0]:
            found = _em.run(*self.subset, found, **limits)[0]
        return _em.run(*self.rows, found, **limits)

    def finish(self, found):
        """Take the last steps of a fit that is to be kept.

        Parameters
        ----------
        found : tuple
            What :meth:`fit` returned.

        Returns
        -------
        tuple
            The final fit, in the same form.
        """
        return found


class LineFit:
    """Fitter for one dimension: compiled EM on condensed rows for the start, then Newton's method.

    Parameters
    ----------
    columns : ndarray of shape (1, n)
        Sorted points of mean about 0 and deviation about 1.
    weight : ndarray of shape (n,)
        Weights of the points, with sum 1.
    settings : Settings
        How EM is run.
    """

    def __init__(self, columns, weight, settings: Settings):
        self.rows, self.settings = (columns, weight), replace(settings, n_rows=columns.shape[1])
        points, share = condensed(columns[0], weight, _N_CELLS)
        self.condensed = points[None], share

    def fit(self, k: int, rng: np.random.Generator, smaller: _em.MixtureParameters | None = None):
        """Fit a mixture of k components.

        Parameters
        ----------
        k : int
            Number of components.
        rng : numpy.random.Generator
            Draws the starts.
        smaller : MixtureParameters, default=None
            A fit of k - 1 components to grow from.

        Returns
        -------
        found : MixtureParameters
            The fitted mixture.
        likelihood : float
            Its mean log-likelihood over all rows, in nats.
        n_passes : int
            Number of passes over the rows in the last run.
        converged : bool
            Whether that run converged.
        """
        start = best_try(_em_line.run, self.condensed, self.condensed, k, rng, self.settings, smaller)
        found, _, passes, converged = self._climb(self.condensed, start, _SEARCH_GAIN_LEFT, _SEARCH_PASSES)
        return found, _em_line.log_likelihood(*self.rows, found), passes, converged

    def finish(self, found):
        """Take the last steps of a fit that is to be kept.

        Parameters
        ----------
        found : tuple
            What :meth:`fit` returned.

        Returns
        -------
        tuple
            The final fit, in the same form.
        """
        max_passes = self.settings.max_iter
        return self._climb(
            self.rows,
            self._climb(self.condensed, found[0], _FINAL_GAIN_LEFT, max_passes)[0],
            _FINAL_GAIN_LEFT,
            max_passes,
        )

    def _climb(self, rows, start: _em.MixtureParameters, gain_left: float, max_passes: int):
        """Run Newton's method on rows until less than `gain_left` nats of the total are left to gain."""
        (x,), weight = rows
        goal = gain_left / self.rows[0].shape[1]
        found, *rest = climb(
            x, weight, _em_line.as_rows(start), floor=self.settings.floor, goal=goal, max_iter=max_passes
        )
        return _em_line.as_parameters(found, start), *rest


def _systematic_sample(columns, weight, rng):
    """Draw at most 5 000 of the sorted points, evenly through their weights.

    In high dimension fewer are drawn, so that their features fit into about 100 MB.

    Returns
    -------
    columns : ndarray of shape (d, m)
        The chosen points; all points if there are few.
    weight : ndarray of shape (m,)
        Their weights, with sum 1.
    """
    d = len(columns)
    n_points = max(min(_SUBSET_SIZE, math.ceil(10**7 / (1 + d * (d + 3) / 2))), 500)
    if columns.shape[1] <= n_points:
        return columns, weight
    cumulative = np.cumsum(weight)
    index = np.searchsorted(cumulative, (np.arange(n_points) + rng.random()) / n_points * cumulative[-1])
    return np.ascontiguousarray(columns[:, np.minimum(index, len(cumulative) - 1)]), np.full(
        n_points, 1 / n_points
    )
