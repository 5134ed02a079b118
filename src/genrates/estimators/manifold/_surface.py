"""Curved surface, given by a decoder, and the density of x = D(z) + noise around it."""

from itertools import product

import numpy as np
from scipy.special import logsumexp

_LOG_2PI = float(np.log(2 * np.pi))
_GAUSS_NEWTON_STEPS = 2  # from the encoder's code to the closest point of the surface
_QUADRATURE_ORDER = {1: 7, 2: 4, 3: 3}  # nodes per latent dimension
_RELATIVE_STEP = 0.01  # in latent standard deviations; coarse enough for decoders in single precision
_BLOCK = 4096


class Surface:
    r"""Surface of a reducer, with normal noise around it in all d directions.

    .. math:: p(x) = \int p(z)\, N(x; D(z), \sigma^2 I)\, dz
              \approx \sum_s w_s\, p(z_s)\, N(x; D(z_s), \sigma^2 I) / q(z_s)

    The nodes z_s are those of a Gauss-Hermite rule for a normal q. Its mean is the code of the surface's
    point closest to x. Its covariance is (J^T J / sigma^2 + Lambda)^-1, with J the decoder's Jacobian there
    and Lambda the latent precision. If D is linear and p(z) flat on the scale of q, the integrand over q is
    constant, and any order is exact.

    Parameters
    ----------
    reducer : object with transform(X) and inverse_transform(Z)
        Fitted reducer.
    noise : float
        Standard deviation sigma of the noise.
    latent_mean : ndarray of shape (k,)
        Mean of the training set's codes.
    latent_sd : ndarray of shape (k,)
        Standard deviations of the training set's codes.
    """

    def __init__(self, reducer, noise: float, latent_mean: np.ndarray, latent_sd: np.ndarray):
        self.reducer, self.noise, self.mean, self.sd = reducer, noise, latent_mean, latent_sd

    def encode(self, X: np.ndarray) -> np.ndarray:
        """Map points to their coordinates.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            Points.

        Returns
        -------
        ndarray of shape (n, k)
            Coordinates.
        """
        return np.asarray(self.reducer.transform(X), dtype=np.float64)

    def decode(self, Z: np.ndarray) -> np.ndarray:
        """Map coordinates to points.

        Parameters
        ----------
        Z : ndarray of shape (n, k)
            Coordinates.

        Returns
        -------
        ndarray of shape (n, d)
            Points.
        """
        return np.asarray(self.reducer.inverse_transform(Z), dtype=np.float64)

    def draw_around(self, means: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Add noise in all directions.

        Parameters
        ----------
        means : ndarray of shape (n, d)
            Points on the manifold.
        rng : numpy.random.Generator
            Source of random numbers.

        Returns
        -------
        ndarray of shape (n, d)
            Draws around the means.
        """
        return means + self.noise * rng.standard_normal(means.shape)

    def log_density(self, X: np.ndarray, latent) -> np.ndarray:
        """Return the log-density of each row, computed in blocks; memory O(n d).

        Parameters
        ----------
        X : ndarray of shape (n, d)
            Points.
        latent : DensityEstimator
            Fitted density of the coordinates.

        Returns
        -------
        ndarray of shape (n,)
            Log-densities in nats.
        """
        blocks = [self._log_density(X[i : i + _BLOCK], latent) for i in range(0, len(X), _BLOCK)]
        return np.concatenate(blocks)

    def squared_distances(self, X: np.ndarray) -> np.ndarray:
        """Return the squared distance of each row to the surface.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            Points.

        Returns
        -------
        ndarray of shape (n,)
            Squared distances.
        """
        blocks = (X[i : i + _BLOCK] for i in range(0, len(X), _BLOCK))
        return np.concatenate([self._squared_residual(block, self._closest(block)[0]) for block in blocks])

    def _log_density(self, X, latent):
        """Return the log-densities of one block of rows."""
        k = len(self.mean)
        Z, factor = self._closest(X)  # q has the covariance F F^T for a factor F
        nodes, log_weights = _hermite(k)
        shifts = np.einsum("ijk,sk->sij", factor, nodes)
        points = (Z + shifts).reshape(-1, k)
        log_joint = latent.score_samples(points) + self._log_noise(np.tile(X, (len(nodes), 1)), points)
        log_det = np.linalg.slogdet(factor)[1]
        log_q = -0.5 * (nodes**2).sum(axis=1)[:, None] - 0.5 * k * _LOG_2PI - log_det
        return logsumexp(log_weights[:, None] + log_joint.reshape(len(nodes), -1) - log_q, axis=0)

    def _log_noise(self, X, Z):
        """Return log N(x; D(z), sigma^2 I) for each pair of rows."""
        with np.errstate(over="ignore"):
            squares = np.sum(((X - self.decode(Z)) / self.noise) ** 2, axis=1)
        return -0.5 * squares - X.shape[1] * (np.log(self.noise) + 0.5 * _LOG_2PI)

    def _closest(self, X):
        """Return codes of the closest points (n, k) and factors (n, k, k) of the posterior covariance."""
        Z = self.encode(X)
        prior = np.diag(self.sd**-2.0)
        for _ in range(_GAUSS_NEWTON_STEPS):
            J, residual = self._jacobian(Z), X - self.decode(Z)
            precision = np.einsum("ndi,ndj->nij", J, J) / self.noise**2 + prior
            pull = np.einsum("ndi,nd->ni", J, residual) / self.noise**2
            trial = Z + np.linalg.solve(precision, pull[..., None])[..., 0]
            closer = self._squared_residual(X, trial) < np.sum(residual**2, axis=1)
            Z = np.where(closer[:, None], trial, Z)
        J = self._jacobian(Z)
        precision = np.einsum("ndi,ndj->nij", J, J) / self.noise**2 + prior
        lower = np.linalg.cholesky(precision)
        # precision = L L^T, so L^-T is a factor of the covariance
        return Z, np.linalg.inv(lower).swapaxes(1, 2)

    def _squared_residual(self, X, Z):
        """Return |x - D(z)|^2 for each pair of rows."""
        return np.sum((X - self.decode(Z)) ** 2, axis=1)

    def _jacobian(self, Z):
        """Return dD/dz (n, d, k) by central differences."""
        columns = []
        for j, step in enumerate(_RELATIVE_STEP * self.sd):
            shift = np.zeros(len(self.sd))
            shift[j] = step
            columns.append((self.decode(Z + shift) - self.decode(Z - shift)) / (2 * step))
        return np.stack(columns, axis=2)


def _hermite(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes (m, k) and log-weights (m,) of the product Gauss-Hermite rule for the standard normal."""
    x, w = np.polynomial.hermite_e.hermegauss(_QUADRATURE_ORDER[k])
    nodes = np.array(list(product(x, repeat=k)))
    log_w = np.log(w / w.sum())
    return nodes, np.array([sum(part) for part in product(log_w, repeat=k)])
