"""Read `conf/`, and a folder of one's own beside it: Hydra composes, once for each choice."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from genrates.errors import ConfigError, check_choice, shown
from genrates.workflow.config_file import check_file
from genrates.workflow.overrides import override_list
from genrates.workflow.quoting import check_folder_name
from genrates.workflow.targets import NOT_PARAMETERS

CONF = Path(__file__).parents[3] / "conf"

#: what Hydra and OmegaConf also raise of a config that is not one
_OTHER_ERRORS = (OSError, TypeError, ValueError, KeyError, AttributeError, AssertionError, RecursionError)


def _own_folder(own: str | Path) -> Path:
    """Return the folder of a person's own configs, or raise a ConfigError."""
    try:
        folder = Path(own).resolve()
        is_folder = folder.is_dir()
    except (OSError, TypeError, ValueError, RuntimeError):
        is_folder = False
    if not is_folder:
        raise ConfigError(f"conf: {shown(own)} is no folder.")
    return folder


class ConfigTree:
    """The configs that a plan may choose from.

    Parameters
    ----------
    own : str or Path, optional
        A folder with groups like those of conf/ (model/, data/, experiment/ ...). What it holds can be chosen
        by name, as if it stood in conf/.

    Raises
    ------
    ConfigError
        If `own` is no folder, or a file in one of its groups is no config.
    """

    def __init__(self, own: str | Path | None = None):
        self.own = None if own is None else _own_folder(own)
        if self.own is not None:
            for group in sorted(path.name for path in CONF.iterdir() if path.is_dir()):
                for file in sorted((self.own / group).glob("*.yaml")):
                    check_file(file)
        self._composed: dict[tuple[str, ...], dict[str, Any]] = {}
        self._options: dict[str, list[str]] = {}

    @property
    def overrides(self) -> dict[str, Any]:
        """Hydra overrides with which a step finds the same configs.

        Returns
        -------
        dict[str, Any]
        """
        return {} if self.own is None else {"hydra.searchpath": [f"file://{self.own}"]}

    def options(self, group: str) -> list[str]:
        """Return the names that a config group offers.

        Parameters
        ----------
        group : str
            "model", "data", "experiment" ...

        Returns
        -------
        list of str
            Sorted.

        Raises
        ------
        ConfigError
            If a name of one's own is also a name of conf/, or cannot be the name of a folder.
        """
        if group not in self._options:
            shipped = {path.stem for path in (CONF / group).glob("*.yaml")}
            own = set() if self.own is None else {path.stem for path in (self.own / group).glob("*.yaml")}
            if twice := sorted(shipped & own):
                raise ConfigError(f"{self.own}/{group}/{twice[0]}.yaml: conf/{group} has this name already.")
            for name in own:
                check_folder_name(name, f"{self.own}/{group}: the name of a config")
            self._options[group] = sorted(shipped | own)
        return self._options[group]

    def compose(self, config_name: str, *overrides: str) -> dict[str, Any]:
        """Compose one config.

        Parameters
        ----------
        config_name : str
            Path below conf/ without its suffix: "model/kde".
        *overrides : str
            Hydra's overrides.

        Returns
        -------
        dict
            The config, resolved, without Hydra's own settings. Not to be changed.

        Raises
        ------
        ConfigError
            If Hydra or the YAML parser refuses it.
        """
        key = (config_name, *overrides)
        if key not in self._composed:
            self._composed[key] = self._compose(config_name, list(overrides))
        return self._composed[key]

    def _compose(self, config_name: str, overrides: list[str]) -> dict[str, Any]:
        search = override_list(self.overrides)
        group, _, name = config_name.rpartition("/")
        # A primary config must lie in conf/ itself; a choice of a group is also found in the search path.
        primary, choice = (None, override_list({f"+{group}": name})) if group else (config_name, [])
        if (shipped := CONF / f"{config_name}.yaml").exists():
            check_file(shipped)
        # A step is a Hydra app already: its state waits while another config is composed.
        state = GlobalHydra.instance()
        waiting, state.hydra = state.hydra, None
        try:
            with initialize_config_dir(str(CONF), version_base="1.3"):
                composed = hydra_compose(primary, choice + overrides + search)
                config = OmegaConf.to_container(composed, resolve=True)
        except (HydraException, OmegaConfBaseException, YAMLError, *_OTHER_ERRORS) as error:
            given = f" with {' '.join(overrides)}" if overrides else ""
            said = " ".join(str(error).split()) or type(error).__name__
            raise ConfigError(f"{self.file(config_name)}{given}: {said}") from None
        finally:
            state.hydra = waiting
        config.pop("hydra", None)
        if group and not isinstance(config.get(group), dict):
            raise ConfigError(
                f"{self.file(config_name)}: nothing of it is in the group {group!r}; leave out @package."
            )
        return config

    def file(self, config_name: str) -> str:
        """Return the name of a config's file, for people to read.

        Parameters
        ----------
        config_name : str
            Path below conf/ without its suffix.

        Returns
        -------
        str
            "conf/model/kde.yaml", or the path below one's own folder.
        """
        path = f"{config_name}.yaml"
        if self.own is not None and not (CONF / path).exists():
            return str(self.own / path)
        return f"conf/{path}"

    def choose(self, group: str, name: str, changes: dict[str, Any], where: str) -> dict[str, Any]:
        """Return a config of a group with some of its parameters changed.

        Parameters
        ----------
        group : {"model", "data", "sampler"}
            The group.
        name : str
            The config's name.
        changes : dict
            Parameters and their values. Dots lead to those of a part: "density.bandwidth".
        where : str
            The config key or file, for the error.

        Returns
        -------
        dict
            A copy.

        Raises
        ------
        ConfigError
            For an unknown name or parameter.
        """
        check_choice(name, self.options(group), group, where)
        content = deepcopy(self.compose(f"{group}/{name}")[group])
        for key, value in changes.items():
            holder, steps = content, key.split(".")
            for depth, step in enumerate(steps):
                allowed = sorted(set(holder) - set(NOT_PARAMETERS)) if isinstance(holder, dict) else []
                check_choice(step, allowed, "parameter", ".".join([f"{where}: {name}", *steps[:depth]]))
                holder, last = holder[step], holder
            last[steps[-1]] = value
        return content

    def metrics(self, names: list[str] | tuple[str, ...]) -> dict[str, Any]:
        """Return the configs of several metrics.

        Parameters
        ----------
        names : list of str
            Names of files in the group "metric".

        Returns
        -------
        dict
            Configs by the metrics' names.
        """
        found = [self.compose(f"metric/{name}")["metric"] for name in names]
        return {key: content for metric in found for key, content in metric.items()}
