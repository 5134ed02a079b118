"""Errors against a known density, by quadrature: no noise of a held-out sample is added."""

import numpy as np

from genrates.estimators._numerics.spread import power_of_two
from genrates.metrics.base import Evaluation, Metric, Skip, check_finite, check_log_density


class RootMISE(Metric):
    """Root integrated squared error of the density, sqrt(int (p^ - p)^2).

    The root mean square over replicates is the root of the MISE. The integral covers the domain of the true
    density; outside it the true density is negligible. A model's mass beyond the domain is missed, but its
    squared density there is negligible too. Where the true density has an infinite peak whose square has no
    integral, the error is infinite for every model, and the metric is skipped.
    """

    aggregate = "root_mean_square"

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the root integrated squared error."""
        evaluation.require(truth="pdf", model="likelihood")
        if poles := getattr(evaluation.data, "square_poles", ()):
            raise Skip(f"infinite: the squared true density has no integral around {_listed(poles)}")
        _, weights = evaluation.quadrature
        difference = np.exp(evaluation.log_model) - np.exp(evaluation.log_truth)
        return root_integral(weights, difference)


def root_integral(weights: np.ndarray, difference: np.ndarray) -> float:
    """Return the root of the integral of a squared difference.

    It is computed in a unit in which no square under- or overflows.

    Parameters
    ----------
    weights : ndarray of shape (q,)
        Quadrature weights.
    difference : ndarray of shape (q,)
        The difference at the nodes.

    Returns
    -------
    float

    Examples
    --------
    >>> root_integral(np.array([0.5, 0.5]), np.array([3e-200, 3e-200]))
    3e-200
    """
    unit = float(power_of_two(difference[:, None])[0])
    return float(unit * np.sqrt(weights @ (difference / unit) ** 2))


def _listed(points: tuple[float, ...]) -> str:
    """Return points as a message shows them."""
    return ", ".join(f"{point:g}" for point in points)


class RootSupCDF(Metric):
    """Kolmogorov distance `sup |F^ - F|`, in one dimension.

    The root mean square over replicates is the root of `E sup |F^ - F|^2`.
    """

    aggregate = "root_mean_square"

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the largest difference of the distribution functions at the quadrature nodes."""
        evaluation.require(truth="cdf", model="cdf")
        nodes, _ = evaluation.quadrature
        name = type(evaluation.model).__name__
        found = check_finite(evaluation.model.cdf(nodes), f"the distribution function of {name}")
        return float(np.max(np.abs(found - evaluation.data.cdf(nodes[:, 0]))))


class KullbackLeibler(Metric):
    """Kullback-Leibler divergence int p (log p - log p^), in nats.

    This is the mean gap of held-out log-likelihood to the true density. The held-out sample is infinite:
    the mean is an integral. Where the truth has no variance, the divergence is infinite for every model whose
    tails fall like a normal's or end: the quadrature, which ends somewhere, cannot tell, and the metric is
    skipped.
    """

    unit = "nats"
    quadratic = True

    #: true mass on which the model's density may be 0 before the divergence counts as infinite; a smaller
    #: mass is within the quadrature's own error in the tails
    negligible_mass = 1e-12

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the divergence in nats."""
        evaluation.require(truth="pdf", model="likelihood")
        if (index := getattr(evaluation.data, "moments", np.inf)) <= 2:
            raise Skip(
                f"infinite for every model with light tails: the truth has no variance (tail index {index:g})"
            )
        _, weights = evaluation.quadrature
        log_p, log_q = evaluation.log_truth, evaluation.log_model
        return self.from_nodes(weights * np.exp(log_p), log_p, log_q, "where the truth has mass {:.2g}")

    @classmethod
    def from_nodes(cls, mass: np.ndarray, log_p: np.ndarray, log_q: np.ndarray, where: str) -> float:
        """Return the sum of mass (log p - log q) over nodes.

        Parameters
        ----------
        mass : ndarray of shape (q,)
            True probability of each node.
        log_p : ndarray of shape (q,)
            True log-density, in nats.
        log_q : ndarray of shape (q,)
            Log-density of the model, in nats.
        where : str
            End of the message of `Skip`. Its field `{}` takes the true mass on which the model's density
            is 0.

        Returns
        -------
        float
            The sum in nats.

        Raises
        ------
        Skip
            If the model's density is 0 on more than a negligible mass.
        ValueError
            If a log-density is NaN or +inf.
        """
        check_log_density(log_p, "the truth")
        check_log_density(log_q, "the model")
        empty = np.isneginf(log_q)
        missed = mass[empty].sum()
        if missed > cls.negligible_mass:
            raise Skip(f"infinite: the model's density is 0 {where.format(missed)}")
        used = (mass > 0) & ~empty
        return float(mass[used] @ (log_p[used] - log_q[used]))
