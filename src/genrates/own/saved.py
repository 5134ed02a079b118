"""The model of a table, as `genrates fit` leaves it: the density, and what is known of the columns."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from genrates import __version__
from genrates.errors import ConfigError, is_count
from genrates.estimators import DensityEstimator, load, save
from genrates.files import write_json
from genrates.own.column import Column
from genrates.own.dialect import Dialect
from genrates.own.table import read_cells

MODEL_FILE, ABOUT_FILE = "model.safetensors", "model.json"
_TRIES = 100


@dataclass
class TableModel:
    """A fitted density and the table that it describes.

    Attributes
    ----------
    density : DensityEstimator
    name : str
        Of the candidate.
    columns, constants : list of Column
    order : list of str
        Names of all columns, as in the file.
    dialect : Dialect
    quantile : float
        Share of rows that count as anomalies.
    threshold : float
        Log-density below which a row is one.
    """

    density: DensityEstimator
    name: str
    columns: list[Column]
    constants: list[Column]
    order: list[str]
    dialect: Dialect
    quantile: float
    threshold: float

    def sample(self, n: int, seed: int | None = None) -> pd.DataFrame:
        """Draw rows with the table's columns, types and rounding.

        Rows beyond a bound are drawn again.

        Parameters
        ----------
        n : int
        seed : int, optional

        Returns
        -------
        DataFrame of str
            The cells as they are written.

        Raises
        ------
        ConfigError
            If `n` is not a whole number from 1.
        """
        if not is_count(n):
            raise ConfigError(f"--n must be a whole number >= 1, got {n}.")
        draws = self.draw(n, seed)
        cells = {c.name: c.write(draws[:, j], self.dialect.decimal) for j, c in enumerate(self.columns)}
        cells |= {c.name: c.write(np.full(n, c.value), self.dialect.decimal) for c in self.constants}
        return pd.DataFrame({name: cells[name] for name in self.order})

    def draw(self, n: int, seed: int | None = None) -> np.ndarray:
        """Draw rounded numbers within the bounds.

        Parameters
        ----------
        n : int
        seed : int, optional

        Returns
        -------
        ndarray of shape (n, d)
        """
        rng = np.random.default_rng(seed)
        kept, missing = [], n
        low, high = np.array([self._ends(c) for c in self.columns]).T
        for _ in range(_TRIES):
            draws = self.density.sample(missing, random_state=rng)
            draws = np.column_stack([c.rounded(draws[:, j]) for j, c in enumerate(self.columns)])
            kept.append(draws[np.all((draws >= low) & (draws <= high), axis=1)])
            missing = n - sum(map(len, kept))
            if missing == 0:
                return np.concatenate(kept)
        return np.concatenate([*kept, np.clip(draws[:missing], low, high)])

    @staticmethod
    def _ends(column: Column) -> tuple[float, float]:
        return (
            -np.inf if column.lower is None else column.lower,
            np.inf if column.upper is None else column.upper,
        )

    def write(self, folder: Path) -> None:
        """Write the model: safetensors and JSON, nothing that runs code when it is read.

        Parameters
        ----------
        folder : Path
        """
        save(self.density, folder / MODEL_FILE)
        about = {
            "genrates": __version__,
            "model": self.name,
            "columns": [column.as_dict() for column in self.columns],
            "constants": [column.as_dict() for column in self.constants],
            "order": self.order,
            "dialect": asdict(self.dialect),
            "quantile": self.quantile,
            "threshold": self.threshold,
        }
        write_json(folder / ABOUT_FILE, about)


def read_model(path: str | Path) -> TableModel:
    """Read a model that `genrates fit` has left.

    Parameters
    ----------
    path : str or Path
        The folder, or model.safetensors in it.

    Returns
    -------
    TableModel

    Raises
    ------
    ConfigError
        If there is none, or it is damaged.
    """
    folder = Path(path).parent if Path(path).name in (MODEL_FILE, ABOUT_FILE) else Path(path)
    try:
        about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
        return TableModel(
            load(folder / MODEL_FILE),
            about["model"],
            [Column(**one) for one in about["columns"]],
            [Column(**one) for one in about["constants"]],
            about["order"],
            Dialect(**about["dialect"]),
            about["quantile"],
            about["threshold"],
        )
    except OSError:
        raise ConfigError(
            f"{str(path)!r} holds no model; MODEL must be the folder that `genrates fit` has written "
            f"(with {MODEL_FILE} and {ABOUT_FILE})."
        ) from None
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{str(path)!r}: the model is damaged ({error}); run `genrates fit` again."
        ) from None


def read_rows(model: TableModel, path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the columns of a model from another table.

    Parameters
    ----------
    model : TableModel
    path : str or Path

    Returns
    -------
    values : ndarray of shape (n_rows, d)
        NaN where a cell is empty or no number.
    lines : ndarray of shape (n_rows,)
        Line of the file of each row.

    Raises
    ------
    ConfigError
        If a column is missing, or the file cannot be read.
    """
    frame, dialect = read_cells(path)
    missing = [c.name for c in model.columns if c.name not in frame.columns]
    if missing:
        there = ", ".join(map(repr, frame.columns[:20]))
        raise ConfigError(
            f"{str(path)!r}: no column {missing[0]!r}, which the model needs; there are {there}."
        )
    values = np.column_stack([c.read(frame[c.name].str.strip(), dialect.decimal) for c in model.columns])
    return values, np.arange(len(frame)) + 1 + dialect.header
