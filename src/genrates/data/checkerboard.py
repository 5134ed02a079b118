"""A checkerboard in the plane: a density that jumps along straight lines."""

import numpy as np

from genrates.data.base import KnownDensity


class Checkerboard(KnownDensity):
    """The uniform density on eight squares of side 2 of a 4 x 4 checkerboard, [-4, 4] x [-4, 4].

    The density is 1/32 on these squares, and the mean log-likelihood of the truth is -log 32 = -3.4657 nats.
    Because of the jumps at the squares' sides, kernel and histogram estimates have squared bias of order h
    instead of h^4 and h^2.

    Notes
    -----
    The domain, [-5, 5] x [-5, 5], is wider than the support: mass that a model puts outside is part of its
    error. The squares' sides lie on lines of the quadrature's grid, so the quadrature is exact for the truth.

    References
    ----------
    W. Grathwohl et al., FFJORD, ICLR 2019 (the authors' toy data).

    Examples
    --------
    >>> Checkerboard().pdf([[0.5, 0.5], [0.5, 2.5]])
    array([0.03125, 0.     ])
    """

    n_features = 2

    def __init__(self):
        self.domain = (np.full(2, -5.0), np.full(2, 5.0))

    def _draw(self, n, rng):
        horizontal, vertical, halves = rng.spawn(3)
        x = 8 * horizontal.random(n) - 4
        column = np.floor(x / 2) % 2
        y = 2 * vertical.random(n) + 2 * column - 4 * halves.integers(2, size=n)
        return np.stack([x, y], axis=1)

    def _logpdf(self, X):
        inside = np.all(np.abs(X) < 4, axis=1)
        dark = np.sum(np.floor(X / 2), axis=1) % 2 == 0
        return np.where(inside & dark, -np.log(32.0), -np.inf)
