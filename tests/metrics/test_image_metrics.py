"""Metrics of what is drawn: closed forms, published values, and what a copier and noise score."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from genrates import metrics
from genrates.data import Digits, FiniteData, TwoMoons
from genrates.estimators import BernoulliKernel, BernoulliMixture, BernoulliPixels, OwnSampler
from genrates.metrics._features import Features, features_of
from genrates.metrics.base import FLOOR, UNKNOWN, Evaluation, Skip, split_for_features
from genrates.metrics.density_grids import DensityGrids
from genrates.metrics.frechet import frechet_distance
from genrates.metrics.mmd import mmd_squared, permutation_p_value
from genrates.metrics.prdc import density_and_coverage
from genrates.metrics.sliced import sliced_distance, unit_vectors

ON_DRAWS = [
    "Frechet", "Density", "Coverage", "C2ST", "MMD", "SlicedWasserstein", "NearestNeighbor", "SpuriousShare",
]  # fmt: skip


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def digits():
    return Digits(binarize="threshold")


@pytest.fixture(scope="module")
def train(digits):
    return digits.sample(1000, rng())


def metric_named(name: str):
    """With fewer trees where there are trees: the tests' time is theirs."""
    return metrics.C2ST(n_estimators=20) if name == "C2ST" else getattr(metrics, name)()


def score(name: str, evaluation: Evaluation) -> tuple[float, dict[str, float]]:
    metric = metric_named(name)
    return metric(evaluation), metric.auxiliary(evaluation)


# -- closed forms and outside checks -------------------------------------------------------------------


def test_frechet_distance_is_that_of_the_textbook():
    A, B = rng(0).standard_normal((200, 4)) @ rng(1).standard_normal((4, 4)), rng(2).standard_normal((300, 4))
    one, two = np.cov(A.T), np.cov(B.T)
    expected = np.sum((A.mean(0) - B.mean(0)) ** 2) + np.trace(one + two - 2 * sqrtm(one @ two).real)
    assert frechet_distance(A, B) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(A, A) == pytest.approx(0, abs=1e-9)


def test_density_and_coverage_are_those_of_the_paper():
    """Definitions, written out: balls to the k-th nearest other real point."""
    real, drawn, k = rng(0).standard_normal((60, 3)), rng(1).standard_normal((80, 3)) * 1.3, 5
    radius = np.sort(cdist(real, real), axis=1)[:, k]
    inside = cdist(real, drawn) < radius[:, None]
    expected = inside.sum() / (k * 80), inside.any(axis=1).mean()
    assert density_and_coverage(real, drawn, k) == pytest.approx(expected)
    with pytest.raises(ValueError, match="k = 5"):
        density_and_coverage(real[:5], drawn)


def test_density_and_coverage_of_equal_laws():
    """Density 1 and, for as many draws as real points, coverage 1 - 2^-k; means of 20 draws, 5 se."""
    found = np.array([density_and_coverage(*rng(seed).standard_normal((2, 400, 2))) for seed in range(20)])
    assert np.all(np.abs(found.mean(0) - [1, 1 - 2.0**-5]) < 5 * found.std(0) / np.sqrt(20) + 2e-3)


def test_mmd_is_unbiased_and_equals_its_definition():
    X, Y = rng(0).standard_normal((7, 2)), rng(1).standard_normal((9, 2)) + 1
    kernel = np.exp(-cdist(np.r_[X, Y], np.r_[X, Y], "sqeuclidean"))
    xx, yy, xy = kernel[:7, :7], kernel[7:, 7:], kernel[:7, 7:]
    expected = (xx.sum() - 7) / 42 + (yy.sum() - 9) / 72 - 2 * xy.mean()
    assert mmd_squared(kernel, np.arange(16) < 7)[0] == pytest.approx(expected, rel=1e-12)


def test_permutation_p_values_are_uniform_under_equality_and_small_under_a_shift():
    """60 p-values of equal laws: their mean is 1/2 within 4 se (false alarm 6e-5)."""

    def p_value(seed, shift):
        Z = rng(seed).standard_normal((60, 2))
        Z[:30] += shift
        return permutation_p_value(np.exp(-cdist(Z, Z, "sqeuclidean")), 30, rng(seed))

    assert abs(np.mean([p_value(s, 0) for s in range(60)]) - 0.5) < 4 * np.sqrt(1 / 12 / 60)
    assert p_value(0, 2) == pytest.approx(1 / 201)


