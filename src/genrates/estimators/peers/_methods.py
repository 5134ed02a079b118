"""What the adapters share: methods that depend on parameters, late imports, errors, quantiles."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from scipy.optimize import brentq

from genrates.estimators._numerics.spread import deviation
from genrates.estimators.base import DensityEstimator


class ConditionalMethod:
    """A method of the base class that a model has unless its `unsupported` holds a reason against it.

    Parameters
    ----------
    capability : {"likelihood", "sampling", "cdf"}
        The capability that the method belongs to.
    """

    def __init__(self, capability: str):
        self.capability = capability

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, model, owner):
        method = getattr(DensityEstimator, self.name)
        if model is None:
            return method
        if reason := model.unsupported.get(self.capability):
            raise AttributeError(f"{owner.__name__} has no {self.name}: {reason}.")
        return method.__get__(model, owner)


def peer_module(name: str, adapter: str):
    """Import a module of an optional package.

    Parameters
    ----------
    name : str
        Full name of the module.
    adapter : str
        The class that needs it.

    Returns
    -------
    module

    Raises
    ------
    ValueError
        If it cannot be imported; the message says how to install it.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ValueError(
            f"{adapter} needs the package {name.split('.')[0]}, which cannot be imported ({error}). "
            "Install it with: pip install 'genrates[peers]'"
        ) from error


@contextmanager
def named_errors(name: str) -> Iterator[None]:
    """Turn what a peer raises about parameters or data into a ValueError that names the adapter.

    Parameters
    ----------
    name : str
        The adapter.

    Yields
    ------
    None

    Raises
    ------
    ValueError
        For any error of the peer.
    """
    try:
        yield
    except (ValueError, TypeError, KeyError, AssertionError, ArithmeticError, RuntimeError) as error:
        said = str(error) or type(error).__name__
        raise ValueError(said if said.startswith(f"{name}: ") else f"{name}: {said}") from error


def check_magnitude(name: str, X: np.ndarray) -> None:
    """Check that a peer can square the spread of each column.

    Parameters
    ----------
    name : str
        The adapter, for the message.
    X : ndarray of shape (n, d)
        Training set.

    Raises
    ------
    ValueError
        If a column's standard deviation is below 1e-150 or above 1e150. Constant columns pass.
    """
    sd = deviation(X, None)
    wrong = (sd > 0) & ~((sd >= 1e-150) & (sd <= 1e150))
    if wrong.any():
        j = int(np.argmax(wrong))
        raise ValueError(
            f"{name}: column {j} has the standard deviation {sd[j]:g}, whose square leaves the range of "
            "floating-point numbers; rescale the column."
        )


def log_of(name: str, density: np.ndarray) -> np.ndarray:
    """Return the logarithm of a density.

    Parameters
    ----------
    name : str
        The adapter, for the message.
    density : ndarray
        Values >= 0.

    Returns
    -------
    ndarray
        Nats; -inf where the density is 0.

    Raises
    ------
    ValueError
        If a density is NaN or too large for a double.
    """
    if not np.all(density < np.inf):
        raise ValueError(
            f"{name}: the peer's density leaves the range of floating-point numbers; rescale the columns."
        )
    with np.errstate(divide="ignore"):
        return np.log(density)


def quantiles(cdf: Callable[[np.ndarray], np.ndarray], q: np.ndarray, low: float, high: float) -> np.ndarray:
    """Invert a peer's own distribution function, level by level, by Brent's method.

    Parameters
    ----------
    cdf : callable
        Maps points (n,) to levels (n,).
    q : ndarray of shape (m,)
        Levels in [0, 1].
    low, high : float
        Points that all the mass lies between.

    Returns
    -------
    ndarray of shape (m,)
        Quantiles; -inf and inf at the levels 0 and 1.
    """
    x = np.where(q <= 0, -np.inf, np.inf)
    tolerance = 1e-14 * (high - low)
    for i in np.flatnonzero((q > 0) & (q < 1)):
        level = q[i]

        def gap(at, level=level):
            return float(cdf(np.array([at]))[0]) - level

        if gap(low) >= 0:
            x[i] = low
        elif gap(high) <= 0:
            x[i] = high
        else:
            x[i] = brentq(gap, low, high, xtol=tolerance)
    return x
