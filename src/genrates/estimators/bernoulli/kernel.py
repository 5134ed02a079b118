"""Training pictures, blurred: the kernel estimate for bits, and the likelihood that a memorizer reaches."""

from typing import ClassVar

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from genrates.estimators._numerics.binary import check_binarize, to_bits
from genrates.estimators.base import DensityEstimator

_CHUNK = 512  # rows whose distances to all training rows are held at once


class BernoulliKernel(DensityEstimator):
    r"""Kernel density estimate for bits: a training row, chosen at random, with bits flipped.

    .. math:: P(x) = \frac1n \sum_i \lambda^{|x - x_i|} (1 - \lambda)^{d - |x - x_i|}

    Here :math:`|x - x_i|` is the number of bits that differ. The bandwidth :math:`\lambda` maximizes the
    leave-one-out likelihood (Aitchison and Aitken 1976). The model memorizes its training set and has learned
    nothing else, so a generative model whose likelihood is below is worse than none.

    Parameters
    ----------
    flip : float or None, default=None
        The probability :math:`\lambda` to flip a bit, above 0 and at most 1/2. None: chosen by leave-one-out
        likelihood, from 1 / (n d + 2) to 1/2.
    binarize : float or None, default=0.5
        Pixels above it become 1, the others 0. None: the data are already 0 and 1.

    Attributes
    ----------
    flip_ : float
        The probability to flip a bit.
    rows_ : ndarray of shape (n, ceil(d / 8)), uint8
        Training rows, eight bits to a byte.

    Notes
    -----
    Fit: O(n^2 d), as matrix products; each row's distances are kept as counts, n (d + 1) numbers. A
    log-probability costs O(n d).

    References
    ----------
    Aitchison and Aitken, Multivariate binary discrimination by the kernel method, Biometrika 63, 1976.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.estimators import BernoulliKernel
    >>> model = BernoulliKernel(flip=0.1).fit([[0, 0], [1, 1]])
    >>> np.exp(model.score_samples([[0, 0], [0, 1]])).round(12)
    array([0.41, 0.09])
    """

    example_data: ClassVar[str] = "binary"
    minimum_samples = 2

    def __init__(self, *, flip: float | None = None, binarize: float | None = 0.5):
        self.flip = flip
        self.binarize = binarize

    def fit(self, X, y=None):
        """Keep the rows, and choose the probability to flip a bit.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.

        Returns
        -------
        self : BernoulliKernel
            The fitted model.

        Raises
        ------
        ValueError
            For a bad parameter, fewer than two rows, or data that are not 0 and 1 with `binarize=None`.
        """
        self._check_parameters()
        X, _ = self._check_fit(X)
        bits = to_bits("BernoulliKernel", X, self.binarize)
        self.rows_ = np.packbits(bits, axis=1)
        self.flip_ = _leave_one_out_flip(bits) if self.flip is None else float(self.flip)
        return self

    @property
    def n_parameters_(self) -> int:
        """Number of bits that are kept, and the probability to flip one.

        Returns
        -------
        int
        """
        return len(self.rows_) * self.n_features_in_ + 1

    @property
    def nbytes_(self) -> int:
        """Memory that the fitted state occupies, eight bits to a byte.

        Returns
        -------
        int
        """
        return self.rows_.nbytes + 8

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad parameter."""
        if self.flip is not None:
            self._check_number("flip", 0.0, 0.5, above=True)
        check_binarize("BernoulliKernel", self.binarize)
        super()._check_parameters()

    def _training_bits(self) -> np.ndarray:
        """Return the training rows, shape (n, d), bool."""
        return np.unpackbits(self.rows_, axis=1, count=self.n_features_in_).astype(bool)

    def _log_density(self, X):
        bits, training = to_bits("BernoulliKernel", X, self.binarize), self._training_bits()
        log_flip, log_keep = np.log(self.flip_), np.log1p(-self.flip_)
        out = np.empty(len(X))
        for first in range(0, len(X), _CHUNK):
            distance = _distances(bits[first : first + _CHUNK], training)
            out[first : first + _CHUNK] = logsumexp(distance * (log_flip - log_keep), axis=1)
        return out + self.n_features_in_ * log_keep - np.log(len(training))

    def _draw(self, n_samples, rng):
        rows = self._training_bits()[rng.integers(len(self.rows_), size=n_samples)]
        return (rows ^ (rng.random(rows.shape) < self.flip_)).astype(np.float64)


def _distances(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the numbers of bits that differ, shape (rows, others), float32 and exact."""
    rows, others = rows.astype(np.float32), others.astype(np.float32)
    return rows @ (1 - 2 * others).T + others.sum(axis=1)


def _leave_one_out_flip(bits: np.ndarray) -> float:
    """Return the probability of a flip with the largest leave-one-out likelihood."""
    n, d = bits.shape
    counts = np.empty((n, d + 1))  # how many other rows lie at each distance of a row
    for first in range(0, n, _CHUNK):
        for i, row in enumerate(_distances(bits[first : first + _CHUNK], bits).astype(np.intp), start=first):
            counts[i] = np.bincount(row, minlength=d + 1)
    counts[:, 0] -= 1  # the row itself
    distance = np.arange(d + 1)

    def loss(log_flip: float) -> float:
        log_keep = np.log1p(-np.exp(log_flip))
        log_kernel = distance * log_flip + (d - distance) * log_keep
        return -float(np.mean(logsumexp(np.where(counts > 0, log_kernel, -np.inf), axis=1, b=counts)))

    bounds = (-np.log(n * d + 2), np.log(0.5))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6}).x))
