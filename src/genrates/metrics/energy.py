"""A two-sample test between draws and real points: the energy distance, by permutation."""

from weakref import WeakKeyDictionary

import numpy as np

from genrates.metrics._counts import check_counts
from genrates.metrics.base import Evaluation, Metric
from genrates.metrics.mmd import permutation_p_value

#: level at which a p-value counts as a rejection
_LEVEL = 0.05


class EnergyTest(Metric):
    r"""The p-value of a test whether draws and real points have one distribution, by the energy distance.

    .. math:: 2\, E|X - Y| - E|X - X'| - E|Y - Y'| \ge 0

    It is 0 for equal distributions only (Szekely and Rizzo 2004), and is estimated without bias. The p-value
    is the share of splits of all points in two, the given one and 200 random ones, whose distance is at least
    as large: 1/201 to 1. For a perfect model it is uniform on these values, whatever the distribution. A
    small p-value says that the draws can be told from real points. A large one says that so many points do
    not tell them apart, and more might: it is not an error and has no rate.

    The auxiliary "rejected" is 1 where p <= 0.05, else 0. Its mean over replicates is the power of the test,
    0.05 for a perfect model.

    Real points are held-out points where the data set has some, else fresh draws of the true distribution,
    others for each training set. Distances are Euclidean, in the unit of the data: a feature of larger scale
    weighs more. The permutations depend on the training set alone. Costs O((m + t)^2 (d + 200)).

    Parameters
    ----------
    max_points : int, default=1000
        Largest number of draws, and of real points.

    Raises
    ------
    ValueError
        If `max_points` is not an integer or is below 2.

    References
    ----------
    Szekely and Rizzo (2004), "Testing for equal distributions in high dimension", InterStat 5. Sejdinovic et
    al. (2013), Ann. Statist. 41, 2263: the energy distance is a maximum mean discrepancy of kernel
    :math:`-|x - y|`.

    Examples
    --------
    >>> from genrates.data import Exponential
    >>> from genrates.estimators import GaussianDensity
    >>> data = Exponential()
    >>> train = data.sample(500, np.random.default_rng(0))
    >>> model = GaussianDensity().fit(train)
    >>> evaluation = Evaluation(model, data, train, model.sample(500, random_state=0))
    >>> EnergyTest()(evaluation) < 0.05
    True
    """

    is_error = False
    has_rate = False

    def __init__(self, max_points: int = 1000):
        check_counts(self, least=2, max_points=max_points)
        self.max_points = max_points
        self._found: WeakKeyDictionary[Evaluation, float] = WeakKeyDictionary()

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the p-value."""
        if evaluation not in self._found:
            self._found[evaluation] = self._p_value(evaluation)
        return self._found[evaluation]

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return whether the test rejects at the level 0.05.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "rejected": 1.0 or 0.0.
        """
        return {"rejected": float(self(evaluation) <= _LEVEL)}

    def _p_value(self, evaluation: Evaluation) -> float:
        """Return the p-value of the draws against real points."""
        from sklearn.metrics import pairwise_distances

        drawn = evaluation.draws[: self.max_points]
        real = self._real(evaluation, len(drawn))
        distances = pairwise_distances(np.concatenate([drawn, real]))
        mean = distances.mean()
        # A constant added to the kernel -|x - y| changes nothing: ones on the diagonal are what is asked for.
        kernel = 1.0 - (distances / mean if mean > 0 else distances)
        return permutation_p_value(kernel, len(drawn), evaluation.generator("energy"))

    @staticmethod
    def _real(evaluation: Evaluation, m: int) -> np.ndarray:
        """Return m real points that the model has not learned from."""
        held_out = getattr(evaluation.data, "test_points", None) is not None
        return evaluation.test_subset(m) if held_out else evaluation.real_points(m)
