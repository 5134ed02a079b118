"""What every density estimator promises, put to each public one that `genrates.estimators` finds.

A new estimator is tested with no edit here. What the tests cannot guess it says in class attributes:

- `contract_parameters`: list of dicts, constructor variants to test as well as the defaults ({}).
- `contract_dimensions`: numbers of features that it can fit (default (1, 2)).
- `example_data`: "real" (default) or "binary", what kind of data it is for.
- `expected_failed_checks`: scikit-learn's checks that cannot hold, {check: reason}.
- `contract_exceptions`: tests below that cannot hold, {test without "test_": reason}; they must then fail.
- `breakpoints_` (fitted, 1-D): where the density jumps, so that quadrature splits there.

A class whose `unsupported` names "likelihood" has no density to test. Where a test compares two fits, its
distribution function stands in for the density.

Every random test has a fixed seed and its false-alarm probability beside it.
"""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, kstest, kstwo, norm
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import has_fit_parameter

import genrates.estimators
from genrates.data.quadrature import composite_gauss_legendre
from genrates.estimators.base import DensityEstimator
from genrates.estimators.inversion import InversionSampler
from genrates.estimators.persistence import load, save

FALSE_ALARM = 1e-4


def _import(name):
    try:
        return getattr(genrates.estimators, name)
    except Exception:  # test_imports reports it; the other classes must still be tested
        return None


def _is_estimator(cls):
    return isinstance(cls, type) and issubclass(cls, DensityEstimator) and cls is not DensityEstimator


CLASSES = [c for c in map(_import, genrates.estimators.__all__) if _is_estimator(c)]
# Of the peers only scipy's draws points and has a distribution function, which most tests below need.
# tests/estimators/test_peers.py puts to all peers what remains; their known faults are not ours.
CLASSES.append(genrates.estimators.peers.ScipyGaussianKDE)


def _hint(cls, name, default):
    return getattr(cls, name, default)


def _reproducible(model):
    """Random starts from a fixed seed, where there are any."""
    return model.set_params(random_state=0) if "random_state" in model.get_params() else model


def _has_density(cls):
    return "likelihood" not in (cls.unsupported if isinstance(cls.unsupported, dict) else {})


def _cases(kind, dimension, *, all_classes=False):
    """Every class and variant for data of this kind, as pytest parameters; those with a density, or all."""
    return [
        pytest.param(_reproducible(cls(**params)), id=cls.__name__ + ("" if not params else str(params)))
        for cls in CLASSES
        if _hint(cls, "example_data", "real") == kind
        and (all_classes or _has_density(cls))
        and (kind == "binary" or dimension in _hint(cls, "contract_dimensions", (1, 2)))
        for params in [{}, *_hint(cls, "contract_parameters", [])]
    ]


in_1d = pytest.mark.parametrize("model", _cases("real", 1))
in_2d = pytest.mark.parametrize("model", _cases("real", 2))
on_bits = pytest.mark.parametrize("model", _cases("binary", None))
with_quantiles = pytest.mark.parametrize("model", _cases("real", 1, all_classes=True))
everywhere = pytest.mark.parametrize(
    "model", _cases("real", 1, all_classes=True) + _cases("binary", None, all_classes=True)
)


@pytest.fixture(autouse=True)
def _contract_exceptions(request):
    model = request.node.callspec.params.get("model") if hasattr(request.node, "callspec") else None
    test = request.node.originalname.removeprefix("test_")
    reason = _hint(type(model), "contract_exceptions", {}).get(test)
    if reason:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


def _data(model, n=200, seed=0, dimension=1):
    rng = np.random.default_rng(seed)
    if _hint(type(model), "example_data", "real") == "binary":
        return (rng.random((n, 6)) < rng.choice([0.2, 0.7], size=(n, 1))).astype(float)
    far = rng.random((n, 1)) < 0.3
    X = rng.standard_normal((n, dimension)) * np.where(far, 0.5, 1.0) + 3.0 * far
    X[:, 1:] += 0.5 * X[:, :1]
    return X