@pytest.mark.parametrize("times", [1, 3])
def test_sliced_distance_is_the_mean_of_exact_ones(times):
    points, reference = rng(0).standard_normal((50, 3)), rng(1).standard_normal((50 * times, 3)) + 0.3
    directions = unit_vectors(10, 3)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=0), 1)
    exact = [wasserstein_distance(points @ d, reference @ d) for d in directions.T]
    assert sliced_distance(points, reference, directions, times) == pytest.approx(np.mean(exact), rel=1e-12)


@pytest.mark.slow
def test_published_density_and_coverage():
    """Naeem et al. print 1.0555 and .9735 for one draw of N(0, I) twice, N = 10 000, d = 1000, k = 5.

    Means over 4 draws of our own; their one value lies within 5 standard deviations of ours.
    """
    found = np.array(
        [density_and_coverage(*rng(seed).standard_normal((2, 10_000, 1000))) for seed in range(4)]
    )
    mean, sd = found.mean(0), found.std(0, ddof=1)
    assert np.all(np.abs(mean - [1.0555, 0.9735]) < 5 * np.maximum(sd, [0.01, 0.001])), (mean, sd)


# -- what three models score -----------------------------------------------------------------------------


def test_a_perfect_model_scores_the_floor(digits, train):
    """Real pictures in the place of draws: each metric lies at its own floor, far from what noise scores."""
    real = Evaluation(None, digits, train[:400], digits.sample(1438, rng(5))[438:])
    noise = Evaluation(None, digits, train[:400], rng(1).integers(0, 2, (1000, 64)).astype(float))
    for name in ON_DRAWS[:6]:
        (good, auxiliary), (bad, _) = score(name, real), score(name, noise)
        assert abs(good - auxiliary["floor"]) < 0.3 * abs(bad - auxiliary["floor"]), name
    assert score("MMD", noise)[1]["p_value"] == pytest.approx(1 / 201)
    assert metric_named("C2ST")(noise) > 0.98
    assert score("SpuriousShare", noise)[0] > 0.9


def test_a_copy_is_seen_as_a_copy(digits, train):
    copier = Evaluation(None, digits, train, np.concatenate([train[:300], digits.test_points[:100]]))
    distance, auxiliary = score("NearestNeighbor", copier)
    assert distance < 0.5 * auxiliary["floor"]
    share, auxiliary = score("SpuriousShare", copier)
    assert share <= auxiliary["floor"] <= 0.011


def copies(data, train, draws) -> float:
    return score("NearestNeighbor", Evaluation(None, data, train, draws))[1]["copies"]


def test_copies_exact_or_speckled_are_counted(digits, train):
    """2 % of the pixels of a speckled copy are flipped by chance. Of 64 pixels that is seen of some alone."""
    assert copies(digits, train, train[:400]) == 1.0
    speckled = np.abs(train[:400] - (rng(2).random((400, 64)) < 0.02))
    assert copies(digits, train, speckled) > 0.1
    large = (rng(4).random((900, 784)) < 0.2).astype(float)
    data = FiniteData(points=large[:600], test_points=large[600:])
    speckled = np.abs(data.points - (rng(5).random((600, 784)) < 0.02))
    assert copies(data, data.points, speckled) == 1.0


def test_fresh_draws_and_fragments_are_no_copies(digits):
    """1 % of 438 new rows by chance; seeds are fixed.

    The quantile of 359 held-out rows is at a level above 3 % with probability 1e-3, and of 438 rows at 3 %
    more than 7 % are below it with probability 1e-5.
    """
    rows = digits.sample(1438, rng(5))
    train, fresh = rows[:1000], rows[1000:]
    assert copies(digits, train, fresh) < 0.07
    half = np.concatenate([train[:438], fresh])
    assert copies(digits, train, half) == pytest.approx(0.5, abs=0.04)
    fragments = train[:400] * (rng(3).random((400, 64)) < 0.3)  # little ink, near to all that has little
    assert copies(digits, train, fragments) < 0.2


