"""Cells as analysis wants them: what they were made from, as objects, and where their files lie."""

from pathlib import Path
from typing import Any

from genrates.analysis.results import CellResults
from genrates.workflow.cell import Cell
from genrates.workflow.grid import replicates_of
from genrates.workflow.targets import class_of, make


def results_of(cells: list[Cell], results: str) -> list[CellResults]:
    """Return cells as analysis wants them.

    Parameters
    ----------
    cells : list of Cell
        The cells of an experiment.
    results : str
        The folder for results.

    Returns
    -------
    list of CellResults
        In the same order. Cells that share a data set share one object.
    """
    truths = {cell.data.name: _truth(cell) for cell in {cell.data.name: cell for cell in cells}.values()}
    return [_cell_results(cell, results, truths[cell.data.name]) for cell in cells]


def _cell_results(cell: Cell, results: str, truth: Any) -> CellResults:
    metrics = {name: class_of(m["_target_"], f"metric {name}") for name, m in cell.metric_configs.items()}
    parameters = {
        name: {key: value for key, value in m.items() if key != "_target_"}
        for name, m in cell.metric_configs.items()
    }
    return CellResults(
        name=cell.name,
        folder=Path(results, cell.name),
        data=cell.data.name,
        variant=cell.model.name,
        model_name=cell.model.config,
        changes=cell.model.changes,
        data_config=cell.data_config,
        model_config=cell.model_config,
        metrics=metrics,
        metric_parameters=parameters,
        sizes=cell.sizes,
        replicates=replicates_of(cell.sizes, cell.replicates),
        seed=cell.seed,
        sampler=cell.sampler.name,
        truth=truth,
        n_features=_n_features(cell.data_config, truth),
    )


def _truth(cell: Cell) -> Any:
    """Return the data set of a cell, which may know its density; None where it must be downloaded first."""
    return None if cell.files else make(cell.data_config, cell.data.name)


def _n_features(data: dict[str, Any], truth: Any) -> int:
    """Return the dimension of a data set, from its config where it must be downloaded first."""
    if truth is not None:
        return truth.n_features
    known = data.get("d") or data["metadata"].get("n_features")
    return int(known or class_of(data["_target_"], "data").n_features)
