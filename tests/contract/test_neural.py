"""What every estimator of `genrates.neural` promises, on networks as small as they go.

A new neural model is tested with no edit here: what stands in `genrates.neural` and is a density estimator is
found. What the tests cannot guess it says in class attributes:

- `contract_settings`: constructor's parameters that make it small (default: three steps of training).
- `example_data`: "real" (default) or "binary", what kind of data it is for.
- `contract_dimensions`: numbers of features that it can fit (default (1, 2)); the first is used.
- `expected_failed_checks`: scikit-learn's checks that cannot hold, {check: reason}.

The statistical promises (a law integrates to 1, draws follow it) are tested per model below tests/neural.
"""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

import genrates.neural
from genrates.estimators.base import DensityEstimator
from genrates.estimators.persistence import load, save

NAMES = [name for name in genrates.neural.__all__ if isinstance(getattr(genrates.neural, name), type)]
CLASSES = [
    cls for cls in (getattr(genrates.neural, name) for name in NAMES) if issubclass(cls, DensityEstimator)
]

every_model = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)


def small(cls) -> DensityEstimator:
    """The smallest network of a class, from a fixed seed."""
    return cls(**getattr(cls, "contract_settings", {"trainer": {"max_steps": 3}})).set_params(random_state=0)


def training_set(cls, n: int = 60) -> np.ndarray:
    rng = np.random.default_rng(0)
    if getattr(cls, "example_data", "real") == "binary":
        return (rng.random((n, 6)) < rng.choice([0.2, 0.7], size=(n, 1))).astype(float)
    return rng.standard_normal((n, getattr(cls, "contract_dimensions", (1, 2))[0]))


def test_there_are_models():
    assert {cls.__name__ for cls in CLASSES} >= {"NeuralCDF", "Autoencoder", "DenoisingAutoencoder"}


@every_model
@pytest.mark.filterwarnings("ignore")
def test_scikit_learn(cls):
    expected = getattr(cls, "expected_failed_checks", {})
    results = check_estimator(small(cls), expected_failed_checks=expected, on_fail=None, on_skip=None)
    failed = [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"]
    assert failed == []
    passed = {r["check_name"] for r in results if r["status"] == "passed"}
    assert not passed & set(expected), "a check that passes needs no excuse"


@every_model
def test_it_does_what_it_says_and_gives_reasons_for_the_rest(cls):
    model = small(cls).fit(X := training_set(cls))
    if "likelihood" in model.capabilities_:
        assert np.all(np.isfinite(model.score_samples(X)))
    if "sampling" in model.capabilities_:
        assert model.sample(5, random_state=0).shape == (5, X.shape[1])
    if "cdf" in model.capabilities_:
        assert np.all((model.cdf(X) >= 0) & (model.cdf(X) <= 1))
    assert all(model.unsupported.values()), "what a class lacks, it lacks for a reason"
    assert model.n_parameters_ > 0
    assert model.nbytes_ > 0


@every_model
def test_one_seed_is_one_model_and_a_saved_model_is_the_same_model(cls, tmp_path):
    X = training_set(cls)
    model, again = small(cls).fit(X), clone(small(cls)).fit(X)
    save(model, tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert type(loaded) is cls
    for other in (again, loaded):
        if "likelihood" in model.capabilities_:
            np.testing.assert_array_equal(other.score_samples(X), model.score_samples(X))
        if "sampling" in model.capabilities_:
            np.testing.assert_array_equal(other.sample(7, random_state=1), model.sample(7, random_state=1))
        assert other.n_parameters_ == model.n_parameters_


@every_model
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_by_name(cls, bad):
    X = training_set(cls)
    X[3, 0] = bad
    with pytest.raises(ValueError, match=cls.__name__):
        small(cls).fit(X)
