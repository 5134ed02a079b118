"""Errors on the core of the true distribution, unaffected by the tails."""

import numpy as np

from genrates.errors import is_number, shown
from genrates.metrics.base import Evaluation, Metric, Skip
from genrates.metrics.truth import KullbackLeibler, root_integral

_TIE = 1e-9  # log-densities closer than this are equal: a symmetric density is symmetric up to rounding


def middle(evaluation: Evaluation, mass: float) -> np.ndarray:
    """Return which quadrature nodes lie in the core of the true distribution.

    In one dimension the core lies between the quantiles (1 - mass)/2 and (1 + mass)/2. In more dimensions
    it is the densest set {p >= c}, with the largest c for which the set holds `mass`; for a uniform
    distribution this is the whole support. The core consists of whole nodes. It does not depend on the
    model's density.

    Parameters
    ----------
    evaluation : Evaluation
    mass : float in (0, 1)
        Probability of the core under the true distribution.

    Returns
    -------
    ndarray of bool, shape (q,)
    """
    nodes, weights = evaluation.quadrature
    if nodes.shape[1] == 1:
        evaluation.require(truth="cdf")
        return np.abs(evaluation.data.cdf(nodes[:, 0]) - 0.5) <= mass / 2
    log_p = evaluation.log_truth
    densest = np.argsort(-log_p)
    cumulative = np.cumsum((weights * np.exp(log_p))[densest])
    last = min(np.searchsorted(cumulative, mass * cumulative[-1]), len(cumulative) - 1)
    return log_p >= log_p[densest[last]] - _TIE


_SMALLEST_MASS = 1e-3  # fewer nodes than one lie in a smaller core


class _CoreMetric(Metric):
    """A comparison of the model with the truth, both conditioned on the core of the true distribution."""

    def __init__(self, mass: float = 0.9):
        if not is_number(mass) or not _SMALLEST_MASS <= mass < 1:
            raise ValueError(
                f"{type(self).__name__}: mass must lie between 0 and 1, at least {_SMALLEST_MASS:g}, "
                f"got {shown(mass)}."
            )
        self.mass = mass

    def _on_core(self, evaluation: Evaluation) -> tuple[np.ndarray, ...]:
        """Return weights, true and model log-densities at the core's nodes, and both masses of the core."""
        evaluation.require(truth="pdf", model="likelihood")
        inside = middle(evaluation, self.mass)
        weights = evaluation.quadrature[1][inside]
        log_p, log_q = evaluation.log_truth[inside], evaluation.log_model[inside]
        model_mass = float(weights @ np.exp(log_q))
        if model_mass <= 0:
            raise Skip("the model has no mass in the middle of the truth")
        return weights, log_p, log_q, float(weights @ np.exp(log_p)), model_mass


class RootMISECore(_CoreMetric):
    r"""Root integrated squared error of the density, conditioned on the core of the true distribution.

    .. math:: \Big(\int_A \Big(\frac{\hat p}{\hat P(A)} - \frac{p}{P(A)}\Big)^2\Big)^{1/2}

    In one dimension the core A holds the central `mass` of the true distribution. It is a compact set on
    which most densities are positive. There nearest neighbors reach their n^(-2/5), which they do not on
    the whole line. In more dimensions A is the smallest set of that mass, {p >= c}; for a normal
    distribution it is a ball. Both densities are divided by their mass on A, so too much or too little mass
    of the model in the tails does not count. Costs O(q log q) for q quadrature nodes, for any n and d.

    Parameters
    ----------
    mass : float in (0, 1), default=0.9
        Probability of the core under the true distribution.

    Raises
    ------
    ValueError
        For any other mass.
    """

    aggregate = "root_mean_square"

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the root integrated squared error on the core."""
        poles = np.array(getattr(evaluation.data, "square_poles", ()))
        if poles.size and np.any(np.abs(evaluation.data.cdf(poles) - 0.5) <= self.mass / 2):
            raise Skip("infinite: the squared true density has no integral around a peak in the core")
        weights, log_p, log_q, true_mass, model_mass = self._on_core(evaluation)
        difference = np.exp(log_q) / model_mass - np.exp(log_p) / true_mass
        return root_integral(weights, difference)


class KullbackLeiblerCore(_CoreMetric):
    r"""Kullback-Leibler divergence in nats, conditioned on the core of the true distribution.

    .. math:: \int_A \frac{p}{P(A)} \log \frac{p / P(A)}{\hat p / \hat P(A)} \ge 0

    The core A is that of :class:`RootMISECore`. Over the whole space, rare points far from all training
    points can dominate the divergence; here they do not count. The metric is skipped if the model's density
    is 0 on a part of A.

    Parameters
    ----------
    mass : float in (0, 1), default=0.9
        Probability of the core under the true distribution.

    Raises
    ------
    ValueError
        For any other mass.
    """

    unit = "nats"
    quadratic = True

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the divergence on the core, in nats."""
        weights, log_p, log_q, true_mass, model_mass = self._on_core(evaluation)
        probability = weights * np.exp(log_p) / true_mass
        gap = KullbackLeibler.from_nodes(probability, log_p, log_q, "on {:.2g} of the middle of the truth")
        return float(gap + np.log(model_mass / true_mass))
