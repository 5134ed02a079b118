"""Matrix products that fit the cache run on one thread: sharing them out costs more than it gains."""

from functools import cache, wraps


@cache
def _controller():
    # a dependency of scikit-learn; it takes 10 ms to find the libraries
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def on_one_thread(function):
    """Run `function` with one thread of BLAS.

    EM's products are of 8 x 66 by 66 x 4096 numbers, say. On a machine whose cores others use as well, their
    threads wait for each other: a fit of 100 000 rows took 9 s on two threads, and 0.6 s on one.
    """

    @wraps(function)
    def wrapped(*args, **keywords):
        with _controller().limit(limits=1, user_api="blas"):
            return function(*args, **keywords)

    return wrapped
