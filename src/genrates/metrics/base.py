"""What a metric is, and what it is given."""

from functools import cached_property

import numpy as np


class Skip(Exception):
    """A metric does not apply; the message is the reason, for people to read in the table."""


class Evaluation:
    """One fitted model beside the data it learned from; what several metrics need is computed once.

    Parameters
    ----------
    model : fitted estimator
    data : the data set, which may know its truth (`logpdf`, `cdf`, `quadrature`)
    train : ndarray of shape (n, n_features), the points the model was fitted to
    draws : ndarray of shape (m, n_features), points the model has generated, or None
    """

    def __init__(self, model, data, train: np.ndarray, draws: np.ndarray | None = None):
        self.model, self.data, self.train, self._draws = model, data, train, draws

    @property
    def draws(self) -> np.ndarray:
        if self._draws is None:
            raise Skip(f"{type(self.model).__name__} cannot be sampled")
        return self._draws

    def require(self, *, truth: str | None = None, model: str | None = None) -> None:
        """Skip unless the data know their `truth` ("pdf" or "cdf") and the model has the capability."""
        if truth == "pdf" and not hasattr(self.data, "logpdf"):
            raise Skip("the true density is not known")
        if truth == "cdf" and not (hasattr(self.data, "cdf") and self.data.n_features == 1):
            raise Skip("a distribution function to compare with exists in one dimension only")
        if model is not None and model not in self.model.capabilities_:
            raise Skip(f"{type(self.model).__name__} has no {model}")

    @cached_property
    def quadrature(self) -> tuple[np.ndarray, np.ndarray]:
        """Nodes and weights over the truth's domain, panels cut where the model jumps."""
        return self.data.quadrature(getattr(self.model, "breakpoints_", ()))

    @cached_property
    def log_truth(self) -> np.ndarray:
        """The truth's log-density at the nodes, nats."""
        return self.data.logpdf(self.quadrature[0])

    @cached_property
    def log_model(self) -> np.ndarray:
        """The model's log-density at the nodes, nats."""
        return self.model.score_samples(self.quadrature[0])


class Metric:
    """An error of a fitted model.

    `aggregate` says how replicates become one error: "root_mean_square" of values that are roots of
    squared errors, or their "mean". `__call__` returns a finite number or raises :class:`Skip`.
    """

    aggregate = "mean"
    #: name of the metric's unit, for axes and tables
    unit = ""

    def __call__(self, evaluation: Evaluation) -> float:
        raise NotImplementedError
