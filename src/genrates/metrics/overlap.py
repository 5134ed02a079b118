"""Distances that say how much two densities overlap: at most 1, and finite for every model with a density."""

import numpy as np

from genrates.metrics.base import Evaluation, Metric

#: standard errors of the overlap: so much more must be lost than the nodes see for it to count as mass beyond
_SEEN = 2.0


class Hellinger(Metric):
    r"""Hellinger distance between the model's density and the true one, between 0 and 1.

    .. math:: H^2 = \frac12 \int (\sqrt{\hat p} - \sqrt p)^2 = 1 - \int \sqrt{\hat p\, p}

    The factor 1/2 makes 1 the distance of densities that do not overlap (Le Cam 1986; Tsybakov 2009, section
    2.4; some authors leave it out). The root mean square over replicates is the root of the mean of H^2. For
    small errors H^2 is the integral of (p^ - p)^2 / 8p: it weighs relative errors, as the Kullback-Leibler
    divergence does, of which it is a lower bound (H^2 <= KL). Where the model's density is 0, the divergence
    is infinite; to H^2 such a place adds half of its mass.

    The metric needs the values at the nodes that :class:`RootMISE` needs. In one dimension the quadrature has
    an error below 1 % of H. From three dimensions on the nodes are quasi-random: against the closed form for
    two normals in up to 10 dimensions H is off by less than 0.5 %. A rough density costs more: the two ways
    to compute H (see the notes) differ by 1 to 2 % for kernel estimates in 4 and 6 dimensions, and by 5 %
    for nearest neighbors. From two dimensions on, mass of the model beyond the domain of the truth is missed
    as long as it is not seen: up to 3 % of H.

    Notes
    -----
    The overlap is computed as the integral of sqrt(p) (sqrt(p) - sqrt(p^)), where errors of the quadrature
    cancel as the two densities approach each other. It holds for mass of the model anywhere, also beyond the
    domain of the truth. On jumps in the plane and on quasi-random nodes the integral of the squares is more
    precise, but misses mass beyond. From two dimensions on it is used unless 1 minus the overlap is larger by
    two of its standard errors.

    References
    ----------
    Le Cam (1986), Asymptotic Methods in Statistical Decision Theory. Tsybakov (2009), Introduction to
    Nonparametric Estimation.

    Examples
    --------
    >>> from genrates.data import MarronWand
    >>> from genrates.estimators import HistogramDensity
    >>> data = MarronWand(number=1)
    >>> train = data.sample(100, np.random.default_rng(0))
    >>> evaluation = Evaluation(HistogramDensity().fit(train), data, train)
    >>> print(f"{Hellinger()(evaluation):.3f}")
    0.161
    """

    aggregate = "root_mean_square"

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the Hellinger distance."""
        weights, p, q = _densities(evaluation)
        root_p, root_q = np.sqrt(p), np.sqrt(q)
        lost = weights * root_p * (root_p - root_q)  # 1 minus the overlap, node by node
        square = lost.sum()
        if evaluation.data.n_features > 1:
            of_squares = 0.5 * weights @ (root_p - root_q) ** 2
            if square - of_squares <= _SEEN * np.sqrt(np.sum(lost**2)):
                square = of_squares
        return float(np.sqrt(np.clip(square, 0.0, 1.0)))


class TotalVariation(Metric):
    r"""Total variation between the model's law and the true one: half of the L1 error of the density.

    .. math:: \mathrm{TV} = \frac12 \int |\hat p - p| = \int (p - \hat p)_+ = \sup_A |\hat P(A) - P(A)|

    It is the largest error of the probability of any event, and lies between 0 and 1. A change of variables
    does not change it, as it does not change the Hellinger distance (Devroye and Gyorfi 1985). The two are
    related by H^2 <= TV <= H sqrt(2 - H^2). Replicates are averaged.

    The integral of the positive part of p - p^ holds for mass of the model anywhere, also beyond the domain
    of the truth. It is taken over the nodes that :class:`RootMISE` needs. Its error is that of the
    quadrature: below 0.5 %, in one dimension and, against the closed form for two normals, in up to 10.

    References
    ----------
    Devroye and Gyorfi (1985), Nonparametric Density Estimation: The L1 View.

    Examples
    --------
    >>> from genrates.data import MarronWand
    >>> from genrates.estimators import HistogramDensity
    >>> data = MarronWand(number=1)
    >>> train = data.sample(100, np.random.default_rng(0))
    >>> evaluation = Evaluation(HistogramDensity().fit(train), data, train)
    >>> print(f"{TotalVariation()(evaluation):.3f}")
    0.134
    """

    def __call__(self, evaluation: Evaluation) -> float:
        """Return the total variation."""
        weights, p, q = _densities(evaluation)
        return float(min(weights @ np.maximum(p - q, 0.0), 1.0))


def _densities(evaluation: Evaluation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the quadrature's weights, and the true density and the model's at its nodes."""
    evaluation.require(truth="pdf", model="likelihood")
    return evaluation.quadrature[1], np.exp(evaluation.log_truth), np.exp(evaluation.log_model)
