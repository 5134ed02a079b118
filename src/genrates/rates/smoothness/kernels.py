"""Exponents of histograms and of kernel estimates."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from genrates.rates import overlap
from genrates.rates.smoothness._orders import HALF, bandwidth_exponent, mise_rate, over, rate_with_log
from genrates.rates.smoothness.truth import Exponents, Power, Truth

#: orders of kernels; those not named are symmetric densities, of order 2
KERNEL_ORDERS: dict[str, Power] = {"gaussian4": Fraction(4), "sinc": math.inf}


def histogram(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of a histogram whose bins have the best width.

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
    Within a bin the slope is lost: order 1 (Scott 1979). The bins cut up the data's range, so that they begin
    where the support does: t^a with a whole number a is smooth up to there. The divergence is infinite, since
    bins are empty and nothing lies beyond the data.

    Where the density is singular like t^(1/2), the square of its slope is 1/t, whose integral from the first
    bin on is a logarithm: bias^2 ~ b^2 log(1/b), and the root MISE (log n)^(d/(2(2+d))) n^(-1/(2+d)).

    *Hellinger.* At an end where the density falls like t^a, the squared bias over the density is integrable
    for a > 1, and a = 1 costs a logarithm. Below, the first bin costs b^(a+1), but with a factor so small
    (2 % of its mass for a = 1/2) that it shows at no n that is run: nothing is said.

    *At a point* where the density is smooth and positive, the spread 1 / (n b) is that of the root MISE, and
    the bias, of order b, is no larger. A singularity inside may be at that point: nothing is said then.
    """
    if truth is None:
        return {}
    powers = (*truth.inside, *(a for a in truth.ends if a.denominator > 1))
    smoothness = min(powers, default=math.inf) + HALF
    m = min(Fraction(1), smoothness)
    mise = rate_with_log(m, d) if smoothness == 1 else over(m, m)
    is_steep = any(0 < a < 1 for a in truth.ends)
    ends = [bandwidth_exponent(m, d) for a in truth.ends if a == 1]
    return {
        "root_mise": mise,
        "root_mise_core": mise,
        "root_sup_cdf": HALF,
        "wasserstein_1": HALF,
        "hellinger": None if is_steep else overlap.hellinger(mise_rate(m, d), ends, truth.tail, d),
        "total_variation": overlap.total_variation(mise, truth.index, d),
        "pointwise": None if truth.inside else mise,
    }


