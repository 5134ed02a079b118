"""Eight isotropic normals on a circle."""

import numpy as np

from genrates.data.isotropic_mixture import IsotropicMixture


class EightGaussians(IsotropicMixture):
    """Eight normals of standard deviation 0.5 on a circle of radius 4, everything divided by 1.414.

    Mean log-likelihood of the truth: -2.832 nats.

    References
    ----------
    W. Grathwohl et al., FFJORD, ICLR 2019 (the authors' toy data, with the same numbers).

    Examples
    --------
    >>> EightGaussians().sample(4, np.random.default_rng(0)).shape
    (4, 2)
    """

    n_features = 2

    def __init__(self):
        angles = np.arange(8) * np.pi / 4
        centers = 4 / 1.414 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        super().__init__(weights=np.full(8, 1 / 8), centers=centers, sd=0.5 / 1.414)
