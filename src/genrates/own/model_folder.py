"""The folder of a learned table: its model, and how rows get to it and back."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genrates.errors import ConfigError
from genrates.estimators.base import DensityEstimator
from genrates.estimators.persistence import load, save
from genrates.files import write_json
from genrates.own.facts import Column
from genrates.own.reading import OwnTable, read_table

_MODEL, _ABOUT, _REFERENCE = "model.safetensors", "about.json", "reference.npy"
MOST_KNOWN = 10_000  # rows that are kept, for thresholds and for values that stand in


@dataclass
class LearnedTable:
    """A model of a table's rows.

    Attributes
    ----------
    model : DensityEstimator
        Knows rows whose rounded columns are spread over their rounding.
    model_name : str
        Its name in the ranking.
    names : list of str
        Columns, in order.
    units, origins, decimals : list
        Rounding of each column (0: none), a value that it has, and its digits behind the point.
    reference : ndarray of shape (m, d)
        Rows of the table, at most 10 000.
    """

    model: DensityEstimator
    model_name: str
    names: list[str]
    units: list[float]
    origins: list[float]
    decimals: list[int]
    reference: np.ndarray

    def rows_of(self, path: Path, *, strict: bool = False) -> OwnTable:
        """Read the columns that the model knows from another table.

        Parameters
        ----------
        path : Path
            The table.
        strict : bool, default=False
            Refuse rows with a hole.

        Returns
        -------
        OwnTable
        """
        return read_table(path, strict=strict, columns=self.names, keep_constants=True)

    def draw(self, n: int, seed: int) -> np.ndarray:
        """Draw rows, rounded as the table's are.

        Parameters
        ----------
        n : int
            How many.
        seed : int
            Of the random numbers.

        Returns
        -------
        ndarray of shape (n, d)
        """
        rows = self.model.sample(n, random_state=seed)
        for j, (unit, origin) in enumerate(zip(self.units, self.origins, strict=True)):
            if unit:
                rows[:, j] = origin + np.rint((rows[:, j] - origin) / unit) * unit
        return rows

    def save(self, folder: Path) -> None:
        """Write the model and what it needs.

        Parameters
        ----------
        folder : Path
            Made where it is missing.
        """
        folder.mkdir(parents=True, exist_ok=True)
        save(self.model, folder / _MODEL)
        np.save(folder / _REFERENCE, self.reference, allow_pickle=False)
        about = {"model": self.model_name, "columns": self.names, "units": self.units}
        about |= {"origins": self.origins, "decimals": self.decimals}
        write_json(folder / _ABOUT, about)

    @classmethod
    def load(cls, folder: Path) -> "LearnedTable":
        """Read what :meth:`save` wrote.

        Parameters
        ----------
        folder : Path

        Returns
        -------
        LearnedTable

        Raises
        ------
        ConfigError
            If the folder holds no learned table, or a damaged one.
        """
        try:
            about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
            reference = np.load(folder / _REFERENCE, allow_pickle=False)
            model = load(folder / _MODEL)
            keys = ("model", "columns", "units", "origins", "decimals")
            return cls(model, *(about[key] for key in keys), reference)
        except FileNotFoundError:
            raise ConfigError(f"{folder}: no learned table; `genrates fit TABLE.csv` makes one.") from None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise ConfigError(
                f"{folder}: a damaged model ({error}); `genrates fit` makes it again."
            ) from None


def spread_evenly(X: np.ndarray, columns: list[Column], seed: int = 0) -> np.ndarray:
    """Return rows whose rounded columns are spread evenly over their rounding.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Rows as the table has them.
    columns : list of Column
        Facts about the columns.
    seed : int, default=0
        Of the random numbers.

    Returns
    -------
    ndarray of shape (n, d)
    """
    return X + np.random.default_rng(seed).uniform(-0.5, 0.5, X.shape) * [column.unit for column in columns]
