"""Peers behind our protocol: their own numbers, repeatable draws, files, and reasons for what they lack."""

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hydra.utils import instantiate
from omegaconf import OmegaConf
from scipy.stats import gaussian_kde, kstest
from sklearn.base import BaseEstimator, DensityMixin, clone
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import genrates.estimators
from genrates.estimators import GaussianDensity, persistence
from genrates.estimators.peers import KDEpyDensity, PeerDensity, ScipyGaussianKDE, StatsmodelsKDE, adapt

KDEpy = pytest.importorskip("KDEpy")
kde = pytest.importorskip("statsmodels.nonparametric.kde")
kernel_density = pytest.importorskip("statsmodels.nonparametric.kernel_density")


def points(d=1, n=200, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) + 3.0 * (rng.random((n, 1)) < 0.3)


LEARNED = [
    PeerDensity(KernelDensity(bandwidth="silverman")),
    PeerDensity(KernelDensity(kernel="tophat", bandwidth=0.5)),
    PeerDensity(GaussianMixture(2, random_state=0)),
]
BAYESIAN = PeerDensity(BayesianGaussianMixture(n_components=2, random_state=0, max_iter=500))
ADAPTERS = [
    ScipyGaussianKDE(),
    KDEpyDensity(bw=0.4),
    KDEpyDensity(method="tree", bw=0.4),
    StatsmodelsKDE(),
    StatsmodelsKDE(bw="cv_ml"),
]
every = pytest.mark.parametrize("model", LEARNED + ADAPTERS, ids=str)


def numpy_state():
    return np.random.get_state()[1].copy()  # noqa: NPY002 (read, to see that nobody touched it)


# -- the door --------------------------------------------------------------------------------------


def test_an_estimator_of_ours_is_returned_unchanged():
    for model in (GaussianDensity(), ScipyGaussianKDE(), PeerDensity(KernelDensity())):
        assert adapt(model) is model
    assert genrates.estimators.peers.adapt is adapt


def test_a_scikit_learn_estimator_is_wrapped():
    peer = KernelDensity(bandwidth=0.3)
    model = adapt(peer)
    assert type(model) is PeerDensity
    assert model.estimator is peer
    model.fit(points())
    assert not hasattr(peer, "tree_"), "a clone is fitted"
    assert model.set_params(estimator__bandwidth=0.7).fit(points()).bandwidth_ == 0.7
    assert adapt(GridSearchCV(KernelDensity(), {"bandwidth": [0.1, 0.5]})).fit(points()).score(points()) < 0


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (LinearRegression(), "LinearRegression is no density estimator: it has no score_samples"),
        (object(), "object is no density estimator: it has no fit, no score_samples"),
        (None, "NoneType is no density estimator"),
        (KernelDensity, "the class KernelDensity; give an instance"),
        (IsolationForest(), "IsolationForest is no density estimator.*outlier_detector"),
        (BernoulliRBM(), "pseudo-likelihood"),
        (make_pipeline(StandardScaler(), KernelDensity()), "Pipeline is no density estimator.*Jacobian"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_density_estimator_is_refused_by_name(estimator, reason):
    with pytest.raises(ValueError, match=reason):
        adapt(estimator)


# -- the peers' own numbers ------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("peer", [model.estimator for model in LEARNED], ids=str)
def test_scikit_learns_log_likelihoods_to_the_last_bit(peer, d):
    X, queries = points(d), points(d, 50, seed=1)
    with np.errstate(divide="ignore"):
        expected = clone(peer).fit(X).score_samples(queries)
        np.testing.assert_array_equal(adapt(peer).fit(X).score_samples(queries), expected)


def test_scikit_learns_draws_to_the_last_bit():
    """The seed is the first number of our generator; a mixture's draws are the same rows, shuffled."""
    X, seed = points(2), int(np.random.default_rng(5).integers(2**32))
    own = KernelDensity().fit(X).sample(20, random_state=seed)
    np.testing.assert_array_equal(adapt(KernelDensity()).fit(X).sample(20, random_state=5), own)
    mixture = GaussianMixture(2, random_state=0).fit(X)
    drawn = adapt(GaussianMixture(2, random_state=0)).fit(X).sample(20, random_state=5)
    expected = mixture.set_params(random_state=seed).sample(20)[0]
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(expected, axis=0))
    assert not np.array_equal(drawn, expected)


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("bw_method", ["scott", "silverman", 0.3])
@pytest.mark.parametrize("weighted", [False, True])
def test_scipys_numbers_to_the_last_bit(bw_method, weighted, d):
    X, queries = points(d), points(d, 50, seed=1)
    weight = np.random.default_rng(2).random(len(X)) if weighted else None
    peer = gaussian_kde(X.T, bw_method=bw_method, weights=weight)
    model = ScipyGaussianKDE(bw_method=bw_method).fit(X, sample_weight=weight)
    np.testing.assert_array_equal(model.score_samples(queries), peer.logpdf(queries.T))
    drawn = peer.resample(9, seed=np.random.default_rng(3)).T
    np.testing.assert_array_equal(model.sample(9, random_state=3), drawn)
    assert model.factor_ == peer.factor
    if d == 1:
        expected = [peer.integrate_box_1d(-np.inf, x) for x in queries[:, 0]]
        np.testing.assert_array_equal(model.cdf(queries), expected)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kernel", ["gaussian", "epa"])
