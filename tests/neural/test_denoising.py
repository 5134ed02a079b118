"""The denoising autoencoder: its corruption, its two trainings, its chain and the bound, its door."""

import itertools

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import binomtest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from genrates.estimators import BernoulliPixels
from genrates.estimators.persistence import load, save
from genrates.neural import DenoisingAutoencoder, MarkovChainSampler
from genrates.neural.autoencoder._corruption import Corruption

FALSE_ALARM = 1e-4
QUICK = {"hidden": (12,), "learning_rate": 0.02, "random_state": 0, "trainer": {"max_epochs": 6}}


def groups(n: int = 300, d: int = 8, seed: int = 0) -> np.ndarray:
    """Bits of two kinds: the first half on, or the second, with some flips."""
    rng = np.random.default_rng(seed)
    side = rng.random((n, 1)) < 0.5
    return (rng.random((n, d)) < np.where((np.arange(d) < d // 2) == side, 0.95, 0.05)).astype(float)


def cloud(n: int = 400, seed: int = 0) -> np.ndarray:
    """Numbers on scales far apart, correlated."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, 1))
    return np.hstack([100 + 5 * z, 1e-3 * (z + 0.5 * rng.standard_normal((n, 1)))])


@pytest.fixture(scope="module")
def bits() -> DenoisingAutoencoder:
    return DenoisingAutoencoder(noise=0.3, **QUICK).fit(groups())


@pytest.fixture(scope="module")
def numbers() -> DenoisingAutoencoder:
    return DenoisingAutoencoder(corruption="gaussian", noise=0.5, activation="tanh", **QUICK).fit(cloud())


# -- the corruption -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["salt_and_pepper", "masking"])
@pytest.mark.parametrize("noise", [0.1, 0.4, 1.0])
def test_corruption_of_bits_has_its_law(kind, noise):
    """numpy's (the chain's) and torch's (the training's); binomial tests, false alarm 1e-4 each."""
    import torch

    from genrates.neural.autoencoder._denoising_module import DenoisingTraining

    rows = np.zeros((200, 100), dtype=bool)
    rows[:, 50:] = True
    here = Corruption(kind, noise, rows.shape, np.random.default_rng(0))(rows)
    empty = torch.nn.Module()
    module = DenoisingTraining(
        empty, rows[:1].astype(np.float32), rows[:0].astype(np.float32),
        corruption=kind, noise=noise, steps=1, gaussian=False, learning_rate=0.1, seed=0,
    )  # fmt: skip
    there = module.inputs(torch.from_numpy(rows.astype(np.float32)), module.stream(0)).numpy()
    for noisy in (here, there):
        assert set(np.unique(noisy)) <= {0.0, 1.0}
        ones = noise / 2 if kind == "salt_and_pepper" else 0.0
        for part, probability in ((noisy[:, :50], ones), (noisy[:, 50:], 1 - noise + ones)):
            assert binomtest(int(part.sum()), part.size, probability).pvalue > FALSE_ALARM
    assert rows[:, 50:].all(), "the state itself is not touched"


def test_corruption_of_numbers_adds_normal_noise():
    noisy = Corruption("gaussian", 0.7, (500, 40), np.random.default_rng(1))(
        np.full((500, 40), 3, np.float32)
    )
    assert noisy.mean() == pytest.approx(3, abs=4 * 0.7 / np.sqrt(noisy.size))
    assert noisy.std() == pytest.approx(0.7, rel=4 / np.sqrt(2 * noisy.size))


# -- training -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 3, "geometric"])
def test_walkback_trains_on_what_the_chain_strays_to_against_the_original(steps):
    """The loss, by hand: the mean of -log P(X | X~*) over every input of the walk, the target always X."""
    import torch

    from genrates.neural.autoencoder._denoising_module import DenoisingTraining

    rows = torch.from_numpy(groups(400).astype(np.float32))
    bias = torch.linspace(-1, 1, 8)
    shown = []

    class Listening(torch.nn.Module):
        def forward(self, inputs):
            shown.append(inputs)
            return bias.expand_as(inputs) + 0.5 * inputs

    module = DenoisingTraining(
        Listening(), rows.numpy(), rows[:0].numpy(), corruption="salt_and_pepper", noise=0.2, steps=steps,
        gaussian=False, learning_rate=0.1, seed=0,
    )  # fmt: skip
    loss = float(module.loss(rows, module.stream(0)))
    sizes = [len(inputs) for inputs in shown]
    if steps == "geometric":  # half of the rows go on each time; false alarm 1e-4 for each share
        assert sizes[0] == 400
        assert sizes[-1] >= 1
        for before, after in itertools.pairwise(sizes):
            assert binomtest(after, before, 0.5).pvalue > FALSE_ALARM
        return
    assert sizes == [400] * steps
    everything = [
        torch.nn.functional.binary_cross_entropy_with_logits(bias + 0.5 * i, rows, reduction="sum")
        for i in shown
    ]
    assert loss == pytest.approx(float(sum(everything)) / (400 * steps), rel=1e-5)
    if (
        steps > 1
    ):  # an input of the walk is a draw of the model, corrupted: by the second its ones are the bias's
        share = [float(i[:, -1].mean() - i[:, 0].mean()) for i in shown]
        assert share[1] > share[0] + 0.1


def test_a_geometric_walk_comes_back_to_the_original():
    """Rows of one kind: whichever go on, it is the target; the mean is over all inputs of the walks."""
    import torch

    from genrates.neural.autoencoder._denoising_module import DenoisingTraining

    rows = np.tile(np.float32([1, 0, 0, 1]), (300, 1))
    shown = []

    class Listening(torch.nn.Module):
        def forward(self, inputs):
            shown.append(inputs)
            return 2 * inputs - 0.5

    module = DenoisingTraining(
        Listening(), rows, rows[:0], corruption="salt_and_pepper", noise=0.3, steps="geometric",
        gaussian=False, learning_rate=0.1, seed=1,
    )  # fmt: skip
    loss = float(module.loss(torch.from_numpy(rows), module.stream(0)))
    inputs = torch.cat(shown)
    assert len(shown) > 4
    target = torch.from_numpy(rows[:1]).expand_as(inputs)
    whole = torch.nn.functional.binary_cross_entropy_with_logits(2 * inputs - 0.5, target, reduction="sum")
    assert loss == pytest.approx(float(whole) / len(inputs), rel=1e-5)


def test_walkback_changes_the_network_and_one_step_does_not():
    X, model = groups(), DenoisingAutoencoder(noise=0.2, **QUICK)
    plain = clone(model).fit(X)
    one = clone(model).set_params(training="walkback", walkback_steps=1).fit(X)
    several = clone(model).set_params(training="walkback", walkback_steps=3).fit(X)
    assert all(np.array_equal(a, b) for a, b in zip(plain.weights_, one.weights_, strict=True))
    assert not np.array_equal(plain.weights_[0], several.weights_[0])


@pytest.mark.parametrize("precision", ["bf16-mixed", "64-true"])
@pytest.mark.parametrize("corruption", ["masking", "gaussian"])
def test_the_trainer_decides_on_precision_and_accelerator(precision, corruption):
    trainer = {"max_steps": 3, "precision": precision, "accelerator": "auto"}
    model = DenoisingAutoencoder(
        corruption=corruption,
        hidden=(4,),
        training="walkback",
        walkback_steps=2,
        random_state=0,
        trainer=trainer,
    ).fit(cloud(60))
    assert model.weights_[0].dtype == np.float32
    assert np.isfinite(model.sample(5, random_state=0)).all()


def test_tied_weights_are_stored_once(tmp_path):
    model = DenoisingAutoencoder(tied=True, **QUICK).fit(groups())
    assert model.n_parameters_ == 8 * 12 + 12 + 8
    code = np.maximum(groups(5) @ model.weights_[0] + model.biases_[0], 0)
    expected = 1 / (1 + np.exp(-(code @ model.weights_[0].T + model.biases_[1])))
    np.testing.assert_allclose(model.reconstruct(groups(5)), expected, atol=1e-5)
    save(model, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "model.safetensors").sample(5, 0), model.sample(5, 0))


# -- the chain ----------------------------------------------------------------------------------------


def test_the_chain_makes_both_kinds_and_little_else(bits):
    for start in ("data", "noise"):
        draws = bits.sample(1000, random_state=0, start=start, burn_in=30)
        assert set(np.unique(draws)) == {0.0, 1.0}
        halves = draws.reshape(-1, 2, 4).mean(axis=2)
        clear = np.abs(halves[:, 0] - halves[:, 1]) >= 0.5
        assert clear.mean() > 0.8
        assert 0.1 < (halves[clear, 0] > 0.5).mean() < 0.9


def test_successive_states_are_a_chain(bits):
    states = bits.chain(n_chains=6, n_steps=40, random_state=1)
    assert states.shape == (40, 6, 8)
    assert set(np.unique(states)) == {0.0, 1.0}
    np.testing.assert_array_equal(states, bits.chain(n_chains=6, n_steps=40, random_state=1))
    np.testing.assert_array_equal(states[10:], bits.chain(6, 30, random_state=1, burn_in=10))
    means = bits.chain(6, 40, random_state=1, means=True)
    assert np.all((means > 0) & (means < 1))
    # the states that are fed back are draws from those very means: binomial in total, false alarm 1e-4
    z = (states - means).sum() / np.sqrt((means * (1 - means)).sum())
    assert abs(z) < 3.89


def test_sample_takes_burn_in_thin_and_chains(bits):
    model = clone(bits).set_params(n_chains=4, burn_in=3, thin=2)
    vars(model).update({k: v for k, v in vars(bits).items() if k.endswith("_")})
    states = model.chain(4, 10, random_state=2)
    drawn = model.sample(10, random_state=2)  # after 3 steps, and 2 and 4 further on
    np.testing.assert_array_equal(drawn, np.concatenate([states[2], states[4], states[6]])[:10])
    again = model.sample(10, random_state=2, burn_in=5, thin=1)
    np.testing.assert_array_equal(again, np.concatenate([states[4], states[5], states[6]])[:10])
    assert model.sample(random_state=0).shape == (1, 8)
    assert model.sample(3, random_state=0, burn_in=0, means=True).shape == (3, 8)


def test_chains_of_data_start_at_training_rows(bits):
    known = {tuple(row) for row in groups()}
    assert {tuple(row) for row in bits.sample(200, random_state=0, burn_in=0)} <= known
    assert bits.start_rows_.shape == (300, 1), "eight pixels a byte"
    weights = sum(a.nbytes for a in (*bits.weights_, *bits.biases_))
    assert bits.nbytes_ == weights + 300


def test_the_gaussian_chain_has_the_datas_moments(numbers):
    """Correlated numbers on scales 1e5 apart. Not exact: the network is fitted; 25 % of a deviation."""
    X, draws = cloud(), numbers.sample(2000, random_state=3, burn_in=60)
    assert np.all(np.abs(draws.mean(axis=0) - X.mean(axis=0)) < 0.25 * X.std(axis=0))
    np.testing.assert_allclose(draws.std(axis=0), X.std(axis=0), rtol=0.25)
    assert abs(np.corrcoef(draws.T)[0, 1] - np.corrcoef(X.T)[0, 1]) < 0.15


# -- the bound ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bits", "numbers"])
def test_bound_is_the_log_mean_over_states(kind, request):
    """By hand, state by state, from the chain that the same seed walks."""
    model = request.getfixturevalue(kind)
    X = groups(20, seed=5) if kind == "bits" else cloud(20, seed=5)
    chain = model._chain(50, None, np.random.default_rng(7))
    chain.run(model.burn_in)
    outputs = chain.outputs().astype(float)
    if kind == "bits":
        p = 1 / (1 + np.exp(-outputs))
        each = (X[:, None] * np.log(p) + (1 - X[:, None]) * np.log1p(-p)).sum(axis=2)
    else:
        mean, variance = model.location_ + model.scale_ * outputs, model.scale_**2 * model.variance_
        each = -0.5 * ((X[:, None] - mean) ** 2 / variance + np.log(2 * np.pi * variance)).sum(axis=2)
    by_hand = logsumexp(each, axis=1) - np.log(50)
    np.testing.assert_allclose(model.log_bound(X, n_states=50, random_state=7), by_hand, rtol=1e-4, atol=1e-4)


def test_bound_takes_burn_in_thin_and_start(bits):
    """Given, they are what the constructor's are; without them it is the constructor's."""
    X, other = groups(20, seed=5), {"burn_in": 3, "thin": 2, "start": "noise"}
    model = clone(bits).set_params(n_chains=4, **other)
    vars(model).update({k: v for k, v in vars(bits).items() if k.endswith("_")})
    own = model.log_bound(X, n_states=10, random_state=1)
    plain = clone(model).set_params(burn_in=100, thin=10, start="data")
    vars(plain).update({k: v for k, v in vars(bits).items() if k.endswith("_")})
    np.testing.assert_array_equal(plain.log_bound(X, n_states=10, random_state=1, **other), own)
    default = plain.log_bound(X, n_states=10, random_state=1)
    for name, value in other.items():
        changed = plain.log_bound(X, n_states=10, random_state=1, **{name: value})
        assert not np.array_equal(changed, default), name


def test_bound_sums_to_one_and_grows_with_states(bits):
    """A mean of distributions is a distribution: over all 256 patterns exp(bound) sums to 1 at every S."""
    every = np.array(list(itertools.product([0.0, 1.0], repeat=8)))
    for n_states in (1, 7, 1500):
        total = np.exp(bits.log_bound(every, n_states=n_states, random_state=0)).sum()
        assert total == pytest.approx(1.0, abs=1e-4), "float32 logits"
    X = groups(200, seed=6)
    few = np.mean([bits.log_bound(X, n_states=5, random_state=s).mean() for s in range(20)])
    assert bits.log_bound(X, n_states=1000, random_state=0).mean() > few


def test_it_says_what_it_lacks(bits):
    assert bits.capabilities_ == {"sampling"}
    assert not hasattr(bits, "score_samples")
    with pytest.raises(AttributeError, match="log_bound"):
        bits.score_samples(groups())


# -- state and door -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bits", "numbers"])
def test_persistence(kind, request, tmp_path):
    model = request.getfixturevalue(kind)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    np.testing.assert_array_equal(again.sample(9, random_state=4), model.sample(9, random_state=4))
    assert (again.nbytes_, again.n_parameters_) == (model.nbytes_, model.n_parameters_)


def test_the_same_seed_gives_the_same_model_and_samples(bits):
    again = clone(bits).fit(groups())
    np.testing.assert_array_equal(again.sample(20, random_state=1), bits.sample(20, random_state=1))
    assert not np.array_equal(bits.sample(20, random_state=1), bits.sample(20, random_state=2))


@pytest.mark.parametrize(
    "wrong",
    [
        {"corruption": "blur"}, {"noise": 0.0}, {"noise": 1.5}, {"noise": np.nan}, {"training": "long"},
        {"walkback_steps": 0}, {"walkback_steps": "many"}, {"hidden": ()}, {"hidden": 5}, {"tied": 1},
        {"burn_in": -1}, {"thin": 0}, {"start": "here"}, {"n_chains": 0}, {"activation": "sine"},
        {"tied": True, "architecture": "convolutional", "hidden": (2, 3)},
    ],
    ids=str,
)  # fmt: skip
def test_bad_parameters(wrong):
    with pytest.raises(ValueError, match="DenoisingAutoencoder"):
        DenoisingAutoencoder(**wrong).fit(groups(30))


def test_bad_input(bits, numbers):
    for call in (
        lambda: bits.sample(0), lambda: bits.sample(2, burn_in=-1), lambda: bits.sample(2, thin=0),
        lambda: bits.sample(2, start="else"), lambda: bits.chain(0), lambda: bits.chain(1, 0),
        lambda: bits.log_bound(groups(), n_states=0), lambda: bits.log_bound(groups(d=9)),
        lambda: bits.log_bound(groups(), burn_in=-1), lambda: bits.log_bound(groups(), thin=0),
        lambda: bits.log_bound(groups(), start="else"),
        lambda: bits.log_bound(np.full((2, 8), np.nan)),
        lambda: clone(bits).set_params(binarize=None).fit(groups() + 0.25),
        lambda: clone(numbers).fit(np.ones((20, 2))), lambda: clone(numbers).fit([[1.0, np.inf]] * 9),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="DenoisingAutoencoder"):
            call()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("corruption", ["salt_and_pepper", "gaussian"])
def test_check_estimator(corruption):
    model = DenoisingAutoencoder(
        corruption=corruption, hidden=(3,), burn_in=2, random_state=0, trainer={"max_steps": 2}
    )
    results = check_estimator(model, on_fail=None, on_skip=None)
    assert [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"] == []


def test_the_samplers_settings_are_the_chains(bits):
    sampler = MarkovChainSampler(burn_in=2, start="noise")
    assert sampler.applies_to(bits) is None
    drawn = sampler.draw(bits, 7, random_state=1)
    np.testing.assert_array_equal(drawn, bits.sample(7, random_state=1, burn_in=2, start="noise"))
    np.testing.assert_array_equal(MarkovChainSampler().draw(bits, 7, 1), bits.sample(7, 1))
    with pytest.raises(ValueError, match="no Markov chain"):
        sampler.draw(BernoulliPixels().fit(groups()), 7)
