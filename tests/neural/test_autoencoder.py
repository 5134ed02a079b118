"""The vanilla autoencoder: the slide's network, its codes, and that it is no density."""

import itertools

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from genrates.estimators import BernoulliMixture, GaussianDensity, ManifoldDensity
from genrates.estimators.persistence import load, save
from genrates.neural import Autoencoder, DenoisingAutoencoder
from genrates.neural.autoencoder._layers import (
    NumpyStack,
    convolutional_layers,
    dense_layers,
    starting_weights,
)

SHORT = {"max_epochs": 2}


def groups(n: int = 200, d: int = 8, seed: int = 0) -> np.ndarray:
    """Bits of two kinds: the first half on, or the second."""
    rng = np.random.default_rng(seed)
    side = rng.random((n, 1)) < 0.5
    first = np.arange(d) < d // 2
    return (rng.random((n, d)) < np.where(first == side, 0.9, 0.1)).astype(float)


@pytest.fixture(scope="module")
def fitted() -> Autoencoder:
    return Autoencoder(latent=3, learning_rate=0.02, random_state=0, trainer={"max_epochs": 4}).fit(groups())


# -- the network --------------------------------------------------------------------------------------


def test_the_default_is_the_slides_network(fitted):
    (W, V), (b, c) = fitted.weights_, fitted.biases_
    X = groups(20, seed=1)
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    h = sigmoid(b + X @ W)
    x_hat = sigmoid(c + h @ V)
    np.testing.assert_allclose(fitted.transform(X), h, atol=1e-5)
    np.testing.assert_allclose(fitted.reconstruct(X), x_hat, atol=1e-5)
    np.testing.assert_allclose(fitted.inverse_transform(h), x_hat, atol=1e-5)
    loss = -(X * np.log(x_hat) + (1 - X) * np.log(1 - x_hat)).sum(axis=1)
    np.testing.assert_allclose(fitted.cross_entropy(X), loss, atol=1e-4)
    assert fitted.n_parameters_ == 8 * 3 + 3 + 3 * 8 + 8
    assert fitted.nbytes_ == 4 * fitted.n_parameters_


@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (7, 5)])
def test_numpy_evaluates_what_torch_has_trained(shape):
    import torch

    from genrates.neural.autoencoder._network import LayerStack

    d, rng = shape[0] * shape[1], np.random.default_rng(0)
    dense = dense_layers([d, 20, 10], "tanh", "identity", tied=True)
    folded = convolutional_layers(shape, [3, 5, 10], "relu", "sigmoid")
    rows = rng.random((9, d), dtype=np.float32)
    for layers, n_encoder in (dense, folded):
        weights, biases = starting_weights(layers, rng.standard_normal(d), rng)
        biases = [rng.standard_normal(b.shape).astype(np.float32) for b in biases]
        there = LayerStack(layers, weights, biases)(torch.from_numpy(rows)).detach().numpy()
        assert there.shape == (9, d)
        np.testing.assert_allclose(NumpyStack(layers, weights, biases)(rows), there, atol=1e-4)
        code = NumpyStack(layers, weights, biases, 0, n_encoder)(rows)
        assert code.shape == (9, 10)
        np.testing.assert_allclose(NumpyStack(layers, weights, biases, n_encoder)(code), there, atol=1e-4)


def test_a_convolutional_one_is_trained_and_encodes():
    X = groups(120, 64)
    model = Autoencoder(
        hidden=(4, 8), latent=5, architecture="convolutional", activation="relu", code="linear",
        learning_rate=0.01, random_state=0, trainer={"max_epochs": 6},
    ).fit(X)  # fmt: skip
    assert model.transform(X).shape == (120, 5)
    assert model.loss_curve_[-1, 1] < 0.7 * model.loss_curve_[0, 1]
    for wrong in ({"image_shape": (8, 9)}, {"hidden": (4, 4, 4, 4)}, {"hidden": ()}):
        with pytest.raises(ValueError, match="Autoencoder"):
            clone(model).set_params(**wrong).fit(X)


