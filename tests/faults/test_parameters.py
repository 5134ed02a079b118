"""A parameter's wrong value is refused at the door: by name, with the value, before any fit.

Every public estimator, sampler, data set and metric is found by itself, and each parameter of its
constructor is given a list of junk. What the class accepts must then work on some easy data: a value with
which every fit fails is wrong for every data set, so it belongs to what is refused before any job runs.
"""

import gzip
import inspect
import signal
import warnings
from contextlib import contextmanager

import numpy as np
import pytest

import genrates.estimators
import genrates.metrics
import genrates.neural
from genrates.data.base import Data, KnownDensity
from genrates.errors import shown
from genrates.estimators import GaussianDensity
from genrates.estimators.base import DensityEstimator
from genrates.metrics import Evaluation, Metric, Skip
from genrates.neural._settings import TRAINER_ARGUMENTS

NAN, INF = float("nan"), float("inf")
JUNK = [
    *("abc", "", "nan", "LSCV", b"x"),
    *(-1, 0, 1, 2, 1.5, 0.3, -0.5, 1e-320, 1e300, 10**30, -(10**30), 10**400, 1j),
    *(NAN, INF, -INF, None, True, False, np.bool_(True)),
    *([], {}, (), [[]], {"a": 1}, {"_target_": "abc"}, [1, "a"], [NAN, 1.0], [0.0, INF], [INF, INF]),
    *([0.0, 1.0], [1, 0], [None, None], [[0, 1], [1, 0]], [[1, 0], [0, 1]], [[0, 1], [0, 1]], [True, False]),
    *([-1], [1.5], [10**30], [1] * 100, [[0.0, 1.0]] * 100, [10**30] * 2, range(3), object, int, print),
]
PATIENCE = 10  # seconds after which a fit to 60 rows is taken for endless


def public(package, base: type) -> list[type]:
    """The concrete classes of a base that a package offers."""
    found = (getattr(package, name) for name in package.__all__)
    return [
        cls
        for cls in found
        if isinstance(cls, type)
        and issubclass(cls, base)
        and "_target_" not in vars(cls)
        and not abstract(cls)
    ]


def abstract(cls: type) -> bool:
    return inspect.isabstract(cls) or cls in ABSTRACT


ABSTRACT = (DensityEstimator, Data, KnownDensity, Metric, genrates.metrics.SampleMetric)
MODELS = [
    *public(genrates.estimators, DensityEstimator),
    *(cls for cls in public(genrates.estimators.peers, DensityEstimator) if cls.__name__ != "PeerDensity"),
    *public(genrates.neural, DensityEstimator),
]
SAMPLERS = [
    genrates.estimators.OwnSampler,
    genrates.estimators.InversionSampler,
    genrates.neural.MarkovChainSampler,
    genrates.neural.FlowSampler,
]
SHORT = {"trainer": {"max_steps": 2}}
#: parameters beside the one that is tried, such that it is used; the first makes the class
SETTINGS = {
    "HistogramDensity": [{}, {"bin_width": 0.5}],
    "MixtureDensity": [{"n_components": "bic", "max_components": 2, "n_init": 1}, {"covariance": "diag"}],
    "KernelDensity": [{"bandwidth": 0.001}, {"kernel": "gaussian4"}],
    "AdaptiveKernelDensity": [{"bandwidth": 0.001}],
    "SeriesDensity": [{}, {"basis": "legendre"}, {"n_terms": 3}],
    "ManifoldDensity": [{"latent": 1}],
    "BernoulliMixture": [{"n_components": 2, "max_iter": 5}],
    "KDEpyDensity": [{}, {"method": "tree", "bw": "silverman"}],
    "NeuralCDF": [SHORT, {"trainer": {"max_steps": 30}, "optimizer": "adam", "hidden": [4]}],
    "ConditionalNeuralCDF": [SHORT | {"hidden": [4], "marginal": {"trainer": {"max_steps": 2}}}],
    "Autoencoder": [
        SHORT | {"hidden": [8], "latent": 2},
        SHORT | {"architecture": "convolutional", "hidden": [4], "latent": 2},
    ],
    "FlowMatching": [
        SHORT | {"hidden": [8], "n_steps": 2, "likelihood_steps": 2},
        SHORT | {"architecture": "unet", "hidden": [4, 8], "n_steps": 2},
    ],
    "DenoisingAutoencoder": [
        SHORT | {"hidden": [8], "training": "walkback", "burn_in": 2, "thin": 1},
        SHORT | {"architecture": "convolutional", "hidden": [4, 4], "burn_in": 2, "thin": 1},
    ],
}


@pytest.fixture(scope="module", autouse=True)
def _torch_is_imported():
    """Its first training imports for seconds, which must not be interrupted."""
    genrates.neural.Autoencoder(hidden=(4,), latent=1, trainer={"max_steps": 1}).fit(np.eye(8))


