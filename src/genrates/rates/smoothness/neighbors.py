"""Exponents of estimates whose bandwidths are distances to k-th neighbors."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from genrates.rates.smoothness._orders import HALF
from genrates.rates.smoothness.truth import Exponents, Truth


def neighbors(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of k nearest neighbors, normalized on a region that holds all data.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        `n_neighbors`: "global_rate" is k ~ n^(2/3) on the line; all other rules aim at k ~ n^(4/(4+d)).

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    At a point, or on a compact set where the density is positive and smooth: variance 1/k, bias (k/n)^(2/d),
    so that k ~ n^(4/(4+d)) gives n^(-2/(4+d)) (Mack and Rosenblatt 1979). Over the whole space the estimate
    is off by all of its mass where fewer than k points lie. This excess is k/n, times the logarithm of how
    far the region reaches, and the normalization takes it from the middle. With k ~ n^(2/3) it balances the
    variance on the line: n^(-1/3). Next to an end where the density falls like t^a, k points lie within r0 =
    (k/n)^(1/(a+d)), and within r0 on either side the estimate is off by the size of the density there, r0^a:
    squared error r0^(2a+1), which falls more slowly than the excess for every a. A jump inside is as one at
    an end, a = 0. The divergence is infinite on unbounded data: the density is 0 beyond the region.

    The excess mass lies as far out as the region reaches, n^(1/v) on tails of index v, and the Wasserstein
    distance is mass times distance: with v = 5 it stays, at k ~ n^(4/5), or falls like n^(-2/15).

    At a point the normalization takes the excess too, unless a singularity inside is there. The excess is
    total variation, and the squared Hellinger distance, as it stands. Its logarithm is so large at every n
    that is run (exponents .09 and 0 on the normal up to n = 10 000, in the place of 1/5 and 1/10) that
    nothing is said of them, nor of a point on tails heavier than normal.
    """
    if truth is None:
        return {}
    is_global = parameters.get("n_neighbors") == "global_rate" and d == 1
    growth = Fraction(2, 3) if is_global else Fraction(4, 4 + d)  # k ~ n^growth
    excess = 1 - growth
    middle = min(growth / 2, 2 * excess / d)
    cdf = min(HALF, excess, 2 * excess / d)
    found: Exponents = {
        "root_mise": min(middle, excess) if is_global else "min(d, 2)/(4+d)",
        "root_mise_core": middle if is_global else "2/(4+d)",
        "kl_core": 2 * middle,
        "root_sup_cdf": cdf,
        "wasserstein_1": _neighbors_wasserstein(truth, excess, cdf),
    }
    if not truth.inside and truth.tail in ("bounded", "normal"):
        found["pointwise"] = min(middle, excess)
    powers = (*truth.ends, *(a for a in truth.inside if a == 0))
    if powers:
        least = min(powers)
        end = excess * (2 * least + 1) / (2 * (least + d))
        found["root_mise"] = min(middle, excess, end)
    if truth.power == 0:  # the middle of the truth does not reach to where the density falls to 0
        jump = excess / (2 * d)
        found |= {"root_mise_core": min(middle, jump), "kl_core": min(2 * middle, 2 * jump)}
    return found


def _neighbors_wasserstein(truth: Truth, excess: Fraction, cdf: Fraction) -> Any:
    """Return the exponent of the Wasserstein distance, a mass of n^-excess times how far out it lies."""
    if truth.tail == "bounded":
        return cdf
    if truth.index == math.inf:
        return {"rate": cdf, "formula": f"n^(-{cdf}) but for logarithms"}
    rate = max(min(cdf, excess - 1 / truth.index), Fraction(0))
    text = f"n^(-{rate})" if rate else "does not fall"
    return {"rate": rate, "formula": f"{text} (the mass beyond the data moves out with them)"}


def sample_point(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of the kernel estimate whose bandwidths are distances to k-th neighbors.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        `n_neighbors`, as for k nearest neighbors.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    In the middle and next to ends it is as k nearest neighbors are. Where fewer than k points lie, a mass of
    c = k/n, the kernels are as wide as the tail is deep: that mass is spread too far. With tails of index v
    it lies beyond c^(-1/v), an error of c^(1 + 1/(2v)) of the density, c of the distribution function (also
    where it spills over an end), c^(1 - 1/v) of the Wasserstein distance. Nothing is normalized, so the
    middle knows nothing of it. The mass loses a few nats: a divergence of order c. Between middle and tail
    the bias c^2 (1/f)'' / 2 adds logarithms in light tails (tests/rates/test_sample_point_bias.py).
    """
    if truth is None or d > 1:
        return {key: value for key, value in neighbors(truth, d, parameters).items() if key.endswith("core")}
    excess = Fraction(1, 3) if parameters.get("n_neighbors") == "global_rate" else Fraction(1, 5)
    middle = min((1 - excess) / 2, 2 * excess)
    ends = (*truth.ends, *(a for a in truth.inside if a == 0))
    near = [excess * (2 * a + 1) / (2 * (a + 1)) for a in ends]
    found = neighbors(truth, d, parameters)
    found = {key: found[key] for key in ("root_mise_core", "kl_core")}
    if truth.tail == "bounded":
        moved = [excess * (1 + 1 / (a + 1)) for a in truth.ends]
        found |= {"root_mise": min(middle, *near, HALF), "root_sup_cdf": excess, "kl": excess}
        found["wasserstein_1"] = min(2 * excess, *moved, HALF)
        return found
    inverse = 0 if truth.index == math.inf else 1 / Fraction(truth.index)
    tail = excess * (1 + inverse / 2)
    found |= {"root_sup_cdf": excess, "wasserstein_1": excess * (1 - inverse) if inverse < 1 else None}
    found |= {"root_mise": min(middle, tail, *near), "kl": excess}
    if inverse == 0:
        text = f"n^({-excess}) but for logarithms"
        found |= {key: {"rate": excess, "formula": text} for key, rate in found.items() if rate == excess}
    return found
