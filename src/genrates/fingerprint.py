"""What a job's result depends on in the source: a hash of the code behind a module, comments left out.

Snakemake does not see which files an imported package is made of, and a file's time or checksum changes
with every comment. So a rule carries, among its parameters, a hash of the syntax trees (without comments,
docstrings and layout) of the module it uses and of all modules of this package that one imports.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from genrates.lazy import public_classes

_ROOT = Path(__file__).parent
# What plans, reads configs or shows progress does not change a number.
_NO_SCIENCE = {
    "config",
    "files",
    "fingerprint",
    "joblog",
    "labels",
    "lazy",
    "lean_start",
    "progress",
    "schema",
    "workflow",
}


def module_path(module: str) -> Path:
    """File of a module of this package.

    >>> module_path("genrates.estimators.gaussian").name
    'gaussian.py'
    """
    path = _ROOT.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def target_module(target: str) -> str:
    """The module that a config's `_target_` names: everything before the last dot."""
    return target.rpartition(".")[0]


def targets(content: Any) -> list[str]:
    """Every `_target_` in a config, those of nested parts included.

    >>> targets({"_target_": "a.B", "density": {"_target_": "c.D", "bandwidth": 0.3}})
    ['a.B', 'c.D']
    """
    if not isinstance(content, dict):
        return []
    found = [content["_target_"]] if "_target_" in content else []
    return found + [target for part in content.values() for target in targets(part)]


def modules_of(content: dict[str, Any]) -> list[str]:
    """Our modules that a config and the parts within it name, each once."""
    ours = (target for target in targets(content) if target.startswith("genrates."))
    return list(dict.fromkeys(map(target_module, ours)))


def fingerprint(*modules: str) -> str:
    """Hash of the code (no comments, no docstrings) of `modules` and of what they import from genrates."""
    digest = hashlib.sha256()
    for module in sorted(set().union(*(_closure(m) for m in modules))):
        digest.update(f"{module}:{_code_hash(module_path(module))}\n".encode())
    return digest.hexdigest()[:16]


def _closure(module: str) -> set[str]:
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or (name.split(".")[1:2] and name.split(".")[1] in _NO_SCIENCE):
            continue
        found.add(name)
        waiting.extend(_imports(module_path(name)))
    return found


@cache
def _imports(path: Path) -> frozenset[str]:
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.startswith("genrates.")}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "genrates":
            found |= {_resolve(node.module, a.name) for a in node.names}
    return frozenset(m for m in found if module_path(m).exists() and m != "genrates")


def _resolve(module: str, name: str) -> str:
    """`from MODULE import NAME`: NAME may be a submodule, a class of a lazy package, or an attribute."""
    folder = _ROOT.joinpath(*module.split(".")[1:])
    if (folder / f"{name}.py").exists():
        return f"{module}.{name}"
    if folder.is_dir() and name in (classes := public_classes(folder)):
        return f"{module}.{classes[name]}"
    return module


@cache
def _code_hash(path: Path) -> str:
    tree = _tree(path)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            del body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
