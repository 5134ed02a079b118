"""Every estimator with a closed form on awkward data: a density to use, or a refusal that names it."""

import random
import warnings

import numpy as np

import genrates.estimators
from genrates.estimators.base import DensityEstimator

from .verdicts import verdict_of

CLASSES = [
    cls
    for cls in (getattr(genrates.estimators, name) for name in genrates.estimators.__all__)
    if isinstance(cls, type) and issubclass(cls, DensityEstimator) and cls is not DensityEstimator
]
#: data sets for each estimator
N_DATA = 150


def hunt(seed: int, count: int) -> list[tuple[str, str]]:
    """Verdict and example of `count` data sets for each estimator."""
    found = []
    for cls in CLASSES:
        for number in range(count):
            name, X, weight = awkward(random.Random(f"{seed}-{number}"))
            verdict, said = verdict_of(lambda cls=cls, X=X, weight=weight: _use(cls, X, weight), seconds=30)
            if verdict == "refused" and cls.__name__ not in said:
                verdict = "traceback"  # it does not say who refuses
            found.append((verdict, f"--seed {seed}, attempt {number}: {cls.__name__} on {name}: {said}"))
    return found


def awkward(rng: random.Random) -> tuple[str, object, object]:
    """A data set with something awkward about it, its name, and weights for it or None."""
    numbers = np.random.default_rng(rng.randrange(2**32))
    d, n = rng.choice((1, 1, 1, 2, 3)), rng.choice((1, 2, 3, 5, 20, 60))
    X = numbers.normal(size=(n, d))
    kinds = {
        "a normal": lambda: X,
        "equal rows": lambda: np.full((n, d), rng.choice((0.0, 3.0, -1e9))),
        "a constant column": lambda: np.hstack([X, np.ones((n, 1))]),
        "ties": lambda: X.round(0),
        "whole numbers": lambda: numbers.poisson(rng.choice((0.1, 4, 1000)), size=(n, d)),
        "zeros and ones": lambda: (X > 0).astype(float),
        "a scale": lambda: X * 10.0 ** rng.choice((-300, -160, -20, 20, 150, 300)),
        "two scales": lambda: X * 10.0 ** np.array([rng.choice((-100, 0, 100)) for _ in range(d)]),
        "far from zero": lambda: X + 10.0 ** rng.choice((8, 12, 15, 16)),
        "one far value": lambda: np.vstack([X, np.full((1, d), 10.0 ** rng.choice((3, 18, 38, 200)))]),
        "heavy tails": lambda: numbers.standard_cauchy(size=(n, d)) ** 3,
        "NaN": lambda: np.where(numbers.random(X.shape) < 0.2, np.nan, X),
        "infinity": lambda: np.vstack([X, np.full((1, d), rng.choice((np.inf, -np.inf)))]),
        "the largest number": lambda: np.vstack([X, np.full((1, d), np.finfo(float).max)]),
        "denormals": lambda: X * 5e-324 * 100,
        "no rows": lambda: X[:0],
        "no columns": lambda: X[:, :0],
        "one dimension": lambda: X[:, 0],
        "three dimensions": lambda: X[:, :, None],
        "a scalar": lambda: 3.0,
        "text": lambda: X.astype(str),
        "words": lambda: np.full((n, d), "a"),
        "objects": lambda: X.astype(object),
        "complex": lambda: X + 1j,
        "float32": lambda: X.astype(np.float32),
        "float16": lambda: X.astype(np.float16),
        "bytes": lambda: numbers.integers(0, 255, size=(n, d), dtype=np.uint8),
        "booleans": lambda: X > 0,
        "big-endian": lambda: X.astype(">f8"),
        "strided": lambda: np.repeat(X, 2, axis=0)[::2],
        "reversed": lambda: X[::-1],
        "Fortran order": lambda: np.asfortranarray(X),
        "read only": lambda: _read_only(X),
        "a masked array": lambda: np.ma.masked_array(X, mask=X > 1),
        "a list": lambda: X.tolist(),
        "many columns": lambda: numbers.normal(size=(n, rng.choice((12, 70)))),
        "a line": lambda: np.linspace(0, 1, n)[:, None] * np.ones(d),
    }
    name = rng.choice(list(kinds))
    data = kinds[name]()
    rows = len(data) if hasattr(data, "__len__") else 1
    weights = {
        "": lambda: None,
        "zero weights": lambda: np.zeros(rows),
        "one weight": lambda: np.eye(1, rows, 0)[0],
        "huge weights": lambda: numbers.random(rows) * 1e300,
        "tiny weights": lambda: numbers.random(rows) * 1e-300,
        "negative weights": lambda: -np.ones(rows),
        "too few weights": lambda: np.ones(max(rows - 1, 0)),
        "NaN weights": lambda: np.full(rows, np.nan),
    }
    weighted = rng.choice(list(weights)) if rng.random() < 0.3 else ""
    return f"{name}, {n} x {d}, {weighted or 'no weights'}", data, weights[weighted]()


def _read_only(X: np.ndarray) -> np.ndarray:
    X = X.copy()
    X.flags.writeable = False
    return X


def _use(cls: type, X, weight) -> str:
    """Fit, score, draw; a distribution function where there is one."""
    model = cls(random_state=0) if "random_state" in cls().get_params() else cls()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if weight is None:
            model.fit(X)
        else:
            if "sample_weight" not in cls.fit.__code__.co_varnames:
                return "no weights"
            model.fit(X, sample_weight=weight)
        points = np.asarray(X, dtype=np.float64)
        scores = model.score_samples(points) if "likelihood" in model.capabilities_ else np.zeros(len(points))
        draws = model.sample(20, random_state=0)
        if np.isnan(scores).any() or np.isposinf(scores).any():
            return "wrong"
        if draws.shape != (20, points.shape[1]) or not np.isfinite(draws).all():
            return "wrong"
        if points.shape[1] == 1 and "cdf" in model.capabilities_:
            steps = model.cdf(np.sort(points, axis=0)).ravel()
            if (
                np.isnan(steps).any()
                or (np.diff(steps) < -1e-9).any()
                or steps.min() < 0
                or steps.max() > 1 + 1e-9
            ):
                return "wrong"
            if not np.isfinite(model.ppf(np.array([0.1, 0.5, 0.9]))).all():
                return "wrong"
    return "ok"
