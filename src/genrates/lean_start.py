"""A quick start for short jobs: a pipeline starts hundreds of processes.

Importing scikit-learn takes most of a short one's time. Half of that is pandas, scipy.stats, narwhals and
numpy's Fortran compiler. While scikit-learn's base is imported, stand-ins take their place; one that is used
after all imports the real module and answers for it. Lightning and torch's optimisers import torch's
compiler, two seconds, and use nothing of it. And Hydra composes a config twice, where once will do.
"""

import importlib
import sys
from types import ModuleType

import numpy  # noqa: F401 (one of its modules gets a stand-in)

_POSTPONED = (
    "pandas",
    "scipy.stats",
    "narwhals",
    "narwhals.stable",
    "narwhals.stable.v2",
    "numpy.f2py",
)


class _StandIn(ModuleType):
    def __getattr__(self, attribute: str):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), attribute)


def import_sklearn_base() -> None:
    """Import `sklearn.base` at half its price; afterwards every module is imported as usual."""
    if "sklearn.base" in sys.modules:
        return
    stand_ins = {name: _StandIn(name) for name in _POSTPONED if name not in sys.modules}
    for name, stand_in in stand_ins.items():
        package, _, child = name.rpartition(".")
        if (holder := stand_ins.get(package) or sys.modules.get(package)) is not None:
            setattr(holder, child, stand_in)
    sys.modules.update(stand_ins)
    try:
        importlib.import_module("sklearn.base")
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


def without_compiler() -> None:
    """Let a job train without torch's compiler, two seconds to import, which compiles nothing here.

    Lightning asks whether a module is an `OptimizedModule`: none is, of a class that nobody instantiates.
    Torch marks functions that the compiler must leave alone: it does. All else is the compiler's own.
    """
    if "torch._dynamo" not in sys.modules:
        stand_in = sys.modules["torch._dynamo"] = _StandIn("torch._dynamo")
        stand_in.OptimizedModule = type("OptimizedModule", (), {})
        stand_in.disable = lambda function, *_, **__: function
        stand_in.graph_break = lambda *_, **__: None


def compose_once() -> None:
    """Let Hydra compose a job's config once.

    It composes it first to read `hydra.mode`, which no config here sets: the command line does, if anybody.
    """
    from hydra._internal.hydra import Hydra

    of_hydra = Hydra.get_mode

    def get_mode(self, config_name, overrides):
        said = any("hydra.mode" in word or "hydra/" in word for word in overrides)
        return of_hydra(self, config_name, overrides) if said else None

    Hydra.get_mode = get_mode
