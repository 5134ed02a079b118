"""Experiments with made-up results: what figures and tables are given, without a pipeline."""

from pathlib import Path

import pandas as pd
import pytest

from genrates.analysis.results import CellResults, ExperimentResults
from genrates.metrics.base import Metric


@pytest.fixture
def make_cell():
    """Return a function that makes a cell; what its files would hold is given as `grids` and `costs`."""

    def make(data: str, variant: str, *, grids=None, costs=(), **fields) -> CellResults:
        known = {
            "name": f"quick/x/{data}/{variant}",
            "folder": Path("quick", "x", data, variant),
            "sampler": "own",
            "model_name": variant,
            "changes": (),
            "data_config": {"metadata": {"title": data, "n_max": None}},
            "model_config": {"metadata": {}},
            "metrics": {"root_mise": Metric},
            "sizes": [100, 1000],
            "seed": 0,
            "truth": None,
            "n_features": 1,
        }
        known |= {"replicates": dict.fromkeys((known | fields)["sizes"], 8)}
        cell = CellResults(data=data, variant=variant, **known | fields)
        scores = pd.DataFrame(costs, columns=["metric", "n", "value"])
        vars(cell).update(density_grids=grids or {}, scores=scores)  # cached, so no file is read
        return cell

    return make


@pytest.fixture
def make_experiment():
    """Return a function that makes an experiment of cells; `summarize(cell, metric)` gives its summaries."""

    def make(cells: list[CellResults], summarize=None, **fields) -> ExperimentResults:
        known = {"name": "x", "budget": "quick", "title": "Known", "figures": ["convergence"]}
        known |= {"metrics": list(cells[0].metrics), "folder": Path("quick", "x")}
        experiment = ExperimentResults(cells=cells, **known | fields)
        if summarize is not None:
            experiment.summaries = {
                (cell.data, cell.variant, metric): summarize(cell, metric)
                for cell in cells
                for metric in experiment.metrics
            }
        return experiment

    return make
