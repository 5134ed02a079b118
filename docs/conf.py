"""Settings of the documentation site. `make docs` builds it; nothing is fetched."""

import sys
from pathlib import Path

from genrates import __version__

sys.path.append(str(Path(__file__).parent / "_ext"))

project = "genrates"
author = "the authors of genrates"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "mathml",
    "config_reference",
    "public_names",
]
exclude_patterns = ["_build", "captions", "examples"]  # captions/ is Snakemake's

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

autodoc_typehints = "none"  # docstrings give types, and shapes with them
autodoc_member_order = "bysource"
autosummary_generate = True
numpydoc_show_class_members = False  # the template of a class lists them
numpydoc_class_members_toctree = False

public_packages = [
    "genrates.estimators",
    "genrates.estimators.peers",
    "genrates.neural",
    "genrates.data",
    "genrates.metrics",
    "genrates.rates",
]

default_role = "literal"  # `name` in a docstring is code

nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(numpy|sklearn)\..*")]  # their sites are not asked

smartquotes = False  # quotes belong to values

html_theme = "furo"
html_title = f"genrates {version}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_show_copyright = False
templates_path = ["_templates"]


def _skip_scikit_learn(app, what, name, member, skip, options) -> bool | None:
    """Leave out what estimators inherit from scikit-learn: get_params, set_output ..."""
    return True if str(getattr(member, "__module__", "")).startswith("sklearn.") else None


def setup(app) -> None:
    """Connect the rule above."""
    app.connect("autodoc-skip-member", _skip_scikit_learn)
