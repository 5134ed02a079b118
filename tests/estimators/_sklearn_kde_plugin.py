"""A pytest plugin that puts ours in the place of scikit-learn's KernelDensity, for its own tests.

The class must be named KernelDensity (GridSearchCV and make_pipeline use the name). It has scikit-learn's
parameters and meanings where they differ from ours: bandwidth 1 by default, rules that ignore the scale of
the data, a total score, no draws from four of the kernels. What they do to its tree (leaf_size,
breadth_first, atol) has no meaning here, and metrics other than the Euclidean only choose that tree: they
are checked and ignored.
"""

import numbers

import sklearn.neighbors
import sklearn.neighbors._kde as theirs
from sklearn.neighbors import KDTree

from genrates.estimators import KernelDensity as Ours


class KernelDensity(Ours):
    def __init__(
        self,
        *,
        bandwidth=1.0,
        algorithm="auto",
        kernel="gaussian",
        metric="euclidean",
        atol=0,
        rtol=0,
        breadth_first=True,
        leaf_size=40,
        metric_params=None,
    ):
        super().__init__(bandwidth=bandwidth, kernel=kernel, rtol=rtol)
        self.algorithm, self.metric, self.metric_params = algorithm, metric, metric_params
        self.atol, self.breadth_first, self.leaf_size = atol, breadth_first, leaf_size

    def get_params(self, deep=True):
        return {k: v for k, v in super().get_params(deep).items() if k != "bounds"}

    def fit(self, X, y=None, sample_weight=None):
        if self.algorithm == "kd_tree" and self.metric not in KDTree.valid_metrics:
            raise ValueError(f"invalid metric for KDTree: {self.metric!r}")
        return super().fit(X, y, sample_weight)

    def _choose_bandwidth(self, X, weight):
        n, d = X.shape
        if self.bandwidth == "scott":
            return n ** (-1 / (d + 4))
        if self.bandwidth == "silverman":
            return (n * (d + 2) / 4) ** (-1 / (d + 4))
        assert isinstance(self.bandwidth, numbers.Real)
        return super()._choose_bandwidth(X, weight)

    def score(self, X, y=None):
        return float(self.score_samples(X).sum())

    def sample(self, n_samples=1, random_state=None):
        X = super().sample(n_samples, random_state) if self._may_sample() else None
        if X is None:
            raise NotImplementedError
        return X

    def _may_sample(self):
        # scikit-learn's tests want to see its own limit
        return self.kernel in ("gaussian", "tophat") or not hasattr(self, "points_")


sklearn.neighbors.KernelDensity = KernelDensity
theirs.KernelDensity = KernelDensity
