"""Fits of replicates: together where the class can, else alone; a bad training set becomes a reason."""

import json
import os
import time

import numpy as np
import pytest

from genrates.estimators import GaussianDensity, KernelDensity
from genrates.estimators.fitting import fit_replicates, resumes

#: the second one is bad for the models below
TRAINING_SETS = [np.zeros((4, 1)), np.ones((4, 1)), np.zeros((4, 1))]


class Alone:
    """A model that is fitted alone and refuses every training set but zeros."""

    def __init__(self, error=None):
        self.error = error or ValueError("no such fit")

    def fit(self, X):
        if X.any():
            raise self.error
        self.seen_ = X
        return self


class Together(Alone):
    """The same, fitted together; one bad training set ends the fit of all."""

    calls = 0

    @classmethod
    def fit_replicates(cls, models, training_sets):
        cls.calls += 1
        return [model.fit(X) for model, X in zip(models, training_sets, strict=True)]


class Marked(Alone):
    """The same, fitted together; a bad training set leaves a mark."""

    @classmethod
    def fit_replicates(cls, models, training_sets):
        for model, X in zip(models, training_sets, strict=True):
            model.seen_ = X
            if X.any():
                model.failure_ = "no such fit"
        return models


class Resumable(Alone):
    """The same, fitted alone; an interrupted fit carries on from a folder."""

    def fit(self, X, *, checkpoints=None):
        assert (checkpoints / "attempt.json").exists()
        return super().fit(X)


@pytest.mark.parametrize("kind", [Alone, Together, Marked])
@pytest.mark.parametrize(
    "error", [ValueError, ArithmeticError, RuntimeError, TypeError, MemoryError, KeyError]
)
def test_a_bad_training_set_is_a_reason_and_the_others_are_fitted(kind, error):
    models = [kind(error("no such fit")) for _ in TRAINING_SETS]
    fits = fit_replicates(models, TRAINING_SETS)
    assert [fit.model for fit in fits] == [models[0], None, models[2]]
    assert [bool(fit.reason) for fit in fits] == [False, True, False]
    assert "no such fit" in fits[1].reason
    if kind is not Marked and error is not ValueError:
        assert fits[1].reason.startswith(error.__name__), "no check has raised it"
    assert all(fit.seconds >= 0 for fit in fits)
    for fit, training_set in zip(fits, TRAINING_SETS, strict=True):
        assert fit.model is None or fit.model.seen_ is training_set, "each learns from its own"


@pytest.mark.parametrize("kind", [Alone, Together])
def test_an_error_without_words_is_still_a_reason(kind):
    (fit,) = fit_replicates([kind(ArithmeticError())], TRAINING_SETS[1:2])
    assert (fit.model, fit.reason) == (None, "ArithmeticError")


@pytest.mark.parametrize("kind", [Alone, Together])
def test_a_person_who_interrupts_is_heard(kind):
    with pytest.raises(KeyboardInterrupt):
        fit_replicates([kind(KeyboardInterrupt()) for _ in TRAINING_SETS], TRAINING_SETS)


@pytest.mark.parametrize("kind", [Alone, Together])
def test_every_model_needs_a_training_set(kind):
    with pytest.raises(ValueError, match="zip"):
        fit_replicates([kind(), kind()], TRAINING_SETS[:1])


def test_good_training_sets_are_fitted_in_one_call_that_they_share():
    class Slow(Together):
        calls = 0

        @classmethod
        def fit_replicates(cls, models, training_sets):
            time.sleep(0.03)
            return super().fit_replicates(models, training_sets)

    fits = fit_replicates([Slow() for _ in range(3)], [np.zeros((4, 1))] * 3)
    assert Slow.calls == 1
    assert [fit.reason for fit in fits] == ["", "", ""]
    assert len({fit.seconds for fit in fits}) == 1
    assert sum(fit.seconds for fit in fits) == pytest.approx(0.03, rel=0.8, abs=0.03)


def test_a_class_that_fits_together_is_given_no_checkpoints(tmp_path):
    fit_replicates([Together(), Together()], TRAINING_SETS[::2], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_replicates_of_an_estimator_are_those_that_it_gives_alone():
    training_sets = [np.random.default_rng(seed).standard_normal((30, 1)) for seed in range(3)]
    fits = fit_replicates([KernelDensity(bandwidth="silverman") for _ in range(3)], training_sets)
    for fit, training_set in zip(fits, training_sets, strict=True):
        alone = KernelDensity(bandwidth="silverman").fit(training_set)
        np.testing.assert_array_equal(fit.model.score_samples([[0.3]]), alone.score_samples([[0.3]]))


def test_the_reason_of_an_estimator_is_its_own_message():
    training_sets = [np.zeros((5, 1)), np.arange(5.0)[:, None]]
    bad, good = fit_replicates([GaussianDensity(), GaussianDensity()], training_sets)
    assert bad.model is None
    assert "GaussianDensity" in bad.reason
    assert "constant" in bad.reason
    assert good.model.mean_ == 2


# -- interrupted fits -----------------------------------------------------------------------------


def test_only_a_fit_that_takes_checkpoints_resumes():
    assert resumes(Resumable())
    assert not resumes(Alone())
    assert not resumes(GaussianDensity())


def attempt(folder) -> float:
    """Fit once more in a folder of checkpoints; return the seconds that the fit is said to have taken."""
    (fit,) = fit_replicates([Resumable()], TRAINING_SETS[:1], folder)
    return fit.seconds


def test_seconds_of_interrupted_attempts_add_up_to_what_each_has_written(tmp_path):
    notes, checkpoint = tmp_path / "000" / "attempt.json", tmp_path / "000" / "last.ckpt"
    assert attempt(tmp_path) == pytest.approx(0, abs=1)
    began = json.loads(notes.read_text())["start"]
    checkpoint.touch()
    os.utime(checkpoint, (began + 40, began + 40))
    assert attempt(tmp_path) == pytest.approx(40, abs=1)
    began = json.loads(notes.read_text())["start"]
    os.utime(checkpoint, (began + 200, began + 200))
    assert attempt(tmp_path) == pytest.approx(240, abs=1)
    began = json.loads(notes.read_text())["start"]
    os.utime(checkpoint, (began - 9, began - 9))
    assert attempt(tmp_path) == pytest.approx(240, abs=1), "an attempt that wrote nothing counts nothing"


def test_each_replicate_has_the_seconds_of_its_own_attempts(tmp_path):
    for replicate in range(3):
        (tmp_path / f"{replicate:03d}").mkdir()
        notes = {"earlier": 100.0 * replicate, "start": 0.0}
        (tmp_path / f"{replicate:03d}" / "attempt.json").write_text(json.dumps(notes))
    fits = fit_replicates([Resumable() for _ in TRAINING_SETS], TRAINING_SETS, tmp_path)
    assert [round(fit.seconds) for fit in fits] == [0, 100, 200]
    assert [fit.model is None for fit in fits] == [False, True, False], "a fit that fails keeps its seconds"
