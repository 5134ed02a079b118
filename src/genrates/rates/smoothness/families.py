"""Exponents of families of densities, from a normal to networks."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from genrates.rates.smoothness._orders import HALF, mise_rate
from genrates.rates.smoothness.truth import Exponents, Truth


def parametric(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of maximum likelihood in a family that contains the truth.

    Parameters
    ----------
    truth : Truth or None
        Does not matter.
    d : int
        Does not matter.
    parameters : mapping
        Do not matter.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    The parameters have errors of order n^(-1/2); divergences are quadratic in them.
    """
    roots = ("root_mise", "root_mise_core", "root_sup_cdf", "wasserstein_1")
    roots += ("hellinger", "total_variation", "pointwise")
    return dict.fromkeys(roots, HALF) | dict.fromkeys(("kl", "kl_core"), Fraction(1))


def empirical(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of the empirical distribution, which has no density.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        Do not matter.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    The distribution function is off by n^(-1/2), whatever the truth is. The Wasserstein distance on the line
    is of the order of the integral of the lesser of F(1 - F) and (F(1 - F) / n)^(1/2) (Bobkov and Ledoux
    2019): n^(-1/2) for an index v above 2, else n^(-(1 - 1/v)). It is infinite for v <= 1.
    """
    if truth is None or d > 1:
        return {}
    v = truth.index
    far = None if v <= 1 else HALF if v == math.inf else min(HALF, 1 - 1 / Fraction(v))
    if v == 2:
        far = {"rate": HALF, "formula": "log n n^(-1/2)"}
    return {"root_sup_cdf": HALF, "wasserstein_1": far}


def series(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of an orthogonal series on the data's range, with the best number of terms.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        `basis`, "cosine" by default.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    M terms a dimension leave a squared bias of M^(-2s) and a variance of M^d / n: n^(-s/(2s+d)) (Efromovich
    1999). The worst case over Sobolev smoothness 2 is n^(-2/5); a given density shows its own exponent.
    Cosines reflect the density at the ends of its support: t^a becomes |t|^a, which is smooth where a is
    even. There the next term of the density, t^(a+1), is the first that is not: an end with a slope that does
    not vanish has s = 3/2 and n^(-3/8). An analytic density takes a multiple of log n terms. The divergence
    is infinite on unbounded data: the density is 0 beyond the bounds.

    The spread at x is that of the root MISE where the density is positive, and in the tails of order
    n^(-1/2) over the range of the data: no more in total variation, but for logarithms, if the tails are
    light. It does not fall with the density there: of the Hellinger distance nothing is said.
    """
    if truth is None or (truth.ends and parameters.get("basis", "cosine") != "cosine"):
        return {}
    s = min((*(a + 1 if a % 2 == 0 else a for a in truth.ends), *truth.inside), default=math.inf) + HALF
    logs = "log n" if d == 1 else f"(log n)^{d}"
    analytic = {"rate": HALF, "formula": f"({logs} / n)^(1/2)"}
    mise = analytic if s == math.inf else mise_rate(s, d)
    return {
        "root_mise": mise,
        "root_sup_cdf": HALF,
        "wasserstein_1": HALF,
        "total_variation": mise if truth.index == math.inf else None,
        "pointwise": None if truth.inside else mise,
    }


def log_concave(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of maximum likelihood among log-concave densities, on a truth that is one.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        Do not matter.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    Knots are as far apart as a kernel's best bandwidth, n^(-1/5), and chosen by the data: the root MISE falls
    like n^(-2/5) (Kim and Samworth 2016). Near an end where the density falls like t^a they are nearer to
    each other: on each dyadic part of it n t^(a+1) points make an error of their own, and the sum converges.
    Where the truth's logarithm is one line, a tail with its jump, the rate is n^(-1/2) but for logarithms
    (Kim, Guntuboyina and Samworth 2018). The distribution function follows the empirical one. The
    divergence is infinite, since nothing lies beyond the data.
    """
    if truth is None or d > 1:
        return {}
    rate: Any = Fraction(2, 5)
    if truth.tail == "exponential" and truth.ends == (0,) and not truth.inside:
        rate = {"rate": HALF, "formula": "n^(-1/2) but for logarithms"}
    return {"root_mise": rate, "root_mise_core": rate, "root_sup_cdf": HALF, "wasserstein_1": HALF}


def wavelet(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of wavelets with thresholds.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        `vanishing_moments`, 6 by default.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    With K vanishing moments a smooth density has (log n / n)^(K/(2K+1)) (Donoho, Johnstone, Kerkyacharian and
    Picard 1996). A jump or a corner is met by a few wavelets of each width, which cost (log n)^2 / n of the
    squared error and no power of n. The distribution function follows the empirical one (Gine and Nickl
    2009).
    """
    if truth is None or d > 1:
        return {}
    k = parameters.get("vanishing_moments", 6)
    rate = Fraction(k, 2 * k + 1) if isinstance(k, int) else None
    mise = None if rate is None else {"rate": rate, "formula": f"(log n / n)^({rate})"}
    return {"root_mise": mise, "root_mise_core": mise, "root_sup_cdf": HALF}


def neural_cdf(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of a network that is fitted to the distribution function, on the line.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        Do not matter.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    (log log n / n)^((1 - 1/K)/2), an upper bound, where the distribution function has K bounded derivatives
    (Magdon-Ismail and Atiya 2002). With K = 1 the theorem promises nothing. In the distribution function's
    own error a network ties with the empirical one.
    """
    if truth is None or d > 1:
        return {}
    found: Exponents = {"root_sup_cdf": HALF, "wasserstein_1": HALF}
    rate = Fraction(1 - 1 / Fraction(truth.bounded_derivatives)) / 2 if truth.power < math.inf else HALF
    if rate > 0:
        found["root_mise"] = {"rate": rate, "formula": f"(log log n / n)^({rate})"}
    if truth.power == math.inf:
        found["kl"] = Fraction(1)
    return found


def manifold(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of a normal kernel's estimate among k coordinates of a surface near the data.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension of the space around the surface; does not matter.
    parameters : mapping
        `reducer`: "pca" finds planes only. `latent` of the model or of its reducer is k.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    The exponents of a kernel estimate in k dimensions, once the surface is found. Before, a network's own
    error rules.
    """
    reducer = parameters.get("reducer")
    k = parameters.get("latent") or (reducer.get("latent") if isinstance(reducer, Mapping) else None)
    if truth is None or truth.surface is None or k is None:
        return {}
    if k < truth.surface:
        return _plateaus(f"the surface has {truth.surface} dimensions")
    if truth.curved and reducer == "pca":
        return _plateaus("the surface is no plane")
    rest = "the tails" if reducer == "pca" else "the surface's own error"
    return {
        "root_mise": {"rate": Fraction(2, 4 + k), "formula": f"n^(-2/(4+k)), k = {k}"},
        "kl": {"rate": Fraction(4, 4 + k), "formula": f"n^(-4/(4+k)), k = {k}, but for {rest}"},
    }


def _plateaus(reason: str) -> Exponents:
    """Return an error of the density that stays."""
    return {key: {"rate": Fraction(0), "formula": f"plateau ({reason})"} for key in ("root_mise", "kl")}
