"""Every public name of the package stands in the API reference: the build warns of each that does not."""

import importlib

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

_LOGGER = logging.getLogger(__name__)


def missing_names(packages: list[str], documented: set[str]) -> list[str]:
    """Return the public names that are not documented.

    Parameters
    ----------
    packages : list of str
        Packages whose `__all__` lists their public names.
    documented : set of str
        Full names of what is documented.

    Returns
    -------
    list of str
        Full names, sorted.

    Examples
    --------
    >>> missing_names(["genrates.rates"], {"genrates.rates.fit_rate"})[0]
    'genrates.rates.LimitFit'
    """
    modules = [importlib.import_module(name) for name in packages]
    public = {f"{module.__name__}.{name}" for module in modules for name in module.__all__}
    return sorted(public - documented - set(packages))


def _check(app: Sphinx, env: BuildEnvironment) -> None:
    documented = set(env.domains.python_domain.objects)
    for name in missing_names(app.config.public_packages, documented):
        _LOGGER.warning("%s is public and stands on no page below docs/api/", name)


def setup(app: Sphinx) -> dict:
    """Register the check; conf.py names the packages."""
    app.add_config_value("public_packages", [], "env", types=[list])
    app.connect("env-check-consistency", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