def test_a_mixture_is_better_than_independent_pixels_in_every_metric(digits, train):
    def found(model):
        draws = OwnSampler(1000).draw(model.fit(train), 1000, random_state=0)
        return Evaluation(model, digits, train, draws)

    pixels, mixture = found(BernoulliPixels()), found(BernoulliMixture(n_components=30, random_state=0))
    for name in [*ON_DRAWS, "HeldOutNLL"]:
        metric = metric_named(name)
        good, bad = metric(mixture), metric(pixels)
        ideal = metric.auxiliary(pixels)["floor"] if metric.ideal == FLOOR else metric.ideal
        if ideal != UNKNOWN:
            good, bad = metric.excess(good, ideal), metric.excess(bad, ideal)
        assert good < bad, name
    assert metric_named("C2ST")(pixels) > 0.5 + 10 * np.sqrt(0.25 / 718), "chance is within 5 se of 1/2"
    assert metrics.Parameters()(pixels) == 64


def test_features_are_learned_once_with_labels_or_without(digits):
    assert features_of(digits) is features_of(digits)
    assert features_of(digits).task == "labels"
    assert features_of(digits).accuracy > 0.85
    unlabeled = FiniteData(points=digits.points, test_points=digits.test_points)
    unlabeled.image_shape = (8, 8)
    turned = Features(unlabeled)
    assert turned.task == "rotations"
    assert turned.accuracy > 0.8, "of 0.25 by chance"
    assert turned(digits.test_points).shape == (359, 32)


# -- what does not apply ---------------------------------------------------------------------------------


class Encoder:
    """A model that is no density and cannot draw, and says why."""

    unsupported = {"likelihood": "not a density", "sampling": "it only reconstructs"}  # noqa: RUF012
    capabilities_ = frozenset()


def test_reasons_are_the_models_own(digits, train):
    model = Encoder()
    with pytest.raises(Skip, match="Encoder has no likelihood: not a density"):
        metrics.HeldOutNLL()(Evaluation(model, digits, train))
    assert "it only reconstructs" in OwnSampler().applies_to(model)
    with pytest.raises(Skip, match="no chain"):
        metrics.ChainBound()(Evaluation(model, digits, train))
    for name in ON_DRAWS:
        with pytest.raises(Skip, match="cannot be sampled"):
            getattr(metrics, name)()(Evaluation(model, digits, train))
        said = OwnSampler().applies_to(model)
        with pytest.raises(Skip, match="Encoder has no way of drawing new points: it only reconstructs"):
            getattr(metrics, name)()(Evaluation(model, digits, train, why_no_draws=said))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("C2ST", {"n_estimators": 0}), ("C2ST", {"max_points": 4}),
        ("MMD", {"max_points": 1}), ("Density", {"n_neighbors": 0}), ("Coverage", {"n_neighbors": 2.5}),
        ("SlicedWasserstein", {"n_directions": True}), ("SlicedWasserstein", {"n_reference": 0}),
        ("SpuriousShare", {"level": 1.0}),
    ],
    ids=str,
)  # fmt: skip
def test_bad_options_are_refused_by_name(name, wrong):
    ((option, value),) = wrong.items()
    with pytest.raises(ValueError, match=rf"{name}: {option} must .*got {value}\."):
        getattr(metrics, name)(**wrong)


@pytest.mark.parametrize("wrong", [0, (), (10, 10), (100, 10), (10, "a"), "10", 1.5])
def test_numbers_of_states_ascend(wrong):
    with pytest.raises(ValueError, match="ChainBound: n_states must"):
        metrics.ChainBound(n_states=wrong)


def test_vectors_have_no_picture_features():
    data = TwoMoons()
    train = data.sample(100, rng())
    with pytest.raises(Skip, match="pictures"):
        metrics.Frechet()(Evaluation(None, data, train, train))
    value, auxiliary = score("SlicedWasserstein", Evaluation(None, data, train, data.sample(100, rng(3)) + 1))
    assert value > 3 * auxiliary["floor"] > 0
    with pytest.raises(Skip, match="no test points"):
        metrics.MMD()(Evaluation(None, data, train, train))


