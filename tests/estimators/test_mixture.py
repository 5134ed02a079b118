"""The normal mixture: likelihood, choice of K, weights, degenerate data, quantiles."""

import warnings

import numpy as np
import pytest
from scipy.special import logsumexp, ndtr
from scipy.stats import ks_2samp, multivariate_normal
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from genrates.estimators import GaussianDensity, InversionSampler, MixtureDensity
from genrates.estimators._numerics.discrete import alias_table, draw_index
from genrates.estimators.mixture import _em
from genrates.estimators.mixture._em_starts import plus_plus
from genrates.estimators.mixture._quantile import mixture_quantile


def _blobs(n, d, k, seed=0):
    rng = np.random.default_rng(seed)
    centers, factors = 4 * rng.standard_normal((k, d)), rng.standard_normal((k, d, d)) / 2 + np.eye(d)
    label = rng.integers(0, k, n)
    return centers[label] + np.einsum("nij,nj->ni", factors[label], rng.standard_normal((n, d)))


def _start(columns, centers, full):
    k, d = centers.shape
    return _em.MixtureParameters(
        np.full(k, 1 / k), centers, np.tile(np.eye(d) if full else np.ones(d), (k, *[1] * (1 + full)))
    )


@pytest.mark.parametrize("covariance", ["full", "diag"])
def test_one_component_is_the_normal(covariance):
    X = _blobs(500, 3, 2)
    one = MixtureDensity(n_components=1, covariance=covariance).fit(X)
    normal = GaussianDensity(covariance=covariance).fit(X)
    np.testing.assert_allclose(one.score_samples(X), normal.score_samples(X), rtol=1e-9)
    assert one.n_parameters_ == normal.n_parameters_


@pytest.mark.parametrize("covariance", ["full", "diag"])
@pytest.mark.parametrize(("d", "k"), [(1, 3), (2, 5), (6, 4)])
def test_likelihood_is_at_least_scikit_learns(d, k, covariance):
    """One start of ours against the best of five of theirs, run to a like tolerance."""
    X = _blobs(600, d, k)
    ours = MixtureDensity(n_components=k, covariance=covariance, random_state=0).fit(X)
    theirs = GaussianMixture(
        k, covariance_type=covariance, n_init=5, tol=1e-6, max_iter=500, random_state=0
    ).fit(X)
    assert ours.score(X) >= theirs.score(X) - 1e-4


@pytest.mark.parametrize("full", [True, False])
def test_em_never_loses_likelihood(full):
    X = _blobs(800, 2, 4)
    columns = np.ascontiguousarray(((X - X.mean(axis=0)) / X.std(axis=0)).T)
    weight = np.full(800, 1 / 800)
    current = _start(columns, plus_plus(columns, weight, 4, np.random.default_rng(1)), full)
    path = []
    for _ in range(60):
        statistics, likelihood = _em.em_step(columns, weight, current)
        current = current.updated(statistics, 1e-6)
        path.append(likelihood)
    assert np.all(np.diff(path) > -1e-10)


def test_acceleration_ends_where_em_ends():
    """The same optimum, in fewer E-steps."""
    X = np.random.default_rng(0).standard_normal((1000, 1)) + 2 * (np.arange(1000) % 2)[:, None]
    columns = ((X - X.mean()) / X.std()).T.copy()
    weight = np.full(1000, 1e-3)
    start = _start(columns, np.array([[-1.0], [0.5]]), True)
    _, likelihood, steps, converged = _em.run(columns, weight, start, floor=1e-6, tol=1e-10, max_iter=5000)
    current, last, plain = start, -np.inf, 0
    while True:
        statistics, new = _em.em_step(columns, weight, current)
        if new - last < 1e-10:
            break
        current, last, plain = current.updated(statistics, 1e-6), new, plain + 1
    assert converged
    assert likelihood >= last - 1e-7
    assert steps < plain


def test_log_density_by_brute_force():
    X = _blobs(400, 3, 3)
    model = MixtureDensity(n_components=3, random_state=0).fit(X)
    queries = np.vstack([X, 30 * X])
    parts = [
        np.log(w) + multivariate_normal(m, c).logpdf(queries)
        for w, m, c in zip(model.weights_, model.means_, model.covariances_, strict=True)
    ]
    np.testing.assert_allclose(model.score_samples(queries), logsumexp(parts, axis=0), rtol=1e-8)


