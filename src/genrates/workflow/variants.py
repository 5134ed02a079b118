"""Choices of a config group with some of their parameters changed, and the names of their folders."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from genrates.errors import ConfigError, check_choice
from genrates.workflow.quoting import file_name, shortened

_LONGEST_NAME = 120  # characters


@dataclass(frozen=True)
class Variant:
    """One config of a group, with some of its parameters changed.

    Attributes
    ----------
    config : str
        Name of the config file.
    changes : tuple of (str, object)
        Parameters and the values to use instead.
    name : str
        Name of its folder and of its rows in the table: the config's, and the parameters that vary.
    """

    config: str
    changes: tuple[tuple[str, Any], ...] = ()
    name: str = ""

    @property
    def overrides(self) -> dict[str, Any]:
        """The changes as a dict.

        Returns
        -------
        dict[str, Any]
        """
        return dict(self.changes)


def variant_name(config: str, changes: Iterable[tuple[str, Any]]) -> str:
    """Return the folder name of a config with some parameters changed.

    The name is unique: what cannot stand in it, is too long, or reads like another value, gets a hash.

    Parameters
    ----------
    config : str
        Name of the config file.
    changes : iterable of (str, object)
        Parameters and their values.

    Returns
    -------
    str
        At most 120 characters, none of them a separator of folders.

    Examples
    --------
    >>> variant_name("kde", [("bandwidth", 0.3)])
    'kde-bandwidth=0.3'
    >>> variant_name("csv", [("path", "a/x.csv")])
    'csv-path=a_x.csv~73530f40'
    >>> variant_name("slc", [("hidden", [8, 8])])
    'slc-hidden=8x8'
    """
    name = "-".join([config, *(f"{key}={file_name(value)}" for key, value in changes)])
    return shortened(name, _LONGEST_NAME)


def expand(entries: Iterable, group: str, options: list[str], where: str) -> list[Variant]:
    """Return every variant that a list of an experiment asks for.

    Parameters
    ----------
    entries : iterable of str or dict
        Names of configs, or `{name: {parameter: value}}`. A list of values asks for one variant a value.
    group : str
        What is listed: "model", "data", "sampler".
    options : list of str
        Names that there are.
    where : str
        The config key, for the error.

    Returns
    -------
    list of Variant
        In the order of the entries. Their names tell only parameters that were given a list of values.

    Raises
    ------
    ConfigError
        For an unknown name, an entry of several names, or an empty list of values.
    """
    found = []
    for entry in entries:
        if isinstance(entry, dict) and len(entry) != 1:
            raise ConfigError(f"{where}: one {group} an entry, got {entry!r}.")
        config, changes = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
        check_choice(config, options, group, where)
        if empty := [key for key, value in changes.items() if value == []]:
            raise ConfigError(f"{where}: {config}: {empty[0]}: an empty list of values; give at least one.")
        swept = [key for key, value in changes.items() if isinstance(value, list)]
        for values in itertools.product(*(v if isinstance(v, list) else [v] for v in changes.values())):
            change = tuple(zip(changes, values, strict=True))
            name = variant_name(config, [(key, value) for key, value in change if key in swept])
            found.append(Variant(config, change, name))
    return found
