"""The exponents of a kind of estimator on a truth of which only a few properties are known.

A truth is described by how it ends, where it is not smooth, and how its tails fall (:class:`Truth`). Each
function below derives the exponents of one kind of estimator from that, metric by metric. docs/theory.md
derives the same in words and compares with measurements.

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

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from genrates.rates import overlap
from genrates.rates.theory import parse_exponent

#: a number, or infinity
Power = Fraction | float
#: exponents of one kind of estimator by metric, as :func:`genrates.rates.theory_of` reads them
Exponents = dict[str, Any]

#: tails that fall faster than any power, and none at all
TAILS = ("bounded", "normal", "exponential")
#: orders of kernels; those not named are symmetric densities, of order 2
KERNEL_ORDERS: dict[str, Power] = {"gaussian4": Fraction(4), "sinc": math.inf}
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Truth:
    """What decides how fast a density can be learned.

    Attributes
    ----------
    tail : str or Fraction
        "bounded" (its support is), "normal", "exponential", or the index v of a density that falls
        like `|x|^(-v-1)`.
    ends : tuple of Fraction
        Powers a with which the density falls to 0 at the ends of its support, like t^a at the distance t: 0
        is a jump, 1 a kink.
    inside : tuple of Fraction
        Powers of its singularities elsewhere: 0 a jump, 1 a kink. In d dimensions these lie along surfaces of
        d - 1 dimensions. Without any, and without ends, the density is analytic.
    surface : int or None
        Dimension of the surface that the data lie near; None if they do not.
    curved : bool
        Whether that surface is no plane.

    Examples
    --------
    >>> truth = Truth.of({"tail": "bounded", "ends": ["3 - 1/2"]})
    >>> truth.smoothness, truth.bounded_derivatives
    (Fraction(3, 1), 3)
    """

    tail: str | Fraction
    ends: tuple[Fraction, ...] = field(default=())
    inside: tuple[Fraction, ...] = field(default=())
    surface: int | None = None
    curved: bool = False

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> "Truth":
        """Return the truth that a config describes.

        Parameters
        ----------
        properties : mapping
            `tail`, and where they apply `ends`, `inside` and `surface`, a mapping of `dimension` and
            `curvature`. Numbers may be text such as "1/2" or "5 - 1".

        Returns
        -------
        Truth
            The same, with numbers for text.

        Raises
        ------
        ValueError
            For text that is no number, a negative power, or a tail without an integral.
        """
        tail = properties["tail"]
        tail = tail if tail in TAILS else parse_exponent(tail)
        ends, inside = (tuple(map(parse_exponent, properties.get(key) or ())) for key in ("ends", "inside"))
        if isinstance(tail, Fraction) and tail <= 0:
            raise ValueError(f"tail: an index must be positive, got {tail}.")
        if min((*ends, *inside), default=0) < 0:
            raise ValueError("ends, inside: a power must be 0 or more.")
        surface = properties.get("surface") or {}
        curved = bool(parse_exponent(surface.get("curvature", 0)))
        return cls(tail, ends, inside, surface.get("dimension"), curved)

    @property
    def power(self) -> Power:
        """The least power of its singularities; infinite for an analytic density.

        Returns
        -------
        Power
        """
        return min((*self.ends, *self.inside), default=math.inf)

    @property
    def smoothness(self) -> Power:
        """Sobolev smoothness on the whole space: every derivative below it is in L2.

        The Fourier transform of t^a on t > 0 falls like w^(-a-1): a derivative of order s is in L2 for
        s < a + 1/2, and at s = a + 1/2 all but for a logarithm.

        Returns
        -------
        Power
        """
        return self.power + _HALF

    @property
    def bounded_derivatives(self) -> Power:
        """How many derivatives of the distribution function are bounded.

        Next to a singularity it is a smooth function and a term t^(a+1).

        Returns
        -------
        Power
        """
        return math.inf if self.power == math.inf else math.floor(self.power) + 1

    @property
    def index(self) -> Power:
        """Index of its tails: n points reach as far as n^(1/index); infinite for light tails.

        Returns
        -------
        Power
        """
        return self.tail if isinstance(self.tail, Fraction) else math.inf


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
    >>> exponents("kernel", Truth("bounded", ends=(Fraction(1),)), 1, {})["root_mise"]
    '(3/2)/(3+d)'
    >>> exponents("kernel", None, 1, {})
    {}
    """
    found = KINDS[kind](truth, d, parameters)
    return {metric: entry for metric, entry in found.items() if entry is not None}


