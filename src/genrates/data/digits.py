"""The 1 797 handwritten digits that ship with scikit-learn."""

from genrates.data.binarization import binarize_pixels, check_method
from genrates.data.finite import FiniteData, check_fraction, split_rows


class Digits(FiniteData):
    """Images of digits, 8 x 8 pixels, gray values in [0, 1].

    Parameters
    ----------
    binarize : None, "threshold" or "sampling", default=None
        None keeps gray values; the others give zeros and ones, as described at
        :func:`genrates.data.binarization.binarize_pixels`.
    test_fraction : float, default=0.2
        Fraction of the rows that is held out, by a fixed random split: 1438 training rows and 359 held-out
        rows by default.

    Raises
    ------
    ValueError
        For other values of `binarize`, or a fraction that leaves no training rows or no test rows.

    References
    ----------
    E. Alpaydin and C. Kaynak, Optical recognition of handwritten digits, UCI repository 1998 (its test part).

    Examples
    --------
    >>> data = Digits()
    >>> data.points.shape, data.test_points.shape
    ((1438, 64), (359, 64))
    """

    image_shape = (8, 8)
    n_features = 64

    def __init__(self, *, binarize: str | None = None, test_fraction: float = 0.2):
        check_method("Digits", binarize)
        check_fraction("Digits", test_fraction)
        from sklearn.datasets import load_digits

        pixels, labels = load_digits(return_X_y=True)
        train, test = split_rows(len(pixels), test_fraction, 0, "Digits")
        super().__init__(
            points=binarize_pixels(pixels[train] / 16, binarize, 0),
            test_points=binarize_pixels(pixels[test] / 16, binarize, 1),
            labels=labels[train],
            test_labels=labels[test],
        )
        self.binarize, self.test_fraction = binarize, float(test_fraction)
