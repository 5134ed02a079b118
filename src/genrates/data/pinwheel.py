"""A pinwheel of five stretched and twisted normals."""

import numpy as np

from genrates.data.base import KnownDensity

_BLADES, _RADIAL, _TANGENTIAL, _RATE, _SCALE = 5, 0.3, 0.1, 0.25, 2.0
_STARTS = 2 * np.pi / _BLADES * np.arange(_BLADES)
_LOW, _HIGH = 1 - 7 * _RADIAL, 1 + 7 * _RADIAL  # range of the radial normal
_GRID = np.linspace(_LOW, _HIGH, 257)
_MAX_PAIRS = 2_000_000  # largest number of (point, grid value) pairs in memory at once


class Pinwheel(KnownDensity):
    r"""Five blades with radial sd 0.3, tangential sd 0.1 and twist 0.25, scaled by 2.

    With :math:`a \sim N(1, 0.3^2)`, :math:`b \sim N(0, 0.1^2)` and a blade's own angle :math:`\phi`, the
    point is 2 R(a, b), where R rotates by :math:`-(\phi + 0.25 e^a)`. The Jacobian determinant of
    (a, b) -> R(a, b) is :math:`1 + 0.25\, e^a b`, so

    .. math:: p(x) = \frac{1}{5 \cdot 4} \sum_{blades} \sum_{a} \frac{N(a; 1, 0.3^2) N(b; 0, 0.1^2)}
              {|1 + 0.25\, e^a b|}

    The inner sum is over all solutions a, which are found by bisection. The mean log-likelihood of the truth
    is -2.318 nats.

    Notes
    -----
    Values of a beyond seven standard deviations (mass 3e-12) are omitted; the log-density is -inf there. One
    log-density takes about 1300 evaluations of a cosine.

    References
    ----------
    M. J. Johnson et al., Composing graphical models with neural networks for structured representations and
    fast inference, NIPS 2016.

    Examples
    --------
    >>> Pinwheel().sample(4, np.random.default_rng(0)).shape
    (4, 2)
    """

    n_features = 2

    def __init__(self):
        end = _SCALE * (_HIGH + 0.1)
        self.domain = (np.full(2, -end), np.full(2, end))

    def _draw(self, n, rng):
        labels, normals = rng.spawn(2)
        a, b = (normals.standard_normal((n, 2)) * [_RADIAL, _TANGENTIAL] + [1, 0]).T
        angle = _STARTS[labels.integers(_BLADES, size=n)] + _RATE * np.exp(a)
        c, s = np.cos(angle), np.sin(angle)
        return _SCALE * np.stack([a * c + b * s, b * c - a * s], axis=1)

    def _logpdf(self, X):
        step = max(1, _MAX_PAIRS // len(_GRID))
        blocks = [self._block_logpdf(X[i : i + step]) for i in range(0, len(X), step)]
        return np.concatenate(blocks or [np.empty(0)])

    def _block_logpdf(self, X):
        """Return the log-density of few enough points for the memory."""
        density = np.zeros(len(X))
        radius, angle = np.hypot(X[:, 0], X[:, 1]) / _SCALE, np.arctan2(X[:, 1], X[:, 0])
        for start in _STARTS:
            positive = _radial_residual(_GRID, radius[:, None], angle[:, None] + start) > 0
            row, cell = np.nonzero(positive[:, 1:] != positive[:, :-1])
            r, direction = radius[row], angle[row] + start
            low, high, rising = _GRID[cell], _GRID[cell + 1], positive[row, cell + 1]
            for _ in range(48):
                a = 0.5 * (low + high)
                above = (_radial_residual(a, r, direction) > 0) == rising
                low, high = np.where(above, low, a), np.where(above, a, high)
            b = r * np.sin(direction + _RATE * np.exp(a))
            z = ((a - 1) / _RADIAL) ** 2 + (b / _TANGENTIAL) ** 2
            value = np.exp(-0.5 * z) / np.abs(1 + _RATE * np.exp(a) * b)
            density += np.bincount(row, value, minlength=len(X))
        return np.log(density / (_BLADES * _SCALE**2 * 2 * np.pi * _RADIAL * _TANGENTIAL))


def _radial_residual(a: np.ndarray, radius: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return 0 where a is the radial coordinate of the point, rotated back."""
    return a - radius * np.cos(direction + _RATE * np.exp(a))
