"""How well a model knows the tails: the error of its log-density where the truth is rare."""

import numpy as np

from genrates.metrics.base import Evaluation, Metric, Skip


class TailLogError(Metric):
    r"""Mean absolute error of the log-density beyond two quantiles of the truth, in nats, one dimension.

    .. math:: E\big[\,|\log \hat p(x) - \log p(x)|\;\big|\; x < q_{\alpha} \text{ or } x > q_{1 - \alpha}\big]

    by quadrature over the truth's domain, cut at the quantiles. A density that decays too fast is off by
    many nats there, which no squared error of the density shows: all of its tail is small. Beyond the domain
    lies less than 1e-9 of the mass.

    A density of 0 where the truth has mass is an infinite error. It is not capped, since any cap would only
    measure itself, nor left out, since a model would gain by being blind: the metric is skipped and says how
    much of the tails the model does not see. A model on a compact set (k nearest neighbors) has to be given
    one that holds the truth's domain.

    Parameters
    ----------
    level : float in (0, 1/2), default=0.01
        alpha: the tails are what lies beyond the 1 % and the 99 % quantile.
    """

    unit = "nats"
    #: share of the truth's tails on which a density of 0 is taken for the quadrature's own rounding
    negligible = 1e-10

    def __init__(self, *, level: float = 0.01):
        if not 0 < level < 0.5:
            raise ValueError(f"TailLogError: level must lie between 0 and 1/2, got {level!r}.")
        self.level = float(level)

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(truth="pdf", model="likelihood")
        evaluation.require(truth="cdf")
        data, model = evaluation.data, evaluation.model
        low, high = data.ppf([self.level, 1 - self.level])
        cuts = np.concatenate([np.ravel(getattr(model, "breakpoints_", ())), [low, high]])
        nodes, weights = data.quadrature(cuts)
        tail = (nodes[:, 0] < low) | (nodes[:, 0] > high)
        log_p = data.logpdf(nodes[tail])
        mass = weights[tail] * np.exp(log_p)
        log_q, log_p, mass = model.score_samples(nodes[tail])[mass > 0], log_p[mass > 0], mass[mass > 0]
        mass /= mass.sum()
        blind = mass[np.isneginf(log_q)].sum()
        if blind > self.negligible:
            raise Skip(f"infinite: the model's density is 0 on a share {blind:.2g} of the truth's tails")
        seen = np.isfinite(log_q)
        return float(mass[seen] @ np.abs(log_q - log_p)[seen])
