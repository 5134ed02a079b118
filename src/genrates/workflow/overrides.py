"""Write settings as Hydra's overrides: how a job of the pipeline is repeated by hand."""

from typing import Any

from genrates.workflow.quoting import hydra_override, shell_words


def to_overrides(settings: dict[str, Any]) -> str:
    """Return overrides as one types them in a shell.

    Parameters
    ----------
    settings : dict
        Config keys and their values.

    Returns
    -------
    str
        Quoted for Hydra, and for the shell, where either needs it.

    Examples
    --------
    >>> print(to_overrides({"model.bandwidth": 0.3, "cell.variant": "kde-bandwidth=0.3", "sizes": [10, 20]}))
    model.bandwidth=0.3 'cell.variant="kde-bandwidth=0.3"' 'sizes=[10,20]'
    """
    return shell_words(override_list(settings))


def override_list(settings: dict[str, Any]) -> list[str]:
    """Return overrides as Hydra takes them, not quoted for a shell.

    Parameters
    ----------
    settings : dict
        Config keys and their values.

    Returns
    -------
    list of str
        KEY=VALUE.
    """
    return [hydra_override(key, value) for key, value in settings.items()]
