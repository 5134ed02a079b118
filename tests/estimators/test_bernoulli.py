"""Bits: independent pixels, and mixtures of them."""

import itertools

import numpy as np
import pytest
from scipy.special import logsumexp
from sklearn.datasets import load_digits

from genrates.estimators import BernoulliKernel, BernoulliMixture, BernoulliPixels


def _mixture_bits(n, seed=0, d=12):
    rng = np.random.default_rng(seed)
    p = np.array([[0.9] * (d // 2) + [0.1] * (d // 2), [0.1] * (d // 2) + [0.9] * (d // 2)])
    return (rng.random((n, d)) < p[rng.integers(2, size=n)]).astype(float)


def test_parameters_of_pixels_and_of_the_joint_table():
    model = BernoulliPixels().fit(np.zeros((2, 784)))
    assert (model.n_parameters_, model.n_parameters_joint_) == (784, 2**784 - 1)
    assert model.nbytes_ == 784 * 8
    mixture = BernoulliMixture(n_components=3, random_state=0).fit(_mixture_bits(50))
    assert (mixture.n_parameters_, mixture.n_parameters_joint_) == (3 * 12 + 2, 2**12 - 1)


def test_zero_pseudocount_makes_the_unseen_impossible():
    model = BernoulliPixels(pseudocount=0.0).fit([[0, 1, 0], [0, 1, 1]])
    np.testing.assert_allclose(
        model.score_samples([[0, 1, 0], [1, 1, 0], [0, 0, 0]]), [np.log(0.5), -np.inf, -np.inf]
    )


def test_binarize():
    gray = np.array([[0.2, 0.9], [0.6, 0.5]])
    np.testing.assert_array_equal(BernoulliPixels(pseudocount=0.0).fit(gray).probability_, [0.5, 0.5])
    for cls in (BernoulliPixels, BernoulliMixture):
        with pytest.raises(ValueError, match=r"0\.2"):
            cls(binarize=None).fit(gray)
        with pytest.raises(ValueError, match="binarize"):
            cls(binarize=np.inf).fit(gray)


def test_divergence_falls_like_pixels_over_twice_the_sample():
    """KL of the fitted product to the true one: n_pixels / (2 n), 4 standard errors (false alarm 6e-5)."""
    rng, p = np.random.default_rng(0), np.linspace(0.2, 0.8, 20)
    errors = []
    for _ in range(200):
        q = BernoulliPixels(pseudocount=0.5).fit(rng.random((2000, 20)) < p).probability_
        errors.append(np.sum(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))))
    # the next order of the expansion is 1/n relative to the first
    assert abs(np.mean(errors) - 20 / 4000) < 4 * np.std(errors) / np.sqrt(200)


def test_mixture_probability_by_brute_force():
    X = _mixture_bits(80)
    model = BernoulliMixture(n_components=3, random_state=0).fit(X)
    p = model.probability_
    terms = np.log(model.weights_) + np.array(
        [[np.sum(np.log(np.where(x == 1, pk, 1 - pk))) for pk in p] for x in X]
    )
    np.testing.assert_allclose(model.score_samples(X), logsumexp(terms, axis=1), rtol=1e-12)


def test_expectation_maximization_climbs():
    X = _mixture_bits(300, seed=1)
    path = [
        BernoulliMixture(n_components=4, random_state=3, tol=0.0, max_iter=m).fit(X).log_likelihood_
        for m in range(1, 25)
    ]
    assert np.all(np.diff(path) > -1e-12)
    assert path[-1] > path[0] + 0.1


def test_mixture_finds_the_components():
    """Probabilities .1 and .9 from 1000 rows each: standard errors .0095, 5 allowed, false alarm 1e-5."""
    model = BernoulliMixture(n_components=2, random_state=0).fit(_mixture_bits(2000))
    order = np.argsort(model.probability_[:, 0])
    assert np.max(np.abs(model.probability_[order][:, :6] - [[0.1], [0.9]])) < 0.05
    assert BernoulliPixels().fit(_mixture_bits(2000)).score(_mixture_bits(500, 9)) < model.score(
        _mixture_bits(500, 9)
    )


def test_order_and_repeats_do_not_matter():
    X, count = _mixture_bits(60), np.random.default_rng(1).integers(0, 4, 60)
    repeated = np.repeat(X, count, axis=0)
    fits = [
        BernoulliMixture(n_components=3, random_state=2).fit(X, sample_weight=count),
        BernoulliMixture(n_components=3, random_state=2).fit(repeated),
        BernoulliMixture(n_components=3, random_state=2).fit(np.random.default_rng(3).permutation(repeated)),
    ]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.probability_, fits[0].probability_, atol=1e-10)


