"""Four concentric rings with normal noise."""

import numpy as np
from scipy.special import i0e, logsumexp

from genrates.data.base import KnownDensity
from genrates.data.given import check_noise


class Rings(KnownDensity):
    r"""Four concentric circles, of radii 0.75, 1.5, 2.25 and 3 and equal mass, with normal noise.

    At distance :math:`\rho` from the center, a uniform point on a circle of radius r plus noise has density

    .. math:: \frac{1}{2 \pi \sigma^2} e^{-(\rho^2 + r^2) / 2 \sigma^2} I_0(\rho r / \sigma^2).

    The mean log-likelihood of the truth at noise 0.08 is -2.623 nats.

    Parameters
    ----------
    noise : float >= 0.02, default=0.08
        Standard deviation. Below 0.02 the quadrature's grid would not resolve the rings.

    Raises
    ------
    ValueError
        For noise below 0.02.

    References
    ----------
    W. Grathwohl et al., FFJORD, ICLR 2019 (the authors' toy data).

    Examples
    --------
    >>> Rings().pdf([[0.75, 0.0], [0.0, 0.0]]).round(4)
    array([0.2649, 0.    ])
    """

    n_features = 2
    radii = (0.75, 1.5, 2.25, 3.0)

    def __init__(self, *, noise: float = 0.08):
        check_noise("Rings", noise)
        self.noise = float(noise)
        end = self.radii[-1] + 7 * self.noise
        self.domain = (np.full(2, -end), np.full(2, end))
        self.n_cells = max(200, round(2 * end / self.noise))

    def _draw(self, n, rng):
        labels, angles, normals = rng.spawn(3)
        radius = np.array(self.radii)[labels.integers(4, size=n)]
        angle = 2 * np.pi * angles.random(n)
        circle = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return circle + self.noise * normals.standard_normal((n, 2))

    def _logpdf(self, X):
        rho = np.hypot(X[:, 0], X[:, 1])[:, None]
        r, variance = np.array(self.radii), self.noise**2
        each = -0.5 * (rho - r) ** 2 / variance + np.log(i0e(rho * r / variance))
        return logsumexp(each, axis=1) - np.log(4 * 2 * np.pi * variance)
