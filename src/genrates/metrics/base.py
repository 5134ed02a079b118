"""The base class of metrics, and what a metric receives."""

import zlib
from collections.abc import Callable, Hashable
from functools import cached_property

import numpy as np

from genrates.metrics._nearest import find_nearest

#: a perfect model scores what real points score; that score is reported with the value as its "floor"
FLOOR = "floor"
#: nobody knows what a perfect model scores
UNKNOWN = "unknown"

# Both seeds are part of the metrics: every model is compared with the same rows.
_REAL_ROWS_SEED = 2013  # order of the rows that serve as real points
_FEATURE_ROWS_SEED = 784  # choice of the images that features are learned from


class Skip(Exception):
    """Raised by a metric that does not apply. The message is the reason, shown in the table."""


def check_log_density(values, whose: str) -> np.ndarray:
    """Return log-densities, or raise a ValueError if one of them is NaN or +inf.

    A metric must never leave such values out: what remains would be the value of another, better model.
    Minus infinity is allowed, it says that the density is 0.

    Parameters
    ----------
    values : array-like
        Log-densities in nats.
    whose : str
        What has given them, for the message.

    Returns
    -------
    ndarray
        The values.

    Raises
    ------
    ValueError
        If a value is NaN or +inf.
    """
    values = np.asarray(values, dtype=np.float64)
    wrong = ~(values < np.inf)
    if wrong.any():
        what = " or ".join(
            name for name, found in (("NaN", np.isnan(values)), ("+inf", values == np.inf)) if found.any()
        )
        raise ValueError(f"the log-density of {whose} is {what} at {wrong.sum()} of {wrong.size} points")
    return values


