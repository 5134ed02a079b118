"""The photograph of a cat as a density."""

import numpy as np

from genrates.data.image_density import ImageDensity, check_contrast
from genrates.errors import is_count, shown

_LUMINANCE = np.array([0.2125, 0.7154, 0.0721])  # weights of linear red, green and blue (ITU-R BT.709)


class CatDensity(ImageDensity):
    """Chelsea, a tabby cat, as a density in two dimensions: points fall where she is dark.

    The density is the darkness (brightest gray minus gray) to the power `contrast`. Darkness is used because
    the features by which a person recognizes a cat are dark: pupils, rims of the eyes, nose and stripes. They
    appear as black points on white paper. In a Gaussian kernel estimate with `contrast=3`, eyes and nose
    appear near n = 10^4 and the whole face near 10^5. With `contrast=1` it takes ten times as many points.

    Parameters
    ----------
    contrast : float, default=3.0
        The power of the darkness.
    block : int, default=1
        Pixels are averaged over square blocks of this side: 1 gives 300 x 451 pixels, 2 gives 150 x 225 and
        so a quarter of the quadrature's nodes.

    Raises
    ------
    ValueError
        For a `contrast` that is not positive or a `block` that is not an integer from 1 to 100.

    References
    ----------
    Photograph by Stefan van der Walt, CC0; ships with scikit-image as `skimage.data.chelsea`.

    Examples
    --------
    >>> cat = CatDensity(block=2)
    >>> cat.shape, cat.sample(5, np.random.default_rng(0)).shape
    ((150, 225), (5, 2))
    """

    def __init__(self, *, contrast: float = 3.0, block: int = 1):
        if not is_count(block, 1, 100):
            raise ValueError(f"CatDensity: block must be an integer from 1 to 100, got {shown(block)}.")
        check_contrast("CatDensity", contrast)
        from skimage.data import chelsea  # here, since scikit-image is slow to import

        gray = chelsea() @ _LUMINANCE
        height, width = (side // block for side in gray.shape)
        blocks = gray[: height * block, : width * block].reshape(height, block, width, block)
        gray = blocks.mean(axis=(1, 3))
        super().__init__(gray=gray.max() - gray, contrast=contrast)
        self.block = int(block)
