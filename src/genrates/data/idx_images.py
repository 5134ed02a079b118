"""MNIST and other images in MNIST's file format."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from genrates.data.binarization import binarize_pixels, check_method
from genrates.data.download import MISSING
from genrates.data.finite import FiniteData, check_fraction, checked_path, split_rows
from genrates.errors import shown


class IdxImages(FiniteData):
    """Images of 28 x 28 pixels from MNIST's four files (or the two of one part), gray values in [0, 1].

    Parameters
    ----------
    folder : path
        Folder with the files, under their official names (`train-images-idx3-ubyte.gz`, ...).
    binarize : None, "threshold" or "sampling", default=None
        None keeps gray values; the others give zeros and ones, as described at
        :func:`genrates.data.binarization.binarize_pixels`.
    part : "both", "train" or "t10k", default="both"
        "both" takes training rows from the training files and test rows from the test files. Another value
        reads only the two files of that part, and splits it into training and test rows.
    test_fraction : float, default=0.2
        Fraction that is held out, by a fixed random split. Unused where `part` is "both".

    Raises
    ------
    ValueError
        For unknown options, or a file that is not in this format; the message names the file.
    FileNotFoundError
        For a missing file; the message says how to get it.

    References
    ----------
    Y. LeCun et al., Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998).
    """

    image_shape = (28, 28)
    n_features = 784

    def __init__(
        self, *, folder, binarize: str | None = None, part: str = "both", test_fraction: float = 0.2
    ):
        if not isinstance(part, str) or part not in ("both", "train", "t10k"):
            raise ValueError(f"IdxImages: part must be 'both', 'train' or 't10k', got {shown(part)}.")
        check_method("IdxImages", binarize)
        check_fraction("IdxImages", test_fraction)
        folder = checked_path("IdxImages", "folder", folder)
        first = "train" if part == "both" else part
        points, labels = _read_part(Path(folder), first)
        if part == "both":
            test_points, test_labels = _read_part(Path(folder), "t10k")
        else:
            train, test = split_rows(len(points), test_fraction, 0, "IdxImages")
            test_points, test_labels = points[test], labels[test]
            points, labels = points[train], labels[train]
        super().__init__(
            points=binarize_pixels(points, binarize, 0),
            test_points=binarize_pixels(test_points, binarize, 1),
            labels=labels,
            test_labels=test_labels,
        )
        self.binarize, self.part = binarize, part


def _read_part(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of one part, as rows of gray values in [0, 1], and their labels."""
    images = read_idx(folder / f"{part}-images-idx3-ubyte.gz")
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte.gz")
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise ValueError(
            f"IdxImages: {part}: images {images.shape} and labels {labels.shape} do not fit together."
        )
    return images.reshape(len(images), -1) / np.float32(255), labels


def read_idx(path: Path) -> np.ndarray:
    """Read an array of unsigned bytes from a gzipped IDX file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    FileNotFoundError
        If there is no such file; the message says how to get it.
    ValueError
        If the file has another format; the message names it.
    """
    try:
        content = gzip.decompress(Path(path).read_bytes())
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: {MISSING}") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: not a whole gzip file ({error}).") from None
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path}: not an IDX file of unsigned bytes.")
    n_axes = content[3]
    start = 4 + 4 * n_axes
    shape = tuple(int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(n_axes))
    if len(content) - start != math.prod(shape):
        raise ValueError(f"{path}: its header promises an array of shape {shape}, which its length is not.")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
