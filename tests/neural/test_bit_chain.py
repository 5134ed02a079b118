"""Chains on bits as matrices: against spectra, enumeration, and the chain of a trained network."""

import itertools

import numpy as np
import pytest

from genrates.neural.autoencoder.bit_chain import BitChain, mixture_law

STEPS = [1, 2, 5, "geometric"]
PATTERNS = [[0] * 8, [1] * 8]


def random_law(d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(2**d, 0.5))


@pytest.mark.parametrize("conditional", ["full", "factorized"])
@pytest.mark.parametrize("steps", STEPS)
def test_rows_are_laws_and_the_stationary_law_stays(steps, conditional):
    chain = BitChain(random_law(5), 0.3, steps, conditional)
    for matrix in (chain.corruption, chain.reconstruction, chain.transition):
        assert matrix.min() >= 0
        np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(chain.stationary @ chain.transition, chain.stationary, atol=1e-14)
    assert chain.stationary.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("noise", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("steps", STEPS)
def test_a_full_conditional_is_consistent(steps, noise):
    """On the 256 states of eight bits, impossible ones among them."""
    law = random_law(8)
    law[[0, 17, 255]] = 0
    assert BitChain(law / law.sum(), noise, steps).total_variation < 1e-11


def test_walkback_changes_the_spectrum_as_computed():
    """An eigenvalue s^2 of the plain chain becomes s b, b = sum_k w_k s^k b^(k - 1)."""
    law = random_law(4)
    plain = np.sort(np.linalg.eigvals(BitChain(law, 0.3).transition).real)
    s = np.sqrt(np.clip(plain, 0, None))
    s[-1] = 1.0  # exactly; at s = 1 the fixed point b = 1 is unstable
    b = s.copy()
    for _ in range(500):
        b = sum(s**k * b ** (k - 1) for k in range(1, 6)) / 5
    found = np.sort(np.linalg.eigvals(BitChain(law, 0.3, 5).transition).real)
    np.testing.assert_allclose(found, np.sort(s * b), atol=1e-7)
    b = (1 - np.sqrt(1 - s**2)) / s  # the smaller root of s b^2 - 2 b + s = 0
    found = np.sort(np.linalg.eigvals(BitChain(law, 0.3, "geometric").transition).real)
    np.testing.assert_allclose(found, np.sort(s * b), atol=1e-7)


def test_one_bit_by_hand():
    """A fair bit, flipped with probability f: it stays with (1 - f)^2 + f^2, and lambda_2 = (1 - 2 f)^2."""
    chain = BitChain([0.5, 0.5], noise=0.4)
    f = 0.2
    keep = (1 - f) ** 2 + f**2
    np.testing.assert_allclose(chain.transition, [[keep, 1 - keep], [1 - keep, keep]], rtol=1e-14)
    assert chain.relaxation_time == pytest.approx(-1 / np.log((1 - 2 * f) ** 2))


def test_conditionals_by_enumeration():
    """Each entry by Bayes' rule, state by state, without a matrix product."""
    law, noise = random_law(3, 1), 0.3
    states = list(itertools.product([0, 1], repeat=3))

    def corrupt(x, y):
        return np.prod([1 - noise / 2 if a == b else noise / 2 for a, b in zip(x, y, strict=True)])

    for conditional in ("full", "factorized"):
        found = BitChain(law, noise, 1, conditional).reconstruction
        for j, noisy in enumerate(states):
            joint = np.array([p * corrupt(x, noisy) for p, x in zip(law, states, strict=True)])
            expected = joint / joint.sum()
            if conditional == "factorized":
                one = [sum(q for q, x in zip(expected, states, strict=True) if x[i]) for i in range(3)]
                expected = [np.prod([o if a else 1 - o for a, o in zip(x, one, strict=True)]) for x in states]
            np.testing.assert_allclose(found[j], expected, rtol=1e-12)


def test_walkback_by_enumeration():
    """The conditional is the posterior of the walk that uses it, simulated walk by walk.

    200 000 walks; each of the 8 x 3 conditional probabilities within 5 standard errors: false alarm 1.4e-5.
    """
    law, noise, k = mixture_law([[0, 0, 0], [1, 1, 0]], 0.1), 0.3, 3
    chain = BitChain(law, noise, k, "factorized")
    rng = np.random.default_rng(0)
    n = 200_000
    x = rng.choice(8, n, p=law)
    walk, inputs = x, []
    for _ in range(k):
        flips = (rng.random((n, 3)) < noise / 2) @ [4, 2, 1]
        noisy = walk ^ flips
        inputs.append(noisy)
        ones = chain.reconstruction @ chain.bits
        walk = (rng.random((n, 3)) < ones[noisy]) @ [4, 2, 1]
    target, noisy = chain.bits[np.tile(x, k)], np.concatenate(inputs)
    for j in range(8):
        met = target[noisy == j]
        expected = (chain.reconstruction @ chain.bits)[j]
        # inputs of one walk are dependent: the standard error is at most sqrt(k) times the usual one
        error = np.sqrt(k * expected * (1 - expected) / len(met))
        assert (np.abs(met.mean(axis=0) - expected) < 5 * error).all()


def test_independent_bits_have_no_bias():
    """The posterior of independent bits is a product, so nothing is lost by a factorized conditional.

    So with plain training. A walk of several steps couples the bits: all are equally far from the start.
    """
    law = np.ones(1)
    for p in (0.2, 0.7, 0.5):
        law = np.kron(law, [1 - p, p])
    full, product = (BitChain(law, 0.4, 1, kind) for kind in ("full", "factorized"))
    np.testing.assert_allclose(product.transition, full.transition, atol=1e-11)
    assert product.total_variation < 1e-11


def test_a_factorized_conditional_pays_for_speed_with_bias():
    """Two patterns of eight bits: the more noise or steps, the faster the chain and the larger the bias."""
    law = mixture_law(PATTERNS, 0.05)
    plain, walkback = (BitChain(law, 0.4, steps, "factorized") for steps in (1, 5))
    assert plain.total_variation == pytest.approx(0.135, abs=1e-3)
    assert walkback.total_variation == pytest.approx(0.663, abs=1e-3)
    assert plain.relaxation_time > 3 * walkback.relaxation_time
    assert BitChain(law, 0.4, 5).relaxation_time < 1, "the full conditional has both"


def test_all_noise_leaves_the_marginals():
    """At noise 1 the input says nothing: the full chain draws states, the factorized one single pixels."""
    law = mixture_law(PATTERNS, 0.05)
    full, product = (BitChain(law, 1.0, 1, kind) for kind in ("full", "factorized"))
    np.testing.assert_allclose(full.transition, np.tile(law, (256, 1)), atol=1e-14)
    np.testing.assert_allclose(product.stationary, np.full(256, 1 / 256), atol=1e-14)
    assert full.relaxation_time < 0.05


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"law": [0.5, 0.25, 0.25]}, "law must have shape"),
        ({"law": [0.5, 0.6]}, "law must be probabilities"),
        ({"law": [1.5, -0.5]}, "law must be probabilities"),
        ({"noise": 0.0}, "noise must be .* got 0.0"),
        ({"noise": 1.5}, "noise must be .* got 1.5"),
        ({"steps": 0}, "steps must be .* got 0"),
        ({"steps": "some"}, "steps must be .* got 'some'"),
        ({"conditional": "half"}, "conditional must be .* got 'half'"),
    ],
)
def test_wrong_values_are_refused(wrong, message):
    with pytest.raises(ValueError, match=f"BitChain: {message}"):
        BitChain(**{"law": [0.5, 0.5], "noise": 0.4} | wrong)


def test_figure_of_bias_against_mixing_time():
    import matplotlib.pyplot as plt

    from genrates.reporting.figures.relaxation import bias_and_time, draw_bias, pixel_law

    images = np.zeros((4, 28 * 28))
    images.reshape(4, 28, 28)[1, 0, 13] = 1  # top of the middle column: the first of eight bits
    images.reshape(4, 28, 28)[2, 27, 13] = 1
    law = pixel_law(images, (28, 28))
    assert [law[0], law[1], law[128]] == [0.5, 0.25, 0.25]
    curves = bias_and_time(mixture_law([[0, 0, 0], [1, 1, 1]], 0.1))
    assert len(curves) == 8
    assert all((curve[:, 2] < 1e-10).all() == name.endswith("full") for name, curve in curves.items())
    ax = plt.figure().add_subplot()
    draw_bias(ax, curves)
    assert len(ax.get_lines()) == 8
    assert len(ax.get_legend().get_texts()) == 5
    plt.close()
