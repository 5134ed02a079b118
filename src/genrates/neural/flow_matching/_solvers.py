"""From noise to data along a velocity field, and back with the density."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

SOLVERS = ("heun", "euler", "ancestral")


def times(last_time: float, n_steps: int) -> np.ndarray:
    """Return the times between the steps, evenly spaced up to the last one at which the field is known.

    Parameters
    ----------
    last_time : float
        1, or the latest time at which the velocity is defined; from there the last step leads to 1.
    n_steps : int
        Number of steps.

    Returns
    -------
    ndarray of shape (n_steps + 1,)

    Examples
    --------
    >>> times(1.0, 2), times(0.98, 2)
    (array([0. , 0.5, 1. ]), array([0.  , 0.98, 1.  ]))
    """
    if last_time == 1:
        return np.linspace(0, 1, n_steps + 1)
    return np.append(np.linspace(0, last_time, n_steps) if n_steps > 1 else [0.0], 1.0)


def follow(field, x: np.ndarray, n_steps: int, *, heun: bool) -> np.ndarray:
    """Carry points from time 0 to time 1 along the velocity, by Euler's or Heun's steps.

    Parameters
    ----------
    field : DenseField or PictureField
        The velocity.
    x : ndarray of shape (n, d)
        Points at time 0.
    n_steps : int
        Number of steps; a step of Heun evaluates the field twice, one of Euler once.
    heun : bool
        Heun's steps, else Euler's.

    Returns
    -------
    ndarray of shape (n, d)
        Points at time 1.
    """
    for start, end in pairwise(times(field.last_time, n_steps)):
        v = field.velocity(x, start)
        if heun and end <= field.last_time:
            v = 0.5 * (v + field.velocity(x + (end - start) * v, end))
        x = x + (end - start) * v
    return x


def descend(field, x: np.ndarray, n_steps: int, rng: np.random.Generator) -> np.ndarray:
    r"""Carry points from time 0 to time 1 by DDPM's ancestral sampling: fresh noise in each step.

    Each step draws from the normal law of :math:`x_s` given :math:`x_t` and the network's mean of the clean
    point, s > t (Ho, Jain and Abbeel 2020, equation 7, for signal t and noise 1 - t).

    Parameters
    ----------
    field : DenseField or PictureField
        Gives the mean of the clean point.
    x : ndarray of shape (n, d)
        Points at time 0.
    n_steps : int
        Number of steps, each with one evaluation of the network.
    rng : Generator
        Source of the noise.

    Returns
    -------
    ndarray of shape (n, d)
        Points at time 1.
    """
    for t, s in pairwise(times(field.last_time, n_steps)):
        ratio = t / s  # signal at t is the signal at s times this
        added = (1 - t) ** 2 - (ratio * (1 - s)) ** 2  # variance added from s to t
        keep, pull = ratio * (1 - s) ** 2 / (1 - t) ** 2, s * added / (1 - t) ** 2
        x = keep * x + pull * field.clean(x, t)
        if s < 1:
            x += np.sqrt(added) * (1 - s) / (1 - t) * rng.standard_normal(x.shape)
    return x


def runge_kutta(slope: Callable, state: tuple, start: float, end: float, n_steps: int) -> tuple:
    """Solve an ordinary differential equation by the classical Runge-Kutta method of order 4.

    Parameters
    ----------
    slope : callable
        slope(time, *state) returns the derivative of each part of the state.
    state : tuple of ndarray
        The state at `start`.
    start, end : float
        Where it begins and ends; `end` may be smaller.
    n_steps : int
        Number of steps, of four evaluations each.

    Returns
    -------
    tuple of ndarray
        The state at `end`.

    Examples
    --------
    >>> (x,) = runge_kutta(lambda t, x: (x,), (np.array(1.0),), 0.0, 1.0, 20)
    >>> round(float(x), 6)  # e
    2.718282
    """

    def moved(by: float, slopes: tuple) -> tuple:
        return tuple(part + by * k for part, k in zip(state, slopes, strict=True))

    h = (end - start) / n_steps
    for i in range(n_steps):
        t = start + i * h
        k1 = slope(t, *state)
        k2 = slope(t + h / 2, *moved(h / 2, k1))
        k3 = slope(t + h / 2, *moved(h / 2, k2))
        k4 = slope(t + h, *moved(h, k3))
        mean = tuple((a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True))
        state = moved(h, mean)
    return state
