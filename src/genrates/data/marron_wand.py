"""Marron and Wand's fifteen normal mixtures, the standard test densities since 1992."""

import numpy as np

from genrates.data.normal_mixture import NormalMixtureData
from genrates.errors import is_count, shown


def _parameters(number: int) -> tuple[list, list, list]:
    """Return weights, means and standard deviations, from table 1 of the paper."""
    match number:
        case 1:  # Gaussian
            return [1], [0], [1]
        case 2:  # skewed unimodal
            return [1 / 5, 1 / 5, 3 / 5], [0, 1 / 2, 13 / 12], [1, 2 / 3, 5 / 9]
        case 3:  # strongly skewed
            return [1 / 8] * 8, [3 * ((2 / 3) ** k - 1) for k in range(8)], [(2 / 3) ** k for k in range(8)]
        case 4:  # kurtotic unimodal
            return [2 / 3, 1 / 3], [0, 0], [1, 1 / 10]
        case 5:  # outlier
            return [1 / 10, 9 / 10], [0, 0], [1, 1 / 10]
        case 6:  # bimodal
            return [1 / 2] * 2, [-1, 1], [2 / 3] * 2
        case 7:  # separated bimodal
            return [1 / 2] * 2, [-3 / 2, 3 / 2], [1 / 2] * 2
        case 8:  # skewed bimodal
            return [3 / 4, 1 / 4], [0, 3 / 2], [1, 1 / 3]
        case 9:  # trimodal
            return [9 / 20, 9 / 20, 1 / 10], [-6 / 5, 6 / 5, 0], [3 / 5, 3 / 5, 1 / 4]
        case 10:  # claw
            return [1 / 2] + [1 / 10] * 5, [0] + [k / 2 - 1 for k in range(5)], [1] + [1 / 10] * 5
        case 11:  # double claw
            means = [-1, 1] + [(k - 3) / 2 for k in range(7)]
            return [49 / 100] * 2 + [1 / 350] * 7, means, [2 / 3] * 2 + [1 / 100] * 7
        case 12:  # asymmetric claw
            ks = range(-2, 3)
            weights = [1 / 2] + [2.0 ** (1 - k) / 31 for k in ks]
            return weights, [0] + [k + 1 / 2 for k in ks], [1] + [2.0**-k / 10 for k in ks]
        case 13:  # asymmetric double claw
            weights = [46 / 100] * 2 + [1 / 300] * 3 + [7 / 300] * 3
            means = [-1, 1] + [-k / 2 for k in (1, 2, 3)] + [k / 2 for k in (1, 2, 3)]
            return weights, means, [2 / 3] * 2 + [1 / 100] * 3 + [7 / 100] * 3
        case 14:  # smooth comb
            ks = range(6)
            weights, means = [2 ** (5 - k) / 63 for k in ks], [(65 - 96 / 2**k) / 21 for k in ks]
            return weights, means, [32 / 63 / 2**k for k in ks]
        case _:  # 15, discrete comb
            means = [(12 * k - 15) / 7 for k in range(3)] + [2 * k / 7 for k in (8, 9, 10)]
            return [2 / 7] * 3 + [1 / 21] * 3, means, [2 / 7] * 3 + [1 / 21] * 3


class MarronWand(NormalMixtureData):
    """Density `number` of Marron and Wand's fifteen normal mixtures.

    Parameters
    ----------
    number : int
        1 Gaussian, 2 skewed unimodal, 3 strongly skewed, 4 kurtotic unimodal, 5 outlier, 6 bimodal,
        7 separated bimodal, 8 skewed bimodal, 9 trimodal, 10 claw, 11 double claw, 12 asymmetric claw,
        13 asymmetric double claw, 14 smooth comb, 15 discrete comb.

    Raises
    ------
    ValueError
        For any other number.

    References
    ----------
    J. S. Marron and M. P. Wand, Exact mean integrated squared error, Annals of Statistics 20 (1992),
    712-736, table 1.

    Examples
    --------
    >>> MarronWand(number=6).mixture.means
    array([-1.,  1.])
    """

    def __init__(self, *, number: int):
        if not is_count(number, 1, 15):
            raise ValueError(f"MarronWand: number must be an integer from 1 to 15, got {shown(number)}.")
        weights, means, sds = (np.array(a, dtype=np.float64) for a in _parameters(number))
        super().__init__(weights=weights, means=means, sds=sds)
        self.number = int(number)
