r""" "For infinitesimal noise equivalent to KDE": the denoising chain with the exact posterior.

Corrupt by :math:`N(0, \sigma^2 I)`, and let P(X | X~) be exact for the *empirical* distribution of points
x_1, ..., x_N: X is one of them, with probabilities

.. math:: P(X = x_i | \tilde x) = \frac{\phi_\sigma(\tilde x - x_i)}{\sum_j \phi_\sigma(\tilde x - x_j)}.

Then the chain's stationary law of X~ **is** the Gaussian kernel density estimate with bandwidth sigma, for
every sigma and not just in the limit, and that of X is uniform on the points. What the limit costs is time:
as sigma falls, the chain takes ever longer to leave a cluster of points.
"""

import itertools
import numbers

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.special import softmax

from genrates.estimators.base import check_generator

#: nodes of the trapezoidal rule a standard deviation: on normal densities its error is exp(-2 pi^2 3^2)
_NODES = 3
#: and for each standard deviation of the widest gap: half-way between two points that lie 2 a apart the
#: posterior turns over like 1 / cosh(a u), where the rule's error is 2 exp(-pi^2 nodes / a)
_NODES_OF_GAP = 0.75
_MOST_NODES = 12  # wider gaps are crossed with probability below 1e-13, which rounding swallows
#: how far it reaches beyond the points, in standard deviations
_REACH = 9.0
_BLOCK = 20_000


class KernelLimit:
    r"""The denoising chain on given points with the exact posterior; numpy alone, nothing is trained.

    Parameters
    ----------
    points : array-like of shape (N, d)
    sigma : float > 0
        Standard deviation of the corruption, in the points' units: the bandwidth.

    Raises
    ------
    ValueError
        For a sigma that is not a positive number, or points that are not finite or no table.

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
        """P(X = x_i | X~ = noisy), shape (n, N).

        Raises
        ------
        ValueError
            Here, in `mean` and in `score`, for queries of another shape than (n, d).
        """
        return softmax(-0.5 * self._squares(self._queries(noisy)), axis=1)

    def mean(self, noisy) -> np.ndarray:
        """E[X | X~ = noisy], what a denoiser trained by squared error would say; shape (n, d)."""
        return self.posterior(noisy) @ self.points

    def score(self, noisy) -> np.ndarray:
        r"""Gradient of the log KDE: :math:`(E[X | \tilde x] - \tilde x) / \sigma^2`, shape (n, d)."""
        return (self.mean(noisy) - self._queries(noisy)) / self.sigma**2

    def chain(
        self, n_chains: int, n_steps: int, random_state=None, *, first: int | None = None
    ) -> np.ndarray:
        """Corrupted states X~ of several chains, shape (n_steps, n_chains, d).

        Parameters
        ----------
        n_chains, n_steps : int
        random_state : None, int, SeedSequence, Generator or RandomState
        first : int or None
            The point that all chains start from; None: points drawn by chance, which is the stationary law.

        Complexity: O(n_chains N d) a step.
        """
        rng = check_generator(random_state)
        n, d = self.points.shape
        at = rng.integers(n, size=n_chains) if first is None else np.full(n_chains, first)
        states = np.empty((n_steps, n_chains, d))
        for t in range(n_steps):
            states[t] = self.points[at] + self.sigma * rng.standard_normal((n_chains, d))
            levels = np.cumsum(self.posterior(states[t]), axis=1)
            at = (levels < rng.random((n_chains, 1)) * levels[:, -1:]).sum(axis=1)
        return states

    def transition_matrix(self) -> np.ndarray:
        r"""P(X_{t+1} = x_j | X_t = x_i), shape (N, N): symmetric and doubly stochastic.

        .. math:: T_{ij} = \int \frac{\phi_\sigma(u - x_i) \phi_\sigma(u - x_j)}
                                     {\sum_k \phi_\sigma(u - x_k)} du

        by the trapezoidal rule, whose row sums are exact to rounding; the chance to cross the widest gap, on
        which the relaxation time depends, to 1e-6 of itself. In one and two dimensions.

        Complexity: O(M N^2) for M nodes, M ~ (range / sigma)^d, up to 4^d times as many for wide gaps.

        Raises
        ------
        ValueError
            In three dimensions or more.
        """
        n, d = self.points.shape
        if d > 2:
            raise ValueError(f"KernelLimit.transition_matrix: in 1 or 2 dimensions, the points have {d}.")
        step = self.sigma / self._nodes()
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        axes = [
            np.arange(a - _REACH * self.sigma, b + _REACH * self.sigma + step, step)
            for a, b in zip(low, high, strict=True)
        ]
        weight = (step / (np.sqrt(2 * np.pi) * self.sigma)) ** d
        matrix = np.zeros((n, n))
        nodes = itertools.product(*axes)
        while block := list(itertools.islice(nodes, _BLOCK)):
            square = self._squares(np.array(block))
            least = square.min(axis=1, keepdims=True)
            density = np.exp(-0.5 * (square - least))  # relative to the nearest point's
            factor = weight * np.exp(-0.5 * least) / density.sum(axis=1, keepdims=True)
            half = density * np.sqrt(factor)
            matrix += half.T @ half
        return matrix

    def _nodes(self) -> float:
        """Nodes a standard deviation that resolve how the chain crosses the widest gap between points."""
        widest = linkage(self.points, "single")[-1, 2] if len(self.points) > 1 else 0.0
        return float(np.clip(_NODES_OF_GAP * widest / self.sigma, _NODES, _MOST_NODES))

    def _queries(self, noisy) -> np.ndarray:
        noisy, d = np.asarray(noisy, dtype=np.float64), self.points.shape[1]
        if noisy.ndim != 2 or noisy.shape[1] != d:
            raise ValueError(f"KernelLimit: queries must have shape (n, {d}), got {noisy.shape}.")
        return noisy

    def _squares(self, noisy: np.ndarray) -> np.ndarray:
        difference = noisy[:, None, :] - self.points[None, :, :]
        return np.einsum("nid,nid->ni", difference, difference) / self.sigma**2


def relaxation_time(points, sigma: float) -> float:
    r"""Steps in which the slowest mode of the exact chain decays by a factor e: -1 / log(lambda_2).

    lambda_2 is the second largest eigenvalue of the transition matrix. Infinite where clusters
    of points lie so far apart that 1 - lambda_2 is lost in rounding (times above 1e13).

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
