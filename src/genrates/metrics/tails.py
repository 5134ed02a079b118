"""Error of the log-density in the tails, where the truth is rare."""

import numpy as np

from genrates.errors import is_number, shown
from genrates.metrics.base import Evaluation, Metric, Skip, check_log_density

_SMALLEST_LEVEL = 1e-8  # a mass of 1e-9 lies beyond the domain of the quadrature


class TailLogError(Metric):
    r"""Mean absolute error of the log-density beyond two quantiles of the truth, in nats, one dimension.

    .. math:: E\big[\,|\log \hat p(x) - \log p(x)|\;\big|\; x < q_{\alpha} \text{ or } x > q_{1 - \alpha}\big]

    It is computed by quadrature over the domain of the true density, cut at the quantiles. Less than 1e-9
    of the mass lies beyond the domain. A density that decays too fast is wrong by many nats in the tails. No
    squared error of the density shows this, since the whole tail of a density is small.

    A density of 0 where the truth has mass is an infinite error. Capping it would only measure the cap, and
    leaving it out would reward a model for missing the tails. So the metric is skipped, and the reason says
    how much of the tails has density 0. A model on a compact set (k nearest neighbors) needs a set that
    holds the whole domain.

    Parameters
    ----------
    level : float in (0, 1/2), default=0.01
        alpha. The default takes the tails beyond the 1 % and the 99 % quantile.

    Raises
    ------
    ValueError
        For any other level.
    """

    unit = "nats"
    #: share of the true tails on which a density of 0 is put down to the quadrature's rounding
    negligible = 1e-10

    def __init__(self, *, level: float = 0.01):
        if not is_number(level) or not _SMALLEST_LEVEL <= level < 0.5:
            raise ValueError(
                f"TailLogError: level must lie between 0 and 1/2, at least {_SMALLEST_LEVEL:g}, "
                f"got {shown(level)}."
            )
        self.level = float(level)

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the mean absolute error in nats."""
        evaluation.require(truth="pdf", model="likelihood")
        evaluation.require(truth="cdf")
        data, model = evaluation.data, evaluation.model
        low, high = data.ppf([self.level, 1 - self.level])
        cuts = np.concatenate([np.ravel(getattr(model, "breakpoints_", ())), [low, high]])
        nodes, weights = data.quadrature(cuts)
        tail = (nodes[:, 0] < low) | (nodes[:, 0] > high)
        log_p = check_log_density(data.logpdf(nodes[tail]), "the truth")
        mass = weights[tail] * np.exp(log_p)
        log_q = evaluation.log_density(nodes[tail])
        log_q, log_p, mass = log_q[mass > 0], log_p[mass > 0], mass[mass > 0]
        mass /= mass.sum()
        empty = np.isneginf(log_q)
        missed = mass[empty].sum()
        if missed > self.negligible:
            raise Skip(f"infinite: the model's density is 0 on a share {missed:.2g} of the truth's tails")
        return float(mass[~empty] @ np.abs(log_q - log_p)[~empty])
