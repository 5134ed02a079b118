"""The reference of config keys, written at build time from the schemas and from the files of conf/.

Two directives:

- `config-schema` lists the keys of pydantic classes, with the descriptions that stand beside them.
- `config-files` lists the files of a group: the comment at the head, and the parameters with their defaults.
  The comment beside a parameter says what it means, or else the docstring of its class.
"""

import inspect
import itertools
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from numpydoc.docscrape import NumpyDocString
from pydantic import BaseModel
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from genrates.workflow import schema
from genrates.workflow.config import CONF, ConfigTree
from genrates.workflow.targets import class_of

_TREE = ConfigTree()
_COMMAND = re.compile(r"#( {3,})(?=\S)")  # a command in the head of a file is indented
_COMMENT = re.compile(r"\s*# ?(.*)")
#: groups whose files are shown as they are: a table of parameters would say less
_AS_WRITTEN = ("experiment",)


# -- what a file says ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ConfigFile:
    """One file of conf/.

    Attributes
    ----------
    group, name : str
        Its folder, and its name without the suffix.
    """

    group: str
    name: str

    @property
    def path(self) -> Path:
        """Where it lies."""
        return CONF / self.group / f"{self.name}.yaml"

    @cached_property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.path.read_text(encoding="utf-8").splitlines()

    @cached_property
    def n_head(self) -> int:
        """Number of comment lines at its head."""
        return next(i for i, line in enumerate(self.lines) if not line.startswith("#"))

    @property
    def body(self) -> str:
        """What follows the head."""
        return "\n".join(self.lines[self.n_head :])

    @property
    def head(self) -> Iterator[tuple[str, str]]:
        """The comment at its head.

        Yields
        ------
        kind : {"text", "commands"}
            What it is.
        content : str
            A paragraph, or command lines.
        """
        kind, found = "text", []
        for line in self.lines[: self.n_head]:
            is_command = _COMMAND.match(line)
            if found and (kind == "commands") != bool(is_command):
                yield kind, ("\n" if kind == "commands" else " ").join(found)
                found = []
            kind = "commands" if is_command else "text"
            found.append(line[1:].strip())
        if found:
            yield kind, ("\n" if kind == "commands" else " ").join(found)

    @cached_property
    def bases(self) -> list[tuple["ConfigFile", str]]:
        """Files that it starts from, and the key below which each is put ("" for the file's own level)."""
        found = []
        for entry in (yaml.safe_load(self.body) or {}).get("defaults", []):
            if isinstance(entry, dict):
                ((place, name),) = entry.items()
                group, _, key = place.removeprefix("override ").lstrip("/").partition("@")
                found.append((ConfigFile(group, name), key))
            elif entry != "_self_":
                found.append((ConfigFile(self.group, entry), ""))
        return found

    @cached_property
    def comments(self) -> dict[str, str]:
        """The comment beside, or above, each key; keys of the files that it starts from included."""
        found = {}
        for base, key in self.bases:
            found |= {f"{key}.{inner}" if key else inner: text for inner, text in base.comments.items()}
        return found | dict(self._own_comments(yaml.compose(self.body), ""))

    def _own_comments(self, node: yaml.MappingNode, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield the full name of each key that has a comment, and the comment."""
        lines = self.body.splitlines()
        for key, value in node.value:
            name = f"{prefix}{key.value}"
            is_block = isinstance(value, yaml.CollectionNode) and not value.flow_style
            end = key.end_mark if is_block else value.end_mark
            beside = _COMMENT.fullmatch(lines[end.line][end.column :].lstrip(":"))
            above, row = [], key.start_mark.line - 1
            while row >= 0 and (match := _COMMENT.fullmatch(lines[row])):
                above.insert(0, match[1])
                row -= 1
            if text := " ".join([*above, *([beside[1]] if beside else [])]).strip():
                yield name, text
            if isinstance(value, yaml.MappingNode):
                yield from self._own_comments(value, f"{name}.")

    @cached_property
    def content(self) -> dict[str, Any]:
        """What Hydra makes of it."""
        return deepcopy(_TREE.compose(f"{self.group}/{self.name}")[self.group])

    @property
    def label(self) -> str:
        """Its name as a target of links."""
        return f"conf-{self.group}-{self.name}".replace("_", "-")


def files_of(group: str) -> list[ConfigFile]:
    """Return the files of a config group.

    Parameters
    ----------
    group : str
        "model", "data" ...

    Returns
    -------
    list of ConfigFile
        Sorted by name.
    """
    return [ConfigFile(group, name) for name in _TREE.options(group)]


def flat(content: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the full name and the value of each parameter, as one types them on the command line.

    Parameters
    ----------
    content : dict
        A config.
    prefix : str
        What stands before each name.

    Yields
    ------
    name : str
        Parts are joined by dots.
    value : object
        The default.

    Examples
    --------
    >>> list(flat({"latent": 2, "density": {"bandwidth": "lscv"}}))
    [('latent', 2), ('density.bandwidth', 'lscv')]
    """
    for key, value in content.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def meanings(content: dict[str, Any]) -> dict[str, str]:
    """Return what the docstrings say of a config's parameters.

    Parameters
    ----------
    content : dict
        A config; it and its parts name their classes by `_target_`.

    Returns
    -------
    dict
        The first sentence about each parameter, by the name that :func:`flat` gives.

    Examples
    --------
    >>> meanings({"_target_": "genrates.estimators.GaussianDensity"})["covariance"]
    '"diag" estimates the variances only and sets all covariances to 0.'
    """
    found = {}
    if "_target_" in content:
        docstring = inspect.getdoc(class_of(content["_target_"], "docs")) or ""
        for entry in NumpyDocString(docstring)["Parameters"]:
            found |= {name.strip(): _in_short(entry.desc) for name in entry.name.split(",")}
    for key, part in content.items():
        if isinstance(part, dict):
            found |= {f"{key}.{name}": text for name, text in meanings(part).items()}
    return found


def _in_short(lines: list[str]) -> str:
    """Return the first sentence of a docstring's text; a list as a whole."""
    first_paragraph = " ".join(line.strip() for line in itertools.takewhile(str.strip, lines))
    if first_paragraph.startswith("- "):
        text = re.sub(r"\.? - ", "; ", first_paragraph.removeprefix("- "))
    else:
        text = re.split(r"(?<=\.)\s+(?=[A-Z])", first_paragraph)[0]
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)