@contextmanager
def patience():
    """Take what lasts too long for endless."""

    def stop(*_):
        raise TimeoutError(f"no end after {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def easy_data(cls: type, value) -> list[np.ndarray]:
    """Data that a class can learn: a line, a plane, a picture of bits, or as many columns as a value has."""
    rng = np.random.default_rng(0)
    if getattr(cls, "example_data", "real") == "binary":
        return [(rng.random((60, 16)) < rng.choice([0.2, 0.7], (60, 1))).astype(float)]
    dimensions = getattr(cls, "contract_dimensions", (1,) if cls.__name__ == "NeuralCDF" else (1, 2))
    found = [rng.uniform(0.01, 0.99, (60, d)) for d in dimensions]
    if isinstance(value, list) and len(value) > 2:
        found.append(rng.uniform(0.01, 0.99, (120, len(value))))
    if isinstance(value, int | float) and 1 < value < INF:  # a length, in units of the data
        found.append(found[0] * float(value) if value < 1e300 else found[0])
    return found


def check_message(error: ValueError, cls: type, name: str, value) -> None:
    said = str(error)
    assert cls.__name__ in said, said
    assert name in said, said
    assert shown(value) in said, said
    assert "\n" not in said, said
    assert len(said) < 500, said


def use(model, X) -> None:
    """Fit, score and draw."""
    model.fit(X)
    if "likelihood" in model.capabilities_:
        assert not np.isnan(model.score_samples(X[:3])).any()
    if "sampling" in model.capabilities_:
        assert np.isfinite(model.sample(2, random_state=0)).all()


def names_of(cls: type) -> list[str]:
    return list(inspect.signature(cls).parameters)


@pytest.mark.parametrize(
    ("cls", "name"), [pytest.param(c, n, id=f"{c.__name__}-{n}") for c in MODELS for n in names_of(c)]
)
def test_a_model_refuses_what_no_data_could_make_valid(cls, name):
    wrong = []
    for settings in SETTINGS.get(cls.__name__, [{}]):
        for value in JUNK:
            if name == "trainer" and not value:
                continue  # the default, which takes seconds
            model = cls(**settings | {name: value})
            try:
                model._check_parameters()
            except ValueError as error:
                check_message(error, cls, name, value)
                with pytest.raises(ValueError, match=cls.__name__):
                    model.fit(easy_data(cls, value)[0])
                continue
            reasons = []  # of each data set
            for X in easy_data(cls, value):
                try:
                    with patience():
                        use(cls(**settings | {name: value}), X)
                    break
                except Exception as error:
                    reasons.append(f"{type(error).__name__}: {error}"[:150])
            else:
                wrong.append((settings, shown(value), reasons))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("value", JUNK, ids=shown)
def test_a_peer_is_judged_too(value):
    model = genrates.estimators.peers.PeerDensity(value)
    with pytest.raises(ValueError, match="PeerDensity"):
        model._check_parameters()


def test_the_trainer_s_arguments_are_lightning_s():
    import pytorch_lightning as pl

    assert sorted(TRAINER_ARGUMENTS) == sorted(inspect.signature(pl.Trainer).parameters)


@pytest.mark.parametrize(
    "trainer",
    [
        *(
            {"max_step": 3},
            {"max_steps": "abc"},
            {"max_steps": 1.5},
            {"max_epochs": True},
            {"max_epochs": -7},
        ),
        *({"accelerator": "owl"}, {"precision": "8"}, {"callbacks": "EarlyStopping"}, {"max_time": 3}),
        {"enable_progress_bar": "no"},
    ],
    ids=str,
)
@pytest.mark.parametrize("cls", public(genrates.neural, DensityEstimator), ids=lambda cls: cls.__name__)
def test_a_trainer_is_judged_without_torch(cls, trainer):
    with pytest.raises(ValueError, match=f"{cls.__name__}: trainer: .*{next(iter(trainer))}"):
        cls(trainer=trainer)._check_parameters()


# -- samplers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "name"), [pytest.param(c, n, id=f"{c.__name__}-{n}") for c in SAMPLERS for n in names_of(c)]
)
def test_a_sampler_refuses_what_no_model_could_make_valid(cls, name):
    X = easy_data(genrates.neural.DenoisingAutoencoder, None)[0]
    if cls.__name__ == "MarkovChainSampler":
        model = genrates.neural.DenoisingAutoencoder(hidden=(4,), burn_in=1, thin=1, trainer={"max_steps": 1})
    elif cls.__name__ == "FlowSampler":
        model = genrates.neural.FlowMatching(hidden=(4,), n_steps=2, trainer={"max_steps": 1})
    else:
        X, model = X[:, :1] + np.arange(60)[:, None], GaussianDensity()
    model.fit(X)
    for value in JUNK:
        sampler = cls(**{name: value})
        try:
            sampler._check_parameters()
        except ValueError as error:
            check_message(error, cls, name, value)
        else:
            with patience():
                assert len(sampler.draw(model, 3, random_state=0))


