"""A quick start for short jobs: a pipeline starts hundreds of processes.

Importing scikit-learn takes most of a short one's time. Most of that are pandas, scipy.stats, linear algebra,
solvers of sparse systems, joblib, narwhals, numpy's polynomials and masked arrays, and notes that scipy adds
to the texts of its functions. While scikit-learn's base is imported, stand-ins take their place; one that is
used after all imports the real module and answers for it. (Of scipy's other parts nothing need be done:
`scipy.optimize.brentq` imports scipy.optimize when it is reached.) Lightning and torch's optimisers import
torch's compiler, and Lightning's metrics import pictures and signals: three seconds, and nothing of them is
used. And Hydra composes a config twice, and reads it with YAML's parser in Python: once will do, and there is
one in C.
"""

import gc
import importlib
import sys
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import numpy
import yaml


class _StandIn(ModuleType):
    def __getattr__(self, attribute: str):
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(_real(self.__name__), attribute)


def _real(name: str) -> ModuleType:
    """The module that a stand-in answers for, imported now."""
    if isinstance(sys.modules.get(name), _StandIn):
        del sys.modules[name]
    return importlib.import_module(name)


def _later(module: str, *functions: str) -> dict:
    """Functions that are there at once, and import their module when they are called."""

    def of(name):
        return lambda *args, **kwargs: getattr(_real(module), name)(*args, **kwargs)

    return {name: of(name) for name in functions}


def _of_others(module: str, *questions: str) -> dict:
    """Questions whether something is a table, or masked: a plain array is neither, whoever is asked."""

    def of(name):
        return lambda X: type(X) is not numpy.ndarray and getattr(_real(module), name)(X)

    return {name: of(name) for name in questions}


#: what `from numpy import *` imports, twice on the way to scikit-learn
_OF_NUMPY = {f"numpy.{name}": {} for name in ("ctypeslib", "f2py", "polynomial", "testing")}
_OF_NUMPY["numpy.ma"] = _of_others("numpy.ma", "is_masked")
#: modules that scikit-learn's base imports, and the names that it reads of them
_POSTPONED = {
    "pandas": {},
    "scipy.linalg": {},
    "scipy.stats": {},
    "scipy.sparse.csgraph": _later("scipy.sparse.csgraph", "laplacian"),
    "scipy.sparse.linalg": _later("scipy.sparse.linalg", "cg", "LinearOperator"),
    "joblib": _later("joblib", "cpu_count"),
    "sklearn.utils.parallel": _later("sklearn.utils.parallel", "_get_threadpool_controller"),
    "narwhals": {},
    "narwhals.stable": {},
    "narwhals.stable.v2": {
        "dependencies": SimpleNamespace(
            **_of_others("narwhals.stable.v2.dependencies", "is_into_dataframe", "is_into_series")
        )
    },
    **_OF_NUMPY,
}
#: what torchmetrics imports to draw, and the names that it reads of it: types, a patch, a style for its plots
_OF_TORCHMETRICS = {
    "matplotlib": {"colors": SimpleNamespace(Colormap=object)},
    "matplotlib.axes": {"Axes": object},
    "matplotlib.pyplot": {
        "Figure": object,
        "style": SimpleNamespace(context=lambda _: lambda function: function),
    },
    "scipy.signal": {"hamming": None},
}


@contextmanager
def _standing_in(modules: dict[str, dict]):
    """Stand-ins for modules that are not imported yet; afterwards every module is imported as usual.

    `modules` maps names to the attributes that may be read without importing anything.
    """
    stand_ins = {name: _StandIn(name) for name in modules if name not in sys.modules}
    for name, stand_in in stand_ins.items():
        vars(stand_in).update(modules[name])
        package, _, child = name.rpartition(".")
        if (holder := stand_ins.get(package) or sys.modules.get(package)) is not None:
            setattr(holder, child, stand_in)
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


def import_omegaconf() -> None:
    """Import `omegaconf` as where attrs is not installed, of which it makes no use here."""
    if "omegaconf" not in sys.modules and "attr" not in sys.modules:
        sys.modules["attr"] = None
        try:
            importlib.import_module("omegaconf")
        finally:
            del sys.modules["attr"]


def import_sklearn_base() -> None:
    """Import `sklearn.base` at a quarter of its price."""
    if "sklearn.base" not in sys.modules:
        with _standing_in(_OF_NUMPY):
            importlib.import_module("scipy.sparse")  # one of its modules gets a stand-in, too
            _say_nothing_of_other_arrays()
        with _standing_in(_POSTPONED):
            importlib.import_module("sklearn.base")


def _say_nothing_of_other_arrays() -> None:
    """Let scipy's functions be without the table of array libraries that each of them works with.

    To add it, scipy takes the text of each function apart, and puts it together again.
    """
    of_scipy = importlib.import_module("scipy._lib._array_api")
    of_scipy.xp_capabilities = lambda **_: lambda function: function


def import_lightning() -> None:
    """Import `pytorch_lightning` at a third of its price, for a job that compiles nothing and draws nothing.

    Lightning asks whether a module is an `OptimizedModule`: none is, of a class that nobody instantiates.
    Torch marks functions that the compiler must leave alone: it does. All else is the compiler's own.
    """
    if "torch._dynamo" not in sys.modules:
        stand_in = sys.modules["torch._dynamo"] = _StandIn("torch._dynamo")
        stand_in.OptimizedModule = type("OptimizedModule", (), {})
        stand_in.disable = lambda function, *_, **__: function
        stand_in.graph_break = lambda *_, **__: None
    collected = gc.isenabled()
    gc.disable()  # of two thousand modules nothing is to go
    try:
        with _standing_in(_OF_TORCHMETRICS):
            importlib.import_module("pytorch_lightning")
    finally:
        gc.freeze()
        if collected:
            gc.enable()


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


def read_yaml_in_c() -> None:
    """Let OmegaConf read YAML with the parser in C, where there is one."""
    yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
