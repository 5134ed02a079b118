"""Exact errors of the fourth-order and the sinc kernel against Parseval's integral and their own rates."""

import numpy as np
import pytest

from genrates.rates import exact_rate, higher_order_mise, higher_order_optimum, kernel_optimum

NORMAL = ([1.0], [0.0], [1.0])
#: two components so far apart, and one so narrow, that a naive error function would overflow
FAR = ([0.4, 0.6], [-3.0, 2.0], [0.02, 1.0])
TRANSFORM = {
    "gaussian4": lambda s: (1 + s**2 / 2) * np.exp(-(s**2) / 2),
    "sinc": lambda s: np.where(s <= 1, 1.0, 0.0),
}


@pytest.mark.parametrize("kernel", TRANSFORM)
@pytest.mark.parametrize("mixture", [NORMAL, FAR], ids=["normal", "far"])
@pytest.mark.parametrize("h", [0.03, 0.4])
def test_it_is_parsevals_integral(kernel, mixture, h):
    n, (w, m, s) = 50, map(np.asarray, mixture)

    def integral(low, high, panels=4000):
        node, weight = np.polynomial.legendre.leggauss(8)
        edges = np.linspace(low, high, panels + 1)
        half = np.diff(edges)[:, None] / 2
        t, dt = (edges[:-1, None] + half * (1 + node)).ravel(), (half * weight).ravel()
        c2 = np.abs((w * np.exp(1j * m * t[:, None] - (s * t[:, None]) ** 2 / 2)).sum(axis=1)) ** 2
        k = TRANSFORM[kernel](h * t)
        return dt @ (k**2 / n * (1 - c2) + (1 - k) ** 2 * c2) / np.pi

    expected = integral(0, 1 / h) + integral(1 / h, 1 / h + 500)  # the sinc kernel's transform ends at 1/h
    assert float(higher_order_mise(mixture, n, h, kernel)) == pytest.approx(expected, rel=1e-7)


def test_on_the_normal_they_overtake_the_gaussian_kernel():
    sizes = [100, 1000, 10_000, 100_000]
    gaussian, fourth, sinc = (
        np.array([best(n) for n in sizes])
        for best in (
            lambda n: kernel_optimum(NORMAL, n)[1],
            lambda n: higher_order_optimum(NORMAL, n, "gaussian4")[1],
            lambda n: higher_order_optimum(NORMAL, n, "sinc")[1],
        )
    )
    assert np.all(fourth < gaussian)
    assert np.all(np.diff(sinc / gaussian) < 0)
    assert sinc[-1] < fourth[-1]


def test_slopes_approach_their_exponents_from_below():
    near, far = [100, 316, 1000], [10**9, 10**10, 10**11]
    for kernel, limit in (("gaussian4", 4 / 9), ("sinc", 1 / 2)):
        slopes = [exact_rate("kernel", NORMAL, sizes, kernel=kernel) for sizes in (near, far)]
        assert slopes[0] < slopes[1] < limit
        assert limit - slopes[1] < 0.025


@pytest.mark.parametrize(
    ("bandwidth", "n", "kernel", "message"),
    [(0.0, 10, "sinc", "bandwidth"), (0.1, 0, "sinc", "n must"), (0.1, 10, "gaussian", "kernel must")],
)
def test_bad_input_is_named(bandwidth, n, kernel, message):
    with pytest.raises(ValueError, match=f"higher_order_mise: {message}"):
        higher_order_mise(NORMAL, n, bandwidth, kernel)
