"""Whatever an estimator raises about data, in few columns and in many, is a ValueError that names it."""

import warnings

import numpy as np
import pytest
from test_parameters import MODELS, SETTINGS, patience

from genrates.estimators.base import DensityEstimator

COLUMNS = (1, 2, 3, 20, 33, 64, 65, 100)


def made(cls: type) -> DensityEstimator:
    return cls(**SETTINGS.get(cls.__name__, [{}])[0])


def data_sets(n_columns: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.random((60, n_columns))
    return {
        "easy": X,
        "constant": np.ones((20, n_columns)),
        "one row": X[:1],
        "two rows": X[:2],
        "equal columns": np.repeat(X[:, :1], n_columns, axis=1),
        "huge": X * 1e305,
        "tiny": X * 1e-310,
        "ties": np.round(X),
        "empty": X[:0],
        "NaN": np.where(X > 0.99, np.nan, X),
    }


def calls(model: DensityEstimator, X: np.ndarray):
    yield lambda: model.score_samples(np.vstack([X[:2], X[:2] + 1e300]))
    yield lambda: model.score_samples(X[:, :-1])
    yield lambda: model.score_samples("abc")
    yield lambda: model.sample(2, random_state=0)
    yield lambda: model.sample(0)
    yield lambda: model.sample(2, random_state="abc")
    yield lambda: model.cdf(X[:2])
    yield lambda: model.ppf([0.1, 0.5])
    yield lambda: model.ppf([2.0])
    yield lambda: model.ppf(["a"])


def complaint(cls: type, call) -> str | None:
    """What is wrong with the error that a call raises, if it raises one."""
    try:
        with patience(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call()
    except ValueError as error:
        return None if cls.__name__ in str(error) else f"does not name it: {error}"[:200]
    except (AttributeError, RuntimeError) as error:  # what it cannot do; a training that failed
        return None if cls.__name__ in str(error) else f"{type(error).__name__}: {error}"[:200]
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:200]
    return None


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_errors_name_the_estimator(cls):
    is_trained = "neural" in cls.__module__
    wrong = []
    for n_columns in (1, 2, 16) if is_trained else COLUMNS:
        for name, X in data_sets(n_columns).items():
            model = made(cls)
            if found := complaint(cls, lambda model=model, X=X: model.fit(X)):
                wrong.append((n_columns, name, "fit", found))
            if name not in ("easy", "ties") or not hasattr(model, "n_features_in_"):
                continue
            try:
                model.capabilities_  # noqa: B018
            except Exception:
                continue
            for i, call in enumerate(calls(model, X)):
                if found := complaint(cls, call):
                    wrong.append((n_columns, name, i, found))
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.parametrize(
    "data",
    [np.ones((500, 1)) + 1j, list(range(500)), range(500), np.float64(3)],
    ids=lambda data: type(data).__name__,
)
@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_errors_print_no_data(cls, data):
    """scikit-learn prints all the values of complex data and of lists that are no table."""
    with pytest.raises(ValueError, match=cls.__name__) as refused:
        made(cls).fit(data)
    assert len(str(refused.value)) < 300
    assert len(str(refused.value).splitlines()) <= 2
