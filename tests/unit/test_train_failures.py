"""A fit that fails is a row with a reason; the others of its cell are whole."""

import numpy as np
import pytest

from genrates.steps.train import FAILURES, fit_all

SAMPLES = [np.zeros((4, 1)), np.ones((4, 1)), np.zeros((4, 1))]


class Alone:
    def __init__(self, error):
        self.error = error

    def fit(self, X):
        if X.any():
            raise self.error("no such fit")
        return self


class Together(Alone):
    @classmethod
    def fit_replicates(cls, models, samples):
        for model, sample in zip(models, samples, strict=True):
            model.fit(sample)
        return models


class Marked(Alone):
    @classmethod
    def fit_replicates(cls, models, samples):
        for model, sample in zip(models, samples, strict=True):
            if sample.any():
                model.failure_ = "no such fit"
        return models


@pytest.mark.parametrize("kind", [Alone, Together, Marked])
@pytest.mark.parametrize("error", FAILURES)
def test_one_failure_is_one_row(kind, error):
    models, seconds, reasons = fit_all([kind(error) for _ in SAMPLES], SAMPLES)
    assert [m is None for m in models] == [False, True, False]
    assert reasons == ["", "no such fit", ""]
    assert len(seconds) == 3


@pytest.mark.parametrize("kind", [Alone, Together])
def test_a_mistake_in_the_code_is_no_failed_fit(kind):
    with pytest.raises(KeyError):
        fit_all([kind(KeyError) for _ in SAMPLES], SAMPLES)
