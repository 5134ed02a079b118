"""Lazy packages: `from genrates.estimators import KernelDensity` imports the kernel module alone.

A job that fits a histogram must not pay for torch, and a new estimator must be one new file: so a
package finds its public classes by reading the `class` lines of its modules, and imports a module
when one of its classes is first asked for.
"""

import importlib
import re
from collections.abc import Callable
from pathlib import Path

_CLASS = re.compile(r"^class ([A-Z]\w*)", re.MULTILINE)


def public_classes(package_dir: Path) -> dict[str, str]:
    """Map each public class defined in a package's public modules to the name of its module.

    >>> import genrates.estimators
    >>> public_classes(Path(genrates.estimators.__file__).parent)["GaussianDensity"]
    'gaussian'
    """
    return {
        name: path.stem
        for path in sorted(package_dir.glob("*.py"))
        if not path.stem.startswith("_")
        for name in _CLASS.findall(path.read_text(encoding="utf-8"))
    }


def attach(package: str, init_file: str) -> tuple[Callable, Callable, list[str]]:
    """The `__getattr__`, `__dir__` and `__all__` of a lazy package (PEP 562)."""
    where = public_classes(Path(init_file).parent)

    def __getattr__(name: str):
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{where[name]}"), name)

    def __dir__() -> list[str]:
        return sorted(where)

    return __getattr__, __dir__, sorted(where)