def _fitted(model, *args, **keywords):
    X = _data(model, *args, **keywords)
    return clone(model).fit(X), X


def _answers(model, X):
    """The log-densities of the rows, or the distribution function there if there is no density."""
    return model.score_samples(X) if _has_density(type(model)) else model.cdf(X)


def _quadrature(model, X):
    """Gauss-Legendre panels that end at quantiles, jumps and data points, over all but 1e-9 of the mass."""
    ends = model.ppf([0.0, 1.0])
    low, high = np.where(np.isfinite(ends), ends, model.ppf([5e-10, 1 - 5e-10]))
    cuts = [model.ppf(np.linspace(0, 1, 802)[1:-1]), getattr(model, "breakpoints_", []), X[:, 0]]
    return composite_gauss_legendre(low, high, 4000, np.concatenate(cuts))


def test_imports():
    """Every class that the package lists can be imported."""
    for name in genrates.estimators.__all__:
        getattr(genrates.estimators, name)


@parametrize_with_checks(
    [_reproducible(cls()) for cls in CLASSES],
    expected_failed_checks=lambda estimator: _hint(type(estimator), "expected_failed_checks", {}),
)
def test_scikit_learn(estimator, check):
    check(estimator)


# -- the law in one dimension -------------------------------------------------------------------------


@in_1d
def test_integrates_to_one(model):
    model, X = _fitted(model)
    x, w = _quadrature(model, X)
    assert w @ np.exp(model.score_samples(x[:, None])) == pytest.approx(1.0, abs=1e-6)


@in_1d
def test_distribution_function_is_the_integral_of_the_density(model):
    model, X = _fitted(model)
    grid = np.unique(model.ppf(np.linspace(0.01, 0.99, 50)))
    cuts = np.concatenate([grid, getattr(model, "breakpoints_", []), X[:, 0]])
    x, w = composite_gauss_legendre(grid[0], grid[-1], 4000, cuts)
    inside = np.searchsorted(grid, x) - 1
    mass = np.bincount(inside, weights=w * np.exp(model.score_samples(x[:, None])), minlength=len(grid) - 1)
    np.testing.assert_allclose(mass, np.diff(model.cdf(grid[:, None])), rtol=0, atol=1e-6)


@in_1d
def test_quantiles_invert_the_distribution_function(model):
    model, X = _fitted(model)
    levels = np.concatenate([[1e-6, 1e-3], np.linspace(0.01, 0.99, 99), [1 - 1e-3, 1 - 1e-6]])
    quantiles = model.ppf(levels)
    assert np.all(np.diff(quantiles) >= 0)
    np.testing.assert_allclose(model.cdf(quantiles[:, None]), levels, rtol=0, atol=1e-9)
    x = np.sort(model.sample(200, random_state=1)[:, 0])[2:-2]
    np.testing.assert_allclose(model.ppf(model.cdf(x[:, None])), x, rtol=0, atol=1e-6 * np.ptp(X))
    with pytest.raises(ValueError, match=type(model).__name__):
        model.ppf([1.5])


@with_quantiles
def test_sample_follows_the_own_distribution_function(model):
    """Kolmogorov-Smirnov, false alarm 1e-4 for each model."""
    model, _ = _fitted(model)
    sample = model.sample(2000, random_state=3)
    assert kstest(sample[:, 0], lambda x: model.cdf(x[:, None])).pvalue > FALSE_ALARM


@with_quantiles
def test_many_draws_follow_the_own_distribution_function(model):
    """30 000 draws go through tables that few do not need: Kolmogorov-Smirnov, false alarm 1e-4 each.

    The order of the draws is no clue to their values: correlation with it, false alarm 1e-4.
    """
    model, _ = _fitted(model)
    sample = model.sample(30_000, random_state=5)[:, 0]
    grid = np.unique(sample)[::10]
    level = model.cdf(grid[:, None])
    # between two points of the grid both distribution functions rise: the statistic is off by 10/n at most
    empirical = np.searchsorted(np.sort(sample), grid, side="right") / len(sample)
    assert np.abs(empirical - level).max() < kstwo.isf(FALSE_ALARM, len(sample)) + 10 / len(sample)
    assert abs(np.corrcoef(sample, np.arange(len(sample)))[0, 1]) < norm.isf(FALSE_ALARM / 2) / np.sqrt(
        30_000
    )


