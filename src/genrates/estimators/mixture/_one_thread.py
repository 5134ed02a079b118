"""Decorator for functions whose matrix products fit the cache and run best on one thread."""

from functools import cache, wraps


@cache
def _controller():
    """Return the controller of the loaded BLAS libraries."""
    # Imported here and cached, because finding the libraries is slow. scikit-learn depends on threadpoolctl.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def on_one_thread(function):
    """Return `function` so wrapped that BLAS uses one thread while it runs.

    EM multiplies small matrices, such as 8 x 66 by 66 x 4096 numbers. On a machine with other busy processes,
    several BLAS threads would wait for each other and be far slower than one.

    Parameters
    ----------
    function : callable
        The function to wrap.

    Returns
    -------
    callable
        The wrapped function.
    """

    @wraps(function)
    def wrapped(*args, **keywords):
        with _controller().limit(limits=1, user_api="blas"):
            return function(*args, **keywords)

    return wrapped
