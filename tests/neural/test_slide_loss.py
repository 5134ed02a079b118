"""The loss on the slide: squared misses of the targets, and the hint that H does not fall."""

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from genrates.neural import NeuralCDF
from genrates.neural.cdf._ensemble import BatchedNetwork
from genrates.neural.cdf._module import CDFRegression
from genrates.neural.cdf._order_statistics import RankedSample
from genrates.neural.cdf._train import _hint_points, _Targets

N, UNITS, LAMBDA, DECAY = 12, 3, 0.7, 0.3


def falling_layers(seed):
    """A tanh network that falls somewhere, which training never leaves one to be."""
    rng = np.random.default_rng(seed)
    across = np.array([[2.0], [-1.0], [0.5]])
    return [(1 + rng.random((1, UNITS)), rng.normal(size=UNITS)), (across, np.zeros(1))]


def hints_of(delta):
    sample = RankedSample.of(np.sort(np.random.default_rng(1).normal(size=N)), 300)
    setting = NeuralCDF(delta=delta, n_hints=20, hint_margin=0.5)
    return sample, _hint_points(sample, setting, scale=2.0)


def module_of(delta, monotone=False, monotonicity=LAMBDA):
    """Two replicates on the same points, with targets of their own."""
    sample, hints = hints_of(delta)
    layers = [falling_layers(0), falling_layers(1)]
    if monotone:
        layers = [[(np.abs(w) + 0.1, b) for w, b in net] for net in layers]
    targets = np.sort(np.random.default_rng(2).random((2, N)), axis=1)
    both = [np.stack([row, row]) for row in (sample.x, sample.weight, sample.expected(), hints)]
    module = CDFRegression(
        BatchedNetwork(layers, "erf", monotone),
        *both[:3],
        np.array([N, N]),
        lambda: targets,
        both[3],
        0 if monotone else 20,
        np.full(2, DECAY),
        monotonicity=monotonicity,
    )
    module._redraw()
    return module, layers, targets, sample, hints


def by_hand(net, u, x, y, after, monotonicity=LAMBDA):
    """(1/N) sum (H(x_n) - u_n)^2 + lambda sum_k [H(y_k) - H(y_k + Delta)]_+^2 + (beta/N) sum W_1^2."""
    (w, b), (v, c) = net

    def h(z):
        return ndtr(np.tanh(z[:, None] @ w + b) @ v + c)[:, 0]

    falls = np.maximum(h(y) - h(after), 0)
    return np.mean((h(x) - u) ** 2) + monotonicity * np.sum(falls**2) + DECAY / N * np.sum(w**2), falls


@pytest.mark.parametrize("delta", [None, 0.8])
def test_the_loss_is_the_slides(delta):
    module, layers, targets, sample, hints = module_of(delta)
    y, after = (hints[:-1], hints[1:]) if delta is None else (hints[:20], hints[20:])
    loss = 2 * module.half_loss().detach().numpy()
    for r, net in enumerate(layers):
        expected, falls = by_hand(net, targets[r], sample.x, y, after)
        assert (falls > 1e-3).any(), "the penalty must have something to say"
        assert loss[r] == pytest.approx(expected, rel=1e-12)


def test_hint_points_are_delta_apart_and_cover_the_margin():
    sample, hints = hints_of(0.8)
    np.testing.assert_allclose(hints[20:] - hints[:20], 0.8 / 2.0)  # in units of x; here standardized
    np.testing.assert_allclose(hints[[0, -1]], sample.x[[0, -1]] + [-0.5, 0.5])
    sample, hints = hints_of(None)
    np.testing.assert_allclose(np.diff(hints), (hints[-1] - hints[0]) / 20)


