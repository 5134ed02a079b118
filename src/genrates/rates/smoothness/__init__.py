"""The exponents of a kind of estimator on a truth of which only a few properties are known.

A truth is described by how it ends, where it is not smooth, and how its tails fall (:class:`Truth`). Each
function of this package derives the exponents of one kind of estimator from that, metric by metric.
docs/theory.md derives the same in words and compares with measurements.

Notation: r is the order of a kernel, a the power with which the truth is singular, s = a + 1/2 its Sobolev
smoothness, m = min(s, r), h the bandwidth that is best for the root MISE, d the dimension. The squared bias
is of order h^(2m) and the variance of order 1 / (n h^d), so that h ~ n^(-1/(2m+d)) and the root MISE falls
like n^(-m/(2m+d)).

References
----------
Abramson (1982), Ann. Statist. 10, 1217. Bobkov and Ledoux (2019), Mem. Amer. Math. Soc. 261. Chen, Learning
Theory, lecture 8. Davis (1977), Ann. Statist. 5, 530. Efromovich (1999), Nonparametric Curve Estimation.
Kim and Samworth (2016), Ann. Statist. 44, 2756. Kim, Guntuboyina and Samworth (2018), Ann. Statist. 46,
2279. Hall (1987), Ann. Statist. 15, 1491. Mack and Rosenblatt (1979), J. Multivariate Anal. 9, 1. Magdon-
Ismail and Atiya (2002), IEEE Trans. Neural Networks 13, 497. Scott (1979), Biometrika 66, 605.
"""

from collections.abc import Callable, Mapping
from typing import Any

from genrates.rates.smoothness.families import (
    empirical,
    log_concave,
    manifold,
    neural_cdf,
    parametric,
    series,
    wavelet,
)
from genrates.rates.smoothness.kernels import adaptive_kernel, histogram, kernel
from genrates.rates.smoothness.neighbors import neighbors, sample_point
from genrates.rates.smoothness.truth import TAILS as TAILS
from genrates.rates.smoothness.truth import Exponents, Truth
from genrates.rates.smoothness.truth import Power as Power

#: kinds of estimators whose exponents are known: what a model's `metadata.kind` may say
KINDS: dict[str, Callable[[Truth | None, int, Mapping[str, Any]], Exponents]] = {
    "parametric": parametric,
    "empirical": empirical,
    "histogram": histogram,
    "kernel": kernel,
    "adaptive_kernel": adaptive_kernel,
    "neighbors": neighbors,
    "sample_point": sample_point,
    "series": series,
    "log_concave": log_concave,
    "wavelet": wavelet,
    "neural_cdf": neural_cdf,
    "manifold": manifold,
}


def exponents(kind: str, truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of a kind of estimator on a truth.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    truth : Truth or None
        What is known of the density; None: nothing.
    d : int
        Dimension of the data.
    parameters : mapping
        The estimator's constructor parameters, and properties beside them.

    Returns
    -------
    dict
        An exponent, or {"rate": exponent, "formula": text}, by metric. A metric without an entry has no known
        exponent.

    Examples
    --------
    >>> from fractions import Fraction
    >>> exponents("kernel", Truth("bounded", ends=(Fraction(1),)), 1, {})["root_mise"]
    '(3/2)/(3+d)'
    >>> exponents("kernel", None, 1, {})
    {}
    """
    found = KINDS[kind](truth, d, parameters)
    return {metric: entry for metric, entry in found.items() if entry is not None}
