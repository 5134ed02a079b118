"""scikit-learn's own checks, on networks as small as they go."""

import pytest
from sklearn.utils.estimator_checks import check_estimator

from genrates.neural import ConditionalNeuralCDF, NeuralCDF

SMALL = {"hidden": (3,), "trainer": {"max_steps": 3}}
MODELS = [NeuralCDF(**SMALL), ConditionalNeuralCDF(n_knots=8, marginal=SMALL, **SMALL)]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: type(m).__name__)
@pytest.mark.filterwarnings("ignore")
def test_check_estimator(model):
    expected = getattr(model, "expected_failed_checks", {})
    results = check_estimator(model, expected_failed_checks=expected, on_fail=None, on_skip=None)
    failed = [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"]
    assert failed == []
    passed = {r["check_name"] for r in results if r["status"] == "passed"}
    assert not passed & set(expected), "a check that passes needs no excuse"
