"""Shapes of Berlinet and Devroye's 28 test densities: what is known of each in closed form."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import (
    betainc,
    betaincinv,
    erf,
    erfinv,
    gammaincc,
    gammainccinv,
    log_expit,
    logit,
    ndtr,
    ndtri,
    xlogy,
)

from genrates.rates.mixture import NormalMixture

_LOG_SQRT_2PI = 0.5 * float(np.log(2 * np.pi))
_CORNER = float(np.exp(-2))  # where the Matterhorn ends


@dataclass(frozen=True)
class Shape:
    """A density on the line, given by closed forms.

    Attributes
    ----------
    name : str
        Its name in the paper.
    logpdf, cdf, ppf : callable
        Functions of arrays. `logpdf` is called inside the support only, at no pole.
    support : tuple of float
        Both ends; infinite where there is none.
    breakpoints : tuple of float
        Points where the density or its first derivative jumps.
    pieces : tuple of pairs
        Intervals that need fine panels of their own.
    peaks : tuple of float
        Points where the density is infinite.
    cusps : tuple of float
        Points where the density is finite and its slope is not.
    square_poles : tuple of float
        Peaks around which the squared density has no integral.
    moments : float
        Moments of every order below this exist: the index of the tails.
    """

    name: str
    logpdf: Callable
    cdf: Callable
    ppf: Callable
    support: tuple[float, float] = (-np.inf, np.inf)
    breakpoints: tuple[float, ...] = ()
    pieces: tuple[tuple[float, float], ...] = ()
    peaks: tuple[float, ...] = ()
    square_poles: tuple[float, ...] = ()
    cusps: tuple[float, ...] = ()
    moments: float = np.inf


def symmetric(of_half: Callable) -> Callable:
    """Return the quantile function of a density that is symmetric about 0.

    Parameters
    ----------
    of_half : callable
        The quantile at levels 2 q in [0, 1] of the distance from 0, as a function of the upper tail.

    Returns
    -------
    callable

    Examples
    --------
    >>> symmetric(lambda tail: -np.log(tail))(np.array([0.25, 0.75])).tolist()
    [-0.6931471805599453, 0.6931471805599453]
    """
    return lambda q: np.where(q < 0.5, -1.0, 1.0) * of_half(np.minimum(1.0, 2 * np.minimum(q, 1 - q)))


def steps(name: str, edges: tuple, heights: tuple) -> Shape:
    """Return a density that is constant between edges.

    Parameters
    ----------
    name : str
    edges : tuple of float, length m + 1
    heights : tuple of float, length m
        Zero where there is no mass.

    Returns
    -------
    Shape
    """
    at, h = np.array(edges), np.array(heights)
    levels = np.concatenate([[0.0], np.cumsum(h * np.diff(at))])
    levels[-1] = 1.0
    kept = h > 0  # where the distribution function is flat, no quantile lies

    def logpdf(x):
        inside = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(h) - 1)
        return np.log(h[inside])

    def ppf(q):
        i = np.clip(np.searchsorted(levels[:-1][kept], q, side="right") - 1, 0, kept.sum() - 1)
        return at[:-1][kept][i] + (q - levels[:-1][kept][i]) / h[kept][i]

    pieces = tuple(pairwise(edges))
    ends = (edges[0], edges[-1])
    return Shape(name, logpdf, lambda x: np.interp(x, at, levels), ppf, ends, edges, pieces)


def normals(name: str, weights, means, sds) -> Shape:
    """Return a mixture of normals.

    Parameters
    ----------
    name : str
    weights, means, sds : sequence of float

    Returns
    -------
    Shape
    """
    mixture = NormalMixture.univariate((weights, means, sds))
    pieces = tuple((m - 7 * s, m + 7 * s) for m, s in zip(means, sds, strict=True))
    return Shape(name, mixture.logpdf, lambda x: np.minimum(mixture.cdf(x), 1.0), mixture.ppf, pieces=pieces)


def triangles(q: np.ndarray) -> np.ndarray:
    """Return quantiles of the triangle 1 - |x| on [-1, 1].

    Parameters
    ----------
    q : ndarray
        Levels.

    Returns
    -------
    ndarray
    """
    return np.where(q < 0.5, np.sqrt(2 * q) - 1, 1 - np.sqrt(2 * (1 - q)))


def triangle_mass(x: np.ndarray) -> np.ndarray:
    """Return the distribution function of the triangle 1 - |x| on [-1, 1].

    Parameters
    ----------
    x : ndarray

    Returns
    -------
    ndarray
    """
    x = np.clip(x, -1, 1)
    return np.where(x < 0, 0.5 * (1 + x) ** 2, 1 - 0.5 * (1 - x) ** 2)


def sawtooth() -> Shape:
    """Return ten equal triangles side by side, on [-10, 10].

    Returns
    -------
    Shape
    """

    def tooth(x):
        return np.clip(np.floor((np.clip(x, -10, 10) + 10) / 2), 0, 9)

    def logpdf(x):
        return np.log(0.1) + np.log1p(-np.abs(x + 9 - 2 * tooth(x)))

    def cdf(x):
        return (tooth(x) + triangle_mass(np.clip(x, -10, 10) + 9 - 2 * tooth(x))) / 10

    def ppf(q):
        t = np.minimum(np.floor(10 * q), 9)
        return triangles(np.clip(10 * q - t, 0, 1)) + 2 * t - 9

    kinks = tuple(float(x) for x in range(-10, 11))
    return Shape("sawtooth", logpdf, cdf, ppf, (-10, 10), kinks, ((-10, 10),))


def caliper() -> Shape:
    """Return two arms of height 2 (1 - (|x| - 0.1)^(1/3)), from 0.1 to 1.1 on either side.

    The cube root of the distance from 0.1 has the law Beta(3, 2).

    Returns
    -------
    Shape
    """

    def distance(x):
        return np.cbrt(np.clip(np.abs(x) - 0.1, 0, 1))

    def logpdf(x):
        with np.errstate(divide="ignore"):
            return np.where(np.abs(x) > 0.1, np.log(2 * (1 - distance(x))), -np.inf)

    def cdf(x):
        return np.where(x < 0, betainc(2, 3, 1 - distance(x)), 1 + betainc(3, 2, distance(x))) / 2

    ppf = symmetric(lambda tail: 0.1 + (1 - betaincinv(2, 3, tail)) ** 3)
    at, pieces = (-1.1, -0.1, 0.1, 1.1), ((-1.1, -0.1), (0.1, 1.1))
    return Shape("caliper", logpdf, cdf, ppf, (-1.1, 1.1), at, pieces, cusps=(-0.1, 0.1))


def log_mass(x: np.ndarray) -> np.ndarray:
    """Return the mass of the density -log x below x, x - x log x.

    Parameters
    ----------
    x : ndarray
        Points in [0, 1].

    Returns
    -------
    ndarray
    """
    return x - xlogy(x, x)


def two_logs() -> Shape:
    """Return the density -log(x (1 - x)) / 2 on [0, 1].

    Returns
    -------
    Shape
    """

    def cdf(x):
        x = np.clip(x, 0, 1)
        below = np.minimum(x, 1 - x)
        left = 0.5 * (log_mass(below) + below + xlogy(1 - below, 1 - below))
        return np.where(x < 0.5, left, 1 - left)

    def ppf(q):
        level = np.minimum(q, 1 - q)
        low, high = np.full(level.shape, -745.0), np.full(level.shape, np.log(0.5))
        for _ in range(64):  # bisection of the logarithm
            middle = 0.5 * (low + high)
            above = cdf(np.exp(middle)) > level
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        x = np.where(level > 0, np.exp(high), 0.0)
        return np.where(q < 0.5, x, 1 - x)

    def logpdf(x):
        return np.log(-0.5 * (np.log(x) + np.log1p(-x)))

    return Shape("bilogarithmic peak", logpdf, cdf, ppf, (0, 1), (0.0, 1.0), ((0, 1),), (0.0, 1.0))


def smooth_shape(number: int) -> Shape:
    """Return one of the densities 1 to 12, and 17 to 20.

    Parameters
    ----------
    number : int

    Returns
    -------
    Shape
    """
    inf = np.inf
    match number:
        case 2:
            return Shape(
                "exponential",
                lambda x: -x,
                lambda x: -np.expm1(-np.maximum(x, 0)),
                lambda q: -np.log1p(-q),
                (0, inf),
                (0.0,),
            )
        case 3:
            return Shape(
                "Maxwell",
                lambda x: np.log(x) - 0.5 * x * x,
                lambda x: -np.expm1(-0.5 * np.maximum(x, 0) ** 2),
                lambda q: np.sqrt(-2 * np.log1p(-q)),
                (0, inf),
                (0.0,),
            )
        case 4:
            return Shape(
                "double exponential",
                lambda x: np.log(0.5) - np.abs(x),
                lambda x: np.where(x < 0, 0.5 * np.exp(-np.abs(x)), 1 - 0.5 * np.exp(-np.abs(x))),
                symmetric(lambda tail: -np.log(tail)),
                breakpoints=(0.0,),
            )
        case 5:
            return Shape(
                "logistic", lambda x: log_expit(x) + log_expit(-x), lambda x: np.exp(log_expit(x)), logit
            )
        case 6:
            return Shape(
                "Cauchy",
                lambda x: -np.log(np.pi) - np.log1p(x * x),
                lambda x: np.arctan2(1, -x) / np.pi,
                symmetric(lambda tail: 1 / np.tan(0.5 * np.pi * tail)),
                moments=1.0,
            )
        case 7:
            return Shape(
                "extreme value",
                lambda x: -x - np.exp(-x),
                lambda x: np.exp(-np.exp(-x)),
                lambda q: -np.log(-np.log(q)),
            )
        case 8:
            return Shape(
                "infinite peak",
                lambda x: -np.log(2) - 0.5 * np.log(x),
                lambda x: np.sqrt(np.clip(x, 0, 1)),
                np.square,
                (0, 1),
                (0.0, 1.0),
                ((0, 1),),
                (0.0,),
                (0.0,),
            )
        case 9:
            return Shape(
                "Pareto",
                lambda x: -np.log(2) - 1.5 * np.log(x),
                lambda x: -np.expm1(-0.5 * np.log(np.maximum(x, 1))),
                lambda q: (1 - q) ** -2.0,
                (1, inf),
                (1.0,),
                moments=0.5,
            )
        case 10:
            return Shape(
                "symmetric Pareto",
                lambda x: -np.log(4) - 1.5 * np.log1p(np.abs(x)),
                lambda x: np.where(x < 0, 0.5, -0.5) / np.sqrt(1 + np.abs(x)) + np.where(x < 0, 0, 1),
                symmetric(lambda tail: tail**-2.0 - 1),
                breakpoints=(0.0,),
                moments=0.5,
            )
        case 12:
            return Shape(
                "lognormal",
                lambda x: -0.5 * np.log(x) ** 2 - _LOG_SQRT_2PI - np.log(x),
                lambda x: ndtr(np.log(np.maximum(x, 0))),
                lambda q: np.exp(ndtri(q)),
                (0, inf),
            )
        case 17:
            return Shape(
                "beta 2,2",
                lambda x: np.log(6) + np.log(x) + np.log1p(-x),
                lambda x: betainc(2, 2, np.clip(x, 0, 1)),
                lambda q: betaincinv(2, 2, q),
                (0, 1),
                (0.0, 1.0),
                ((0, 1),),
            )
        case 18:
            return Shape(
                "chi-square 1",
                lambda x: -0.5 * x - _LOG_SQRT_2PI - 0.5 * np.log(x),
                lambda x: erf(np.sqrt(0.5 * np.maximum(x, 0))),
                lambda q: 2 * erfinv(q) ** 2,
                (0, inf),
                (0.0,),
                peaks=(0.0,),
                square_poles=(0.0,),
            )
        case 19:
            return Shape(
                "normal cubed",
                lambda x: -0.5 * np.cbrt(x) ** 2 - _LOG_SQRT_2PI - np.log(3) - 2 / 3 * np.log(np.abs(x)),
                lambda x: ndtr(np.cbrt(x)),
                lambda q: ndtri(q) ** 3,
                breakpoints=(0.0,),
                peaks=(0.0,),
                square_poles=(0.0,),
            )
        case 20:
            return Shape(
                "inverse exponential",
                lambda x: -1 / np.sqrt(x) - np.log(2) - 1.5 * np.log(x),
                lambda x: np.where(x > 0, np.exp(-1 / np.sqrt(np.maximum(x, 1e-300))), 0.0),
                lambda q: np.log(q) ** -2.0,
                (0, inf),
                moments=0.5,
            )
        case _:
            return normals("normal", [1], [0], [1])


def shape_of(number: int) -> Shape:
    """Return one of the 28 shapes.

    Parameters
    ----------
    number : int
        1 to 28, as in section 3.2 of the paper.

    Returns
    -------
    Shape
    """
    match number:
        case 1:
            return steps("uniform", (0.0, 1.0), (1.0,))
        case 13:
            return steps("uniform scale mixture", (-5.0, -0.5, 0.5, 5.0), (0.05, 0.55, 0.05))
        case 14:
            return Shape(
                "Matterhorn",
                lambda x: -np.log(np.abs(x)) - 2 * np.log(-np.log(np.abs(x))),
                _matterhorn_mass,
                lambda q: np.sign(q - 0.5) * np.exp(-1 / np.maximum(np.abs(q - 0.5), 1e-300)),
                (-_CORNER, _CORNER),
                (-_CORNER, 0.0, _CORNER),
                ((-_CORNER, _CORNER),),
                (0.0,),
                (0.0,),
            )
        case 15:
            return Shape(
                "logarithmic peak",
                lambda x: np.log(-np.log(x)),
                lambda x: gammaincc(2, -np.log(np.clip(x, 0, 1))),
                lambda q: np.exp(-gammainccinv(2, q)),
                (0, 1),
                (0.0, 1.0),
                ((0, 1),),
                (0.0,),
            )
        case 16:
            return Shape(
                "isosceles triangle",
                lambda x: np.log1p(-np.abs(x)),
                triangle_mass,
                triangles,
                (-1, 1),
                (-1.0, 0.0, 1.0),
                ((-1, 1),),
            )
        case 21:
            return normals("Marronite", [1 / 3, 2 / 3], [-20, 0], [1 / 4, 1])
        case 22:
            return normals("skewed bimodal", [3 / 4, 1 / 4], [0, 3 / 2], [1, 1 / 3])
        case 23:
            means = [0, -1, -1 / 2, 0, 1 / 2, 1]
            return normals("claw", [1 / 2] + [1 / 10] * 5, means, [1] + [1 / 10] * 5)
        case 24:
            ks = range(6)
            means = [(65 - 96 / 2**k) / 21 for k in ks]
            sds = [32 / 63 / 2**k for k in ks]
            return normals("smooth comb", [2 ** (5 - k) / 63 for k in ks], means, sds)
        case 25:
            return caliper()
        case 26:
            edges = (-20.1, -20.0, -1.0, 1.0, 20.0, 20.1)
            return steps("trimodal uniform", edges, (2.5, 0.0, 0.25, 0.0, 2.5))
        case 27:
            return sawtooth()
        case 28:
            return two_logs()
        case _:
            return smooth_shape(number)


def _matterhorn_mass(x):
    """Return the distribution function of the Matterhorn, 1/2 - sign(x) / log |x| inside the corners."""
    size = np.minimum(np.abs(x), _CORNER)
    with np.errstate(divide="ignore"):
        return 0.5 - np.sign(x) / np.log(size)