# -- no density ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [4, 8, 12])
def test_exp_of_minus_cross_entropy_does_not_sum_to_one(d):
    """All 2^d inputs, exactly; the mixture's probabilities of the same inputs do sum to 1."""
    X = groups(300, d)
    every = np.array(list(itertools.product([0.0, 1.0], repeat=d)))
    short = {"learning_rate": 0.05, "random_state": 0, "trainer": {"max_epochs": 10}}
    autoencoder = Autoencoder(latent=d // 2, **short).fit(X)
    mixture = BernoulliMixture(n_components=2, random_state=0).fit(X)
    assert np.exp(mixture.score_samples(every)).sum() == pytest.approx(1.0, abs=1e-10)
    total = np.exp(-autoencoder.cross_entropy(every)).sum()
    assert abs(total - 1) > 0.5, total
    # the better it copies, the larger the "total probability": 2^d for a perfect copy
    copy = Autoencoder(latent=2 * d, **short).fit(X)
    assert total < np.exp(-copy.cross_entropy(every)).sum() < 2**d


def test_it_says_what_it_lacks(fitted):
    assert fitted.capabilities_ == frozenset()
    assert "not a density" in fitted.unsupported["likelihood"]
    for name in ("score_samples", "score", "sample"):
        assert not hasattr(fitted, name)
        with pytest.raises(AttributeError, match=r"Autoencoder.*not a density"):
            getattr(fitted, name)


# -- numbers of any scale -----------------------------------------------------------------------------


def test_numbers_of_any_scale():
    """Ten columns that are two: squared error falls far below the variance, whatever the units."""
    rng = np.random.default_rng(0)
    Z = rng.standard_normal((400, 2))
    units = 10.0 ** rng.integers(-3, 4, 10)
    X = (Z @ rng.standard_normal((2, 10)) + 3) * units
    model = Autoencoder(
        output="gaussian",
        hidden=(16,),
        latent=2,
        activation="tanh",
        code="linear",
        learning_rate=0.01,
        random_state=0,
    ).fit(X)
    left = ((model.inverse_transform(model.transform(X)) - X) ** 2).mean(axis=0) / X.var(axis=0)
    assert left.max() < 0.15
    assert np.isfinite(model.cross_entropy(X)).all()
    other = clone(model).fit(X / units)  # the same numbers in other units: the same codes, up to float32
    np.testing.assert_allclose(other.transform(X / units), model.transform(X), atol=0.05)
    X[:, 3] = 7.0
    with pytest.raises(ValueError, match=r"Autoencoder: column 3 is constant"):
        clone(model).fit(X)


# -- training -----------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_network():
    import torch

    before = torch.get_rng_state().clone()
    a, b, c = (Autoencoder(latent=3, random_state=s, trainer=SHORT).fit(groups()) for s in (1, 1, 2))
    assert all(np.array_equal(x, y) for x, y in zip(a.weights_, b.weights_, strict=True))
    assert not np.array_equal(a.weights_[0], c.weights_[0])
    assert torch.equal(torch.get_rng_state(), before), "torch's global stream is nobody's"


def test_training_stops_early_and_keeps_its_best():
    X = (np.random.default_rng(1).random((60, 40)) < 0.5).astype(float)  # nothing to learn but by heart
    patient = {"max_epochs": 60, "callbacks": {"EarlyStopping": {"monitor": "val_loss", "patience": 3}}}
    model = Autoencoder(
        latent=10, learning_rate=0.02, validation_fraction=0.5, random_state=0, trainer=patient
    ).fit(X)
    held_out = model.held_out_curve_[:, 1]
    assert len(held_out) < 60
    assert np.argmin(held_out) == len(held_out) - 1 - 3
    # the weights kept are those of the minimum: mean loss of the held-out half, among all rows' losses
    rng = np.random.default_rng(0)
    starting_weights(model.layers_, np.zeros(X.shape[1]), rng)  # draws what fit has drawn before the split
    held = X[rng.permutation(len(X))[:30]]
    assert model.cross_entropy(held).mean() == pytest.approx(held_out.min(), rel=1e-4)


class _Killed(Exception):
    pass


def test_a_killed_training_carries_on(tmp_path, monkeypatch):
    """Cut off in the middle and resumed, it is the network of an uninterrupted training, to the last bit."""
    from pytorch_lightning import Callback

    class Kill(Callback):
        def on_train_epoch_start(self, trainer, module):
            if trainer.current_epoch == 5:
                raise _Killed

    X, model = groups(), Autoencoder(latent=3, random_state=0, trainer={"max_epochs": 9})
    whole = clone(model).fit(X)
    with pytest.raises(_Killed):
        clone(model).set_params(trainer={"max_epochs": 9, "callbacks": [Kill()]}).fit(X, checkpoints=tmp_path)
    assert list(tmp_path.glob("*.ckpt"))
    resumed = clone(model).fit(X, checkpoints=tmp_path)
    assert all(np.array_equal(a, b) for a, b in zip(whole.weights_, resumed.weights_, strict=True))
    np.testing.assert_array_equal(resumed.loss_curve_, whole.loss_curve_)
    # a fit that was finished is not made again
    (tmp_path / "last.ckpt").unlink()
    with monkeypatch.context() as patch:
        patch.setattr("genrates.neural.autoencoder._training.run_epochs", None)
        again = clone(model).fit(X, checkpoints=tmp_path)
    np.testing.assert_array_equal(again.transform(X), whole.transform(X))


def test_a_folder_of_another_fit_is_refused(tmp_path):
    X, model = groups(), Autoencoder(latent=3, random_state=0, trainer=SHORT)
    model.fit(X, checkpoints=tmp_path)
    others = [
        ({"trainer": {"max_epochs": 1}}, X), ({"latent": 4}, X), ({"random_state": 1}, X),
        ({}, X[:100]), ({}, 1 - X), ({"latent": np.int64(5)}, X),
    ]  # fmt: skip
    for changes, rows in others:
        with pytest.raises(ValueError, match=r"Autoencoder: the checkpoints in .* belong to another fit"):
            clone(model).set_params(**changes).fit(rows, checkpoints=tmp_path)
    with pytest.raises(ValueError, match=r"DenoisingAutoencoder: the checkpoints in .* another fit"):
        DenoisingAutoencoder(random_state=0, trainer=SHORT).fit(X, checkpoints=tmp_path)
    same = clone(model).set_params(latent=np.int64(3), hidden=[]).fit(X.tolist(), checkpoints=tmp_path)
    np.testing.assert_array_equal(same.transform(X), model.transform(X))
    (tmp_path / "fit.json").unlink()
    with pytest.raises(ValueError, match="belong to another fit"):
        clone(model).fit(X, checkpoints=tmp_path)


@pytest.mark.parametrize("name", ["fitted.safetensors", "last.ckpt"])
@pytest.mark.parametrize("left", [0, 3, 1000])
def test_a_torn_checkpoint_counts_as_none(name, left, tmp_path, caplog):
    X, model = groups(), Autoencoder(latent=3, random_state=0, trainer=SHORT)
    whole = clone(model).fit(X, checkpoints=tmp_path)
    for path in (tmp_path / "fitted.safetensors", tmp_path / "last.ckpt"):
        if path.name == name:
            path.write_bytes(path.read_bytes()[:left])
        else:
            path.unlink()
    again = clone(model).fit(X, checkpoints=tmp_path)
    np.testing.assert_array_equal(again.transform(X), whole.transform(X))
    assert str(tmp_path / name) in caplog.text
    assert load(tmp_path / "fitted.safetensors").n_parameters_ == whole.n_parameters_


def test_the_network_of_a_manifold_carries_on_too(tmp_path):
    X = groups()
    reducer = Autoencoder(latent=2, code="linear", random_state=0, trainer=SHORT)
    model = ManifoldDensity(reducer=reducer, density=GaussianDensity(), random_state=1)
    first = clone(model).fit(X, checkpoints=tmp_path)
    assert (tmp_path / "fit.json").exists()
    again = clone(model).fit(X, checkpoints=tmp_path)
    np.testing.assert_array_equal(again.sample(9, random_state=0), first.sample(9, random_state=0))
    with pytest.raises(ValueError, match=r"ManifoldDensity: reducer: Autoencoder: .* another fit"):
        clone(model).set_params(random_state=2).fit(X, checkpoints=tmp_path)


@pytest.mark.parametrize("none", [{}, []])
def test_no_callbacks_are_no_callbacks(none):
    """Nothing to learn but by heart: by default training stops early."""
    X = (np.random.default_rng(1).random((60, 40)) < 0.5).astype(float)
    model = Autoencoder(latent=10, learning_rate=0.02, validation_fraction=0.5, random_state=0)
    lengths = [
        len(clone(model).set_params(trainer={"max_epochs": 30, **more}).fit(X).loss_curve_)
        for more in ({"callbacks": none}, {"callbacks": None}, {})
    ]
    assert lengths[0] == 30
    assert lengths[1] == lengths[2] < 30


# -- the door, and state --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"latent": 0}, {"hidden": (0,)}, {"hidden": "many"}, {"architecture": "deep"}, {"activation": "step"},
        {"code": "none"}, {"output": "poisson"}, {"binarize": "yes"}, {"batch_size": 0},
        {"learning_rate": 0.0}, {"validation_fraction": 0.7}, {"random_state": "now"}, {"trainer": 5},
        {"trainer": {"epochs": 3}}, {"trainer": {"callbacks": {"EarlyStoping": {}}}},
        {"image_shape": (8,)}, {"architecture": "convolutional"}, {"binarize": None},
    ],
    ids=str,
)  # fmt: skip
def test_bad_parameters(wrong):
    X = groups(30) + (0.25 if wrong == {"binarize": None} else 0)
    with pytest.raises(ValueError, match="Autoencoder"):
        Autoencoder(**wrong).fit(X)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_a_number(fitted, value):
    X = groups(30)
    X[3, 2] = value
    for call in (clone(fitted).fit, fitted.transform, fitted.reconstruct, fitted.cross_entropy):
        with pytest.raises(ValueError, match="Autoencoder"):
            call(X)
    with pytest.raises(ValueError, match="Autoencoder"):
        fitted.inverse_transform([[value] * 3])


def test_persistence(fitted, tmp_path):
    save(fitted, tmp_path / "model.safetensors")
    again, X = load(tmp_path / "model.safetensors"), groups(30, seed=2)
    np.testing.assert_array_equal(again.transform(X), fitted.transform(X))
    np.testing.assert_array_equal(again.cross_entropy(X), fitted.cross_entropy(X))
    assert (again.nbytes_, again.n_parameters_) == (fitted.nbytes_, fitted.n_parameters_)


def test_second_fit_forgets_the_first():
    model = Autoencoder(latent=2, random_state=0, trainer=SHORT)
    twice = clone(model).set_params(output="gaussian").fit(np.random.default_rng(0).random((20, 5)))
    twice.set_params(output="bernoulli").fit(groups())
    np.testing.assert_array_equal(twice.transform(groups()), clone(model).fit(groups()).transform(groups()))
    assert not hasattr(twice, "variance_")


@pytest.mark.filterwarnings("ignore")
def test_check_estimator():
    model = Autoencoder(latent=2, random_state=0, trainer={"max_steps": 2})
    results = check_estimator(model, on_fail=None, on_skip=None)
    assert [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"] == []