def kernel(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of a kernel estimate with the bandwidth that is best for the root MISE.

    Parameters
    ----------
    truth : Truth or None
        The density.
    d : int
        Dimension.
    parameters : mapping
        `kernel`, a name; its `order`, where `KERNEL_ORDERS` does not know the name; `bounds` of the support,
        where the estimate is corrected there.

    Returns
    -------
    dict
        By metric.

    Notes
    -----
    *Root MISE.* At s = r, bias^2 ~ h^(2r) log(1/h) instead of h^(2r).

    *Distribution function.* The bias is of order h^r inside and h^(a+1) at a singularity, at the bandwidth
    that suits the density. The spread is n^(-1/2).

    *Divergence*, of the normal kernel. In the middle the squared relative error, h^(2m). At an end a mass of
    order h^(a+1) spills over. Where no point is within h of x, the log-density is -D^2/2h^2, D the distance
    to the nearest point. The gaps between the outermost points are of order n^(1/v), or of order 1 in light
    tails, and cost (1/n) (n^(1/v) / h)^2 nats (Hall 1987): on normal tails, but for a logarithm, more than
    the middle in one dimension, and as much in two. Kernels of bounded support, and those of higher order,
    which are clipped at 0, leave places of density 0: the divergence is infinite. The middle nine tenths hold
    no gaps.

    *Hellinger and total variation* (`genrates.rates.overlap`). At an end the squared Hellinger distance is
    the mass that spills over, h^(a+1). The sinc kernel's spread does not fall with the density in the
    tails, and has no integral: nothing is said.

    *At a point* where the density is smooth and positive, the spread is that of the root MISE and the bias,
    h^r, no larger. A singularity inside may be at that point: nothing is said then.
    """
    if truth is None:
        return {}
    name = parameters.get("kernel") or "gaussian"
    order = parameters.get("order") or KERNEL_ORDERS.get(name, 2)
    order = order if order == math.inf else Fraction(order)
    if parameters.get("bounds") is not None and d == 1:
        # The correction continues the density beyond a jump with its value and slope.
        truth = Truth(truth.tail, tuple(a for a in truth.ends if a > 0), truth.inside)
    m = min(order, truth.smoothness)
    h, rate = bandwidth_exponent(m, d), mise_rate(m, d)
    mise: Any = over(m, m)
    if truth.smoothness == order < math.inf:
        mise = rate_with_log(m, d)
    cdf = HALF if m == math.inf else min(HALF, min(order, truth.power + 1) * h)
    found = {"root_mise": mise, "root_mise_core": mise, "root_sup_cdf": cdf, "wasserstein_1": cdf}
    if not truth.inside:
        found["pointwise"] = mise
    if order < math.inf:
        found["hellinger"] = overlap.hellinger(rate, [(a + 1) * h / 2 for a in truth.ends], truth.tail, d)
        found["total_variation"] = overlap.total_variation(mise, truth.index, d)
    if name == "gaussian" and order == 2:
        found |= {"kl": _kernel_divergence(truth, m, d), "kl_core": 2 * rate}
    return found


def _kernel_divergence(truth: Truth, m: Fraction, d: int) -> Any:
    """Return the exponent of the divergence of a normal kernel."""
    h = bandwidth_exponent(m, d)
    costs = [2 * m * h, *((a + 1) * h for a in truth.ends)]
    if truth.tail != "bounded":
        gaps = 0 if truth.index == math.inf else 1 / truth.index
        costs.append(1 - 2 * gaps - 2 * h)
    rate = min(costs)
    if rate <= 0:
        return None
    if truth.tail == "normal" and truth.power == math.inf:
        text = f"n^(-min({2 * m - 2}+d, {2 * m})/({2 * m}+d)) but for logarithms"
        return {"rate": rate, "formula": text}
    return rate


def adaptive_kernel(truth: Truth | None, d: int, parameters: Mapping[str, Any]) -> Exponents:
    """Return the exponents of Abramson's estimate, with a bandwidth selected as for a fixed normal kernel.

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
    The square-root law's n^(-4/9) needs four derivatives, a positive density and h ~ n^(-1/9). Selectors for
    fixed kernels give h ~ n^(-1/(2m+d)), m = min(s, 2): the standard deviation, n^(-m/(2m+d)), rules, and the
    gain is in the constant. So it is at a point where the density is smooth and positive.

    *Ends.* Kernels of width h t^(-a/2) reach the end from t0 = h^(2/(2+a)), where the density is t0^a:
    squared error t0^(2a+1), a mass of order t0^(a+1) that is moved by t0.

    *Tails.* Where f is below h^2 the kernels, of width h f^(-1/2), are wider than the tail is deep: a mass of
    that order is spread too far, by a distance of order 1 on normal tails, and costs nats of that order
    (tests/rates/test_adaptive_bias.py). With f like x^(-v-1) they are so beyond h^(-2/(v-1)), where a mass of
    h^(2v/(v-1)) is left; times that distance it is h^2 again. On normal tails the density is off by h^2 over
    that stretch, but for logarithms, as much as its standard deviation is: 2/5 for the root MISE but for
    logarithms, too (the bias alone has 0.29 to 0.35 over n = 10^2 to 10^7). Bandwidths that grow in the tails
    are there to fill gaps between points: on tails heavier than normal, theory does not say what divergence
    is left. What is spread too far is total variation as it stands.
    """
    if truth is None:
        return {}
    m = min(Fraction(2), truth.smoothness)
    h, rate = bandwidth_exponent(m, d), mise_rate(m, d)
    reach = [2 * h / (2 + a) for a in truth.ends]  # t0 = n^(-reach)
    moved = [(a + 1) * t for a, t in zip(truth.ends, reach, strict=True)]
    edges = [(a + HALF) * t for a, t in zip(truth.ends, reach, strict=True)]
    bias = [(a + 1) * h for a in truth.inside]
    v = truth.index
    far = 2 * h if v == math.inf else 2 * v / (v - 1) * h if v > 1 else Fraction(0)
    found = {
        "root_mise": _adaptive_mise(truth, m, min(edges, default=rate), rate),
        "root_mise_core": over(m, m),
        "kl_core": 2 * rate,
    }
    if not truth.inside:
        found["pointwise"] = over(m, m)
    distance = [2 * h] if truth.ends else []
    found["root_sup_cdf"] = _with_tail(truth, m, d, far, HALF, *bias, *moved)
    found["wasserstein_1"] = _with_tail(truth, m, d, 2 * h, HALF, *bias, *distance)
    if truth.tail in ("bounded", "normal"):
        found["total_variation"] = _with_tail(truth, m, d, far, rate, *moved)
        found["kl"] = _with_tail(truth, m, d, far, 2 * rate, *moved)
    return found


def _adaptive_mise(truth: Truth, m: Fraction, edge: Fraction, rate: Fraction) -> Any:
    """Return the exponent of an adaptive kernel's root MISE, with its logarithms on normal tails."""
    if edge < rate:
        return edge
    if truth.tail == "normal" and truth.power == math.inf:
        return {"rate": rate, "formula": f"n^(-{m}/({2 * m}+d)) but for logarithms"}
    return over(m, m)


def _with_tail(truth: Truth, m: Fraction, d: int, cost: Fraction, *others: Fraction) -> Any:
    """Return the least exponent; but for logarithms where that is the tail's, and of order h^2."""
    if truth.tail == "bounded":
        return min(others)
    least = min(cost, *others)
    is_square = least == cost == 2 * bandwidth_exponent(m, d)
    text = f"n^(-2/({2 * m}+d)) but for logarithms"
    return {"rate": least, "formula": text} if is_square else least