@with_quantiles
def test_inversion_draws_the_same_law(model):
    """`sampler=inversion` on every model with quantiles: Kolmogorov-Smirnov, false alarm 1e-4 each."""
    model, _ = _fitted(model)
    sample = InversionSampler().draw(model, 2000, random_state=6)
    assert kstest(sample[:, 0], lambda x: model.cdf(x[:, None])).pvalue > FALSE_ALARM


@in_1d
def test_far_away(model):
    model, X = _fitted(model)
    far = np.array([[-1e300], [-1e6], [1e6], [1e300]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores, levels = model.score_samples(far), model.cdf(far)
    assert not np.any(np.isnan(scores))
    assert np.all(scores <= model.score_samples(X).min())
    np.testing.assert_allclose(levels, [0, 0, 1, 1], atol=1e-3)


# -- two dimensions -----------------------------------------------------------------------------------


@in_2d
def test_sample_follows_the_density_in_2d(model):
    """The density's mass on a 6 x 6 grid (it sums to 1), and chi-squared of samples; false alarm 1e-4."""
    model, _ = _fitted(model, 300, dimension=2)
    sample = model.sample(4000, random_state=4)
    low, high = sample.min(axis=0), sample.max(axis=0)
    low, high = low - 0.25 * (high - low), high + 0.25 * (high - low)
    fine = 240
    axes = [a + (np.arange(fine) + 0.5) * (b - a) / fine for a, b in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    mass = np.exp(model.score_samples(points)).reshape(6, 40, 6, 40).sum(axis=(1, 3)).ravel()
    mass *= np.prod(high - low) / fine**2
    assert mass.sum() == pytest.approx(1.0, abs=5e-3)
    cell = np.floor((sample - low) / (high - low) * 6).astype(int) @ [6, 1]
    expected, seen = 4000 * mass, np.bincount(cell, minlength=36)
    rare = expected < 5
    expected = np.append(expected[~rare], 4000 - expected[~rare].sum())
    seen = np.append(seen[~rare], seen[rare].sum())
    expected[-1] = max(expected[-1], 5.0)
    assert ((seen - expected) ** 2 / expected).sum() < chi2.isf(FALSE_ALARM, len(expected) - 1)


@in_2d
def test_only_one_dimension_has_a_distribution_function(model):
    model, X = _fitted(model, dimension=2)
    assert "cdf" not in model.capabilities_
    for call in (lambda: model.cdf(X), lambda: model.ppf([0.5])):
        with pytest.raises(ValueError, match=type(model).__name__):
            call()


@on_bits
def test_sums_to_one_over_all_patterns(model):
    model, X = _fitted(model)
    patterns = np.array(np.meshgrid(*[[0.0, 1.0]] * X.shape[1])).reshape(X.shape[1], -1).T
    probability = np.exp(model.score_samples(patterns))
    assert probability.sum() == pytest.approx(1.0, abs=1e-10)
    sample = model.sample(4000, random_state=5)
    assert set(np.unique(sample)) <= {0.0, 1.0}
    code = 2.0 ** np.arange(X.shape[1])
    seen = np.array([(sample @ code == p @ code).sum() for p in patterns])
    rare = 4000 * probability < 5
    expected = np.append(4000 * probability[~rare], max(4000 * probability[rare].sum(), 5.0))
    seen = np.append(seen[~rare], seen[rare].sum())
    # chi-squared, false alarm 1e-4
    assert ((seen - expected) ** 2 / expected).sum() < chi2.isf(FALSE_ALARM, len(expected) - 1)


# -- invariances --------------------------------------------------------------------------------------


@in_1d
@settings(max_examples=4, derandomize=True, deadline=None)
@given(power=st.integers(-8, 8), shift=st.integers(-20, 20))
def test_location_and_scale(model, power, shift):
    """fit(a x + b) has the density of a x + b; a power of 2, so that no rounding stands between the fits."""
    X, a = _data(model), 2.0**power
    plain, moved = clone(model).fit(X), clone(model).fit(a * (X + shift))
    queries = plain.sample(50, random_state=6)
    expected = plain.score_samples(queries) - np.log(a)
    np.testing.assert_allclose(moved.score_samples(a * (queries + shift)), expected, rtol=1e-6, atol=1e-6)


@in_2d
def test_location_and_scale_in_2d(model):
    X = _data(model, dimension=2)
    plain, moved = clone(model).fit(X), clone(model).fit(4 * X + 16)
    queries = X[:50] + 0.0625
    expected = plain.score_samples(queries) - 2 * np.log(4)
    np.testing.assert_allclose(moved.score_samples(4 * queries + 16), expected, rtol=1e-6, atol=1e-6)


@everywhere
def test_order_of_rows_does_not_matter(model):
    plain, X = _fitted(model)
    shuffled = clone(model).fit(X[np.random.default_rng(7).permutation(len(X))])
    np.testing.assert_allclose(_answers(shuffled, X), _answers(plain, X), rtol=1e-6, atol=1e-9)


@everywhere
def test_weights_equal_repeats(model):
    if not has_fit_parameter(model, "sample_weight"):
        pytest.skip("fit takes no sample_weight")
    X = _data(model, 120)
    weight = np.random.default_rng(8).choice([0, 1, 1, 1, 1, 2], len(X))
    weighted = clone(model).fit(X, sample_weight=weight)
    repeated = clone(model).fit(np.repeat(X, weight, axis=0))
    queries = X[weight > 0]
    np.testing.assert_allclose(_answers(weighted, queries), _answers(repeated, queries), rtol=1e-6, atol=1e-9)


@everywhere
@pytest.mark.parametrize("factor", [1e20, 1e-300, 0.1])
@pytest.mark.parametrize("kind", ["repeats", "importances"])
def test_only_ratios_of_weights_matter(model, kind, factor):
    if not has_fit_parameter(model, "sample_weight"):
        pytest.skip("fit takes no sample_weight")
    X, rng = _data(model, 120), np.random.default_rng(8)
    weight = rng.choice([0, 1, 2], len(X)) if kind == "repeats" else np.exp(-2 * rng.random(len(X)))
    plain, scaled = (clone(model).fit(X, sample_weight=c * weight) for c in (1.0, factor))
    np.testing.assert_allclose(_answers(scaled, X), _answers(plain, X), rtol=1e-6, atol=1e-9)


@everywhere
def test_equal_weights_are_no_weights(model):
    if not has_fit_parameter(model, "sample_weight"):
        pytest.skip("fit takes no sample_weight")
    plain, X = _fitted(model)
    weighted = clone(model).fit(X, sample_weight=np.full(len(X), 7.3))
    np.testing.assert_allclose(_answers(weighted, X), _answers(plain, X), rtol=1e-6, atol=1e-9)


# -- state --------------------------------------------------------------------------------------------


@everywhere
def test_persistence(model, tmp_path):
    fitted, X = _fitted(model)
    _answers(fitted, X)  # builds whatever is built lazily
    save(fitted, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(_answers(again, X), _answers(fitted, X))
    np.testing.assert_array_equal(again.sample(20, random_state=0), fitted.sample(20, random_state=0))
    assert again.capabilities_ == fitted.capabilities_
    assert (again.n_parameters_, again.nbytes_) == (fitted.n_parameters_, fitted.nbytes_)
    if "cdf" in fitted.capabilities_:
        np.testing.assert_array_equal(again.cdf(X), fitted.cdf(X))


@everywhere
def test_second_fit_forgets_the_first(model):
    twice, X = _fitted(model)
    _answers(twice, X)
    twice.sample(3, random_state=0)
    other = _data(model, 150, seed=9)
    once = clone(model).fit(other)
    twice.fit(other)
    np.testing.assert_array_equal(_answers(twice, other), _answers(once, other))
    np.testing.assert_array_equal(twice.sample(9, random_state=0), once.sample(9, random_state=0))


@everywhere
def test_training_rows_are_not_shared(model):
    """Overwriting X after fit changes nothing."""
    X = _data(model)
    queries, fitted = X[:20].copy(), clone(model).fit(X)
    before = _answers(fitted, queries)
    X[:] = 0
    np.testing.assert_array_equal(_answers(fitted, queries), before)


@everywhere
def test_sample(model):
    model, X = _fitted(model)
    state = np.random.get_state()[1].copy()  # noqa: NPY002 (read, to see that nobody touched it)
    first = model.sample(7, random_state=11)
    assert first.shape == (7, X.shape[1])
    assert first.dtype == np.float64
    np.testing.assert_array_equal(model.sample(7, random_state=11), first)
    np.testing.assert_array_equal(model.sample(7, random_state=np.random.default_rng(11)), first)
    assert not np.array_equal(model.sample(7, random_state=12), first)
    assert model.sample(random_state=0).shape == (1, X.shape[1])
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert np.all(np.isfinite(_answers(model, first)))
    for n in (0, -1, 1.5):
        with pytest.raises(ValueError, match="n_samples"):
            model.sample(n)


@everywhere
def test_describes_itself(model):
    model, X = _fitted(model)
    assert model.n_parameters_ >= 1
    assert model.nbytes_ >= 8
    if _has_density(type(model)):
        assert model.score(X) == pytest.approx(model.score_samples(X).mean())
    assert {"likelihood", "sampling"} - set(model.unsupported) <= model.capabilities_


# -- bad and meagre input -----------------------------------------------------------------------------


@everywhere
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_a_number(model, value):
    fitted, X = _fitted(model)
    X = X.copy()
    X[3, 0] = value
    with pytest.raises(ValueError, match=type(model).__name__):
        clone(model).fit(X)
    with pytest.raises(ValueError, match=type(model).__name__):
        _answers(fitted, X)


@everywhere
def test_wrong_number_of_features(model):
    model, X = _fitted(model)
    with pytest.raises(ValueError, match=type(model).__name__):
        _answers(model, np.hstack([X, X]))


@in_1d
@pytest.mark.parametrize(
    "X",
    [[[1.0]], [[1.0]] * 20, [[0.0], [1.0]], [[0.0], [1.0], [5.0]] * 20, [[0.0]] * 50 + [[1.0]]],
    ids=["one point", "constant", "two points", "three values", "one differs"],
)
def test_meagre_data(model, X):
    """A ValueError that names the estimator, or an honest density: no NaN, no infinite peak, total mass 1."""
    X, model, refusal = np.array(X), clone(model), None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            model.fit(X)
    except ValueError as error:
        refusal = str(error)
    if refusal is not None:
        assert type(model).__name__ in refusal
        return
    assert np.all(model.score_samples(X) < np.inf)  # False for NaN too
    assert np.all(np.isfinite(model.sample(10, random_state=0)))
    x, w = _quadrature(model, X)
    assert w @ np.exp(model.score_samples(x[:, None])) == pytest.approx(1.0, abs=1e-4)


@everywhere
def test_bad_parameters(model):
    X = _data(model)
    for name, value in model.get_params(deep=False).items():
        bad = ["no such value", object()] + ([np.nan, -1.0] if type(value) in (int, float) else [])
        for wrong in bad:
            if wrong == -1.0 and name in ("binarize", "origin", "random_state"):
                continue
            with pytest.raises(ValueError, match=type(model).__name__):
                clone(model).set_params(**{name: wrong}).fit(X)


@everywhere
@pytest.mark.parametrize(
    "weight", [[0.0] * 200, [1.0] * 199, [-1.0] * 200, [np.nan] * 200, [1.0, np.inf] * 100]
)
def test_bad_weights(model, weight):
    if not has_fit_parameter(model, "sample_weight"):
        pytest.skip("fit takes no sample_weight")
    with pytest.raises(ValueError):  # noqa: PT011 (scikit-learn words some of them)
        clone(model).fit(_data(model), sample_weight=weight)
