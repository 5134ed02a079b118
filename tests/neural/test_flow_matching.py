"""FlowMatching: its two networks, its law, its draws, its training, its door."""

import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.base import clone

from genrates.data import Pinwheel, TwoMoons
from genrates.estimators import GaussianDensity
from genrates.neural import FlowMatching, FlowSampler
from genrates.neural.flow_matching._dense_field import DenseField

FALSE_ALARM = 1e-4
QUICK = {"hidden": (32, 32), "learning_rate": 0.02, "random_state": 0, "trainer": {"max_epochs": 30}}
PICTURES = {
    "architecture": "unet",
    "hidden": (4, 8),
    "output": "bits",
    "n_steps": 5,
    "random_state": 0,
    "trainer": {"max_epochs": 2},
}


def bumps(n: int = 300, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 100 + rng.choice([-3.0, 3.0], (n, 1)) + 0.5 * rng.standard_normal((n, 1))


def bars(n: int = 60, seed: int = 0) -> np.ndarray:
    """Pictures of 6 x 6 bits: a vertical or a horizontal bar."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n, 6, 6))
    for i, (k, down) in enumerate(zip(rng.integers(6, size=n), rng.random(n) < 0.5, strict=True)):
        X[i, k] = 1
        if down:
            X[i] = X[i].T
    return X.reshape(n, 36)


@pytest.fixture(scope="module")
def line() -> FlowMatching:
    return FlowMatching(**QUICK).fit(bumps())


@pytest.fixture(scope="module")
def plane() -> FlowMatching:
    return FlowMatching(**QUICK).fit(TwoMoons().sample(500, np.random.default_rng(0)))


@pytest.fixture(scope="module")
def pictures() -> FlowMatching:
    return FlowMatching(**PICTURES).fit(bars())


def mass(model, low, high, cells: int) -> float:
    x, y = (np.linspace(a, b, cells) for a, b in zip(low, high, strict=True))
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return float(np.exp(model.score_samples(grid)).sum() * (x[1] - x[0]) * (y[1] - y[0]))


# -- vectors ------------------------------------------------------------------------------------------


def test_numpy_evaluates_the_network_that_torch_trains(plane):
    """And the trace is that of torch's Jacobian."""
    import torch

    from genrates.neural.flow_matching._dense_network import DenseVelocity

    network, field = DenseVelocity(plane.weights_), DenseField(plane.weights_)
    x = np.random.default_rng(0).standard_normal((5, 2))
    for t in (0.0, 0.3, 1.0):
        there, time = torch.tensor(x, dtype=torch.float32), torch.full((5, 1), t)
        velocity, divergence = field.velocity_and_divergence(x, t)
        np.testing.assert_allclose(velocity, network(there, time).detach(), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(velocity, field.velocity(x, t))
        for i in range(5):
            jacobian = torch.autograd.functional.jacobian(
                lambda row, at=time: network(row[None], at[:1])[0], there[i]
            )
            assert divergence[i] == pytest.approx(float(jacobian.trace()), rel=1e-3, abs=1e-3)


def test_a_law_in_the_plane_integrates_to_one(plane):
    assert mass(plane, (-6, -6), (7, 7), 100) == pytest.approx(1, abs=1e-3)


def test_on_a_line_density_distribution_function_and_quantiles_are_one_law(line):
    x = np.linspace(94, 106, 1201)
    cdf = line.cdf(x[:, None])
    assert np.all(np.diff(cdf) > 0)
    middle = (x[1:] + x[:-1]) / 2
    density = np.exp(line.score_samples(middle[:, None]))
    np.testing.assert_allclose(np.diff(cdf) / np.diff(x), density, atol=1e-3 * density.max())
    q = np.array([0.01, 0.3, 0.5, 0.9])
    np.testing.assert_allclose(line.cdf(line.ppf(q)[:, None]), q, atol=1e-6)
    np.testing.assert_array_equal(line.ppf([0.0, 1.0]), [-np.inf, np.inf])


@pytest.mark.parametrize("solver", ["heun", "euler"])
def test_draws_follow_the_law(line, solver):
    """Kolmogorov's test against the model's own distribution function, false alarm 1e-4."""
    draws = line.sample(2000, random_state=1, solver=solver, n_steps=200)
    assert kstest(draws[:, 0], lambda x: line.cdf(x[:, None])).pvalue > FALSE_ALARM


def test_it_learns_what_a_normal_cannot(line):
    fresh = bumps(2000, seed=1)
    assert line.score(fresh) > GaussianDensity().fit(bumps()).score(fresh) + 0.3
    for solver in ("heun", "ancestral"):
        assert np.mean(np.abs(line.sample(500, random_state=0, solver=solver) - 100) > 1.5) > 0.8


def test_points_far_away_have_no_mass_and_no_nan(plane):
    found = plane.score_samples([[1e3, 0.0], [1e200, -1e200]])
    assert np.all(found < -1000)
    assert found[1] == -np.inf


@pytest.mark.slow
@pytest.mark.parametrize("data", [TwoMoons(), Pinwheel()], ids=lambda data: type(data).__name__)
def test_defaults_come_near_the_truth_and_integrate_to_one(data):
    """3 000 points: less than 0.2 nats from the truth on 4 000 fresh ones; a normal is 0.5 and more away."""
    model = FlowMatching(random_state=0).fit(data.sample(3000, np.random.default_rng(0)))
    low, high = (np.asarray(end) for end in data.domain)
    assert mass(model, low - 1, high + 1, 200) == pytest.approx(1, abs=1e-3)
    fresh = data.sample(4000, np.random.default_rng(1))
    assert data.logpdf(fresh).mean() - model.score(fresh) < 0.2


# -- pictures -----------------------------------------------------------------------------------------


def test_pictures_are_bits_and_have_no_likelihood(pictures):
    draws = pictures.sample(9, random_state=0)
    assert set(np.unique(draws)) <= {0.0, 1.0}
    gray = pictures.sample(9, random_state=0, means=True)
    assert gray.min() >= 0
    assert gray.max() <= 1
    np.testing.assert_array_equal(draws, gray > 0.5)
    assert pictures.capabilities_ == {"sampling"}
    for name in ("score_samples", "score"):
        assert not hasattr(pictures, name)
    with pytest.raises(AttributeError, match="FlowMatching has no score_samples: only estimated"):
        pictures.score_samples(bars())


def test_before_training_bits_follow_bayes_rule_for_fair_coins():
    import torch

    from genrates.neural.flow_matching._picture_network import empty_network, fill, picture_weights

    network = empty_network((8, 8), (4, 8), bits=True)
    fill(network, picture_weights(network, np.random.default_rng(0)))
    x, t = np.random.default_rng(1).standard_normal((3, 64)), 0.6
    white, black = (np.exp(-((x - t * bit) ** 2) / (2 * (1 - t) ** 2)) for bit in (-1, 1))
    found = network(torch.tensor(x, dtype=torch.float32), torch.full((3, 1), t)).detach().numpy()
    np.testing.assert_allclose(found, (black - white) / (black + white), atol=1e-5)


def test_hutchinson_estimates_the_trace(pictures):
    """Unit vectors as probes give the diagonal of torch's Jacobian; random signs its trace: |z| < 5."""
    import torch

    field, rng = pictures._field(), np.random.default_rng(0)
    x, t = rng.standard_normal((1, 36)), 0.6
    jacobian = torch.autograd.functional.jacobian(
        lambda row: field._network(row[None], torch.full((1, 1), t))[0],
        torch.tensor(x[0], dtype=torch.float32),
    ).numpy()
    _, diagonal = field.clean_and_divergence(np.repeat(x, 36, axis=0), t, np.eye(36))
    np.testing.assert_allclose(diagonal, np.diag(jacobian), atol=1e-4)
    signs = rng.choice([-1.0, 1.0], (500, 36))
    _, found = field.clean_and_divergence(np.repeat(x, 500, axis=0), t, signs)
    error = found.std(ddof=1) / np.sqrt(500)
    assert abs(found.mean() - np.trace(jacobian)) < 5 * error + 1e-4


def test_an_estimated_likelihood_has_a_standard_error(pictures):
    values, errors = pictures.log_likelihood_estimate(bars(4), n_probes=3, n_steps=4, random_state=0)
    assert values.shape == errors.shape == (4,)
    assert np.all(np.isfinite(values))
    assert np.all(errors > 0)
    with pytest.raises(ValueError, match="n_probes must be an integer from 2"):
        pictures.log_likelihood_estimate(bars(4), n_probes=1)


def test_a_picture_of_any_sides():
    X = np.random.default_rng(0).random((20, 15))
    model = FlowMatching(**PICTURES | {"output": "numbers", "image_shape": (3, 5)}).fit(X)
    draws = model.sample(8, random_state=0)
    assert draws.shape == (8, 15)
    assert draws.min() >= X.min()
    assert draws.max() <= X.max()
    with pytest.raises(ValueError, match=r"FlowMatching: 15 features are no picture of image_shape"):
        FlowMatching(**PICTURES | {"output": "numbers"}).fit(X)


# -- training -----------------------------------------------------------------------------------------


class _Killed(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("architecture", ["dense", "unet"])
def test_an_interrupted_training_resumes_to_the_same_bits(architecture, tmp_path):
    import pytorch_lightning as pl

    class Kill(pl.Callback):
        def on_train_epoch_start(self, trainer, module):
            if trainer.current_epoch == 3:
                raise _Killed

    settings = PICTURES if architecture == "unet" else QUICK
    X = bars() if architecture == "unet" else bumps(60)
    model = FlowMatching(**settings | {"trainer": {"max_epochs": 5}})
    whole = clone(model).fit(X)
    with pytest.raises(_Killed):
        clone(model).set_params(trainer={"max_epochs": 5, "callbacks": [Kill()]}).fit(X, checkpoints=tmp_path)
    assert (tmp_path / "last.ckpt").exists()
    resumed = clone(model).fit(X, checkpoints=tmp_path)
    for a, b in zip(whole.weights_, resumed.weights_, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(resumed.held_out_curve_, whole.held_out_curve_)


def test_a_training_that_diverges_is_a_failure_with_a_reason():
    with pytest.raises(RuntimeError, match="FlowMatching: training diverged; try a smaller learning_rate"):
        FlowMatching(**QUICK | {"learning_rate": 1e9}).fit(bumps(60))


def test_the_model_is_the_average_of_the_weights():
    """Without held-out rows the last average is kept; with a decay of 0 it is the network in training."""
    X, settings = bumps(60), QUICK | {"validation_fraction": 0.0, "trainer": {"max_epochs": 3}}
    last = FlowMatching(**settings | {"ema": 0.0}).fit(X).weights_
    average = FlowMatching(**settings | {"ema": 0.99}).fit(X).weights_
    assert not np.allclose(last[0], average[0])
    start = FlowMatching(**settings | {"ema": 0.0, "learning_rate": 1e-12}).fit(X).weights_
    assert np.linalg.norm(average[0] - start[0]) < np.linalg.norm(last[0] - start[0])


# -- the sampler, and the door ------------------------------------------------------------------------


def test_the_sampler_has_its_own_solver_and_steps(line):
    sampler = FlowSampler(n_samples=6, solver="euler", n_steps=7)
    expected = line.sample(6, random_state=3, solver="euler", n_steps=7)
    np.testing.assert_array_equal(sampler.draw(line, 100, random_state=3), expected)
    with pytest.raises(ValueError, match="FlowSampler: GaussianDensity has no velocity field"):
        sampler.draw(GaussianDensity().fit(bumps()), 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"architecture": "convolutional"},
        {"architecture": "unet", "hidden": (8,)},
        {"hidden": ()},
        {"solver": "rk4"},
        {"n_steps": 0},
        {"ema": 1.0},
        {"output": "bernoulli"},
        {"image_shape": (8,)},
        {"validation_fraction": 0.7},
    ],
    ids=str,
)
def test_wrong_parameters_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=f"FlowMatching: {list(wrong)[-1]} must"):
        FlowMatching(**wrong).fit(bumps(60))


def test_data_that_it_cannot_learn_are_refused():
    with pytest.raises(ValueError, match="FlowMatching: column 0 is constant"):
        FlowMatching(**QUICK).fit(np.ones((30, 1)))
    with pytest.raises(ValueError, match="FlowMatching: every pixel is 1"):
        FlowMatching(**PICTURES).fit(np.ones((30, 36)))
    with pytest.raises(ValueError, match="FlowMatching: output='bits'"):
        FlowMatching(**PICTURES).fit(0.5 * bars())
