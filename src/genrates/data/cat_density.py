"""The photograph of a cat that everything here is about."""

import numpy as np

from genrates.data.image_density import ImageDensity

_LUMINANCE = np.array([0.2125, 0.7154, 0.0721])  # of linear red, green, blue (ITU-R BT.709)


class CatDensity(ImageDensity):
    """Chelsea, a tabby cat, as a density in two dimensions: her dark hairs are where points fall.

    The density is the darkness (brightest gray minus gray) to the power `contrast`. Darkness, since
    pupils, the rims of the eyes, the nose and the stripes are dark: as black points on white paper
    they are what a person knows a cat by. Tried with a Gaussian kernel estimate: with `contrast=3` the
    eyes and the nose appear near n = 10^4 and a cat looks at you at 10^5; with 1 it takes ten times more.

    Parameters
    ----------
    contrast : float, default=3.0
        The power on the darkness.
    block : int, default=1
        Pixels are averaged in blocks of this side: 1 gives 300 x 451 of them, 2 gives 150 x 225, and so a
        quarter of the quadrature's cost.

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
        if block not in range(1, 101):
            raise ValueError(f"CatDensity: block must be an integer from 1 to 100, got {block!r}.")
        from skimage.data import chelsea  # scikit-image takes its time to import

        gray = chelsea() @ _LUMINANCE
        height, width = (side // block for side in gray.shape)
        blocks = gray[: height * block, : width * block].reshape(height, block, width, block)
        gray = blocks.mean(axis=(1, 3))
        super().__init__(gray=gray.max() - gray, contrast=contrast)
        self.block = int(block)
