"""Log-densities by the probability-flow equation: exact traces for vectors, estimated ones for pictures."""

import math

import numpy as np

from genrates.neural.flow_matching._solvers import runge_kutta


def log_normal(z: np.ndarray) -> np.ndarray:
    """Return the log-density of the standard normal in d dimensions.

    Parameters
    ----------
    z : ndarray of shape (n, d)
        Points.

    Returns
    -------
    ndarray of shape (n,)
    """
    return -0.5 * (z * z).sum(axis=1) - 0.5 * z.shape[1] * math.log(2 * math.pi)


def exact_log_density(field, x: np.ndarray, n_steps: int) -> np.ndarray:
    r"""Return the log-density at time 1 of the law that the velocity field carries there.

    .. math:: \log p_1(x_1) = \log N(x_0; 0, I) - \int_0^1 \operatorname{div} v(x_t, t)\, dt,
              \qquad \dot x_t = v(x_t, t)

    Parameters
    ----------
    field : DenseField
        The velocity and its divergence.
    x : ndarray of shape (n, d)
        Points at time 1.
    n_steps : int
        Runge-Kutta steps, of four evaluations each.

    Returns
    -------
    ndarray of shape (n,)
        In nats; -inf where the point is so far away that numbers overflow.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        z, gained = runge_kutta(
            lambda t, y, _: field.velocity_and_divergence(y, t), (x, np.zeros(len(x))), 1.0, 0.0, n_steps
        )
        found = log_normal(z) + gained
    return np.where(np.isfinite(found), found, -np.inf)


def estimated_log_density(field, x: np.ndarray, probes: np.ndarray, n_steps: int) -> np.ndarray:
    r"""Return estimates of the log-density of noisy pictures, one for each probe.

    The equation is solved in tau = -log(1 - t), in which it has no singular factor: dx/dtau = clean - x.
    The law is that of x_T / T at the last time T.

    Parameters
    ----------
    field : PictureField
        The clean pictures and an estimate of their divergence.
    x : ndarray of shape (n, d)
        Noisy pictures: data plus noise of standard deviation (1 - T) / T.
    probes : ndarray of shape (n, d)
        A probe for each picture, of independent signs.
    n_steps : int
        Runge-Kutta steps, of four evaluations each.

    Returns
    -------
    ndarray of shape (n,)
        In nats.
    """
    last, d = field.last_time, x.shape[1]

    def slope(tau, y, _):
        clean, trace = field.clean_and_divergence(y, -math.expm1(-tau), probes)
        return clean - y, trace - d

    z, gained = runge_kutta(slope, (last * x, np.zeros(len(x))), -math.log1p(-last), 0.0, n_steps)
    return log_normal(z) + gained + d * math.log(last)
