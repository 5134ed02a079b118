"""Normals in d dimensions, which show the curse of dimensionality."""

import numpy as np

from genrates.data.isotropic_mixture import IsotropicMixture
from genrates.errors import is_count, shown


def _check_dimension(d: int, name: str) -> int:
    """Return the dimension d, after checking that it is an integer from 1 to 10."""
    if not is_count(d, 1, 10):
        raise ValueError(f"{name}: d must be an integer from 1 to 10, got {shown(d)}.")
    return int(d)


class GaussianD(IsotropicMixture):
    """Standard normal N(0, I) in d dimensions.

    Parameters
    ----------
    d : int from 1 to 10
        Dimension.

    Raises
    ------
    ValueError
        For any other d.

    Examples
    --------
    >>> GaussianD(d=3).sample(5, np.random.default_rng(0)).shape
    (5, 3)
    """

    def __init__(self, *, d: int):
        self.d = _check_dimension(d, "GaussianD")
        super().__init__(weights=[1.0], centers=np.zeros((1, self.d)), sd=1.0)


class MixtureD(IsotropicMixture):
    r"""Two isotropic normals of standard deviation 2/3, two units apart along the diagonal, in d dimensions.

    .. math:: \tfrac12 N(-e, \tfrac49 I) + \tfrac12 N(e, \tfrac49 I), \quad e = (1, ..., 1) / \sqrt d.

    In one dimension it is Marron and Wand's bimodal density 6. For every d, its shape along the diagonal is
    that of density 6.

    Parameters
    ----------
    d : int from 1 to 10
        Dimension.

    Raises
    ------
    ValueError
        For any other d.

    Examples
    --------
    >>> MixtureD(d=4).centers
    array([[-0.5, -0.5, -0.5, -0.5],
           [ 0.5,  0.5,  0.5,  0.5]])
    """

    def __init__(self, *, d: int):
        self.d = _check_dimension(d, "MixtureD")
        e = np.full(self.d, self.d**-0.5)
        super().__init__(weights=[0.5, 0.5], centers=np.stack([-e, e]), sd=2 / 3)