# -- data sets ----------------------------------------------------------------------------------------

#: parameters that a data set cannot do without, and those that make its others count
EXAMPLES = {
    "GaussianD": {"d": 2},
    "MixtureD": {"d": 2},
    "MarronWand": {"number": 1},
    "IsotropicMixture": {"weights": [0.5, 0.5], "centers": [[0.0, 1.0], [1.0, 0.0]], "sd": 1.0},
    "NormalMixtureData": {"weights": [0.5, 0.5], "means": [0.0, 1.0], "sds": [1.0, 2.0]},
    "ImageDensity": {"gray": [[0.0, 1.0], [2.0, 1.0]]},
    "LectureNumbers": {"version": "a"},
    "FiniteData": {"points": [[0.0], [1.0]], "test_points": [[2.0], [3.0]]},
    "CatDensity": {"block": 10},
    "CsvTable": {"path": "table.csv"},
    "Sketches": {"folder": ".", "file": "cat.npy", "test_fraction": 0.3},
    "IdxImages": {"folder": "."},
}
DATA = public(genrates.data, Data)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with the files that data sets read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("x,y\n" + "\n".join(f"{i}.5,{i * i}.5" for i in range(10)))
    rng = np.random.default_rng(0)
    np.save(tmp_path / "cat.npy", rng.integers(0, 255, (12, 784), dtype=np.uint8))
    for part in ("train", "t10k"):
        for name, shape in (("images-idx3", (5, 28, 28)), ("labels-idx1", (5,))):
            header = b"\0\0\x08" + bytes([len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
            content = gzip.compress(header + rng.integers(0, 10, shape, dtype=np.uint8).tobytes())
            (tmp_path / f"{part}-{name}-ubyte.gz").write_bytes(content)


@pytest.mark.parametrize(
    ("cls", "name"), [pytest.param(c, n, id=f"{c.__name__}-{n}") for c in DATA for n in names_of(c)]
)
def test_a_data_set_refuses_what_it_cannot_be_made_of(files, cls, name):
    refused = 0
    for value in JUNK:
        settings = EXAMPLES.get(cls.__name__, {}) | {name: value}
        try:
            with patience():
                data = cls(**settings)
        except FileNotFoundError:
            continue  # a file may be there on another day
        except ValueError as error:
            refused += 1
            check_message(error, cls, name, value)
            continue
        with patience():
            X = data.sample(1, np.random.default_rng(0))
            assert np.isfinite(X).all(), value
            if isinstance(data, KnownDensity):
                assert np.isfinite(data.logpdf(X)).all(), value
                nodes, weights = data.quadrature()
                assert np.isfinite(nodes).all(), value
                assert np.isfinite(weights).all(), value
                assert not np.isnan(data.pdf(nodes)).any(), value
    assert refused


# -- metrics ------------------------------------------------------------------------------------------

METRICS = public(genrates.metrics, Metric)


@pytest.mark.parametrize(
    ("cls", "name"), [pytest.param(c, n, id=f"{c.__name__}-{n}") for c in METRICS for n in names_of(c)]
)
def test_a_metric_refuses_what_it_cannot_measure_with(cls, name):
    data = genrates.data.MarronWand(number=1)
    X = data.sample(200, np.random.default_rng(0))
    held_out = genrates.data.FiniteData(points=X[:100], test_points=X[100:])
    bits = easy_data(genrates.neural.DenoisingAutoencoder, None)[0]
    chain = genrates.neural.DenoisingAutoencoder(hidden=(4,), burn_in=1, thin=1, trainer={"max_steps": 1})
    pictures = genrates.data.FiniteData(points=bits, test_points=bits)
    cases = [(GaussianDensity().fit(X[:100]), d, X[:100]) for d in (data, held_out)]
    cases.append((chain.fit(bits), pictures, bits))
    for value in JUNK:
        try:
            metric = cls(**{name: value})
        except ValueError as error:
            check_message(error, cls, name, value)
            continue
        reasons = []
        for model, truth, train in cases:
            evaluation = Evaluation(model, truth, train, model.sample(100, random_state=0))
            try:
                with patience():
                    assert np.isfinite(metric(evaluation))
                break
            except Skip as skipped:
                reasons.append(str(skipped))
        else:
            # A point with as many coordinates as none of these data is one of other data.
            assert any("coordinates" in reason for reason in reasons), f"{shown(value)}: {reasons}"