@pytest.mark.parametrize("criterion", ["bic", "likelihood_cv"])
def test_number_of_components(criterion):
    """Three blobs far apart: over 3 samples, BIC finds 3 each time, cross-validation at least 3."""
    for seed in range(3):
        X = np.random.default_rng(seed).standard_normal((300, 2)) + 10 * (np.arange(300) % 3)[:, None]
        model = MixtureDensity(n_components=criterion, max_components=6, n_init=3, random_state=0).fit(X)
        assert model.n_components_ == 3 if criterion == "bic" else 3 <= model.n_components_ <= 5
        best = np.argmin(model.criterion_) if criterion == "bic" else np.argmax(model.criterion_)
        assert best + 1 == model.n_components_


def test_finds_the_claw():
    """Five narrow normals upon a broad one: from k-means++ starts alone EM ends 4000 nats below the truth."""
    rng = np.random.default_rng(0)
    component = rng.integers(0, 10, 20_000)
    narrow = component < 5
    X = np.where(narrow, component / 2 - 1, 0.0) + np.where(narrow, 0.1, 1.0) * rng.standard_normal(
        len(narrow)
    )
    model = MixtureDensity(n_components="bic", random_state=0).fit(X[:, None])
    assert model.n_components_ == 6
    broad = np.argmax(model.covariances_.ravel())
    np.testing.assert_allclose(np.delete(model.means_.ravel(), broad), [-1, -0.5, 0, 0.5, 1], atol=0.02)
    assert model.weights_[broad] == pytest.approx(0.5, abs=0.03)


def test_bic_is_scikit_learns():
    X = _blobs(300, 2, 2)
    model = MixtureDensity(n_components="bic", max_components=1).fit(X)
    assert model.criterion_[0] == pytest.approx(GaussianMixture(1, reg_covar=0).fit(X).bic(X))


def test_weights_equal_repeats_beyond_the_rows_that_starts_use():
    X = _blobs(6000, 2, 3)
    weight = np.random.default_rng(1).integers(0, 3, len(X))
    weighted = MixtureDensity(n_components=3, random_state=0).fit(X, sample_weight=weight)
    repeated = MixtureDensity(n_components=3, random_state=0).fit(np.repeat(X, weight, axis=0))
    np.testing.assert_allclose(weighted.score_samples(X), repeated.score_samples(X), rtol=1e-9)


