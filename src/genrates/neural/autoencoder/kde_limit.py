r"""The denoising chain with the exact posterior: "for infinitesimal noise equivalent to KDE".

Corrupt by :math:`N(0, \sigma^2 I)`, and let P(X | X~) be exact for the *empirical* distribution of points
x_1, ..., x_N. So X is one of them, with probabilities

.. math:: P(X = x_i | \tilde x) = \frac{\phi_\sigma(\tilde x - x_i)}{\sum_j \phi_\sigma(\tilde x - x_j)}.

Then the chain's stationary law of X~ **is** the Gaussian kernel density estimate with bandwidth sigma. This
holds for every sigma, not only in the limit. The stationary law of X is uniform on the points. The price of a
small sigma is time: as sigma falls, the chain takes ever longer to leave a cluster of points.
"""

import itertools
import numbers

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.special import softmax

from genrates.estimators.base import check_generator

#: fewest nodes of the trapezoidal rule per standard deviation; its error on normal densities is
#: exp(-2 pi^2 3^2)
_MIN_NODES = 3
#: nodes per standard deviation, for each standard deviation of the widest gap. Between two points 2 a apart
#: the integrand has the factor 1 / cosh(a u), on which the rule's error is 2 exp(-pi^2 nodes / a).
_NODES_PER_GAP = 0.75
#: most nodes per standard deviation; wider gaps are crossed with a probability below 1e-13, lost in rounding
_MAX_NODES = 12
#: how far the nodes reach beyond the points, in standard deviations
_REACH = 9.0
#: nodes that are evaluated at once
_BLOCK = 20_000