def test_more_components_than_rows():
    model = BernoulliMixture(n_components=10, random_state=0).fit(np.ones((3, 4)))
    assert np.isfinite(model.score(np.zeros((1, 4))))
    assert model.weights_.sum() == pytest.approx(1)


def test_digits_against_independent_pixels():
    """Held-out rows of the binarized 8x8 digits: the gain over single pixels is 10 standard errors."""
    X = load_digits().data / 16
    pixels = BernoulliPixels().fit(X[:1200]).score_samples(X[1200:])
    gain = BernoulliMixture(n_components=20, random_state=0).fit(X[:1200]).score_samples(X[1200:]) - pixels
    assert gain.mean() > 10 * gain.std() / np.sqrt(len(gain))


@pytest.mark.parametrize(
    "parameters",
    [{"n_components": 0}, {"pseudocount": 0.0}, {"n_init": 0}, {"tol": -1.0}, {"max_iter": 0}],
)
def test_bad_parameters(parameters):
    with pytest.raises(ValueError, match="BernoulliMixture"):
        BernoulliMixture(**parameters).fit(_mixture_bits(10))


@pytest.mark.parametrize("pseudocount", [1e-20, 5e-324])
def test_a_pseudocount_below_rounding_is_no_trap(pseudocount):
    X = np.repeat([[0, 0, 1, 1], [1, 1, 0, 0]], 50, axis=0)
    model = BernoulliMixture(n_components=2, pseudocount=pseudocount, random_state=0).fit(X)
    assert model.score(X) == pytest.approx(-np.log(2))
    assert np.isfinite(model.score_samples([[1, 0, 1, 0]]))


# -- training pictures, blurred --------------------------------------------------------------------


def test_a_memorizer_s_law_sums_to_one_and_is_its_definition():
    rng = np.random.default_rng(0)
    X = (rng.random((7, 6)) < 0.4).astype(float)
    model = BernoulliKernel(flip=0.2, binarize=None).fit(X)
    every = np.array(list(itertools.product((0.0, 1.0), repeat=6)))
    distance = np.abs(every[:, None] - X).sum(axis=2)
    by_hand = (0.2**distance * 0.8 ** (6 - distance)).mean(axis=1)
    np.testing.assert_allclose(np.exp(model.score_samples(every)), by_hand, rtol=1e-10)
    assert by_hand.sum() == pytest.approx(1)


@pytest.mark.parametrize("d", [16, 800])
def test_leave_one_out_finds_the_best_blur(d):
    """Two pictures, flipped with 5 %. No blur of a grid is better for rows left out, counted pair by pair."""
    rng = np.random.default_rng(1)
    pictures = rng.random((2, d)) < 0.5
    X = pictures[rng.integers(2, size=300)] ^ (rng.random((300, d)) < 0.05)
    distance = (X[:, None] != X).sum(axis=2)

    def left_out(flip):
        log_kernel = distance * np.log(flip) + (d - distance) * np.log1p(-flip)
        np.fill_diagonal(log_kernel, -np.inf)
        return logsumexp(log_kernel, axis=1).mean()

    found = BernoulliKernel(binarize=None).fit(X.astype(float)).flip_
    assert 0.02 < found < 0.15
    assert left_out(found) >= max(left_out(flip) for flip in np.geomspace(0.001, 0.5, 60)) - 1e-6