def check_finite(values, what: str) -> np.ndarray:
    """Return numbers, or raise a ValueError if one of them is NaN or infinite.

    Parameters
    ----------
    values : array-like
        Numbers that a model has given.
    what : str
        What they are, for the message.

    Returns
    -------
    ndarray
        The values.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    values = np.asarray(values)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise ValueError(f"{what}: {wrong.sum()} of {wrong.size} numbers are NaN or infinite")
    return values


class Evaluation:
    """One fitted model, its data set, its training set and its draws.

    Quantities that several metrics need are computed once.

    Parameters
    ----------
    model : fitted estimator
    data : Data
        The data set. It may know the true density (`logpdf`, `cdf`, `quadrature`).
    train : ndarray of shape (n, n_features)
        The training set of the model.
    draws : ndarray of shape (m, n_features), or a function that returns it, optional
        Points that the model has generated. A function is called once, when a metric asks for the draws.
    why_no_draws : str, optional
        The sampler's reason, if there are no draws.
    chain : dict, optional
        Settings of the Markov chain that made the draws (`burn_in`, `thin`, `start`), if they differ from
        the model's own.
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
        self._computed: dict[Hashable, np.ndarray] = {}

    def once(self, key: Hashable, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return numbers that a metric needs for its value and for what stands beside it.

        Parameters
        ----------
        key : hashable
            The metric and its options.
        compute : callable
            Computes them; called at the first request.

        Returns
        -------
        ndarray
        """
        if key not in self._computed:
            self._computed[key] = compute()
        return self._computed[key]

    @property
    def draws(self) -> np.ndarray:
        """Points that the model has generated.

        Returns
        -------
        ndarray of shape (m, n_features)

        Raises
        ------
        Skip
            If there are none.
        ValueError
            If one of them is NaN or infinite.
        """
        if self._draws is None:
            raise Skip(self._why_no_draws or f"{type(self.model).__name__} cannot be sampled")
        if callable(self._draws):
            self._draws = self._draws()
        return check_finite(self._draws, f"the draws of {type(self.model).__name__}")

    @property
    def has_draws(self) -> bool:
        """Whether there are points that the model has generated.

        Returns
        -------
        bool
        """
        return self._draws is not None

    def require(self, *, truth: str | None = None, model: str | None = None) -> None:
        """Raise Skip unless the true density is known and the model has a capability.

        Parameters
        ----------
        truth : {"pdf", "cdf"}, optional
            What the data set must know. "cdf" also requires one dimension.
        model : str, optional
            A capability that the model must have, such as "likelihood".

        Raises
        ------
        Skip
            If one of the two is missing.
        """
        if truth == "pdf" and not hasattr(self.data, "logpdf"):
            raise Skip("the true density is not known")
        if truth == "cdf" and not (hasattr(self.data, "cdf") and self.data.n_features == 1):
            raise Skip("a distribution function to compare with exists in one dimension only")
        if model is not None and model not in self.model.capabilities_:
            why = getattr(self.model, "unsupported", {}).get(model)
            raise Skip(f"{type(self.model).__name__} has no {model}{f': {why}' if why else ''}")

    @property
    def test(self) -> np.ndarray:
        """All held-out points of the data set.

        Returns
        -------
        ndarray of shape (t, n_features)

        Raises
        ------
        Skip
            If the data set has none.
        """
        points = getattr(self.data, "test_points", None)
        if points is None:
            raise Skip("the data set has no test points")
        return points

    @cached_property
    def draws_to_train(self) -> np.ndarray:
        """Euclidean distance of each draw to the nearest training point.

        Returns
        -------
        ndarray of shape (m,)
        """
        return find_nearest(self.draws, self.train)[0]

    @cached_property
    def test_to_train(self) -> np.ndarray:
        """Euclidean distance of each held-out point to the nearest training point.

        Returns
        -------
        ndarray of shape (t,)
        """
        return find_nearest(self.test, self.train)[0]

    def test_subset(self, m: int) -> np.ndarray:
        """Return m held-out points in random order, the same at each call.

        The first rows of a table are no fair choice: a table is often sorted, for example by the writer
        of the digits.

        Parameters
        ----------
        m : int
            Number of points. All are returned if there are fewer.

        Returns
        -------
        ndarray of shape (min(m, t), n_features)
        """
        return self.test[np.random.default_rng(_REAL_ROWS_SEED + 1).permutation(len(self.test))[:m]]

    def real_points(self, m: int) -> np.ndarray:
        """Return m points that no model has made, independent of the held-out points.

        A finite data set gives rows that are not held out, the same for every model and training set. If
        its rows are images, they are rows that the features were not learned from. A known density gives
        fresh draws, which depend on the training set.

        Parameters
        ----------
        m : int
            Number of points. All are returned if there are fewer.

        Returns
        -------
        ndarray of shape (m, n_features)
        """
        if hasattr(self.data, "points"):
            return np.asarray(self.data.points[self.real_rows[:m]], dtype=np.float64)
        return self.data.sample(m, self.generator("real"))

    @cached_property
    def real_rows(self) -> np.ndarray:
        """Row numbers of a finite data set that serve as real points, in the order of their use.

        Returns
        -------
        ndarray of int
        """
        n = len(self.data.points)
        return (
            split_for_features(n)[1]
            if has_images(self.data)
            else np.random.default_rng(_REAL_ROWS_SEED).permutation(n)
        )

    def generator(self, purpose: str) -> np.random.Generator:
        """Return a random stream that depends on the training set and the purpose alone.

        All models fitted to one training set share it; each replicate has another.

        Parameters
        ----------
        purpose : str
            Different purposes have independent streams.

        Returns
        -------
        numpy.random.Generator
        """
        return np.random.default_rng([zlib.crc32(self.train.tobytes()), zlib.crc32(purpose.encode())])

    @cached_property
    def quadrature(self) -> tuple[np.ndarray, np.ndarray]:
        """Nodes and weights over the domain of the true density. Panels end where the model jumps.

        Returns
        -------
        nodes : ndarray of shape (q, n_features)
        weights : ndarray of shape (q,)
        """
        return self.data.quadrature(getattr(self.model, "breakpoints_", ()))

    @cached_property
    def log_truth(self) -> np.ndarray:
        """The true log-density at the nodes, in nats.

        Returns
        -------
        ndarray of shape (q,)
        """
        return check_log_density(self.data.logpdf(self.quadrature[0]), "the truth")

    @cached_property
    def log_model(self) -> np.ndarray:
        """The model's log-density at the nodes, in nats.

        Returns
        -------
        ndarray of shape (q,)
        """
        return self.log_density(self.quadrature[0])

    def log_density(self, X: np.ndarray) -> np.ndarray:
        """Return the model's log-density of each row.

        Parameters
        ----------
        X : ndarray of shape (m, n_features)
            Points to evaluate.

        Returns
        -------
        ndarray of shape (m,)
            In nats; -inf where the density is 0.

        Raises
        ------
        ValueError
            If a log-density is NaN or +inf.
        """
        return check_log_density(self.model.score_samples(X), type(self.model).__name__)


def has_images(data) -> bool:
    """Return whether the points of a data set are images, from which features can be learned.

    Parameters
    ----------
    data : Data

    Returns
    -------
    bool
    """
    return getattr(data, "image_shape", None) is not None


def split_for_features(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Split n images into rows to learn features from and rows that serve as real points.

    The two sets are disjoint, because a network's features of the rows it was trained on differ from those
    of new rows. The split is the same at each call. At most 6000 rows are learned from, which bounds the
    cost; at least 1000 rows, or half of all, are kept as real points.

    Parameters
    ----------
    n : int
        Number of images.

    Returns
    -------
    learned : ndarray of int
        Row numbers to learn features from.
    real : ndarray of int
        Row numbers that serve as real points.

    Examples
    --------
    >>> [tuple(map(len, split_for_features(n))) for n in (1438, 8000)]
    [(719, 719), (6000, 2000)]
    """
    order = np.random.default_rng(_FEATURE_ROWS_SEED).permutation(n)
    learned = min(6000, max(n // 2, n - 1000))
    return order[:learned], order[learned:]


class Metric:
    """An error of a fitted model.

    `aggregate` says how replicates become one error. It is "mean", or "root_mean_square" if the values are
    roots of squared errors. Calling a metric returns a finite number or raises :class:`Skip`.
    """

    aggregate = "mean"
    #: the metric's unit, for axes and tables
    unit = ""
    #: the value of a perfect model: a number, FLOOR or UNKNOWN. Rates are those of the excess over it
    ideal: float | str = 0.0
    #: False if the value describes a model without judging it. Such a value has no verdict and no plateau
    is_error = True
    #: False if the value does not follow a power of n, as a p-value does not: no rate is fitted
    has_rate = True
    #: True if the auxiliary number "bias" is the signed error of one fit. Its mean over replicates is the
    #: bias; the analysis sets the standard deviation over replicates beside it, as "sd"
    has_bias = False
    #: True if the excess is bias plus variance, as a squared error is: a plateau is then added to it. In
    #: other metrics, which are roots, the squares add up
    quadratic = False
    #: True if the excess is a difference of squares: its root then has the rate of the value
    in_squares = False

    @staticmethod
    def excess(values, ideal):
        """Subtract the value of a perfect model from each value.

        The result is 0 on average for a perfect model.

        Parameters
        ----------
        values : float or array
            Values of the metric; an array has one for each replicate.
        ideal : float or array
            What a perfect model scores, in the same form or one number.

        Returns
        -------
        float or array
            Same shape as `values`.
        """
        return values - ideal

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the value of the metric, a finite number, or raise Skip."""
        raise NotImplementedError

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return numbers that help to read the value.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            For example "floor", which is what real points score, or "p_value".
        """
        return {}


class SampleMetric(Metric):
    """A distance between the draws of a model and held-out points, with a floor.

    A subclass implements `distance`. The floor is the same distance with real points instead of the draws,
    in equal number. It is what a perfect model would score, since two finite samples of one distribution
    differ too. A finite data set has a single floor, which carries the chance of its rows; an excess of
    the size of this chance means nothing.
    """

    ideal = FLOOR

    def __init__(self):
        self._floors: dict[tuple[int, int], float] = {}

    def distance(self, points: np.ndarray, evaluation: Evaluation) -> float:
        """Return the distance between points and the held-out points.

        Parameters
        ----------
        points : ndarray of shape (m, n_features)
            Draws of the model, or real points.
        evaluation : Evaluation

        Returns
        -------
        float
        """
        raise NotImplementedError

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the distance of the draws."""
        return float(self.distance(evaluation.draws[: self._n_compared(evaluation)], evaluation))

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the floor: the distance of as many real points as draws are compared.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "floor".
        """
        m = self._n_compared(evaluation)
        if not hasattr(evaluation.data, "points"):
            return {"floor": float(self.distance(evaluation.real_points(m), evaluation))}
        # The real points of a finite data set are always the same: one computation serves all models.
        key = (id(evaluation.data), m)
        if key not in self._floors:
            self._floors[key] = float(self.distance(evaluation.real_points(m), evaluation))
        return {"floor": self._floors[key]}

    def _n_compared(self, evaluation: Evaluation) -> int:
        """Return how many draws are compared: no more than there are real points for the floor."""
        m = len(evaluation.draws)
        return min(m, len(evaluation.real_rows)) if hasattr(evaluation.data, "points") else m