def test_kdepys_numbers_to_the_last_bit(kernel, weighted):
    X = points()
    weight = np.random.default_rng(2).random(len(X)) if weighted else None
    grid, density = KDEpy.FFTKDE(kernel=kernel, bw="ISJ").fit(X, weight).evaluate()
    model = KDEpyDensity(kernel=kernel).fit(X, sample_weight=weight)
    np.testing.assert_array_equal(model.score_samples(grid[:, None]), np.log(density))
    tree = KDEpy.TreeKDE(kernel=kernel, bw="ISJ").fit(X, weight)
    model = KDEpyDensity(method="tree", kernel=kernel).fit(X, sample_weight=weight)
    np.testing.assert_array_equal(model.score_samples(X[:50]), np.log(tree.evaluate(X[:50])))
    assert model.bandwidth_ == tree.bw


def test_kdepy_on_a_plane():
    X = points(2)
    grid, density = KDEpy.FFTKDE(bw=0.4).fit(X).evaluate(64)
    model = KDEpyDensity(bw=0.4, grid_points=64).fit(X)
    np.testing.assert_allclose(model.score_samples(grid), np.log(density), rtol=1e-12)
    tree = KDEpy.TreeKDE(bw=0.4).fit(X).evaluate(X[:50])
    np.testing.assert_array_equal(
        KDEpyDensity(method="tree", bw=0.4).fit(X).score_samples(X[:50]), np.log(tree)
    )


def test_beyond_kdepys_grid_its_own_epsilon_stands():
    model = KDEpyDensity(bw=0.4).fit(points())
    np.testing.assert_array_equal(model.score_samples([[-1e6], [1e6]]), np.log(np.finfo(float).eps))


@pytest.mark.parametrize("bw", ["normal_reference", "scott", "silverman", 0.3])
@pytest.mark.parametrize(("kernel", "weighted"), [("gau", False), ("gau", True), ("epa", False)])
def test_statsmodels_numbers_on_the_line_to_the_last_bit(bw, kernel, weighted):
    X, queries = points(), points(1, 50, seed=1)
    weight = np.random.default_rng(2).random(len(X)) if weighted else None
    fft = kernel == "gau" and not weighted
    peer = kde.KDEUnivariate(X[:, 0]).fit(kernel=kernel, bw=bw, fft=fft, weights=weight)
    model = StatsmodelsKDE(bw=bw, kernel=kernel).fit(X, sample_weight=weight)
    if kernel == "gau":
        expected = peer.evaluate(queries[:, 0])
    else:  # the peer takes one point at a time, and says NaN where there is nothing
        expected = np.nan_to_num([float(np.squeeze(peer.evaluate(x))) for x in queries[:, 0]])
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(model.score_samples(queries), np.log(expected))
    assert float(model.bandwidth_[0]) == float(np.squeeze(peer.bw))


