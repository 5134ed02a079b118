"""What is known of a truth: how it ends, where it is not smooth, how its tails fall."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from genrates.rates.theory import parse_exponent

#: a number, or infinity
Power = Fraction | float
#: exponents of one kind of estimator by metric, as :func:`genrates.rates.theory_of` reads them
Exponents = dict[str, Any]

#: tails that fall faster than any power, and none at all
TAILS = ("bounded", "normal", "exponential")


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
        return self.power + Fraction(1, 2)

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
