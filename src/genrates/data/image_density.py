"""An image as a probability density: the more points are drawn, the more of it becomes visible."""

import numpy as np

from genrates.data.base import KnownDensity
from genrates.data.given import numbers_in
from genrates.errors import is_number, shown

_LARGEST_CONTRAST = 1000.0


def check_contrast(name: str, contrast) -> None:
    """Raise a ValueError for a contrast that is no power of gray values.

    Parameters
    ----------
    name : str
        The data set, for the message.
    contrast : object
        What was given.

    Raises
    ------
    ValueError
        If it is no number above 0 and up to 1000.
    """
    if not is_number(contrast) or not 0 < contrast <= _LARGEST_CONTRAST:
        raise ValueError(
            f"{name}: contrast must be a positive number <= {_LARGEST_CONTRAST:g}, got {shown(contrast)}."
        )


class ImageDensity(KnownDensity):
    r"""Two-dimensional density proportional to a power of an image's gray values.

    .. math:: f(x, y) \propto g(x, y)^{contrast},

    constant on each pixel. The image has height 1: x runs from 0 to width / height, y upward from 0 to 1.

    Parameters
    ----------
    gray : array-like of shape (height, width)
        Gray values >= 0, not all zero; row 0 is the top of the image.
    contrast : float, default=1.0
        The power, positive; values above 1 increase the contrast.

    Attributes
    ----------
    shape : (height, width)
        `pdf(quadrature()[0]).reshape(shape)` is the image, row 0 at the top.

    Raises
    ------
    ValueError
        For an image that is not two-dimensional, has negative or non-finite values or is all zero, or a
        contrast that is not positive.

    Notes
    -----
    Drawing a point costs a binary search, O(log(height * width)). `quadrature()` is the midpoint rule on
    pixels. It is exact for this density, and takes any other density at the centers of the pixels.

    Examples
    --------
    >>> data = ImageDensity(gray=np.array([[0.0, 1.0], [2.0, 1.0]]))
    >>> data.pdf(np.array([[0.25, 0.25], [0.25, 0.75]]))  # bottom left, top left
    array([2., 0.])
    """

    n_features = 2
    #: matplotlib's name of a color map in which dense regions are dark, like points on paper
    colormap = "gray_r"

    def __init__(self, *, gray: np.ndarray, contrast: float = 1.0):
        name, given = type(self).__name__, gray
        gray = gray if isinstance(gray, np.ndarray) and gray.dtype.kind in "uif" else numbers_in(gray)
        if gray is None or gray.ndim != 2 or not np.all(np.isfinite(gray) & (gray >= 0)) or not gray.any():
            raise ValueError(
                f"{name}: gray must be an image of finite gray values >= 0, not all 0, got {shown(given)}."
            )
        gray = gray.astype(np.float64)
        check_contrast(name, contrast)
        self.contrast = float(contrast)
        self.shape = gray.shape
        mass = (gray / gray.max()) ** contrast
        self._mass = mass / mass.sum()
        self._pixel = 1 / self.shape[0]
        self.domain = (np.zeros(2), np.array([self.shape[1] / self.shape[0], 1.0]))

    def _nodes(self):
        # Pixel centers, row by row from the top left.
        height, width = self.shape
        x = (np.arange(width) + 0.5) * self._pixel
        y = 1 - (np.arange(height) + 0.5) * self._pixel
        nodes = np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1).reshape(-1, 2)
        return nodes, np.full(height * width, self._pixel**2)

    def _draw(self, n, rng):
        pixels, positions = rng.spawn(2)
        cumulative = np.cumsum(self._mass.ravel())
        k = np.searchsorted(cumulative, pixels.random(n) * cumulative[-1], side="right")
        row, column = np.divmod(k, self.shape[1])
        corner = np.stack([column, self.shape[0] - 1 - row], axis=1)
        return (corner + positions.random((n, 2))) * self._pixel

    def _logpdf(self, X):
        row, column, inside = self._locate(X)
        return np.log(np.where(inside, self._mass[row, column], 0.0) / self._pixel**2)

    def _cdf(self, X):
        """Return P(both coordinates at most X) exactly: it is bilinear between the pixels' corners."""
        height, width = self.shape
        corners = np.zeros((height + 1, width + 1))
        corners[1:, 1:] = self._mass[::-1].cumsum(axis=0).cumsum(axis=1)
        u = np.clip(X / self._pixel, 0, [width, height])
        cell = np.minimum(u.astype(int), [width - 1, height - 1])
        (s, t), (i, j) = (u - cell).T, cell.T
        low = corners[j, i] * (1 - s) + corners[j, i + 1] * s
        high = corners[j + 1, i] * (1 - s) + corners[j + 1, i + 1] * s
        return np.minimum(low * (1 - t) + high * t, 1.0)

    def _locate(self, X):
        """Return the pixels (row, column) of points, and whether the points lie inside the image."""
        height, width = self.shape
        inside = np.all(np.clip(X, *self.domain) == X, axis=1)
        cell = np.floor(np.clip(X, *self.domain) / self._pixel).astype(int)
        column = np.clip(cell[:, 0], 0, width - 1)
        row = height - 1 - np.clip(cell[:, 1], 0, height - 1)
        return row, column, inside
