"""One failure does not take the rest: what a fit, a draw or a score raises is a row with its reason."""

import contextlib

import pandas as pd
import pytest
from omegaconf import OmegaConf

from genrates.errors import reason_of
from genrates.estimators import GaussianDensity
from genrates.metrics import Wasserstein1
from genrates.steps import evaluate, sample, train
from genrates.workflow.config import ConfigTree

METRICS = (
    "root_mise",
    "root_sup_cdf",
    "kl",
    "wasserstein_1",
    "sliced_wasserstein",
)  # the last one is of draws
OVERRIDES = ["data=marron_wand_01", "model=gaussian", "sizes=[10,40]", "replicates=2", "downloads=none"]
OVERRIDES += [f"metric=[{','.join(METRICS)}]"]
NAMES = ["cell.budget=b", "cell.data=d", "cell.variant=v"]


def run(tmp_path) -> pd.DataFrame:
    """The three jobs of a cell in this process; returns its scores."""
    results = f"results={tmp_path}"
    config = OmegaConf.create(ConfigTree().compose("cell", *OVERRIDES, *NAMES, results))
    for step in (train, sample, evaluate):
        with contextlib.suppress(SystemExit):  # by hand, a step in which every fit failed has failed
            step.main.__wrapped__(config)
    return pd.read_parquet(next(tmp_path.rglob("scores.parquet")))


@pytest.mark.parametrize("error", [TypeError("a mistake"), MemoryError(), RuntimeError("no luck")], ids=repr)
@pytest.mark.parametrize(
    ("method", "failed", "whole"),
    [
        ("fit", set(METRICS), set()),
        ("_draw", {"sliced_wasserstein"}, set(METRICS[:4])),
        ("_log_density", {"root_mise", "kl"}, set(METRICS) - {"root_mise", "kl"}),
    ],
)
def test_what_one_method_raises_is_a_reason(tmp_path, monkeypatch, error, method, failed, whole):
    def raises(self, *args, **keywords):
        raise error

    monkeypatch.setattr(GaussianDensity, method, raises)
    scores = run(tmp_path)
    for metric in failed:
        rows = scores[scores["metric"] == metric]
        assert len(rows) == 4
        assert set(rows["status"]) == {"failed"}
        assert set(rows["reason"]) == {reason_of(error)} or method == "_draw"
        assert rows["reason"].str.contains(type(error).__name__).all()
        assert rows["value"].isna().all()
    for metric in whole:
        assert set(scores[scores["metric"] == metric]["status"]) == {"ok"}


def test_what_a_metric_is_read_with_may_fail_too(tmp_path, monkeypatch):
    def raises(self, evaluation):
        raise TypeError("no floor")

    monkeypatch.setattr(Wasserstein1, "auxiliary", raises)
    scores = run(tmp_path)
    rows = scores[scores["metric"] == "wasserstein_1"]
    assert set(rows["status"]) == {"failed"}
    assert rows["reason"].str.contains("no floor").all()
    assert set(scores[scores["metric"] == "kl"]["status"]) == {"ok"}