def as_yaml(value: Any) -> str:
    """Return a value as it stands in a file.

    Parameters
    ----------
    value : object
        Of a config.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> as_yaml([100, 316]), as_yaml(None), as_yaml("lscv")
    ('[100, 316]', 'null', 'lscv')
    """
    return yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False).split("\n")[0]


# -- what a schema says ----------------------------------------------------------------------------


def type_text(part: dict[str, Any]) -> str:
    """Return in words what a key accepts.

    Parameters
    ----------
    part : dict
        Its JSON schema.

    Returns
    -------
    str
        For people.

    Examples
    --------
    >>> type_text({"type": "array", "items": {"type": "integer", "exclusiveMinimum": 0}})
    'list of integer > 0'
    >>> type_text({"anyOf": [{"type": "string"}, {"type": "null"}]})
    'text or null'
    """
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(map(type_text, part["anyOf"])))
    if "$ref" in part:
        return part["$ref"].rpartition("/")[2]
    if part.get("type") == "array":
        return f"list of {type_text(part['items'])}"
    if part.get("type") == "object":
        inner = part.get("additionalProperties")
        named = isinstance(inner, dict) and "$ref" in inner
        return f"mapping to {type_text(inner)}" if named else "mapping"
    words = {"string": "text", "boolean": "true or false", None: "anything"}
    bounds = (("exclusiveMinimum", ">"), ("minimum", ">="), ("maximum", "<="))
    limits = [f"{sign} {part[name]}" for name, sign in bounds if name in part]
    return " ".join([words.get(part.get("type"), part.get("type")), ", ".join(limits)]).strip()


def schema_rows(model: type[BaseModel]) -> list[tuple[str, str, str, str]]:
    """Return the keys of a schema.

    Parameters
    ----------
    model : type
        A class of genrates.workflow.schema.

    Returns
    -------
    list of tuple
        Key, what it accepts, default and meaning.
    """
    parts = model.model_json_schema()["properties"]
    return [
        (
            key,
            type_text(parts[key]),
            "required" if field.is_required() else as_yaml(field.default),
            field.description or "",
        )
        for key, field in model.model_fields.items()
    ]


# -- nodes -----------------------------------------------------------------------------------------


def _text(text: str) -> list[nodes.Node]:
    """Return a text in which `backticks` mark code."""
    parts = re.split(r"`([^`]+)`", text)
    return [nodes.literal("", part) if i % 2 else nodes.Text(part) for i, part in enumerate(parts) if part]


def _paragraph(*parts: nodes.Node) -> nodes.paragraph:
    return nodes.paragraph("", "", *parts)


