"""The lecture's kernel density estimate: a smooth bump on every data point."""

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from genrates.estimators import _kernel_functions as kernels
from genrates.estimators import bandwidth as selectors
from genrates.estimators.base import DensityEstimator

_CHUNK = 1 << 20


class KernelDensity(DensityEstimator):
    def __init__(self, *, bandwidth="lscv", kernel: str = "gaussian", bounds=None, rtol: float = 0.0):
        self.bandwidth = bandwidth
        self.kernel = kernel
        self.bounds = bounds
        self.rtol = rtol

    def fit(self, X, y=None, sample_weight=None):
        X, weight = self._check_fit(X, sample_weight)
        if weight is not None and not np.all(weight > 0):
            X, weight = X[weight > 0], weight[weight > 0]
        if isinstance(self.bandwidth, str):
            self._refuse_constant(X)
            h = getattr(selectors, self.bandwidth)(X, weight)
            h = h * kernels.canonical_ratio(self.kernel, X.shape[1])
            self.bandwidth_ = float(h[0]) if X.shape[1] == 1 else h
        else:
            h = np.asarray(self.bandwidth, dtype=np.float64)
            self.bandwidth_ = float(h) if h.ndim == 0 else h
        self.points_ = X
        self.weights_ = weight
        return self

    def _whiten(self, X):
        h = np.asarray(self.bandwidth_)
        if h.ndim < 2:
            return X / h
        return solve_triangular(np.linalg.cholesky(h), X.T, lower=True).T

    def _log_det(self):
        h = np.asarray(self.bandwidth_)
        if h.ndim < 2:
            return float(np.sum(np.log(np.broadcast_to(h, self.n_features_in_))))
        return 0.5 * float(np.linalg.slogdet(h)[1])

    def _log_density(self, X):
        points, queries = self._whiten(self.points_), self._whiten(X)
        w = np.ones(len(points)) if self.weights_ is None else self.weights_
        out = np.empty(len(X))
        rows = max(1, _CHUNK // len(points))
        for start in range(0, len(X), rows):
            q = queries[start : start + rows]
            square = np.zeros((len(q), len(points)))
            for j in range(points.shape[1]):
                square += (q[:, j, None] - points[:, j]) ** 2
            if self.kernel == "gaussian":
                out[start : start + rows] = logsumexp(-0.5 * square, b=w, axis=1)
            elif self.kernel == "exponential":
                out[start : start + rows] = logsumexp(-np.sqrt(square), b=w, axis=1)
            else:
                with np.errstate(divide="ignore"):
                    out[start : start + rows] = np.log(kernels.profile(self.kernel, np.sqrt(square)) @ w)
        return out + kernels.log_norm(self.kernel, X.shape[1]) - self._log_det() - np.log(w.sum())

    def _draw(self, n_samples, rng):
        u = rng.random(n_samples)
        if self.weights_ is None:
            i = (u * len(self.points_)).astype(np.int64)
        else:
            total = np.cumsum(self.weights_)
            i = np.minimum(np.searchsorted(total, u * total[-1], side="right"), len(total) - 1)
        step = kernels.draw(self.kernel, n_samples, self.n_features_in_, rng)
        h = np.asarray(self.bandwidth_)
        return self.points_[i] + (step * h if h.ndim < 2 else step @ np.linalg.cholesky(h).T)

    def _cdf(self, x):
        points, queries = self._whiten(self.points_)[:, 0], self._whiten(x[:, None])[:, 0]
        w = np.ones(len(points)) if self.weights_ is None else self.weights_
        out = np.empty(len(x))
        rows = max(1, _CHUNK // len(points))
        for start in range(0, len(x), rows):
            q = queries[start : start + rows]
            out[start : start + rows] = kernels.integral_1d(self.kernel, q[:, None] - points) @ w
        return np.clip(out / w.sum(), 0, 1)

    def _ppf(self, q):
        reach = kernels.reach(self.kernel) * self.bandwidth_ * 5
        low = np.full(q.shape, self.points_.min() - reach)
        high = np.full(q.shape, self.points_.max() + reach)
        for _ in range(80):
            middle = 0.5 * (low + high)
            up = self._cdf(middle) < q
            low, high = np.where(up, middle, low), np.where(up, high, middle)
        return high
