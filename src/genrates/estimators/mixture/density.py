"""The mixture row of the lecture's table: normals, fitted by expectation-maximization."""

import warnings
from typing import ClassVar

import numpy as np
import scipy
from scipy.special import logsumexp, ndtr
from sklearn.exceptions import ConvergenceWarning

from genrates.errors import MOST, is_number
from genrates.estimators._numerics.spread import deviation, refuse_variance
from genrates.estimators.base import DensityEstimator, check_generator
from genrates.estimators.mixture._em import em_step
from genrates.estimators.mixture._em_fit import make_fitter
from genrates.estimators.mixture._em_starts import Settings
from genrates.estimators.mixture._one_thread import on_one_thread
from genrates.estimators.mixture._quantile import mixture_quantile
from genrates.estimators.mixture._sampling import draw_mixture, successive_conditionals

_LOG_2PI = float(np.log(2 * np.pi))
_FOLDS = 5
_MOST_STARTS = 10_000
_SMALLEST_FLOOR = 1e-150  # its square is a variance
_PATIENCE = 3  # the search stops after this many worse numbers of components in a row


class MixtureDensity(DensityEstimator):
    r"""Mixture of normals fitted by maximum likelihood.

    .. math:: \hat p(x) = \sum_{k=1}^K \pi_k N(x; \mu_k, \Sigma_k)

    The fit is EM (Dempster, Laird and Rubin 1977), accelerated by extrapolation (Varadhan and Roland 2008).
    It starts from `n_init` k-means++ starts (Arthur and Vassilvitskii 2007) and from one mixture grown from a
    single normal. Growing puts each further component where it gains most (Verbeek, Vlassis and Krose 2003;
    up to 20 components). Each start runs about 30 steps on at most 5 000 rows. The best one goes on, first on
    those rows, then on all rows ("small EM", Biernacki, Celeux and Govaert 2003).

    In one dimension the rows are condensed to about a thousand points. This usually changes the total
    log-likelihood by less than 1e-3 nats. Newton's method then continues from the best start and ends on all
    rows.

    The likelihood of a mixture is unbounded, since a component may shrink onto one point or onto equal rows.
    So no component's standard deviation, in any direction of the standardized data, falls below `floor`.
    Duplicates and linearly dependent columns then give narrow components and finite densities.

    Parameters
    ----------
    n_components : int, "bic" or "likelihood_cv", default=2
        Number of components. "bic" minimizes :math:`-2 \log L + p \log n` (Schwarz 1978). "likelihood_cv"
        maximizes the mean log-likelihood of held-out rows over 5 folds. Both go up from 1 and stop after 3
        worse numbers in a row, or at `max_components`.
    covariance : {"full", "diag"}, default="full"
        "diag" fits variances only.
    max_components : int, default=20
        Largest number of components that "bic" and "likelihood_cv" try.
    n_init : int, default=5
        Number of k-means++ starts.
    random_state : None, int, SeedSequence, Generator or RandomState, default=None
        Source of random numbers for starts and folds.
    tol : float, default=1e-6
        EM ends when one plain iteration raises the mean log-likelihood by less, in nats. In one dimension
        `tol` affects the starts only. There Newton's method ends when less than 0.01 nats of the total
        log-likelihood are left to gain, which is 1/50 of what chance contributes for each parameter.
    max_iter : int, default=1000
        Largest number of iterations.
    floor : float, default=1e-3
        Smallest standard deviation of a component, in units of the columns' standard deviations.

    Attributes
    ----------
    weights_ : ndarray of shape (n_components,)
        Weights of the components, with sum 1.
    means_ : ndarray of shape (n_components, n_features)
        Means of the components, in lexicographic order.
    covariances_ : ndarray of shape (n_components, n_features, n_features)
        Covariances of the components. If "diag": their variances, shape (n_components, n_features).
    n_components_ : int
        Number of components.
    criterion_ : ndarray or None
        BIC or held-out log-likelihood of 1, 2, ... components; None if the number was given.
    n_iter_ : int
        Passes over all rows in the last run of EM or Newton's method.
    converged_ : bool
        Whether that run converged.

    Notes
    -----
    An iteration costs O(n K d^2) ("diag": O(n K d)), as two matrix products; memory O(n d). One log-density:
    O(K d^2). Quantiles are exact to the last bits. Only ratios of
    sample weights matter: whole multiples of the smallest count as repeats of a row, other weights as
    importances, and the n of BIC is the effective size.

    Examples
    --------
    >>> from genrates.estimators import MixtureDensity
    >>> X = [[-3.1], [-3.0], [-2.9], [2.0], [3.0], [4.0]]
    >>> model = MixtureDensity(random_state=0).fit(X)
    >>> model.means_.round(2).ravel().tolist()
    [-3.0, 3.0]
    >>> float(model.cdf([[0.0]])[0].round(3))
    0.5
    """

    minimum_samples = 2
    contract_parameters: ClassVar = [
        {"n_components": 4, "covariance": "diag"},
        {"n_components": "bic", "max_components": 3, "n_init": 3},
    ]

    def __init__(
        self,
        *,
        n_components=2,
        covariance: str = "full",
        max_components: int = 20,
        n_init: int = 5,
        random_state=None,
        tol: float = 1e-6,
        max_iter: int = 1000,
        floor: float = 1e-3,
    ):
        self.n_components = n_components
        self.covariance = covariance
        self.max_components = max_components
        self.n_init = n_init
        self.random_state = random_state
        self.tol = tol
        self.max_iter = max_iter
        self.floor = floor

    @on_one_thread
    def fit(self, X, y=None, sample_weight=None):
        """Run EM, and choose the number of components if asked.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weight of each row; None gives all rows weight 1.

        Returns
        -------
        self : MixtureDensity
            The fitted model.

        Raises
        ------
        ValueError
            For a bad parameter, fewer than 2 rows, fewer rows than components, a constant column, or a
            variance that leaves the range of floating-point numbers.

        Warns
        -----
        ConvergenceWarning
            If `max_iter` iterations do not suffice.
        """
        self._check_parameters()
        X, weight = self._check_fit(X, sample_weight)
        rng = self._generator()
        if weight is not None:
            X, weight = X[weight > 0], weight[weight > 0]
        self._refuse_constant(X)
        # Rows are sorted and equal rows merged. So the random starts depend neither on the order of the rows
        # nor on whether rows are repeated or have weights.
        n_rows, n = len(X), float(len(X) if weight is None else weight.sum())
        X, weight = _distinct_rows(X, np.ones(len(X)) if weight is None else weight)
        weight = weight / n
        center = weight @ X
        scale = deviation(X, weight, center)
        with np.errstate(over="ignore", under="ignore"):
            for factor in (1.0, self.floor):
                refuse_variance("MixtureDensity", (factor * scale) ** 2, scale)
        columns = np.ascontiguousarray(((X - center) / scale).T)

        self.criterion_ = None
        if isinstance(self.n_components, str):
            best = self._choose(columns, weight, n, rng)
            # from the standardized units to the data's units
            shift = np.log(scale).sum()
            self.criterion_ += 2 * n * shift if self.n_components == "bic" else -shift
        else:
            self._require_rows(n_rows, self.n_components)
            search = make_fitter(columns, weight, rng, self._settings())
            best = search.finish(search.fit(int(self.n_components), rng))
        best, _, self.n_iter_, self.converged_ = best
        if not self.converged_:
            warnings.warn(
                f"MixtureDensity: EM did not converge in {self.max_iter} iterations; raise max_iter or tol.",
                ConvergenceWarning,
                stacklevel=2,
            )
        order = np.lexsort(best.means.T[::-1])
        self.weights_ = best.weights[order]
        self.means_ = center + scale * best.means[order]
        with np.errstate(over="ignore", under="ignore"):
            square = np.outer(scale, scale) if best.full else scale**2
            self.covariances_ = best.covariances[order] * square
        for variance in np.einsum("kii->ki", self.covariances_) if best.full else self.covariances_:
            refuse_variance("MixtureDensity", variance, scale)
        self.n_components_ = len(order)
        return self

    @property
    def n_parameters_(self) -> int:
        """Number of free parameters: weights, means and covariances.

        Returns
        -------
        int
            Number of free parameters.
        """
        return _n_parameters(self.n_components_, self.n_features_in_, self.covariance == "full")

    # -- fitting ----------------------------------------------------------------------------------

    def _settings(self) -> Settings:
        """Return the settings of EM."""
        return Settings(
            full=self.covariance == "full",
            floor=self.floor**2,
            tol=self.tol,
            max_iter=self.max_iter,
            n_init=self.n_init,
        )

    def _choose(self, columns, weight, n, rng):
        """Return the best fit over 1, 2, ... components, by BIC or by held-out likelihood."""
        settings, n_points, d = self._settings(), columns.shape[1], len(columns)
        all_rows = make_fitter(columns, weight, rng, settings)
        if self.n_components == "bic":
            searches, max_k = [(all_rows, None)], n_points
        else:
            fold = rng.permutation(n_points) % _FOLDS
            searches = [
                (_subset_fitter(columns, weight, fold != f, rng, settings), fold == f)
                for f in range(_FOLDS)
                if np.any(fold == f)
            ]
            max_k = max(n_points // 2, 1)
        losses, fits, smaller = [], [], [None] * len(searches)
        for k in range(1, min(self.max_components, max_k) + 1):
            losses.append(0.0)
            for i, (search, held_out) in enumerate(searches):
                found = search.fit(k, rng, smaller[i])
                smaller[i] = found[0]
                if held_out is None:
                    fits.append(found)
                    losses[-1] = -2 * n * found[1] + _n_parameters(k, d, settings.full) * np.log(n)
                else:
                    held_out_columns = np.ascontiguousarray(columns[:, held_out])
                    losses[-1] -= em_step(held_out_columns, weight[held_out], found[0])[1]
            if k - 1 - int(np.argmin(losses)) >= _PATIENCE:
                break
        best = int(np.argmin(losses))
        self.criterion_ = np.array(losses) if fits else -np.array(losses)
        return all_rows.finish(fits[best] if fits else all_rows.fit(best + 1, rng))

    def _require_rows(self, n_rows, k):
        """Raise a ValueError if there are fewer rows than components."""
        if n_rows < k:
            raise ValueError(
                f"MixtureDensity: n_components={k} needs as many rows of positive weight, got {n_rows} rows."
            )

    def _generator(self):
        """Return the random generator; errors name the estimator."""
        try:
            return check_generator(self.random_state)
        except ValueError as error:
            raise ValueError(f"MixtureDensity: {error}") from None

    def _check_parameters(self):
        """Raise a ValueError for a bad parameter."""
        if not (isinstance(self.n_components, str) and self.n_components in ("bic", "likelihood_cv")):
            self._check_count("n_components", or_else="'bic', 'likelihood_cv' or ")
        self._check_choice("covariance", ("full", "diag"))
        for name, most in (("max_components", MOST), ("n_init", _MOST_STARTS), ("max_iter", MOST)):
            self._check_count(name, most=most)
        for name, least in (("tol", 0.0), ("floor", _SMALLEST_FLOOR)):
            value = getattr(self, name)
            if not (is_number(value) and least < value < 1):
                self._refuse(name, f"lie between {least:g} and 1", value)
        super()._check_parameters()

    # -- the fitted density -----------------------------------------------------------------------

    def _factors(self) -> np.ndarray:
        """Return the lower Cholesky factors of the covariances, shape (K, d, d)."""
        if self.covariances_.ndim == 3:
            return np.linalg.cholesky(self.covariances_)
        return np.sqrt(self.covariances_)[:, :, None] * np.eye(self.n_features_in_)

    def _sds(self) -> np.ndarray:
        """Return the components' standard deviations (K,) of the first column."""
        return np.sqrt(self.covariances_.reshape(self.n_components_, -1)[:, 0])

    def _log_density(self, X):
        out = np.empty(len(X))
        with np.errstate(divide="ignore", over="ignore"):
            log_weights = np.log(self.weights_)
            factors = self._factors() if self.covariances_.ndim == 3 else None
            for start in range(0, len(X), 4096):
                part = X[start : start + 4096]
                joint = np.empty((self.n_components_, len(part)))
                for k, mean in enumerate(self.means_):
                    if factors is not None:
                        z = scipy.linalg.solve_triangular(
                            factors[k], (part - mean).T, lower=True, check_finite=False
                        )
                        log_det = np.log(np.diag(factors[k])).sum()
                    else:
                        z = ((part - mean) / np.sqrt(self.covariances_[k])).T
                        log_det = 0.5 * np.log(self.covariances_[k]).sum()
                    square = np.einsum("ij,ij->j", z, z)
                    joint[k] = log_weights[k] - 0.5 * (square + self.n_features_in_ * _LOG_2PI) - log_det
                out[start : start + 4096] = logsumexp(joint, axis=0)
        return out

    def _draw(self, n_samples, rng):
        diagonal = self.covariances_.ndim == 2
        return draw_mixture(n_samples, self.weights_, self.means_, self._factors(), diagonal, rng)

    def _cdf(self, x):
        standard = (x[:, None] - self.means_[:, 0]) / self._sds()
        return ndtr(standard) @ self.weights_

    def _ppf(self, q):
        return mixture_quantile(q, self.weights_, self.means_[:, 0], self._sds())

    def _inverse_rosenblatt(self, z):
        """Map uniforms z (n, d) to points, by successive conditionals."""
        return successive_conditionals(z, self.weights_, self.means_, self._factors())


def _subset_fitter(columns, weight, kept, rng, settings: Settings):
    """Return a fitter of the chosen points."""
    share = weight[kept]
    return make_fitter(np.ascontiguousarray(columns[:, kept]), share / share.sum(), rng, settings)


def _n_parameters(k: int, d: int, full: bool) -> int:
    """Return the number of free parameters of k components in d dimensions."""
    return k - 1 + k * (d + (d * (d + 1) // 2 if full else d))


def _distinct_rows(X, weight):
    """Return the distinct rows in lexicographic order, and their total weights."""
    order = np.argsort(X[:, 0], kind="stable")
    if X.shape[1] > 1 and np.any(np.diff(X[order, 0]) == 0):
        order = np.lexsort(X.T[::-1])
    X, weight = X[order], weight[order]
    starts = np.flatnonzero(np.concatenate([[True], np.any(X[1:] != X[:-1], axis=1)]))
    return (X, weight) if len(starts) == len(X) else (X[starts], np.add.reduceat(weight, starts))
