"""differences.csv: every pair of rows that has a rate, on the same samples."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from genrates.analysis.differences import COLUMNS, differences_of, table_of
from genrates.analysis.summary import summarize
from genrates.rates import gaussian_plateau
from genrates.reporting.figures import lecture_table
from genrates.reporting.figures.lecture_rows import differences
from genrates.workflow.plan import Plan

SIZES = [100, 316, 1000, 3162, 10_000]
COUNTS = {"gaussian": 40, "histogram": 40, "kde": 40, "slc": 12}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """Four rows of the experiment `rates` on density 6, with errors that are known."""
    results = tmp_path_factory.mktemp("results")
    plan = Plan({"experiments": "rates", "budget": "quick", "results": str(results)})
    found = plan.experiment_results("rates")
    found.cells = [cell for cell in found.cells if cell.data == "marron_wand_06" and cell.variant in COUNTS]
    found.metrics = ["root_mise", "kl"]
    luck = np.exp(0.2 * np.random.default_rng(0).standard_normal((5, 40)))
    n = np.array(SIZES, dtype=float)
    stays = np.sqrt(gaussian_plateau(found.cells[0].truth.mixture) ** 2 + 0.1 / n)
    levels = {"gaussian": stays, "histogram": n ** (-1 / 3), "kde": n**-0.4, "slc": n**-0.45}
    for cell in found.cells:
        rows = [
            {"metric": metric, "n": size, "replicate": r, "value": (level * luck[s, r]) ** power}
            for metric, power in (("root_mise", 1), ("kl", 2))
            for s, (size, level) in enumerate(zip(SIZES, levels[cell.variant], strict=True))
            for r in range(COUNTS[cell.variant])
        ]
        scores = pd.DataFrame(rows).assign(status="ok", reason="")
        if cell.variant == "histogram":
            scores.loc[scores["metric"] == "kl", ["status", "reason"]] = ["skipped", "infinite"]
        Path(cell.folder).mkdir(parents=True)
        scores.to_parquet(cell.folder / "scores.parquet")
        for metric in found.metrics:
            found.summaries[cell.data, cell.variant, metric] = summarize(cell, metric)
    return found


def test_pairs_of_rows_with_a_rate(experiment):
    """The normal's error stays, a histogram's divergence is infinite, and a kernel's has no interval."""
    table = table_of(differences_of(experiment))
    assert list(table.columns) == COLUMNS
    pairs = table[["metric", "model_a", "model_b"]].itertuples(index=False, name=None)
    assert list(pairs) == [
        ("root_mise", "kde", "histogram"),
        ("root_mise", "slc", "histogram"),
        ("root_mise", "slc", "kde"),
    ]


def test_luck_that_rows_have_in_common_does_not_blur_their_difference(experiment):
    first = differences_of(experiment)[0]
    assert first.difference == pytest.approx(0.4 - 1 / 3, abs=1e-9)
    assert first.high - first.low < 1e-6
    assert first.theory == pytest.approx(2 / 5 - 1 / 3)
    rates = [
        experiment.summary("marron_wand_06", variant, "root_mise").rate for variant in ("kde", "histogram")
    ]
    assert first.difference == pytest.approx(rates[0] - rates[1])


def test_a_row_with_fewer_replicates_has_a_wider_interval(experiment):
    other = differences_of(experiment)[2]
    assert (other.model_a, other.model_b) == ("slc", "kde")
    assert other.low < 0.05 < other.high
    assert other.high - other.low > 0.01


def test_the_lecture_s_table_shows_them(experiment):
    experiment.differences = differences_of(experiment)
    first, *_ = differences(experiment, "marron_wand_06")
    assert first == "kde - histogram 0.067 [0.067, 0.067] (theory 0.067)"
    figure = lecture_table.draw(experiment)["lecture_table"]
    texts = "\n".join(text.get_text() for text in figure.axes[0].texts)
    assert "tested in pairs" in texts
    assert "bimodal: kde - histogram 0.067" in texts
    plt.close(figure)


def test_no_pair_is_a_table_without_rows(experiment):
    assert list(table_of([]).columns) == COLUMNS
