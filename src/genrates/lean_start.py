"""A quick start for short jobs: scikit-learn's base classes without pandas and scipy.stats.

A pipeline starts hundreds of processes, and importing scikit-learn takes most of a short one's time. Half
of that is pandas and scipy.stats, which `sklearn.utils.fixes` imports for functions that no job here calls.
While scikit-learn's base is imported, stand-ins take their place; one that is used after all imports the
real module and answers for it.
"""

import importlib
import sys
from types import ModuleType

_POSTPONED = ("pandas", "scipy.stats")


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
    sys.modules.update(stand_ins)
    try:
        importlib.import_module("sklearn.base")
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]