@pytest.mark.parametrize(("d", "bw"), [(1, "cv_ls"), (2, "normal_reference"), (2, "cv_ml"), (2, [0.3, 0.5])])
def test_statsmodels_numbers_in_space_to_the_last_bit(d, bw):
    X, queries = points(d, 60), points(d, 50, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        peer = kernel_density.KDEMultivariate(X, "c" * d, bw=bw)
    model = StatsmodelsKDE(bw=bw).fit(X)
    np.testing.assert_array_equal(model.bandwidth_, peer.bw)
    np.testing.assert_array_equal(model.score_samples(queries), np.log(peer.pdf(queries)))
    assert model.score_samples(queries[:1]).shape == (1,)


def test_statsmodels_distribution_function():
    """Against the sum of quadratures that KDEUnivariate has, on its grid; the total mass of the density."""
    X = points(1, 60)
    peer = kde.KDEUnivariate(X[:, 0]).fit()
    model = StatsmodelsKDE().fit(X)
    np.testing.assert_allclose(model.cdf(peer.support[:, None]), peer.cdf, atol=1e-6)
    levels = np.array([[1e-9, 1e-6], [0.5, 1 - 1e-6]])
    np.testing.assert_allclose(model.cdf(model.ppf(levels).reshape(-1, 1)), levels.ravel(), atol=1e-9)
    np.testing.assert_array_equal(model.ppf([0.0, 1.0]), [-np.inf, np.inf])


@every
def test_the_density_integrates_to_one(model):
    """KDEpy cuts its Gaussian off: a thousandth."""
    x = np.linspace(-12, 14, 40_001)
    density = np.exp(clone(model).fit(points()).score_samples(x[:, None]))
    tolerance = 1e-3 if isinstance(model, KDEpyDensity) else 1e-4
    assert np.trapezoid(density, x) == pytest.approx(1.0, abs=tolerance)


@every
def test_far_away(model):
    fitted = clone(model).fit(points())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # KDEpy's tree refuses distances whose squares overflow
        most = 1e100 if getattr(model, "method", None) == "tree" else 1e300
        far = fitted.score_samples([[-most], [-1e6], [1e6], [most]])
    assert not np.any(np.isnan(far))
    assert np.all(far < fitted.score_samples(points()).min())


# -- draws -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [*LEARNED, BAYESIAN, ScipyGaussianKDE()], ids=str)
def test_a_seed_repeats_the_draws_and_no_global_stream_moves(model):
    before = numpy_state()
    fitted = clone(model).fit(points(2))
    first = fitted.sample(30, random_state=4)
    np.testing.assert_array_equal(fitted.sample(30, random_state=4), first)
    np.testing.assert_array_equal(fitted.sample(30, random_state=np.random.default_rng(4)), first)
    assert not np.array_equal(fitted.sample(30, random_state=5), first)
    assert first.shape == (30, 2)
    assert first.dtype == np.float64
    assert fitted.sample().shape == (1, 2)
    np.testing.assert_array_equal(numpy_state(), before)
    with pytest.raises(ValueError, match="n_samples"):
        fitted.sample(0)


def test_a_fit_without_a_seed_leaves_the_global_stream_alone():
    before = numpy_state()
    model = adapt(GaussianMixture(3)).fit(points())
    np.testing.assert_array_equal(numpy_state(), before)
    assert model.estimator.random_state is None


def test_a_mixtures_draws_are_in_no_order():
    """False alarm 1e-4: the mean of either half is normal about the same value."""
    draws = adapt(GaussianMixture(2, random_state=0)).fit(points()).sample(2000, random_state=1)
    assert kstest(draws[:1000, 0], draws[1000:, 0]).pvalue > 1e-4


def test_scipys_draws_follow_its_distribution_function():
    """Kolmogorov-Smirnov, false alarm 1e-4."""
    model = ScipyGaussianKDE().fit(points())
    draws = model.sample(2000, random_state=1)[:, 0]
    assert kstest(draws, lambda x: model.cdf(x[:, None])).pvalue > 1e-4


# -- what is lacking, and why ----------------------------------------------------------------------


class Unseeded(DensityMixin, BaseEstimator):
    """A stranger's estimator: uniform on the unit interval, drawn from without a seed."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def score_samples(self, X):
        return np.zeros(len(X))

    def sample(self, n_samples=1):
        return np.full((n_samples, 1), 0.5)


@pytest.mark.parametrize(
    ("model", "method", "reason"),
    [
        (adapt(KernelDensity()), "cdf", "no distribution function, and neither has KernelDensity"),
        (adapt(GaussianMixture()), "ppf", "no distribution function, and neither has GaussianMixture"),
        (adapt(KernelDensity(kernel="epanechnikov")), "sample", "draws with gaussian and tophat kernels"),
        (adapt(KernelDensity(metric="manhattan")), "score_samples", "Euclidean metric alone"),
        (adapt(KernelDensity(metric="manhattan")), "score", "Euclidean metric alone"),
        (BAYESIAN, "score_samples", "does not integrate to 1"),
        (adapt(GridSearchCV(KernelDensity(), {})), "sample", "GridSearchCV has no method sample"),
        (adapt(Unseeded()), "sample", "takes no random_state"),
        (KDEpyDensity(), "sample", "KDEpy draws no points"),
        (KDEpyDensity(), "cdf", "KDEpy has no distribution function"),
        (StatsmodelsKDE(), "sample", "statsmodels draws no points"),
        (StatsmodelsKDE(kernel="epa"), "cdf", "of Gaussian kernels, not of 'epa'"),
    ],
    ids=str,
)
def test_what_is_lacking_has_a_reason(model, method, reason):
    assert not hasattr(model, method)
    with pytest.raises(AttributeError, match=f"{type(model).__name__} has no {method}: .*{reason}"):
        getattr(model, method)
    capability = {"sample": "sampling", "score_samples": "likelihood", "score": "likelihood"}.get(
        method, "cdf"
    )
    assert reason in model.unsupported[capability]
    assert capability not in model.fit(points(1, 40)).capabilities_


def test_the_reason_against_the_bayesian_mixtures_likelihood_holds():
    """Should it integrate to 1 one day, the reason falls."""
    x = np.linspace(-12, 14, 40_001)
    peer = clone(BAYESIAN.estimator).fit(points(1, 30))
    assert np.trapezoid(np.exp(peer.score_samples(x[:, None])), x) < 0.95


def test_capabilities():
    X = points()
    both = {"likelihood", "sampling"}
    assert adapt(KernelDensity()).fit(X).capabilities_ == both
    assert adapt(GaussianMixture()).fit(X).capabilities_ == both
    assert ScipyGaussianKDE().fit(X).capabilities_ == both | {"cdf"}
    assert ScipyGaussianKDE().fit(points(2)).capabilities_ == both
    assert KDEpyDensity().fit(X).capabilities_ == {"likelihood"}
    assert StatsmodelsKDE().fit(X).capabilities_ == {"likelihood", "cdf"}
    weighted = StatsmodelsKDE().fit(X, sample_weight=np.ones(len(X)))
    assert weighted.capabilities_ == {"likelihood"}
    assert "with weights" in weighted.unsupported["cdf"]


def test_weights_where_the_peer_takes_none():
    X, weight = points(2), np.ones(200)
    with pytest.raises(ValueError, match=r"PeerDensity \(GaussianMixture\).*no sample_weight"):
        adapt(GaussianMixture()).fit(X, sample_weight=weight)
    with pytest.raises(ValueError, match="StatsmodelsKDE: KDEMultivariate takes no sample_weight"):
        StatsmodelsKDE().fit(X, sample_weight=weight)


def test_scikit_learns_weights():
    X, weight = points(), np.random.default_rng(2).random(200)
    own = KernelDensity().fit(X, sample_weight=weight).score_samples(X)
    model = adapt(KernelDensity()).fit(X, sample_weight=weight)
    np.testing.assert_allclose(model.score_samples(X), own, rtol=1e-12)
    assert model.nbytes_ == 8 * 400


# -- size ------------------------------------------------------------------------------------------


def test_a_kernel_estimate_is_as_large_as_its_training_set():
    X = points(2)
    for model in (
        adapt(KernelDensity(bandwidth=1.0)),
        ScipyGaussianKDE(),
        KDEpyDensity(bw=0.4),
    ):
        assert model.fit(X).nbytes_ == X.nbytes
        assert model.n_parameters_ == X.size
    assert StatsmodelsKDE().fit(X).n_parameters_ == X.size + 2  # a bandwidth a column


@pytest.mark.parametrize("covariance_type", ["full", "tied", "diag", "spherical"])
def test_a_mixtures_free_parameters_are_those_of_its_bic(covariance_type):
    X = points(2)
    peer = GaussianMixture(3, covariance_type=covariance_type, random_state=0).fit(X)
    model = adapt(peer).fit(X)
    penalty = peer.bic(X) + 2 * peer.score(X) * len(X)
    assert model.n_parameters_ * np.log(len(X)) == pytest.approx(penalty)
    assert not hasattr(model, "points_")


# -- rows of the table -----------------------------------------------------------------------------

CONFIGS = Path(__file__).parents[2] / "conf" / "model"


@pytest.mark.parametrize(
    "name", ["sklearn_kde", "sklearn_mixture", "scipy_kde", "kdepy_isj", "statsmodels_kde"]
)
def test_a_config_makes_a_peer(name):
    content = OmegaConf.to_container(OmegaConf.load(CONFIGS / f"{name}.yaml"))
    metadata = content.pop("metadata")
    peer = instantiate(content, _convert_="all")
    assert set(content) - {"_target_"} <= set(peer.get_params(deep=False))
    model = adapt(peer).fit(points())
    assert np.all(np.isfinite(model.score_samples(points(seed=1))))
    if "tuned" in metadata:
        assert np.all(np.asarray(getattr(model, metadata["tuned"])) > 0)
    # what theory speaks of can be measured
    if metadata.get("theory", {}).get("wasserstein_1", "by its kind") is not None:
        assert {"sampling", "cdf"} & model.capabilities_


# -- on disk ---------------------------------------------------------------------------------------

HAS_HOOK = "stored_parameters" in Path(persistence.__file__).read_text()


@pytest.mark.parametrize(
    "model",
    [
        *(
            pytest.param(m, marks=pytest.mark.xfail(not HAS_HOOK, reason="persistence asks for get_params"))
            for m in [*LEARNED, BAYESIAN]
        ),
        *ADAPTERS,
    ],
    ids=str,
)
@pytest.mark.parametrize("d", [1, 2])
def test_a_fit_is_saved_and_loaded(model, d, tmp_path):
    X = points(d)
    fitted = clone(model).fit(X)
    persistence.save(fitted, tmp_path / "model.safetensors")
    same(persistence.load(tmp_path / "model.safetensors"), fitted, X)


def same(again, fitted, X):
    assert type(again) is type(fitted)
    assert str(again) == str(fitted)
    assert again.capabilities_ == fitted.capabilities_
    if "likelihood" in fitted.capabilities_:
        np.testing.assert_array_equal(again.score_samples(X), fitted.score_samples(X))
    assert (again.n_parameters_, again.nbytes_) == (fitted.n_parameters_, fitted.nbytes_)
    if "sampling" in fitted.capabilities_:
        np.testing.assert_array_equal(again.sample(9, random_state=0), fitted.sample(9, random_state=0))
    if "cdf" in fitted.capabilities_:
        np.testing.assert_array_equal(again.cdf(X), fitted.cdf(X))


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("model", [*LEARNED, BAYESIAN], ids=str)
def test_a_wrapped_peer_is_made_again_from_plain_values(model, d):
    X = points(d)
    fitted = clone(model).fit(X)
    again = PeerDensity.from_stored_parameters(fitted.stored_parameters())
    for name, value in vars(fitted).items():
        if name.endswith("_") and not name.startswith("_"):
            setattr(again, name, value)
    same(again, fitted, X)


def test_weights_survive_the_file(tmp_path):
    X, weight = points(), np.random.default_rng(2).random(200)
    for model in (ScipyGaussianKDE(), KDEpyDensity(), StatsmodelsKDE()):
        fitted = model.fit(X, sample_weight=weight)
        persistence.save(fitted, tmp_path / "model.safetensors")
        same(persistence.load(tmp_path / "model.safetensors"), fitted, X)


def test_only_listed_classes_are_stored_and_made_again():
    with pytest.raises(ValueError, match=r"PeerDensity \(Unseeded\) cannot be saved: .*KernelDensity"):
        adapt(Unseeded()).fit(points()).stored_parameters()
    for name in ("os.system", "sklearn.ensemble.IsolationForest", None):
        with pytest.raises(ValueError, match=f"names the class {name!r}"):
            PeerDensity.from_stored_parameters({"peer": name, "parameters": {}})


# -- the contract of our own models, as far as it goes ---------------------------------------------


@every
def test_a_second_fit_forgets_the_first(model):
    twice, other = clone(model).fit(points()), points(seed=9)
    twice.score_samples(other)
    if "cdf" in twice.capabilities_:
        twice.cdf(other)
    once = clone(model).fit(other)
    same(twice.fit(other), once, other)


def test_another_peer_leaves_nothing_of_the_last():
    model = adapt(GaussianMixture()).fit(points())
    model.set_params(estimator=KernelDensity()).fit(points())
    assert not hasattr(model, "means_")


@every
def test_training_rows_are_not_shared(model):
    X = points()
    queries, fitted = X[:20].copy(), clone(model).fit(X)
    before = fitted.score_samples(queries)
    X[:] = 0
    np.testing.assert_array_equal(fitted.score_samples(queries), before)
    fitted._peer = None  # made again
    if isinstance(fitted, KDEpyDensity):
        fitted._density = None
    np.testing.assert_array_equal(fitted.score_samples(queries), before)


@every
def test_the_order_of_rows_does_not_matter(model):
    X = points()
    shuffled = clone(model).fit(X[np.random.default_rng(7).permutation(len(X))])
    # k-means starts at other rows: a mixture ends within the tolerance of EM
    tolerance = 0.05 if "Mixture" in str(model) else 1e-6
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(
            shuffled.score_samples(X), clone(model).fit(X).score_samples(X), atol=tolerance, rtol=1e-6
        )


@every
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_a_number(model, value):
    fitted, X = clone(model).fit(points()), points()
    X[3, 0] = value
    with pytest.raises(ValueError, match=type(model).__name__):
        clone(model).fit(X)
    with pytest.raises(ValueError, match=type(model).__name__):
        fitted.score_samples(X)
    with pytest.raises(ValueError, match=type(model).__name__):
        fitted.score_samples(np.hstack([points(), points()]))


@pytest.mark.parametrize(
    "model",
    [
        adapt(KernelDensity(bandwidth=-1.0)),
        adapt(KernelDensity(kernel="no such")),
        adapt(GaussianMixture(n_components=0)),
        adapt(GaussianMixture(covariance_type="no such")),
        PeerDensity(LinearRegression()),
        PeerDensity(KernelDensity),
        ScipyGaussianKDE(bw_method="no such"),
        ScipyGaussianKDE(bw_method=0.0),
        ScipyGaussianKDE(bw_method=np.nan),
        ScipyGaussianKDE(bw_method=len),
        KDEpyDensity(method="no such"),
        KDEpyDensity(kernel="no such"),
        KDEpyDensity(kernel=len),
        KDEpyDensity(bw="isj"),
        KDEpyDensity(bw=0.0),
        KDEpyDensity(norm=0),
        KDEpyDensity(grid_points=1),
        StatsmodelsKDE(bw="no such"),
        StatsmodelsKDE(bw=-1.0),
        StatsmodelsKDE(bw=[[1.0]]),
        StatsmodelsKDE(bw=len),
        StatsmodelsKDE(kernel="gaussian"),
        StatsmodelsKDE(bw="cv_ls", kernel="epa"),
    ],
    ids=str,
)
def test_bad_parameters_are_refused_before_any_data(model):
    with pytest.raises(ValueError, match=type(model).__name__):
        model._check_parameters()
    with pytest.raises(ValueError, match=type(model).__name__):
        model.fit(points())


@pytest.mark.parametrize(
    ("model", "d"),
    [
        (StatsmodelsKDE(kernel="epa"), 2),
        (StatsmodelsKDE(bw="silverman"), 2),
        (StatsmodelsKDE(bw=[0.1, 0.2]), 1),
        (KDEpyDensity(bw="ISJ"), 2),
        (adapt(GaussianMixture(means_init=[[0.0]])), 2),
    ],
    ids=str,
)
def test_parameters_that_the_number_of_features_rules_out(model, d):
    model._check_parameters()
    with pytest.raises(ValueError, match=type(model).__name__):
        model.fit(points(d))


@pytest.mark.parametrize(
    "X",
    [[[1.0]] * 20, [[1.0]], [[0.0]] * 50 + [[1.0]], [[0.0], [1.0]]],
    ids=["constant", "one", "ties", "two"],
)
@every
def test_meagre_data_give_an_error_or_a_density(model, X):
    model = clone(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refusal = ""
        try:
            model.fit(X)
        except ValueError as error:
            refusal = str(error)
    if refusal:
        assert type(model).__name__ in refusal
    else:
        assert np.all(model.score_samples(X) < np.inf)


@pytest.mark.parametrize("model", [KDEpyDensity(), StatsmodelsKDE()], ids=str)
def test_a_package_that_is_missing_is_named_with_its_extra(model, monkeypatch):
    package = "KDEpy" if isinstance(model, KDEpyDensity) else "statsmodels"
    for name in (package, f"{package}.nonparametric"):
        monkeypatch.setitem(sys.modules, name, None)  # Python's way of saying that it cannot be imported
    with pytest.raises(ValueError, match=rf"needs the package {package}.*genrates\[peers\]"):
        model.fit(points())


# -- scikit-learn's own suite ----------------------------------------------------------------------

NO_WEIGHTS = "the peer takes no weights, or none in two dimensions, where these checks are made"
TAKE_WEIGHTS = (
    "check_all_zero_sample_weights_error",
    "check_sample_weights_list",
    "check_sample_weights_not_an_array",
    "check_sample_weights_not_overwritten",
    "check_sample_weights_pandas_series",
    "check_sample_weights_shape",
)
NOT_REPEATS = {
    "GaussianMixture": NO_WEIGHTS,
    "StatsmodelsKDE": NO_WEIGHTS,
    "ScipyGaussianKDE": "its covariance and its number of points do not count weights as repeats",
    "KDEpyDensity": "the grid reaches as far as the points of weight zero",
}


def known(estimator):
    name = type(getattr(estimator, "estimator", estimator)).__name__
    reason = NOT_REPEATS.get(name)
    checks = TAKE_WEIGHTS if reason == NO_WEIGHTS else ()
    if name == "StatsmodelsKDE":  # an error is what this one wants
        checks = tuple(check for check in checks if check != "check_all_zero_sample_weights_error")
    if reason:
        checks += ("check_sample_weight_equivalence_on_dense_data",)
    return dict.fromkeys(checks, reason)


@parametrize_with_checks(
    [
        PeerDensity(KernelDensity()),
        PeerDensity(GaussianMixture(random_state=0)),
        ScipyGaussianKDE(),
        KDEpyDensity(bw=1.0),
        StatsmodelsKDE(),
    ],
    expected_failed_checks=known,
)
def test_scikit_learn(estimator, check):
    check(estimator)
