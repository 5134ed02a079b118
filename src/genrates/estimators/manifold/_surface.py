"""A curved surface that a decoder draws in space, and the density of x = D(z) + noise around it."""

from itertools import product

import numpy as np
from scipy.special import logsumexp

_LOG_2PI = float(np.log(2 * np.pi))
_STEPS = 2  # Gauss-Newton steps from the encoder's code to the closest point of the surface
_ORDER = {1: 7, 2: 4, 3: 3}  # nodes per latent dimension
_DIFFERENCE = 0.01  # of a latent sd: coarse enough for decoders in single precision
_ROWS = 4096


class Surface:
    r"""A reducer's surface with normal noise around it in all d directions.

    .. math:: p(x) = \int p(z)\, N(x; D(z), \sigma^2 I)\, dz
              \approx \sum_s w_s\, p(z_s)\, N(x; D(z_s), \sigma^2 I) / q(z_s)

    with the nodes z_s of a Gauss-Hermite rule for the normal q around the code of the surface's point closest
    to x, of covariance (J^T J / sigma^2 + Lambda)^-1, J the decoder's Jacobian there and Lambda the
    latent precision. Where D is linear and p(z) flat on the scale of q the integrand over q is constant, and
    any order exact.
    """

    def __init__(self, reducer, noise: float, latent_mean: np.ndarray, latent_sd: np.ndarray):
        self.reducer, self.noise, self.mean, self.sd = reducer, noise, latent_mean, latent_sd

    def encode(self, X: np.ndarray) -> np.ndarray:
        return np.asarray(self.reducer.transform(X), dtype=np.float64)

    def decode(self, Z: np.ndarray) -> np.ndarray:
        return np.asarray(self.reducer.inverse_transform(Z), dtype=np.float64)

    def draw_around(self, means: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return means + self.noise * rng.standard_normal(means.shape)

    def log_density(self, X: np.ndarray, latent) -> np.ndarray:
        """Log-density of each row, nats, in blocks: memory O(n d)."""
        blocks = [self._log_density(X[i : i + _ROWS], latent) for i in range(0, len(X), _ROWS)]
        return np.concatenate(blocks)

    def squared_distances(self, X: np.ndarray) -> np.ndarray:
        """From each row to the surface, shape (n,)."""
        blocks = (X[i : i + _ROWS] for i in range(0, len(X), _ROWS))
        return np.concatenate([self._gap(block, self._closest(block)[0]) for block in blocks])

    def _log_density(self, X, latent):
        k = len(self.mean)
        Z, factor = self._closest(X)  # factor F with F F^T the covariance of q
        nodes, log_weights = _hermite(k)
        shifts = np.einsum("ijk,sk->sij", factor, nodes)
        points = (Z + shifts).reshape(-1, k)
        log_joint = latent.score_samples(points) + self._log_noise(np.tile(X, (len(nodes), 1)), points)
        log_det = np.linalg.slogdet(factor)[1]
        log_q = -0.5 * (nodes**2).sum(axis=1)[:, None] - 0.5 * k * _LOG_2PI - log_det
        return logsumexp(log_weights[:, None] + log_joint.reshape(len(nodes), -1) - log_q, axis=0)

    def _log_noise(self, X, Z):
        with np.errstate(over="ignore"):
            squares = np.sum(((X - self.decode(Z)) / self.noise) ** 2, axis=1)
        return -0.5 * squares - X.shape[1] * (np.log(self.noise) + 0.5 * _LOG_2PI)

    def _closest(self, X):
        """Codes of the closest points (n, k), and factors (n, k, k) of the posterior covariance there."""
        Z = self.encode(X)
        prior = np.diag(self.sd**-2.0)
        for _ in range(_STEPS):
            J, gap = self._jacobian(Z), X - self.decode(Z)
            precision = np.einsum("ndi,ndj->nij", J, J) / self.noise**2 + prior
            pull = np.einsum("ndi,nd->ni", J, gap) / self.noise**2
            trial = Z + np.linalg.solve(precision, pull[..., None])[..., 0]
            closer = self._gap(X, trial) < np.sum(gap**2, axis=1)
            Z = np.where(closer[:, None], trial, Z)
        J = self._jacobian(Z)
        precision = np.einsum("ndi,ndj->nij", J, J) / self.noise**2 + prior
        lower = np.linalg.cholesky(precision)
        # precision = L L^T, so L^-T is a factor of its inverse
        return Z, np.linalg.inv(lower).swapaxes(1, 2)

    def _gap(self, X, Z):
        return np.sum((X - self.decode(Z)) ** 2, axis=1)

    def _jacobian(self, Z):
        """dD/dz (n, d, k) by central differences."""
        columns = []
        for j, step in enumerate(_DIFFERENCE * self.sd):
            move = np.zeros(len(self.sd))
            move[j] = step
            columns.append((self.decode(Z + move) - self.decode(Z - move)) / (2 * step))
        return np.stack(columns, axis=2)


def _hermite(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes (m, k) and log-weights (m,) of the product Gauss-Hermite rule for the standard normal."""
    x, w = np.polynomial.hermite_e.hermegauss(_ORDER[k])
    nodes = np.array(list(product(x, repeat=k)))
    log_w = np.log(w / w.sum())
    return nodes, np.array([sum(part) for part in product(log_w, repeat=k)])
