"""The error of the density at one point, where bias and variance stand apart."""

import numpy as np

from genrates.errors import is_number, shown
from genrates.metrics.base import Evaluation, Metric, Skip


class PointwiseError(Metric):
    r"""Error of the density at one point x, `|p^(x) - p(x)|`.

    The root mean square over replicates is the root of the mean squared error at x. The signed error of each
    fit stands beside it as the auxiliary "bias": its mean over replicates is the bias. The analysis adds
    "sd", the standard deviation over replicates. With R replicates of size n

    .. math:: \mathrm{error}^2 = \mathrm{bias}^2 + \tfrac{R - 1}{R} \mathrm{sd}^2,

    and the standard error of the bias is sd / sqrt(R): a bias below twice that is not seen.

    This is the error that theory speaks of when it says n^(-2/5) without further conditions: at a point
    where the density is positive and has two continuous derivatives (Parzen 1962; of k nearest neighbors
    Mack and Rosenblatt 1979). At an end of the support, a kink or a jump the exponent is another.

    Parameters
    ----------
    x : float or sequence of d floats, optional
        The point, in the unit of the data. By default the quantile `level` of the truth, in one dimension.
    level : float in (0, 1), default=0.5
        Level of the quantile that is x; 0.5 is the median. Not used where `x` is given.

    Raises
    ------
    ValueError
        If `x` is not one point of finite coordinates, or `level` does not lie between 0 and 1.

    References
    ----------
    Parzen (1962), Ann. Math. Statist. 33, 1065. Mack and Rosenblatt (1979), J. Multivariate Anal. 9, 1.

    Examples
    --------
    >>> from genrates.data import MarronWand
    >>> from genrates.estimators import KernelDensity
    >>> data = MarronWand(number=1)
    >>> train = data.sample(100, np.random.default_rng(0))
    >>> evaluation = Evaluation(KernelDensity(bandwidth=0.5).fit(train), data, train)
    >>> print(f"{PointwiseError(x=0)(evaluation):.4f}", PointwiseError(x=0).auxiliary(evaluation)["bias"] < 0)
    0.0217 True
    """

    aggregate = "root_mean_square"
    has_bias = True

    def __init__(self, x: float | list[float] | None = None, *, level: float = 0.5):
        self.x = None if x is None else self._point(x)
        if not is_number(level) or not 0 < level < 1:
            raise ValueError(f"PointwiseError: level must lie between 0 and 1, got {shown(level)}.")
        self.level = float(level)

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the absolute error at x."""
        return abs(self._error(evaluation))

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the signed error at x.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "bias": p^(x) - p(x), whose mean over replicates is the bias.
        """
        return {"bias": self._error(evaluation)}

    def _error(self, evaluation: Evaluation) -> float:
        """Return the signed error at x."""
        evaluation.require(truth="pdf", model="likelihood")
        X = self._row(evaluation.data)
        return float(np.exp(evaluation.log_density(X)[0]) - evaluation.data.pdf(X)[0])

    def _row(self, data) -> np.ndarray:
        """Return x as a row of the data."""
        if self.x is None:
            if data.n_features > 1 or not hasattr(data, "ppf"):
                raise Skip("the point x is not given, and the truth has no quantiles to take it from")
            return np.reshape(data.ppf([self.level]), (1, 1))
        if len(self.x) != data.n_features:
            raise Skip(f"the point x has {len(self.x)} coordinates, the data have {data.n_features} features")
        return self.x[None, :]

    @staticmethod
    def _point(x) -> np.ndarray:
        """Return x as an array of coordinates."""
        coordinates = [x] if is_number(x) else x
        if not isinstance(coordinates, list | tuple | np.ndarray) or not len(coordinates):
            coordinates = [None]
        if not all(map(is_number, coordinates)):
            raise ValueError(f"PointwiseError: x must be a number, or one for each feature, got {shown(x)}.")
        return np.array(coordinates, dtype=np.float64)
