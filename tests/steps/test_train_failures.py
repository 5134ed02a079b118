"""A fit that fails is a row with a reason; the others of its cell are whole."""

import json
import os

import numpy as np
import pytest

from genrates.steps.train import FAILURES, earlier_seconds, fit_all

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


def test_an_error_without_words_is_still_a_reason():
    class Silent(Alone):
        def fit(self, X):
            raise self.error

    assert fit_all([Silent(ValueError())], SAMPLES[:1])[2] == ["ValueError"]


@pytest.mark.parametrize("kind", [Alone, Together])
def test_a_mistake_in_the_code_is_no_failed_fit(kind):
    with pytest.raises(KeyError):
        fit_all([kind(KeyError) for _ in SAMPLES], SAMPLES)


def test_seconds_of_killed_attempts_count_up_to_what_they_wrote_down(tmp_path):
    folder = tmp_path / "000"
    assert earlier_seconds(folder) == 0
    began = json.loads((folder / "attempt.json").read_text())["start"]
    (folder / "last.ckpt").touch()
    os.utime(folder / "last.ckpt", (began + 40, began + 40))
    assert earlier_seconds(folder) == pytest.approx(40)
    began = json.loads((folder / "attempt.json").read_text())["start"]
    os.utime(folder / "last.ckpt", (began + 2, began + 2))
    assert earlier_seconds(folder) == pytest.approx(42)
    os.utime(folder / "last.ckpt", (began - 9, began - 9))
    assert earlier_seconds(folder) == pytest.approx(42), "an attempt that wrote nothing down left nothing"


class Resumable(Alone):
    def fit(self, X, *, checkpoints=None):
        assert (checkpoints / "attempt.json").exists()
        return super().fit(X)


def test_a_resumed_fit_has_the_seconds_of_its_killed_attempts(tmp_path):
    for replicate in range(3):
        (tmp_path / f"{replicate:03d}").mkdir()
        book = {"before": 100.0 * replicate, "start": 0.0}
        (tmp_path / f"{replicate:03d}" / "attempt.json").write_text(json.dumps(book))
    _, seconds, _ = fit_all([Resumable(ValueError) for _ in SAMPLES], SAMPLES, tmp_path)
    assert [round(s) for s in seconds] == [0, 100, 200]
