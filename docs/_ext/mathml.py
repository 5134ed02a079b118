"""Formulas as MathML, which browsers draw by themselves: nothing is fetched, no LaTeX is installed."""

import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

_LOGGER = logging.getLogger(__name__)

# What LaTeX accepts, and docutils does not or reads wrongly: how each is written for docutils.
_REWRITES = (
    (re.compile(r"\\dots\b"), r"\\ldots"),
    (re.compile(r"\\([bB]ig)(?![a-zA-Z])"), r"\\\1l"),
    (re.compile(r"\\([td]?frac)(\d)(\d)"), r"\\\1{\2}{\3}"),
    (
        re.compile(r"\\(hat|tilde|bar)\s*(\\[a-zA-Z]+|[a-zA-Z])"),
        r"{\\\1{\2}{}}",
    ),  # else an index goes under it
    (re.compile(r"''"), r"^{\\prime\\prime}"),
    (re.compile(r"'"), r"^{\\prime}"),
)


def to_mathml(tex: str, *, block: bool) -> str:
    r"""Return a formula as MathML.

    Parameters
    ----------
    tex : str
        The formula in LaTeX, without dollar signs.
    block : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
        A `math` element.

    Raises
    ------
    MathError
        If docutils cannot read the formula.

    Examples
    --------
    >>> "<mfrac>" in to_mathml(r"\frac12", block=False)
    True
    """
    for pattern, replacement in _REWRITES:
        tex = pattern.sub(replacement, tex)
    return tex2mathml(tex, as_block=block)


def _visit_inline(translator, node: nodes.math) -> None:
    translator.body.append(_formula(node, block=False))
    raise nodes.SkipNode


def _visit_block(translator, node: nodes.math_block) -> None:
    translator.body.append(f'<div class="math">{_formula(node, block=True)}</div>')
    raise nodes.SkipNode


def _formula(node: nodes.Element, *, block: bool) -> str:
    """Return a node as MathML; a formula that cannot be read is a warning, and its source is shown."""
    try:
        return to_mathml(node.astext(), block=block)
    except MathError as error:
        _LOGGER.warning("formula: %s in %r", error, node.astext(), location=node)
        return f"<code>{nodes.unescape(node.astext())}</code>"


def setup(app: Sphinx) -> dict:
    """Register the renderer; conf.py chooses it by html_math_renderer."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