def test_the_bound_is_averaged_over_the_test_points_at_each_number_of_states(digits, train):
    class Chain:
        def log_bounds(self, X, n_states, random_state):
            assert isinstance(random_state, np.random.Generator)
            return np.array([np.arange(len(X)) - float(count) for count in n_states])

    evaluation = Evaluation(Chain(), digits, train)
    metric, mean = metrics.ChainBound(n_states=(100, 500)), np.mean(np.arange(359))
    assert metric(evaluation) == pytest.approx(500 - mean)
    beside = metric.auxiliary(evaluation)
    assert beside["states_100"] == pytest.approx(100 - mean)
    memorizer = BernoulliKernel(binarize=None).fit(train)
    assert beside["blurred"] == pytest.approx(-memorizer.score(Evaluation(None, digits, train).test))
    assert set(beside) == {"states_100", "blurred"}


def test_the_bound_is_of_the_chain_that_the_draws_come_from_and_runs_it_once(digits, train):
    asked = []

    class Chain:
        def log_bounds(self, X, n_states, random_state, **settings):
            asked.append(settings)
            return np.zeros((len(n_states), len(X)))

    for settings in ({"burn_in": 7, "start": "noise"}, {}):
        evaluation = Evaluation(Chain(), digits, train, chain=settings)
        metrics.ChainBound()(evaluation)
        metrics.ChainBound().auxiliary(evaluation)
    assert asked == [{"burn_in": 7, "start": "noise"}, {}]


def test_pictures_keep_draws_and_what_they_resemble(digits, train, tmp_path):
    pictures = DensityGrids(digits, train)
    pictures.add(50, BernoulliPixels().fit(train[:50]), train[:50], np.concatenate([train[7:9], train[3:4]]))
    pictures.save(tmp_path / "density_grids.npz")
    with np.load(tmp_path / "density_grids.npz", allow_pickle=False) as saved:
        np.testing.assert_array_equal(saved["nearest_50"], train[[7, 8, 3]])
        assert tuple(saved["image_shape"]) == (8, 8)
        assert saved["held_out"].shape == (24, 64)
        assert "grid" not in saved


def test_what_nothing_draws_has_held_out_pictures_and_their_neighbors(digits, train, tmp_path):
    pictures = DensityGrids(digits, train)
    pictures.add(50, Encoder(), train[:50])
    pictures.save(tmp_path / "density_grids.npz")
    with np.load(tmp_path / "density_grids.npz", allow_pickle=False) as saved:
        assert saved["nearest_held_out"].shape == (24, 64)
        assert not any(key.startswith("drawn") for key in saved)


def test_pictures_of_a_chain_are_made_as_its_draws_are(digits, train):
    asked = []

    class Chain:
        capabilities_ = frozenset()

        def sample(self, n, random_state=None, *, burn_in=None, start=None, means=False):
            asked.append((burn_in, start, means))
            return train[:n]

        def chain(self, chains, steps, random_state=None, *, start=None, means=False):
            asked.append(start)
            return np.zeros((steps, chains, 64))

    settings = {"burn_in": 7, "start": "noise"}
    DensityGrids(digits, train, settings).add(50, Chain(), train[:50], train[:5])
    DensityGrids(digits, train, {}).add(50, Chain(), train[:50], train[:5])
    assert asked == [(7, "noise", True), "noise", (None, None, True), None]


def test_a_floor_is_of_rows_that_no_features_were_learned_from(digits, train, monkeypatch):
    learned, reserved = split_for_features(len(digits.points))
    assert sorted([*reserved, *learned]) == list(range(1438))
    seen = []
    monkeypatch.setattr(
        "genrates.metrics._features.PatchFilters", lambda X, *_: seen.append(X) or (lambda rows: rows[:, :9])
    )
    Features(digits)
    np.testing.assert_array_equal(seen[0], digits.points[learned])
    real = Evaluation(None, digits, train).real_points(700)
    np.testing.assert_array_equal(real, digits.points[reserved[:700]])


def test_as_many_draws_are_compared_as_there_are_real_points_for_the_floor(digits, train):
    """A distance between samples depends on their sizes: 1000 draws beside 719 rows would look better."""
    draws = rng(3).integers(0, 2, (1000, 64)).astype(float)
    metric, counted = metrics.SlicedWasserstein(), []
    metric.distance = lambda points, evaluation: counted.append(len(points)) or 1.0
    score_all = Evaluation(None, digits, train, draws)
    metric(score_all), metric.auxiliary(score_all)
    assert counted == [719, 719]