# -- kinds of estimators ----------------------------------------------------------------------------


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
    return dict.fromkeys(roots, _HALF) | dict.fromkeys(("kl", "kl_core"), Fraction(1))


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
    far = None if v <= 1 else _HALF if v == math.inf else min(_HALF, 1 - 1 / Fraction(v))
    if v == 2:
        far = {"rate": _HALF, "formula": "log n n^(-1/2)"}
    return {"root_sup_cdf": _HALF, "wasserstein_1": far}


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
    smoothness = min(powers, default=math.inf) + _HALF
    m = min(Fraction(1), smoothness)
    mise = _with_log(m, d) if smoothness == 1 else _over(m, m)
    is_steep = any(0 < a < 1 for a in truth.ends)
    ends = [_bandwidth(m, d) for a in truth.ends if a == 1]
    return {
        "root_mise": mise,
        "root_mise_core": mise,
        "root_sup_cdf": _HALF,
        "wasserstein_1": _HALF,
        "hellinger": None if is_steep else overlap.hellinger(_rate(m, d), ends, truth.tail, d),
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
    h, rate = _bandwidth(m, d), _rate(m, d)
    mise: Any = _over(m, m)
    if truth.smoothness == order < math.inf:
        mise = _with_log(m, d)
    cdf = _HALF if m == math.inf else min(_HALF, min(order, truth.power + 1) * h)
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
    h = _bandwidth(m, d)
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
    h, rate = _bandwidth(m, d), _rate(m, d)
    reach = [2 * h / (2 + a) for a in truth.ends]  # t0 = n^(-reach)
    moved = [(a + 1) * t for a, t in zip(truth.ends, reach, strict=True)]
    edges = [(a + _HALF) * t for a, t in zip(truth.ends, reach, strict=True)]
    bias = [(a + 1) * h for a in truth.inside]
    v = truth.index
    far = 2 * h if v == math.inf else 2 * v / (v - 1) * h if v > 1 else Fraction(0)
    found = {
        "root_mise": _adaptive_mise(truth, m, min(edges, default=rate), rate),
        "root_mise_core": _over(m, m),
        "kl_core": 2 * rate,
    }
    if not truth.inside:
        found["pointwise"] = _over(m, m)
    distance = [2 * h] if truth.ends else []
    found["root_sup_cdf"] = _with_tail(truth, m, d, far, _HALF, *bias, *moved)
    found["wasserstein_1"] = _with_tail(truth, m, d, 2 * h, _HALF, *bias, *distance)
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
    return _over(m, m)


def _with_tail(truth: Truth, m: Fraction, d: int, cost: Fraction, *others: Fraction) -> Any:
    """Return the least exponent; but for logarithms where that is the tail's, and of order h^2."""
    if truth.tail == "bounded":
        return min(others)
    least = min(cost, *others)
    is_square = least == cost == 2 * _bandwidth(m, d)
    text = f"n^(-2/({2 * m}+d)) but for logarithms"
    return {"rate": least, "formula": text} if is_square else least


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
    cdf = min(_HALF, excess, 2 * excess / d)
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
        found |= {"root_mise": min(middle, *near, _HALF), "root_sup_cdf": excess, "kl": excess}
        found["wasserstein_1"] = min(2 * excess, *moved, _HALF)
        return found
    inverse = 0 if truth.index == math.inf else 1 / Fraction(truth.index)
    tail = excess * (1 + inverse / 2)
    found |= {"root_sup_cdf": excess, "wasserstein_1": excess * (1 - inverse) if inverse < 1 else None}
    found |= {"root_mise": min(middle, tail, *near), "kl": excess}
    if inverse == 0:
        text = f"n^({-excess}) but for logarithms"
        found |= {key: {"rate": excess, "formula": text} for key, rate in found.items() if rate == excess}
    return found


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
    s = min((*(a + 1 if a % 2 == 0 else a for a in truth.ends), *truth.inside), default=math.inf) + _HALF
    logs = "log n" if d == 1 else f"(log n)^{d}"
    analytic = {"rate": _HALF, "formula": f"({logs} / n)^(1/2)"}
    mise = analytic if s == math.inf else _rate(s, d)
    return {
        "root_mise": mise,
        "root_sup_cdf": _HALF,
        "wasserstein_1": _HALF,
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
        rate = {"rate": _HALF, "formula": "n^(-1/2) but for logarithms"}
    return {"root_mise": rate, "root_mise_core": rate, "root_sup_cdf": _HALF, "wasserstein_1": _HALF}


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
    found: Exponents = {"root_sup_cdf": _HALF, "wasserstein_1": _HALF}
    rate = Fraction(1 - 1 / Fraction(truth.bounded_derivatives)) / 2 if truth.power < math.inf else _HALF
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
    "neural_cdf": neural_cdf,
    "manifold": manifold,
}


def _bandwidth(m: Power, d: int) -> Power:
    """Return x in h ~ n^(-x); 0 where h falls more slowly than any power."""
    return 0 if m == math.inf else Fraction(1) / (2 * m + d)


def _rate(m: Power, d: int) -> Fraction:
    """Return m / (2m + d)."""
    return _HALF if m == math.inf else Fraction(m) / (2 * m + d)


def _with_log(m: Fraction, d: int) -> Exponents:
    """Return the root MISE where bias^2 ~ h^(2m) log(1/h)."""
    rate, log = _rate(m, d), Fraction(d) / (2 * (2 * m + d))
    return {"rate": rate, "formula": f"(log n)^({log}) n^({-rate})"}


def _over(numerator: Power, m: Power) -> str:
    """Return numerator / (2m + d) as text in d."""
    if m == math.inf:
        return "1/2"
    top = f"({numerator})" if Fraction(numerator).denominator > 1 else numerator
    return f"{top}/({2 * m}+d)"


def _plateaus(reason: str) -> Exponents:
    """Return an error of the density that stays."""
    return {key: {"rate": Fraction(0), "formula": f"plateau ({reason})"} for key in ("root_mise", "kl")}
