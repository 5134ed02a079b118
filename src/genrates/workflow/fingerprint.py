"""Hash the code that a job's numbers depend on, so that an edit re-runs exactly the jobs it touches.

Snakemake does not see which files an imported package is made of, and a file's time or checksum changes
with every comment. So a rule carries, among its parameters, a hash of the syntax trees (without comments,
docstrings and layout) of the modules it uses and of all that these import.

Which modules count goes by package. What computes numbers counts where it is imported. What plans, checks,
writes or draws does not: an error message may be reworded without a training.
"""

import ast
import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

#: packages of genrates that compute numbers
NUMBERS = ("data", "estimators", "neural", "metrics", "rates", "analysis")
_ROOT = Path(__file__).parents[1]


def targets(content: Any) -> list[str]:
    """Return every `_target_` in a config, those of nested parts included.

    Parameters
    ----------
    content : object
        A config, or a part of one.

    Returns
    -------
    list of str
        Full names of classes.

    Examples
    --------
    >>> targets({"_target_": "a.B", "density": {"_target_": "c.D", "bandwidth": 0.3}})
    ['a.B', 'c.D']
    """
    if not isinstance(content, dict):
        return []
    found = [content["_target_"]] if "_target_" in content else []
    return found + [target for part in content.values() for target in targets(part)]


def modules_of(*configs: dict[str, Any]) -> list[str]:
    """Return the modules that define the classes which configs, and the parts within them, name.

    Parameters
    ----------
    *configs : dict
        Configs with a `_target_`.

    Returns
    -------
    list of str
        Full names, each once.

    Examples
    --------
    >>> modules_of({"_target_": "genrates.estimators.GaussianDensity"})
    ['genrates.estimators.gaussian']
    """
    named = (target.rpartition(".")[::2] for content in configs for target in targets(content))
    return list(dict.fromkeys(defining_module(module, name) for module, name in named))


def defining_module(module: str, name: str) -> str:
    """Find the module in which `from MODULE import NAME` ends, through the `__init__` files between.

    Parameters
    ----------
    module, name : str
        What is imported.

    Returns
    -------
    str
        Full name of the module that defines it.

    Examples
    --------
    >>> defining_module("genrates.estimators", "KernelDensity")
    'genrates.estimators.kernel.density'
    >>> defining_module("sklearn.mixture", "GaussianMixture")
    'sklearn.mixture'
    """
    folder = _folder(module)
    if folder is None or not folder.is_dir():
        return module
    if (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists():
        return f"{module}.{name}"
    source = _handed_on(folder).get(name)
    return module if source is None else defining_module(source, name)


def module_path(module: str) -> Path | None:
    """Return the source file of a module.

    Parameters
    ----------
    module : str
        Its full name.

    Returns
    -------
    Path or None
        None where there is none: a built-in module, or one that is not installed.

    Examples
    --------
    >>> module_path("genrates.estimators.gaussian").name
    'gaussian.py'
    """
    path = _folder(module)
    if path is not None:
        return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def fingerprint(*modules: str, packages: tuple[str, ...] = NUMBERS) -> str:
    """Hash the code of `modules` and of what they import from genrates.

    Parameters
    ----------
    *modules : str
        Where to start. They count themselves where they lie in `packages`, or outside genrates.
    packages : tuple of str
        Packages of genrates whose code counts, and whose imports are followed.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    counted: set[str] = set()
    waiting = [(module, True) for module in modules]
    while waiting:
        module, is_start = waiting.pop()
        counts = not _is_ours(module) or (module.split(".")[1:2] and module.split(".")[1] in packages)
        if module in counted or not (counts or is_start):
            continue
        if counts:
            counted.add(module)
        waiting += [(name, False) for name in (_imports(module) if _is_ours(module) else ())]
    digest = hashlib.sha256()
    for module in sorted(counted):
        digest.update(f"{module}:{_code_hash(module)}\n".encode())
    return digest.hexdigest()[:16]


def _is_ours(module: str) -> bool:
    return module == "genrates" or module.startswith("genrates.")


def _folder(module: str) -> Path | None:
    """Where a module of genrates lies, without the suffix of a file; None for a module of others."""
    return _ROOT.joinpath(*module.split(".")[1:]) if _is_ours(module) else None


@cache
def _handed_on(folder: Path) -> dict[str, str]:
    """Names that a package's `__init__` imports for others, and the modules they come from."""
    face = next(p for p in (folder / "__init__.pyi", folder / "__init__.py") if p.exists())
    package = ".".join(("genrates", *folder.relative_to(_ROOT).parts))
    found = {}
    for node in ast.parse(face.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            module = f"{package}.{node.module}" if node.level else node.module
            found |= {alias.asname or alias.name: module for alias in node.names if _is_ours(module)}
    return found


@cache
def _imports(module: str) -> frozenset[str]:
    """Modules of genrates that a module of genrates imports, anywhere in its code."""
    found = set()
    for node in ast.walk(_tree(module_path(module))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if _is_ours(alias.name)}
        elif isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            found |= {defining_module(node.module, alias.name) for alias in node.names}
    return frozenset(name for name in found if name != "genrates" and module_path(name).exists())


@cache
def _code_hash(module: str) -> str:
    """Hash of a module's code without comments and docstrings."""
    path = module_path(module)
    if path is None:
        return ""
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