class KernelLimit:
    """The denoising chain on given points with the exact posterior, in numpy; nothing is trained.

    Parameters
    ----------
    points : array-like of shape (N, d)
        The points x_1, ..., x_N.
    sigma : float > 0
        Standard deviation of the corruption, in the points' units; the bandwidth of the kernel density
        estimate.

    Raises
    ------
    ValueError
        If sigma is not a positive number, or if the points are not finite or not of shape (N, d).

    References
    ----------
    Bengio, Yao, Alain and Vincent, NIPS 2013; Alain and Bengio, What regularized auto-encoders learn from the
    data-generating distribution, JMLR 15, 2014 (the score identity).

    Examples
    --------
    >>> limit = KernelLimit([[0.0], [1.0], [5.0]], sigma=0.5)
    >>> limit.posterior([[0.5]]).round(3)
    array([[0.5, 0.5, 0. ]])
    >>> limit.transition_matrix().sum(axis=0).round(12)
    array([1., 1., 1.])
    """

    def __init__(self, points, sigma: float):
        self.points = np.asarray(points, dtype=np.float64)
        if self.points.ndim != 2 or not self.points.size or not np.isfinite(self.points).all():
            raise ValueError(f"KernelLimit: points must be finite, of shape (N, d), got {np.shape(points)}.")
        if not (isinstance(sigma, numbers.Real) and np.isfinite(sigma) and sigma > 0):
            raise ValueError(f"KernelLimit: sigma must be a finite number > 0, got {sigma!r}.")
        self.sigma = float(sigma)

    def posterior(self, noisy) -> np.ndarray:
        """Return P(X = x_i | X~ = noisy).

        Parameters
        ----------
        noisy : array-like of shape (n, d)
            Corrupted points.

        Returns
        -------
        ndarray of shape (n, N)

        Raises
        ------
        ValueError
            If `noisy` has another shape.
        """
        return softmax(-0.5 * self._squared_distances(self._checked_queries(noisy)), axis=1)

    def mean(self, noisy) -> np.ndarray:
        """Return E[X | X~ = noisy], the optimum of a denoiser that is trained by squared error.

        Parameters
        ----------
        noisy : array-like of shape (n, d)
            Corrupted points.

        Returns
        -------
        ndarray of shape (n, d)

        Raises
        ------
        ValueError
            If `noisy` has another shape.
        """
        return self.posterior(noisy) @ self.points

    def score(self, noisy) -> np.ndarray:
        r"""Return the gradient of the log KDE, :math:`(E[X | \tilde x] - \tilde x) / \sigma^2`.

        Parameters
        ----------
        noisy : array-like of shape (n, d)
            Corrupted points.

        Returns
        -------
        ndarray of shape (n, d)

        Raises
        ------
        ValueError
            If `noisy` has another shape.
        """
        return (self.mean(noisy) - self._checked_queries(noisy)) / self.sigma**2

    def chain(
        self, n_chains: int, n_steps: int, random_state=None, *, first: int | None = None
    ) -> np.ndarray:
        """Return corrupted states X~ of several chains.

        Parameters
        ----------
        n_chains, n_steps : int
            Number of chains, and of states per chain.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Seeds the chains.
        first : int or None, default=None
            Number of the point that all chains start from. None: random points, which is the stationary law.

        Returns
        -------
        ndarray of shape (n_steps, n_chains, d)

        Notes
        -----
        Complexity: O(n_chains N d) per step.
        """
        rng = check_generator(random_state)
        n, d = self.points.shape
        current = rng.integers(n, size=n_chains) if first is None else np.full(n_chains, first)
        states = np.empty((n_steps, n_chains, d))
        for t in range(n_steps):
            states[t] = self.points[current] + self.sigma * rng.standard_normal((n_chains, d))
            cumulative = np.cumsum(self.posterior(states[t]), axis=1)
            current = (cumulative < rng.random((n_chains, 1)) * cumulative[:, -1:]).sum(axis=1)
        return states

    def transition_matrix(self) -> np.ndarray:
        r"""Return P(X_{t+1} = x_j | X_t = x_i), in one or two dimensions.

        .. math:: T_{ij} = \int \frac{\phi_\sigma(u - x_i) \phi_\sigma(u - x_j)}
                                     {\sum_k \phi_\sigma(u - x_k)} du

        Returns
        -------
        ndarray of shape (N, N)
            Symmetric and doubly stochastic.

        Raises
        ------
        ValueError
            In three dimensions or more.

        Notes
        -----
        The integral is computed by the trapezoidal rule. Row sums are exact up to rounding. The probability
        to cross the widest gap, which determines the relaxation time, has a relative error of 1e-6.

        Complexity: O(M N^2) for M nodes, M ~ (range / sigma)^d, and up to 4^d times as many nodes for wide
        gaps.
        """
        n, d = self.points.shape
        if d > 2:
            raise ValueError(f"KernelLimit.transition_matrix: in 1 or 2 dimensions, the points have {d}.")
        step = self.sigma / self._nodes_per_deviation()
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        axes = [
            np.arange(a - _REACH * self.sigma, b + _REACH * self.sigma + step, step)
            for a, b in zip(low, high, strict=True)
        ]
        weight = (step / (np.sqrt(2 * np.pi) * self.sigma)) ** d
        matrix = np.zeros((n, n))
        nodes = itertools.product(*axes)
        while block := list(itertools.islice(nodes, _BLOCK)):
            squares = self._squared_distances(np.array(block))
            nearest = squares.min(axis=1, keepdims=True)
            density = np.exp(-0.5 * (squares - nearest))  # relative to the nearest point's density
            factor = weight * np.exp(-0.5 * nearest) / density.sum(axis=1, keepdims=True)
            half = density * np.sqrt(factor)
            matrix += half.T @ half
        return matrix

    def _nodes_per_deviation(self) -> float:
        """Return the nodes per standard deviation that resolve how the chain crosses the widest gap."""
        widest = linkage(self.points, "single")[-1, 2] if len(self.points) > 1 else 0.0
        return float(np.clip(_NODES_PER_GAP * widest / self.sigma, _MIN_NODES, _MAX_NODES))

    def _checked_queries(self, noisy) -> np.ndarray:
        """Return the points as an array; raise a ValueError unless its shape is (n, d)."""
        noisy, d = np.asarray(noisy, dtype=np.float64), self.points.shape[1]
        if noisy.ndim != 2 or noisy.shape[1] != d:
            raise ValueError(f"KernelLimit: queries must have shape (n, {d}), got {noisy.shape}.")
        return noisy

    def _squared_distances(self, noisy: np.ndarray) -> np.ndarray:
        """Return the squared distances to the points in units of sigma^2, shape (n, N)."""
        difference = noisy[:, None, :] - self.points[None, :, :]
        return np.einsum("nid,nid->ni", difference, difference) / self.sigma**2


def relaxation_time(points, sigma: float) -> float:
    """Return the relaxation time of the exact chain, -1 / log(lambda_2).

    This is the number of steps in which the slowest mode decays by a factor e; lambda_2 is the second largest
    eigenvalue of the transition matrix.

    Parameters
    ----------
    points : array-like of shape (N, d)
        The points; d is 1 or 2.
    sigma : float > 0
        Standard deviation of the corruption, in the points' units.

    Returns
    -------
    float
        Steps. Infinite where 1 - lambda_2 is lost in rounding (times above 1e13), as for clusters of points
        that lie far apart.

    Raises
    ------
    ValueError
        For bad points or sigma, and in three dimensions or more.

    Examples
    --------
    >>> two = [[-2.0], [-1.9], [1.9], [2.0]]
    >>> bool(relaxation_time(two, 1.0) < relaxation_time(two, 0.7) < relaxation_time(two, 0.5))
    True
    """
    eigenvalues = np.linalg.eigvalsh(KernelLimit(points, sigma).transition_matrix())
    if len(eigenvalues) < 2:
        return 0.0
    second = eigenvalues[-2]
    if second <= 0:
        return 0.0
    return float(-1 / np.log(second)) if second < 1 - 1e-13 else float("inf")
