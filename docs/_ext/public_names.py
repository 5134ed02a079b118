"""Two checks of names: every public one stands in the API reference, and docstrings refer to what exists."""

import importlib

from docutils import nodes
from sphinx.addnodes import pending_xref
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
    'genrates.rates.DifferenceFit'
    """
    modules = [importlib.import_module(name) for name in packages]
    public = {f"{module.__name__}.{name}" for module in modules for name in module.__all__}
    return sorted(public - documented - set(packages))


def exists(name: str) -> bool:
    """Return whether a full name is a module of genrates, or something in one.

    Parameters
    ----------
    name : str
        A name with dots.

    Returns
    -------
    bool
        Whether it can be imported.

    Examples
    --------
    >>> exists("genrates.rates.least_squares.delta_weights"), exists("genrates.rates.nothing")
    (True, False)
    """
    module, rest = name, []
    while module.split(".")[0] == "genrates":
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            rest.insert(0, last)
            continue
        for part in rest:
            found = getattr(found, part, None)
        return found is not None
    return False


def _show_without_link(app: Sphinx, env, node: pending_xref, content: nodes.TextElement) -> nodes.Node | None:
    """Show a reference to what exists but has no page as code; None leaves the warning to Sphinx."""
    return content if node.get("refdomain") == "py" and exists(node["reftarget"]) else None


def _check(app: Sphinx, env: BuildEnvironment) -> None:
    documented = set(env.domains.python_domain.objects)
    for name in missing_names(app.config.public_packages, documented):
        _LOGGER.warning("%s is public and stands on no page below docs/api/", name)


def setup(app: Sphinx) -> dict:
    """Register the checks; conf.py names the packages."""
    app.add_config_value("public_packages", [], "env", types=[list])
    app.connect("missing-reference", _show_without_link)
    app.connect("env-check-consistency", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