@pytest.mark.parametrize("covariance", ["full", "diag"])
@pytest.mark.parametrize(
    "X",
    [
        np.repeat([[0.0, 0.0], [1.0, 3.0], [2.0, -1.0]], 30, axis=0),
        np.column_stack([np.arange(50.0), 2 * np.arange(50.0)]),
        np.vstack([np.zeros((40, 2)), [[1.0, 1e6]]]),
        np.column_stack([np.arange(60) % 2, np.linspace(0, 1, 60)]),
    ],
    ids=["duplicates", "dependent columns", "one outlier", "a binary column"],
)
def test_no_collapse(X, covariance):
    """Finite densities, and no component narrower than the floor in any direction of the scaled data."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = MixtureDensity(n_components=4, covariance=covariance, random_state=0).fit(X)
    assert np.all(np.isfinite(model.score_samples(X)))
    assert np.all(np.isfinite(model.sample(100, random_state=0)))
    square = np.outer(X.std(axis=0), X.std(axis=0))
    if covariance == "full":
        assert np.linalg.eigvalsh(model.covariances_ / square).min() > 0.999e-6
    else:
        assert (model.covariances_ / np.diag(square)).min() > 0.999e-6


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("covariance", ["full", "diag"])
def test_inversion_draws_the_same_law(d, covariance):
    """Two-sample Kolmogorov-Smirnov on 2 d projections, Bonferroni: false alarm 1e-4 a case."""
    model = MixtureDensity(n_components=3, covariance=covariance, random_state=0).fit(_blobs(1000, d, 3))
    own, inverted = model.sample(4000, random_state=1), InversionSampler(model).sample(4000, random_state=2)
    directions = np.vstack([np.eye(d), np.random.default_rng(3).standard_normal((d, d))])
    for direction in directions:
        assert ks_2samp(own @ direction, inverted @ direction).pvalue > 1e-4 / len(directions)


@pytest.mark.parametrize("d", [1, 2, 4, 6])
@pytest.mark.parametrize("covariance", ["full", "diag"])
def test_many_draws_have_the_moments(d, covariance):
    """The fast paths of `sample`: mean and covariance, all within 5 standard errors (false alarm < 1e-4)."""
    model = MixtureDensity(n_components=3, covariance=covariance, random_state=0).fit(_blobs(1000, d, 3))
    full = model.covariances_ if covariance == "full" else model.covariances_[:, :, None] * np.eye(d)
    sample = model.sample(40_000, random_state=4)
    mean = model.weights_ @ model.means_
    spread = model.means_ - mean
    exact = np.einsum("k,kij->ij", model.weights_, full + spread[:, :, None] * spread[:, None, :])
    centered = sample - mean
    products = centered[:, :, None] * centered[:, None, :]
    assert np.all(np.abs(centered.mean(axis=0)) < 5 * centered.std(axis=0) / 200)
    assert np.all(np.abs(products.mean(axis=0) - exact) < 5 * products.std(axis=0) / 200)


@pytest.mark.parametrize(
    ("weights", "means", "sds"),
    [
        ([1.0], [0.0], [1.0]),
        ([0.5, 0.5], [-3.0, 3.0], [1.0, 0.1]),
        ([0.49, 0.02, 0.49], [-1e3, 0.0, 1e3], [1.0, 0.01, 2.0]),
        ([1 - 1e-12, 1e-12], [0.0, 50.0], [1.0, 1.0]),
        ([0.5, 0.5], [0.0, 0.0], [1.0, 1e-3]),
    ],
)
def test_quantiles_to_the_last_bits(weights, means, sds):
    weights, means, sds = map(np.array, (weights, means, sds))
    q = np.concatenate([[1e-300, 1e-20, 0.5, 1 - 1e-13], np.linspace(0.0001, 0.9999, 5000)])
    x = mixture_quantile(q, weights, means, sds)
    level = ndtr((x[:, None] - means) / sds) @ weights
    # what rounding x itself can do to the level
    slope = (weights / sds * np.exp(-0.5 * ((x[:, None] - means) / sds) ** 2)).sum(axis=1)
    np.testing.assert_array_less(
        np.abs(level - q), 1e-15 + 1e-10 * np.minimum(q, 1 - q) + 1e-15 * slope * np.abs(x)
    )
    assert mixture_quantile(np.array([0.0, 1.0]), weights, means, sds).tolist() == [-np.inf, np.inf]
    own = tuple(np.broadcast_to(a, (len(q), len(means))) for a in (weights, means, sds))
    np.testing.assert_allclose(mixture_quantile(q, *own), x, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n_alternatives", [1, 3, 5000])
@pytest.mark.parametrize("n_samples", [5000, 200_000])
def test_guide_table_draws_the_probabilities(n_alternatives, n_samples):
    """Each count within 6 standard deviations (false alarm < 1e-5 a case); what has no mass never comes."""
    mass = np.random.default_rng(5).random(n_alternatives) ** 4 + 1e-3
    mass[1::7] = 0
    parts = list(draw_index(mass, n_samples, np.random.default_rng(6)))
    assert [rows.start for rows, _ in parts][1:] == [rows.stop for rows, _ in parts][:-1]
    count = np.bincount(np.concatenate([index for _, index in parts]), minlength=n_alternatives)
    p = mass / mass.sum()
    assert count.sum() == n_samples
    assert np.all(count[p == 0] == 0)
    # Poisson tails are heavier than normal ones where few are expected
    assert np.all(np.abs(count - n_samples * p) <= 6 * np.sqrt(n_samples * p * (1 - p)) + 12 * (p < 0.999))


@pytest.mark.parametrize("shape", ["equal", "even", "skewed", "zeros", "one"])
def test_alias_table_holds_the_probabilities(shape):
    """Slot by slot, what is kept and what is passed on add up to each probability."""
    rng = np.random.default_rng(3)
    mass = {
        "equal": np.full(999, 0.3),
        "even": rng.random(1000),
        "skewed": rng.pareto(1.1, 1000),
        "zeros": rng.random(1000) * (rng.random(1000) < 0.1),
        "one": np.eye(50)[7],
    }[shape]
    keep, alias = alias_table(mass)
    assert np.all((keep >= 0) & (keep <= 1))
    found = (keep + np.bincount(alias, 1 - keep, len(mass))) / len(mass)
    np.testing.assert_allclose(found, mass / mass.sum(), rtol=1e-9, atol=1e-13)


def test_order_of_components_is_fixed():
    X = _blobs(500, 1, 3)
    models = [MixtureDensity(n_components=3, random_state=s).fit(X) for s in range(3)]
    for model in models:
        assert np.all(np.diff(model.means_[:, 0]) > 0)


def test_warns_if_iterations_run_out():
    with pytest.warns(ConvergenceWarning, match="MixtureDensity"):
        model = MixtureDensity(n_components=5, max_iter=1, tol=1e-12, random_state=0).fit(_blobs(500, 2, 3))
    assert not model.converged_


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components must be"),
        ({"n_components": "aic"}, "n_components must be"),
        ({"n_components": 7}, "as many rows"),
        ({"floor": 0.0}, "floor"),
        ({"random_state": "x"}, "random_state"),
    ],
)
def test_refusals(parameters, message):
    with pytest.raises(ValueError, match=f"MixtureDensity.*{message}"):
        MixtureDensity(**parameters).fit(np.arange(6.0)[:, None])
