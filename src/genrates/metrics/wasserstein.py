"""Wasserstein distance of a model's law, or of its draws, from a known distribution on the line."""

import numpy as np

from genrates.metrics._area import area_between
from genrates.metrics.base import Evaluation, Metric, Skip, check_finite

_RTOL = 1e-7
_STRIDE = 4  # panels are divided where it is needed: fewer than those of densities are enough to begin with
_DOUBLINGS = 40  # how far beyond the domain a tail is followed: 10^12 times its width
_NEGLIGIBLE = 1e-8  # share of the distance that may lie beyond what is integrated


class Wasserstein1(Metric):
    r"""Wasserstein-1 distance from the true distribution, in one dimension.

    Its unit is that of the data. With :math:`\hat F` the model's distribution function it is
    :math:`\int |\hat F - F|\,dx` (Vallender 1974), integrated to a relative accuracy of 1e-6. That is
    the distance of the model's *law*: nothing is drawn, and the truth itself scores 0.

    A model without a distribution function is measured by its draws, as many as the sampler says, by default
    as many as its training set has. Then :math:`\hat F` is their empirical distribution function, and most of
    the distance may be that of any finite sample. So the value has a floor beside it: the distance of as many
    draws from the truth, the same for all models of one training set. The floor is not subtracted, since the
    two do not add up.
    """

    aggregate = "mean"

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the distance, in the unit of the data."""
        evaluation.require(truth="cdf")
        if (index := getattr(evaluation.data, "moments", np.inf)) <= 1:
            raise Skip(f"infinite for every model with a mean: the truth has none (tail index {index:g})")
        if "cdf" in evaluation.model.capabilities_:
            return _distance_of_law(evaluation)
        return _distance_of_draws(evaluation.draws[:, 0], evaluation.data)

    def auxiliary(self, evaluation: Evaluation) -> dict[str, float]:
        """Return the floor of a model that was measured by its draws.

        Parameters
        ----------
        evaluation : Evaluation

        Returns
        -------
        dict of str to float
            "floor", or nothing for a model with a distribution function.
        """
        if "cdf" in evaluation.model.capabilities_:
            return {}
        points = evaluation.real_points(len(evaluation.draws))
        return {"floor": _distance_of_draws(points[:, 0], evaluation.data)}


def _distance_of_law(evaluation: Evaluation) -> float:
    """Return int |F^ - F|, over the domain of the truth and as far beyond as the model reaches."""
    model, data = evaluation.model, evaluation.data
    name = f"the distribution function of {type(model).__name__}"

    def difference(x: np.ndarray) -> np.ndarray:
        return check_finite(model.cdf(x[:, None]), name) - data.cdf(x)

    inner = data.panels(getattr(model, "breakpoints_", ()), stride=_STRIDE)
    middle = (inner[:-1] + inner[1:]) / 2
    scale = float(np.diff(inner) @ np.abs(difference(middle)))
    left, right = (
        _reach(difference, end, inner[-1] - inner[0], side, scale)
        for end, side in ((inner[0], -1), (inner[-1], 1))
    )
    return area_between(difference, np.concatenate([left[::-1], inner, right]), _RTOL)


def _reach(difference, end: float, width: float, side: int, scale: float) -> np.ndarray:
    """Return edges of panels beyond one end of the domain, outwards, until what is left is negligible."""
    edges = end + side * width * (2.0 ** np.arange(_DOUBLINGS + 2) - 1)
    rest = np.abs(difference(edges[:-1]))
    # Both functions are monotone: what a panel holds is at most its width times the difference before it.
    bound = rest * np.abs(np.diff(edges))
    small = np.flatnonzero(bound <= _NEGLIGIBLE * (scale + bound[0]))
    if not len(small):
        raise Skip("the tail of the model is too heavy: its Wasserstein distance is infinite, or nearly so")
    return edges[1 : small[0] + 1]


def _distance_of_draws(draws: np.ndarray, data) -> float:
    """Return int |F_m - F|. It is cut at the draws and on a grid, so that F_m is constant on each panel."""
    draws = np.sort(draws)
    low, high = (float(side[0]) for side in data.domain)
    grid = np.linspace(min(low, draws[0]), max(high, draws[-1]), 2049)
    edges = np.sort(np.concatenate([draws, grid]))
    middle = 0.5 * (edges[1:] + edges[:-1])
    empirical = np.searchsorted(draws, middle, side="right") / len(draws)
    return float(np.diff(edges) @ np.abs(empirical - data.cdf(middle)))
