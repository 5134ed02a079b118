"""The results of an experiment as its tables and figures want them: read once from the cells' files."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genrates.analysis.scores import read_scores
from genrates.analysis.text import filled
from genrates.files import made_by
from genrates.metrics.base import Metric


@dataclass(frozen=True, eq=False)
class CellResults:
    """One cell: what it was made from, and what it has written.

    Attributes
    ----------
    name : str
        Path below the folder of results.
    folder : Path
        Where its files lie.
    data, variant, sampler : str
        Names of its data set, of its model with the parameters that vary, and of its sampler.
    model_name : str
        Name of the model's config.
    changes : tuple of (str, object)
        Parameters of the model that the experiment changes, and their values.
    data_config, model_config : dict
        Their configs, resolved.
    metrics : dict of type
        Classes of its metrics, by name.
    sizes : list of int
        Sample sizes, increasing.
    replicates : dict of int
        How many training sets of each size.
    seed : int
        What their streams hang on.
    truth : Data or None
        The data set, which may know its density; None where it must be downloaded first.
    n_features : int
        Dimension of the data.
    metric_parameters : dict of dict
        Parameters of its metrics, by name.
    """

    name: str
    folder: Path
    data: str
    variant: str
    sampler: str
    model_name: str
    changes: tuple[tuple[str, Any], ...]
    data_config: dict[str, Any]
    model_config: dict[str, Any]
    metrics: dict[str, type[Metric]]
    sizes: list[int]
    replicates: dict[int, int]
    seed: int
    truth: Any
    n_features: int
    metric_parameters: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def repeats(self) -> str:
        """How many training sets there are, of the smallest size and of the largest, in words.

        Returns
        -------
        str
        """
        first, last = self.replicates[self.sizes[0]], self.replicates[self.sizes[-1]]
        return f"{last}" if first == last else f"{first} to {last}"

    @property
    def data_metadata(self) -> dict[str, Any]:
        """What is known of the data set: title, families, truth.

        Returns
        -------
        dict[str, Any]
        """
        return self.data_config["metadata"]

    @property
    def data_title(self) -> str:
        """What the data set is, in words.

        Returns
        -------
        str
        """
        return filled(self.data_metadata["title"], self.data_config)

    @property
    def model_metadata(self) -> dict[str, Any]:
        """The lecture's columns, and the theory that the model answers to.

        Returns
        -------
        dict[str, Any]
        """
        return self.model_config["metadata"]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every number of every fit: the content of scores.parquet.

        Returns
        -------
        pd.DataFrame
        """
        path = self.folder / "scores.parquet"
        with made_by("evaluate", path):
            return read_scores(path).to_pandas()

    @cached_property
    def density_grids(self) -> dict[str, np.ndarray]:
        """The densities learned (`n=...`, smallest first), grid, shape, truth, points.

        Returns
        -------
        dict[str, np.ndarray]

        Raises
        ------
        ValueError
            Where the file holds something else; it becomes an UnusableFile.
        """
        path = self.folder / "density_grids.npz"
        with made_by("evaluate", path), np.load(path, allow_pickle=False) as arrays:
            if "points" not in arrays:
                raise ValueError("it holds no density grids")
            return {key: arrays[key] for key in sorted(arrays, key=_by_size)}

    @property
    def draws(self) -> np.ndarray:
        """What the model has generated at the largest n, first replicate.

        Returns
        -------
        np.ndarray
        """
        path = self.folder / "samples.npz"
        with made_by("sample", path), np.load(path, allow_pickle=False) as arrays:
            return arrays["samples"]

    @property
    def training_points(self) -> np.ndarray:
        """Some of the points that the first replicate has learned from.

        Returns
        -------
        np.ndarray
        """
        return self.density_grids["points"]

    def costs(self, name: str) -> pd.Series:
        """Return what was measured beside the metrics.

        Parameters
        ----------
        name : str
            One of `genrates.analysis.summary.COSTS`.

        Returns
        -------
        Series
            Values by n, one a replicate.
        """
        return self.scores[self.scores["metric"] == name].set_index("n")["value"]


@dataclass(eq=False)
class ExperimentResults:
    """One experiment: its cells, and their summaries.

    Attributes
    ----------
    name, budget, title : str
        The experiment's.
    figures, metrics : list of str
        What draws it, and what was measured.
    folder : Path
        Where its tables and figures lie.
    cells : list of CellResults
        In the order of the config.
    summaries : dict of Summary
        By (data, variant, metric); see :func:`genrates.analysis.summary.summarize`.
    differences : list of Difference
        Between its rows; see :func:`genrates.analysis.differences.differences_of`.
    """

    name: str
    budget: str
    title: str
    figures: list[str]
    metrics: list[str]
    folder: Path
    cells: list[CellResults]
    summaries: dict = field(default_factory=dict)
    differences: list = field(default_factory=list)

    @cached_property
    def data(self) -> list[str]:
        """Names of its data sets.

        Returns
        -------
        list[str]
        """
        return list(dict.fromkeys(cell.data for cell in self.cells))

    @cached_property
    def variants(self) -> list[str]:
        """Names of its models, with the parameters that vary.

        Returns
        -------
        list[str]
        """
        return list(dict.fromkeys(cell.variant for cell in self.cells))

    @cached_property
    def sizes(self) -> list[int]:
        """All its sample sizes, increasing.

        Returns
        -------
        list[int]
        """
        return sorted({n for cell in self.cells for n in cell.sizes})

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], CellResults]:
        return {(cell.data, cell.variant): cell for cell in self.cells}

    def cell(self, data: str, variant: str) -> CellResults:
        """Return one cell.

        Parameters
        ----------
        data, variant : str
            Names of its data set and model.

        Returns
        -------
        CellResults
            The cell.
        """
        return self._by_key[data, variant]

    def summary(self, data: str, variant: str, metric: str):
        """Return the summary of one metric of one cell.

        Parameters
        ----------
        data, variant, metric : str
            Names of its data set, model and metric.

        Returns
        -------
        Summary
            Its error at each n, rate and verdict.
        """
        return self.summaries[data, variant, metric]

    def truth(self, data: str) -> Any:
        """Return a data set, which may know its density.

        Parameters
        ----------
        data : str
            Its name.

        Returns
        -------
        Data or None
            None where it must be downloaded.
        """
        return next(cell.truth for cell in self.cells if cell.data == data)

    def model(self, variant: str) -> dict[str, Any]:
        """Return the config of a model, with what the experiment changes.

        Parameters
        ----------
        variant : str
            Its name.

        Returns
        -------
        dict
            With its `metadata`.
        """
        return next(cell.model_config for cell in self.cells if cell.variant == variant)

    @property
    def data_titles(self) -> dict[str, str]:
        """What each data set is, in words; of one finite table, how much two training sets share.

        Returns
        -------
        dict[str, str]
        """
        last = {cell.data: cell for cell in self.cells}
        return {name: _title(cell) for name, cell in last.items()}


def _title(cell: CellResults) -> str:
    """Return the title of a data set, and what intervals over one finite table mean."""
    n_max, n = cell.data_metadata.get("n_max"), cell.sizes[-1]
    if n_max is None:
        return cell.data_title
    return (
        f"{cell.data_title}; samples are taken without replacement from one table of {n_max} rows "
        f"(two of n = {n} share {100 * n / n_max:.0f} %), so intervals are of this table"
    )


def _by_size(key: str) -> tuple:
    return (0, int(key[2:])) if key.startswith("n=") else (1, key)
