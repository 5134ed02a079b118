"""Exponents of kinds of estimators on truths, against those that docs/theory.md derives in words."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genrates.rates import Truth, exponents, theory_of
from genrates.rates.smoothness import KINDS

F = Fraction
ANALYTIC = Truth("normal")
TRUTHS = {
    "normal": ANALYTIC,
    "student": Truth(F(5)),
    "exponential": Truth("exponential", ends=(F(0),)),
    "laplace": Truth("exponential", inside=(F(1),)),
    "beta": Truth("bounded", ends=(F(1), F(4))),
    "sobolev_1": Truth("bounded", ends=(F(1, 2),)),
    "sobolev_2": Truth("bounded", ends=(F(3, 2),)),
}
FOURTH, SINC = {"kernel": "gaussian4"}, {"kernel": "sinc"}
GLOBAL = {"n_neighbors": "global_rate"}
#: kind, parameters, metric, and exponents on the truths above in their order; "" where theory says nothing
TABLE = [
    ("kernel", {}, "root_mise", "2/5 2/5 1/4 3/8 3/8 1/3 2/5"),
    ("kernel", {"kernel": "linear"}, "root_mise", "2/5 2/5 1/4 3/8 3/8 1/3 2/5"),
    ("kernel", {"kernel": "linear"}, "kl", "- - - - - - -"),
    ("kernel", FOURTH, "root_mise", "4/9 4/9 1/4 3/8 3/8 1/3 2/5"),
    ("kernel", SINC, "root_mise", "1/2 1/2 1/4 3/8 3/8 1/3 2/5"),
    ("series", {}, "root_mise", "1/2 1/2 3/8 3/8 3/8 1/3 2/5"),
    ("histogram", {}, "root_mise", "1/3 1/3 1/3 1/3 1/3 1/3 1/3"),
    ("adaptive_kernel", {}, "root_mise", "2/5 2/5 1/4 3/8 1/4 4/15 8/35"),
    ("neural_cdf", {}, "root_mise", "1/2 1/2 - 1/4 1/4 - 1/4"),
    ("neighbors", {}, "root_mise", "1/5 1/5 1/10 1/5 3/20 2/15 4/25"),
    ("sample_point", {}, "root_mise", "1/5 11/50 1/10 1/5 3/20 2/15 4/25"),
    ("sample_point", GLOBAL, "root_mise", "1/3 1/3 1/6 1/3 1/4 2/9 4/15"),
    ("sample_point", {}, "root_sup_cdf", "1/5 1/5 1/5 1/5 1/5 1/5 1/5"),
    ("sample_point", {}, "wasserstein_1", "1/5 4/25 1/5 1/5 6/25 1/3 7/25"),
    ("sample_point", {}, "root_mise_core", "2/5 2/5 1/10 2/5 2/5 2/5 2/5"),
    ("neighbors", GLOBAL, "root_mise", "1/3 1/3 1/6 1/3 1/4 2/9 4/15"),
    ("neighbors", {}, "root_sup_cdf", "1/5 1/5 1/5 1/5 1/5 1/5 1/5"),
    ("neighbors", {}, "wasserstein_1", "1/5 0 1/5 1/5 1/5 1/5 1/5"),
    ("neighbors", GLOBAL, "wasserstein_1", "1/3 2/15 1/3 1/3 1/3 1/3 1/3"),
    ("kernel", {}, "root_sup_cdf", "2/5 2/5 1/2 1/2 1/2 1/2 2/5"),
    ("kernel", FOURTH, "root_sup_cdf", "4/9 4/9 1/2 1/2 1/2 1/2 1/2"),
    ("adaptive_kernel", {}, "root_sup_cdf", "2/5 1/2 1/2 1/2 1/3 2/5 2/7"),
    ("adaptive_kernel", {}, "wasserstein_1", "2/5 2/5 1/2 1/2 1/2 1/2 2/5"),
    ("kernel", {}, "kl", "3/5 1/5 - 1/2 1/2 1/2 1/2"),
    ("adaptive_kernel", {}, "kl", "2/5 - - - 1/3 2/5 2/7"),
    ("neural_cdf", {}, "kl", "1 1 - - - - -"),
    ("kernel", FOURTH, "kl", "- - - - - - -"),
    ("histogram", {}, "kl", "- - - - - - -"),
    ("log_concave", {}, "root_mise", "2/5 2/5 1/2 2/5 2/5 2/5 2/5"),
    ("wavelet", {}, "root_mise", " ".join(["6/13"] * 7)),
    ("wavelet", {"vanishing_moments": 1}, "root_mise", " ".join(["1/3"] * 7)),
    ("log_concave", {}, "root_sup_cdf", "1/2 1/2 1/2 1/2 1/2 1/2 1/2"),
    ("parametric", {}, "kl", "1 1 1 1 1 1 1"),
    ("empirical", {}, "root_sup_cdf", "1/2 1/2 1/2 1/2 1/2 1/2 1/2"),
    ("empirical", {}, "wasserstein_1", "1/2 1/2 1/2 1/2 1/2 1/2 1/2"),
    ("empirical", {}, "root_mise", "- - - - - - -"),
    ("parametric", {}, "hellinger", "1/2 1/2 1/2 1/2 1/2 1/2 1/2"),
    ("kernel", {}, "hellinger", "2/5 1/3 1/4 3/8 1/4 1/4 1/4"),
    ("kernel", FOURTH, "hellinger", "4/9 10/27 1/4 3/8 1/4 1/4 1/4"),
    ("kernel", SINC, "hellinger", "- - - - - - -"),
    ("histogram", {}, "hellinger", "1/3 5/18 1/3 1/3 1/3 - 1/3"),
    ("neighbors", {}, "hellinger", "- - - - - - -"),
    ("kernel", {}, "total_variation", "2/5 2/5 1/4 3/8 3/8 1/3 2/5"),
    ("kernel", SINC, "total_variation", "- - - - - - -"),
    ("histogram", {}, "total_variation", "1/3 1/3 1/3 1/3 1/3 1/3 1/3"),
    ("series", {}, "total_variation", "1/2 - 3/8 3/8 3/8 1/3 2/5"),
    ("adaptive_kernel", {}, "total_variation", "2/5 - - - 1/3 1/3 2/7"),
    ("kernel", {}, "pointwise", "2/5 2/5 1/4 - 3/8 1/3 2/5"),
    ("histogram", {}, "pointwise", "1/3 1/3 1/3 - 1/3 1/3 1/3"),
    ("neighbors", {}, "pointwise", "1/5 - - - 1/5 1/5 1/5"),
]


def rate(kind: str, metric: str, truth: Truth | None, d: int = 1, **parameters) -> Fraction | None:
    return theory_of(exponents(kind, truth, d, parameters).get(metric), d)[0]


def text(kind: str, metric: str, truth: Truth, d: int = 1, **parameters) -> str:
    return theory_of(exponents(kind, truth, d, parameters).get(metric), d)[1]


@pytest.mark.parametrize(("kind", "parameters", "metric", "row"), TABLE)
def test_exponents_on_the_line(kind, parameters, metric, row):
    found = [rate(kind, metric, truth, **parameters) for truth in TRUTHS.values()]
    assert " ".join("-" if value is None else str(value) for value in found) == row


def test_dimensions():
    kernel = [rate("kernel", "root_mise", ANALYTIC, d) for d in (1, 2, 6)]
    assert kernel == [F(2, 5), F(1, 3), F(1, 5)]
    assert [rate("histogram", "root_mise", ANALYTIC, d) for d in (1, 2, 6)] == [F(1, 3), F(1, 4), F(1, 8)]
    assert [rate("neighbors", "root_mise", ANALYTIC, d) for d in (1, 2, 6)] == [F(1, 5), F(1, 3), F(1, 5)]
    assert [rate("kernel", "kl", ANALYTIC, d) for d in (1, 2, 3)] == [F(3, 5), F(2, 3), F(4, 7)]


def test_heavy_tails_have_total_variation_where_the_root_of_the_density_has_an_integral():
    assert [rate("kernel", "total_variation", TRUTHS["student"], d) for d in (4, 5, 6)] == [
        F(1, 4),
        None,
        None,
    ]
    assert rate("kernel", "hellinger", TRUTHS["student"], 5) == F(2, 9) / 2


def test_jumps_along_lines_in_the_plane():
    board = Truth("bounded", inside=(F(0),))
    for kind in ("kernel", "histogram", "series", "adaptive_kernel"):
        assert rate(kind, "root_mise", board, 2) == F(1, 6)
    assert rate("kernel", "kl", board, 2) == rate("kernel", "kl_core", board, 2) == F(1, 3)


def test_a_manifold_has_the_exponents_of_its_own_dimension():
    plane, folded = Truth("normal", surface=2), Truth("normal", surface=2, curved=True)
    assert rate("manifold", "kl", plane, 10, reducer="pca", latent=2) == F(2, 3)
    assert text("manifold", "kl", folded, 10, reducer="pca", latent=2) == "plateau (the surface is no plane)"
    assert rate("manifold", "kl", folded, 10, reducer={"latent": 2}) == F(2, 3)
    assert text("manifold", "kl", plane, 10, reducer="pca", latent=1).startswith("plateau")
    assert rate("manifold", "kl", ANALYTIC, 10, reducer="pca", latent=2) is None


def test_formulas():
    assert text("kernel", "root_mise", TRUTHS["sobolev_2"]) == "(log n)^(1/10) n^(-2/5)"
    assert text("histogram", "root_mise", TRUTHS["sobolev_1"]) == "(log n)^(1/6) n^(-1/3)"
    assert text("histogram", "root_mise", TRUTHS["sobolev_2"]) == "n^(-1/3)"
    assert text("histogram", "root_mise", TRUTHS["beta"]) == "n^(-1/3)", "smooth up to its ends"
    assert text("kernel", "kl", ANALYTIC, 3) == "n^(-min(2+d, 4)/(4+d)) but for logarithms"
    assert text("adaptive_kernel", "kl", ANALYTIC) == "n^(-2/(4+d)) but for logarithms"
    assert text("adaptive_kernel", "kl", TRUTHS["sobolev_2"]) == "n^(-2/7)"
    assert text("adaptive_kernel", "root_mise", ANALYTIC) == "n^(-2/(4+d)) but for logarithms"
    assert text("adaptive_kernel", "root_mise", TRUTHS["student"]) == "n^(-2/5)"
    assert text("neighbors", "wasserstein_1", ANALYTIC) == "n^(-1/5) but for logarithms"
    assert text("neighbors", "wasserstein_1", TRUTHS["student"]).startswith("does not fall (the mass")
    assert rate("neighbors", "wasserstein_1", Truth(F(4))) == 0, "it grows"
    assert text("neighbors", "wasserstein_1", Truth(F(10))).startswith("n^(-1/10) (the mass")
    assert text("series", "root_mise", ANALYTIC) == "(log n / n)^(1/2)"
    assert text("kernel", "hellinger", ANALYTIC) == "n^(-2/5) but for logarithms"
    assert text("histogram", "hellinger", TRUTHS["beta"]) == "n^(-1/3) but for logarithms", "an end like t"
    assert text("histogram", "hellinger", TRUTHS["sobolev_2"]) == "n^(-1/3)", "an end like t^(3/2)"
    assert text("neural_cdf", "root_mise", TRUTHS["beta"]) == "(log log n / n)^(1/4)"


def test_a_kernel_that_is_told_the_support_has_no_jump():
    told = {"bounds": [0, None]}
    assert rate("kernel", "root_mise", TRUTHS["exponential"], **told) == F(2, 5)
    assert rate("kernel", "root_mise", TRUTHS["beta"], **told) == F(3, 8), "a kink remains one"


def test_an_order_that_no_name_tells():
    assert rate("kernel", "root_mise", ANALYTIC, kernel="mine", order=6) == F(6, 13)
    assert rate("kernel", "root_mise", ANALYTIC, kernel="mine", order=float("inf")) == F(1, 2)


def test_points_in_tails_that_are_too_heavy():
    found = [rate("empirical", "wasserstein_1", Truth(F(v))) for v in (1, F(3, 2), 2, 3)]
    assert found == [None, F(1, 3), F(1, 2), F(1, 2)]
    assert text("empirical", "wasserstein_1", Truth(F(2))) == "log n n^(-1/2)"


def test_nothing_is_known_of_an_unknown_truth():
    for kind in set(KINDS) - {"parametric"}:
        assert exponents(kind, None, 1, {}) == {}


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"tail": "heavy"}, "cannot read"),
        ({"tail": 0}, "positive"),
        ({"tail": "normal", "ends": [-1]}, "0 or more"),
        ({"tail": "normal", "inside": ["x"]}, "cannot read"),
    ],
)
def test_what_is_no_density_is_refused(properties, message):
    with pytest.raises(ValueError, match=message):
        Truth.of(properties)


powers = st.lists(st.fractions(0, 9, max_denominator=4), max_size=3).map(tuple)
tails = st.sampled_from(["bounded", "normal", "exponential"]) | st.fractions(F(1, 4), 9, max_denominator=4)
truths = st.builds(Truth, tails, powers, powers)


@given(st.sampled_from(sorted(KINDS)), truths, st.integers(1, 10))
def test_no_root_error_falls_faster_than_the_parametric_one(kind, truth, d):
    for metric, entry in exponents(kind, truth, d, {}).items():
        value, formula = theory_of(entry, d)
        assert 0 <= value <= (1 if metric.startswith("kl") else F(1, 2)), metric
        assert formula


@given(truths, st.integers(1, 4))
def test_a_higher_order_is_never_worse(truth, d):
    low, high = (rate("kernel", "root_mise", truth, d, kernel=name) for name in ("gaussian", "gaussian4"))
    assert low <= high <= F(1, 2)


@pytest.mark.parametrize("a", [0.5, 1.0, 1.5])
def test_neighbors_at_an_end_are_off_by_the_density_at_their_radius(a):
    """The estimate at its population radius, no chance: its squared error is r0^(2a+1) to the power.

    Density (a+1) t^a on [0, 1]: F(t) = t^(a+1). At x near 0 the k-th neighbor of n points is where the mass
    within r is k/n. Exponents over four decades of k/n, and the theory's at k ~ n^(4/5) from them.
    """
    shares, errors = np.geomspace(1e-9, 1e-5, 9), []
    for share in shares:
        r0 = share ** (1 / (a + 1))
        x = np.linspace(-20, 20, 20_001) * r0
        low, high = np.zeros_like(x), np.full_like(x, 100 * r0)
        for _ in range(80):  # bisection for the radius
            r = (low + high) / 2
            mass = np.maximum(x + r, 0) ** (a + 1) - np.maximum(x - r, 0) ** (a + 1)
            low, high = np.where(mass < share, r, low), np.where(mass < share, high, r)
        truth = (a + 1) * np.maximum(x, 0) ** a
        errors.append(np.sqrt(np.sum((share / (2 * r) - truth) ** 2) * (x[1] - x[0])))
    slope = np.polyfit(np.log(shares), np.log(errors), 1)[0]
    assert slope == pytest.approx((2 * a + 1) / (2 * (a + 1)), abs=1e-6)
    derived = rate("neighbors", "root_mise", Truth("bounded", ends=(F(a),)))
    assert float(derived) == pytest.approx(slope / 5, abs=1e-6)


def test_a_histogram_at_a_root_has_a_logarithm():
    """The bias of bins of width b on 1.5 t^(1/2): b^2 (log(1/b) + c), exactly computed.

    Its second difference over octaves of b, of bias^2 / b^2, is that of a straight line in log(1/b), of slope
    1.5^2 / (4 * 12) = 3/64.
    """
    values = []
    for bins in (2**8, 2**10, 2**12, 2**14):
        edges = np.arange(bins + 1) / bins
        means = np.diff(edges**1.5) * bins
        squares = np.diff(1.5**2 * edges**2 / 2)  # the integral of p^2
        values.append(np.sum(squares - means**2 / bins) * bins**2)
    np.testing.assert_allclose(np.diff(values), 3 / 64 * np.log(4), rtol=1e-3)