def _code(text: str, language: str) -> nodes.literal_block:
    return nodes.literal_block(text, text, language=language)


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]], literal: tuple[int, ...]) -> nodes.table:
    """Return a table; the columns in `literal` are code."""
    titles, rows = list(titles), list(rows)
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in titles), cols=len(titles))
    head = nodes.row("", *(nodes.entry("", _paragraph(nodes.Text(title))) for title in titles))
    body = nodes.tbody()
    for row in rows:
        cells = nodes.row()
        for column, text in enumerate(row):
            content = [nodes.literal("", text)] if column in literal and text else _text(text)
            cells += nodes.entry("", _paragraph(*content))
        body += cells
    group += [nodes.thead("", head), body]
    return nodes.table("", group, classes=["config"])


def _link(target: str, role: str, domain: str, text: str) -> pending_xref:
    """Return a link to a class or to a config file."""
    return pending_xref(
        "",
        nodes.literal("", text),
        refdomain=domain,
        reftype=role,
        reftarget=target,
        refexplicit=True,
        refwarn=False,
    )


class ConfigSchema(SphinxDirective):
    """The keys of classes of genrates.workflow.schema, a table a class."""

    required_arguments, final_argument_whitespace = 1, True

    def run(self) -> list[nodes.Node]:
        """Return a heading, the class's docstring and the table, for each class."""
        self.env.note_dependency(schema.__file__)
        found = []
        for name in self.arguments[0].split():
            model = getattr(schema, name)
            titles = ("key", "accepts", "default", "meaning")
            told = [_paragraph(*_text(part)) for part in inspect.getdoc(model).split("\n\n")]
            content = [*told, _table(titles, schema_rows(model), (0, 2))]
            found.append(self._section(name, content))
        return found

    def _section(self, name: str, content: list[nodes.Node]) -> nodes.section:
        section = nodes.section("", nodes.title("", name), *content, ids=[f"schema-{name.lower()}"])
        section["names"] = [f"schema-{name.lower()}"]
        self.state.document.note_explicit_target(section)
        return section


class ConfigFiles(SphinxDirective):
    """The files of a group of conf/, a section a file."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a section for each file."""
        self.env.note_reread()  # a new file is no dependency yet
        return [self._section(file) for file in files_of(self.arguments[0])]

    def _section(self, file: ConfigFile) -> nodes.section:
        section = nodes.section("", nodes.title("", file.name), ids=[file.label], names=[file.label])
        self.state.document.note_explicit_target(section)
        for kind, content in file.head:
            section += _code(content, "console") if kind == "commands" else _paragraph(*_text(content))
        section += _code(file.body, "yaml") if file.group in _AS_WRITTEN else self._parameters(file)
        return section

    def _parameters(self, file: ConfigFile) -> list[nodes.Node]:
        content = dict(file.content)
        metadata = content.pop("metadata", None)
        told = meanings(content) | file.comments
        parameters = dict(flat(content))
        targets = {key: value for key, value in parameters.items() if key.rpartition(".")[2] == "_target_"}
        found = [_class_line(key, name) for key, name in targets.items()]
        if file.bases:
            bases = [node for base, _ in file.bases for node in (nodes.Text(", "), _base_link(base))][1:]
            found.append(_paragraph(nodes.Text("Starts from: "), *bases))
        rows = [
            (key, "required" if value == "???" else as_yaml(value), told.get(key, ""))
            for key, value in parameters.items()
            if key not in targets
        ]
        if rows:
            found.append(_table(("parameter", "default", "meaning"), rows, (0, 1)))
        if metadata is not None:
            theory = {f"theory.{key}": value for key, value in metadata.pop("theory", {}).items()}
            rows = [
                (key, as_yaml(value), file.comments.get(f"metadata.{key}", ""))
                for key, value in (metadata | theory).items()
            ]
            found.append(_table(("metadata", "value", ""), rows, (0, 1)))
        return found


def _class_line(key: str, name: str) -> nodes.paragraph:
    """Return a link to the class that a `_target_` names."""
    part = key.rpartition(".")[0]
    return _paragraph(*_text(f"Class of `{part}`: " if part else "Class: "), _link(name, "class", "py", name))


def _base_link(base: ConfigFile) -> nodes.Node:
    return _link(base.label, "ref", "std", f"{base.group}/{base.name}")


def setup(app: Sphinx) -> dict:
    """Register the directives."""
    app.add_directive("config-schema", ConfigSchema)
    app.add_directive("config-files", ConfigFiles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
