"""What a metric is, and what it is given."""

import zlib
from collections.abc import Callable
from functools import cached_property

import numpy as np

from genrates.metrics._nearest import to_nearest

#: a perfect model scores what real points score, which stands beside the value as its floor
FLOOR = "floor"
#: nobody knows what a perfect model scores
UNKNOWN = "unknown"

_REAL = 2013  # of the rows that stand for real ones: part of the metric, so that there is one floor
_PICTURES = 784  # of the rows that features are learned from: part of the metric too


class Skip(Exception):
    """A metric does not apply; the message is the reason, for people to read in the table."""


class Evaluation:
    """One fitted model beside the data it learned from; what several metrics need is computed once.

    Parameters
    ----------
    model : fitted estimator
    data : the data set, which may know its truth (`logpdf`, `cdf`, `quadrature`)
    train : ndarray of shape (n, n_features), the points the model was fitted to
    draws : ndarray of shape (m, n_features), or a function that returns it, or None
        Points that the model has generated. A function is called once, when a metric asks for the draws.
    why_no_draws : str, optional
        The sampler's reason, where there are none.
    chain : dict, optional
        How draws of a chain were made (`burn_in`, `thin`, `start`), where that is not the model's own way.
    """

    def __init__(
        self,
        model,
        data,
        train: np.ndarray,
        draws: np.ndarray | Callable[[], np.ndarray] | None = None,
        *,
        why_no_draws: str | None = None,
        chain: dict | None = None,
    ):
        self.model, self.data, self.train, self._draws = model, data, train, draws
        self._why_no_draws, self.chain = why_no_draws, chain or {}

    @property
    def draws(self) -> np.ndarray:
        if self._draws is None:
            raise Skip(self._why_no_draws or f"{type(self.model).__name__} cannot be sampled")
        if callable(self._draws):
            self._draws = self._draws()
        return self._draws

    @property
    def has_draws(self) -> bool:
        """Whether there are points that the model has generated."""
        return self._draws is not None

    def require(self, *, truth: str | None = None, model: str | None = None) -> None:
        """Skip unless the data know their `truth` ("pdf" or "cdf") and the model has the capability."""
        if truth == "pdf" and not hasattr(self.data, "logpdf"):
            raise Skip("the true density is not known")
        if truth == "cdf" and not (hasattr(self.data, "cdf") and self.data.n_features == 1):
            raise Skip("a distribution function to compare with exists in one dimension only")
        if model is not None and model not in self.model.capabilities_:
            why = getattr(self.model, "unsupported", {}).get(model)
            raise Skip(f"{type(self.model).__name__} has no {model}{f': {why}' if why else ''}")

    @property
    def test(self) -> np.ndarray:
        """Held-out points of the data set, shape (t, n_features)."""
        points = getattr(self.data, "test_points", None)
        if points is None:
            raise Skip("the data set has no test points")
        return points

    @cached_property
    def draws_to_train(self) -> np.ndarray:
        """Euclidean distance of each draw to the nearest training point, shape (m,)."""
        return to_nearest(self.draws, self.train)[0]

    @cached_property
    def test_to_train(self) -> np.ndarray:
        """The same of each held-out point, shape (t,)."""
        return to_nearest(self.test, self.train)[0]

    def held_out(self, m: int) -> np.ndarray:
        """m of the held-out points (all, where there are fewer), always the same ones, in no order.

        A table is often sorted by who wrote it: its first rows are not like the others.
        """
        return self.test[np.random.default_rng(_REAL + 1).permutation(len(self.test))[:m]]

    def real(self, m: int) -> np.ndarray:
        """m points that no model has made (fewer where there are fewer), independent of the test points.

        Of a table they are rows to learn from, always the same ones (of pictures such as no features have
        seen), of a known truth fresh draws, others for each training sample.
        """
        if hasattr(self.data, "points"):
            return np.asarray(self.data.points[self.real_rows[:m]], dtype=np.float64)
        return self.data.sample(m, self.generator("real"))

    @cached_property
    def real_rows(self) -> np.ndarray:
        """Which rows of a table stand for real ones, in the order in which they are taken."""
        n = len(self.data.points)
        return apart(n)[1] if has_images(self.data) else np.random.default_rng(_REAL).permutation(n)

    def generator(self, purpose: str) -> np.random.Generator:
        """A stream that belongs to the training sample: the same for all models, another each replicate."""
        return np.random.default_rng([zlib.crc32(self.train.tobytes()), zlib.crc32(purpose.encode())])

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


def has_images(data) -> bool:
    """Whether the data are pictures from which features can be learned."""
    return getattr(data, "image_shape", None) is not None


def apart(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Of n pictures the rows to learn features of, and those that stand for real ones; always the same.

    At most 6000 of the first kind (more would cost each cell more seconds than they add), and at least 1000,
    or half, of the second: of rows learned by heart a network's features are not those of new ones.

    >>> [tuple(map(len, apart(n))) for n in (1438, 8000)]
    [(719, 719), (6000, 2000)]
    """
    order = np.random.default_rng(_PICTURES).permutation(n)
    learned = min(6000, max(n // 2, n - 1000))
    return order[:learned], order[learned:]


class Metric:
    """An error of a fitted model.

    `aggregate` says how replicates become one error: "root_mean_square" of values that are roots of
    squared errors, or their "mean". `__call__` returns a finite number or raises :class:`Skip`.
    """

    aggregate = "mean"
    #: name of the metric's unit, for axes and tables
    unit = ""
    #: the value of a perfect model, whose excess has a rate: a number, the FLOOR beside it, or UNKNOWN
    ideal: float | str = 0.0
    #: False where a value says how a model is, not how good: nothing that could converge, or end on a plateau
    is_error = True
    #: True where the excess itself is bias plus variance, as a squared error is: a plateau adds to it, and
    #: to a root only as squares do
    quadratic = False
    #: True where the excess is that of squares, so that its root has the value's own rate
    in_squares = False

    @staticmethod
    def excess(values, ideal):
        """What of `values`, a number or one a replicate, is error: on average 0 for a perfect model."""
        return values - ideal

    def __call__(self, evaluation: Evaluation) -> float:
        raise NotImplementedError

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Numbers without which the value cannot be read: "floor", what real points score; "p_value"."""
        return {}


class SampleMetric(Metric):
    """A distance between points that a model has drawn and held-out ones, with its real-against-real floor.

    A subclass gives `distance(points, evaluation)`. Its floor is the same distance with as many real points
    in the place of the draws: what a perfect model would score, since finite samples of one law differ too.
    Of a table there is one floor, with the chance of its rows in it: an excess of that size means nothing.
    """

    ideal = FLOOR

    def __init__(self):
        self._floors: dict[tuple[int, int], float] = {}

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        raise NotImplementedError

    def __call__(self, evaluation: Evaluation) -> float:
        return float(self.distance(evaluation.draws[: self._count(evaluation)], evaluation))

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        m = self._count(evaluation)
        if not hasattr(evaluation.data, "points"):
            return {"floor": float(self.distance(evaluation.real(m), evaluation))}
        # of a table the real points are always the same: once is enough
        key = (id(evaluation.data), m)
        if key not in self._floors:
            self._floors[key] = float(self.distance(evaluation.real(m), evaluation))
        return {"floor": self._floors[key]}

    def _count(self, evaluation: Evaluation) -> int:
        """How many draws are compared: as many as there are real points to take their place."""
        m = len(evaluation.draws)
        return min(m, len(evaluation.real_rows)) if hasattr(evaluation.data, "points") else m