@pytest.mark.parametrize("monotone", [False, True])
def test_gauss_newtons_gradient_is_the_losss(monotone):
    module, *_ = module_of(None, monotone)
    with torch.no_grad():
        loss, gradient, curvature = module._normal_equations()
    half = module.half_loss()
    half.sum().backward()
    of_autograd = torch.cat(
        [
            p.grad.flatten(1)
            for pair in zip(module.network.weights, module.network.biases, strict=True)
            for p in pair
        ],
        dim=1,
    )
    torch.testing.assert_close(loss, half.detach(), rtol=1e-12, atol=0)
    torch.testing.assert_close(gradient, of_autograd, rtol=1e-9, atol=1e-12)
    assert (torch.linalg.eigvalsh(curvature) > -1e-12).all()


@pytest.mark.parametrize("monotone", [False, True])
@pytest.mark.parametrize("strength", [LAMBDA, 0.0])
def test_adams_gradient_is_the_losss(monotone, strength):
    """With falls and without; the hint's strength decides whether they are looked at."""
    module, *_ = module_of(None, monotone, strength)
    half, parameters = module.half_loss(), list(module.network.parameters())
    of_autograd = torch.autograd.grad(half.sum(), parameters)
    loss = module._set_gradient()
    torch.testing.assert_close(loss, half.detach(), rtol=1e-12, atol=0)
    for parameter, expected in zip(parameters, of_autograd, strict=True):
        torch.testing.assert_close(parameter.grad, expected, rtol=1e-9, atol=1e-12)


def test_a_stronger_hint_leaves_less_of_a_fall():
    """Twelve points in two clusters, targets that were drawn once: a network of 12 units falls between."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(-3, 0.3, 6), rng.normal(3, 0.3, 6)])[:, None]
    falls = []
    for strength in (0.0, 1e-3, 1.0):
        model = NeuralCDF(
            targets="fixed", hidden=(12,), decay=0.0, monotonicity=strength, random_state=0,
            trainer={"max_steps": 60},
        ).fit(x)  # fmt: skip
        grid = np.linspace(x.min(), x.max(), 2000)
        falls.append(fall_of(model, grid))
    assert falls[0] > 0.01
    assert falls[0] > falls[1] > falls[2]


def test_what_is_monotone_by_construction_never_falls():
    x = np.random.default_rng(0).standard_t(2, size=(60, 1))
    model = NeuralCDF(monotone="construction", random_state=0, trainer={"max_steps": 60}).fit(x)
    assert model.falling_share_ == 0
    assert fall_of(model, np.linspace(x.min() - 3, x.max() + 3, 2000)) == 0


def fall_of(model, x) -> float:
    """How far H falls in all along x."""
    z = ((x - model.location_) / model.scale_)[:, None]
    (w, v), (b, c) = model.weights_, model.biases_
    h = ndtr(np.tanh(z @ w + b) @ v + c)[:, 0]
    return float(np.maximum(-np.diff(h), 0).sum())


def test_targets_are_redrawn_every_so_many_cycles():
    sample, _ = hints_of(None)
    for kind, every, fresh in (("redrawn", 3, [0, 3, 6]), ("deterministic", 1, [0]), ("fixed", 1, [0])):
        targets = _Targets([sample], [np.random.default_rng(0)], N, kind, every)
        assert [cycle for cycle in range(8) if targets() is not None] == fresh


def test_the_share_of_hint_points_where_it_falls_is_counted_before_the_law_is_repaired():
    """Of 150; without a penalty a network of 12 units falls between two clusters, with it less."""
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(-3, 0.3, 6), rng.normal(3, 0.3, 6)])[:, None]
    setting = {
        "targets": "fixed",
        "hidden": (12,),
        "decay": 0.0,
        "random_state": 0,
        "trainer": {"max_steps": 60},
    }
    free, held = (NeuralCDF(monotonicity=strength, **setting).fit(x) for strength in (0.0, 1.0))
    y = np.linspace(x.min() - free.scale_, x.max() + free.scale_, 151)
    z = ((y - free.location_) / free.scale_)[:, None]
    (w, v), (b, c) = free.weights_, free.biases_
    h = ndtr(np.tanh(z @ w + b) @ v + c)[:, 0]
    assert free.falling_share_ == pytest.approx(np.mean(np.diff(h) < -1e-9), abs=1e-12)
    assert held.falling_share_ < free.falling_share_
    assert free.falling_share_ > 0.02
