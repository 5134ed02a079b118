"""Errors against a known truth, by quadrature: no held-out sample adds its own noise."""

import numpy as np

from genrates.metrics.base import Evaluation, Metric, Skip


class RootMISE(Metric):
    """Root integrated squared error of the density, sqrt(int (p^ - p)^2); its root mean square is root-MISE.

    Outside the truth's domain the truth is negligible; a model's own mass there is missed by the
    quadrature only in the tails beyond the domain, where its squared density is negligible too.
    """

    aggregate = "root_mean_square"

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(truth="pdf", model="likelihood")
        _, weights = evaluation.quadrature
        difference = np.exp(evaluation.log_model) - np.exp(evaluation.log_truth)
        return float(np.sqrt(weights @ difference**2))


class RootSupCDF(Metric):
    """Kolmogorov distance sup |F^ - F|; its root mean square is the root of E sup |F^ - F|^2."""

    aggregate = "root_mean_square"

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(truth="cdf", model="cdf")
        nodes, _ = evaluation.quadrature
        return float(np.max(np.abs(evaluation.model.cdf(nodes) - evaluation.data.cdf(nodes[:, 0]))))


class KullbackLeibler(Metric):
    """Mean held-out log-likelihood gap to the truth, int p (log p - log p^), in nats.

    The held-out sample is infinitely large: the mean is an integral over the truth.
    """

    unit = "nats"
    quadratic = True

    #: mass of the truth on which a model's density may be zero before its divergence is called infinite;
    #: below it the quadrature's own tail error is as large
    negligible_mass = 1e-12

    def __call__(self, evaluation: Evaluation) -> float:
        evaluation.require(truth="pdf", model="likelihood")
        _, weights = evaluation.quadrature
        log_p, log_q = evaluation.log_truth, evaluation.log_model
        return self.of(weights * np.exp(log_p), log_p, log_q, "where the truth has mass {:.2g}")

    @classmethod
    def of(cls, mass: np.ndarray, log_p: np.ndarray, log_q: np.ndarray, blind_to: str) -> float:
        """Sum of mass (log p - log q) over nodes; skipped, with `blind_to` of that mass, where q is 0."""
        blind = mass[np.isneginf(log_q)].sum()
        if blind > cls.negligible_mass:
            raise Skip(f"infinite: the model's density is 0 {blind_to.format(blind)}")
        seen = (mass > 0) & np.isfinite(log_q)
        return float(mass[seen] @ (log_p[seen] - log_q[seen]))
