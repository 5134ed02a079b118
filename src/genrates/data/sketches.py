"""QuickDraw: sketches that people draw in twenty seconds when asked for a cat."""

import numpy as np

from genrates.data.binarization import binarize_pixels, check_method
from genrates.data.download import MISSING
from genrates.data.finite import FiniteData, check_fraction, checked_path, split_rows
from genrates.errors import is_count, shown


class Sketches(FiniteData):
    """Sketches of one class of QuickDraw, 28 x 28 pixels, gray values in [0, 1], where 1 is ink.

    Parameters
    ----------
    folder : path
        Folder with the file.
    file : str, default="cat.npy"
        An array of unsigned bytes of shape (N, 784) or (N, 1, 784).
    binarize : None, "threshold" or "sampling", default=None
        None keeps gray values; the others give zeros and ones, as described at
        :func:`genrates.data.binarization.binarize_pixels`.
    first : int or None, default=None
        Number of drawings to read, from the beginning of the file; None reads all.
    test_fraction : float, default=0.1
        Fraction that is held out, by a fixed random split.

    Raises
    ------
    ValueError
        For a file with other content or too few drawings, or options out of range.
    FileNotFoundError
        For a missing file; the message says how to get it.

    References
    ----------
    The Quick, Draw! dataset, Google, CC BY 4.0, https://github.com/googlecreativelab/quickdraw-dataset.
    """

    image_shape = (28, 28)
    n_features = 784

    def __init__(
        self,
        *,
        folder,
        file: str = "cat.npy",
        binarize: str | None = None,
        first: int | None = None,
        test_fraction: float = 0.1,
    ):
        if first is not None and not is_count(first, 2):
            raise ValueError(f"Sketches: first must be null or an integer >= 2, got {shown(first)}.")
        check_method("Sketches", binarize)
        check_fraction("Sketches", test_fraction)
        path = checked_path("Sketches", "folder", folder) / checked_path("Sketches", "file", file)
        try:
            drawings = np.load(path, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise FileNotFoundError(f"{path}: {MISSING}") from None
        except (ValueError, EOFError) as error:
            raise ValueError(f"{path}: not a whole file of drawings ({error}).") from None
        if drawings.dtype != np.uint8 or drawings.shape[-1] != 784 or drawings.size != 784 * len(drawings):
            raise ValueError(
                f"{path}: drawings of 784 bytes expected, got {drawings.dtype} {drawings.shape}."
            )
        if first is not None and len(drawings) < first:
            raise ValueError(
                f"{path}: {len(drawings)} drawings are there, first={first} are asked for. {MISSING}"
            )
        gray = np.asarray(drawings[:first]).reshape(-1, 784) / np.float32(255)
        train, test = split_rows(len(gray), test_fraction, 0, "Sketches")
        super().__init__(
            points=binarize_pixels(gray[train], binarize, 0),
            test_points=binarize_pixels(gray[test], binarize, 1),
        )
        self.file, self.binarize, self.first = file, binarize, first
