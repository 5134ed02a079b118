"""An experiment's results as its tables and figures want them: read once from the cells' files."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from genrates.analysis.summary import Summary, data_set, summarize
from genrates.errors import ConfigError
from genrates.files import write_json
from genrates.workflow import config
from genrates.workflow.plan import Cell, Plan

#: summaries by (data, label, metric)
Summaries = dict[tuple[str, str, str], Summary]


class Experiment:
    """One experiment of a plan, with what its cells have written.

    Parameters
    ----------
    summaries : Summaries, optional
        Where somebody has summed up the cells' scores already.

    Attributes
    ----------
    name, title : str
    data, labels, metrics, figures : list of str
        Names of its data sets, of its models (with their variants), of its metrics, of what draws it.
    sizes : list of int
        All its sample sizes, increasing.
    folder : Path
    """

    def __init__(self, plan: Plan, name: str, summaries: Summaries | None = None):
        self.plan, self.name = plan, name
        about = plan.experiments[name]
        self.title, self.figures, self.metrics = about.title, about.figures, about.metrics
        self.cells = {(c.data, c.label): c for c in plan.cells(name)}
        self.data = list(dict.fromkeys(data for data, _ in self.cells))
        self.labels = list(dict.fromkeys(label for _, label in self.cells))
        self.sizes = sorted({n for cell in self.cells.values() for n in cell.grid.sizes})
        self.folder = Path(plan.results, name)
        self.scores = cache(self._scores)
        self.summary = cache(self._summary) if summaries is None else lambda *key: summaries[key]

    def cell_folder(self, data: str, label: str) -> Path:
        return self.folder / data / label

    def pictures(self, data: str, label: str) -> dict[str, np.ndarray]:
        """The densities a cell has learned (`n=...`, smallest first), grid, shape, truth, points."""
        with np.load(self.cell_folder(data, label) / "density_grids.npz", allow_pickle=False) as arrays:
            return {key: arrays[key] for key in sorted(arrays, key=_by_size)}

    def costs(self, data: str, label: str, name: str) -> pd.Series:
        """What was measured beside the metrics (`genrates.analysis.summary.COSTS`): values by n, one a replicate."""
        scores = self.scores(data, label)
        return scores[scores["metric"] == name].set_index("n")["value"]

    @property
    def data_titles(self) -> dict[str, str]:
        """What each data set is, in words: of pictures how they are binarized, of a table what repeats."""
        largest = {cell.data: cell.grid.sizes[-1] for cell in self.cells.values()}
        metadata = {name: config.data(name)["metadata"] for name in self.data}
        return {
            k: metadata["title"] + _of_one_table(metadata["n_max"], largest[k])
            for k, metadata in metadata.items()
        }

    def model(self, label: str) -> dict:
        """The config of a model, with what the experiment has changed."""
        cell = next(c for (_, name), c in self.cells.items() if name == label)
        return config.model(cell.model, dict(cell.changes), cell.name)

    def metadata(self, label: str) -> dict:
        """The card of a model: the lecture's columns, and the theory that it answers to."""
        return self.model(label)["metadata"]

    def truth(self, data: str):
        """The data set itself, which may know its density; None where it must be downloaded."""
        return data_set(data)

    def samples(self, data: str, label: str) -> np.ndarray:
        """What the cell's model has generated, at the largest n."""
        with np.load(self.cell_folder(data, label) / "samples.npz", allow_pickle=False) as arrays:
            return arrays["samples"]

    def points(self, data: str, label: str) -> np.ndarray:
        """Some of the points that the cell's first replicate has learned from."""
        return self.pictures(data, label)["points"]

    def _scores(self, data: str, label: str) -> pd.DataFrame:
        return pd.read_parquet(self.cell_folder(data, label) / "scores.parquet")

    def _summary(self, data: str, label: str, metric: str) -> Summary:
        cell: Cell = self.cells[data, label]
        return summarize(self.scores(data, label), metric, cell, self.plan)


def write_summaries(folder: Path, summaries: Summaries) -> None:
    """FOLDER/summaries.json: every error at every n, its rate, what that is judged by, and the verdict."""
    rows = [{"data": d, "label": k, **asdict(summary)} for (d, k, _), summary in summaries.items()]
    write_json(folder / "summaries.json", rows)


def read_summaries(folder: Path) -> Summaries:
    """What :func:`write_summaries` has written.

    Raises
    ------
    ConfigError
        If it has not been written yet.
    """
    path = folder / "summaries.json"
    if not path.exists():
        raise ConfigError(
            f"{path} is missing; run `python -m genrates.steps.track` with the same words first."
        )
    found = {}
    for row in json.loads(path.read_text()):
        key = row.pop("data"), row.pop("label"), row["metric"]
        found[key] = Summary.from_json(row)
    return found


def _of_one_table(n_max: int | None, n: int) -> str:
    """What intervals over samples of one finite table are of; nothing where points have no end."""
    if n_max is None:
        return ""
    return (
        f"; samples are taken without replacement from one table of {n_max} rows "
        f"(two of n = {n} share {100 * n / n_max:.0f} %), so intervals are of this table"
    )


def _by_size(key: str) -> tuple:
    return (0, int(key[2:])) if key.startswith("n=") else (1, key)
