"""The package is a house: every module stands on a floor, and imports only what stands on it or below."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import genrates
from genrates.workflow.fingerprint import defining_module

SOURCE = Path(genrates.__file__).parent
#: From the ground up. A name is a module, or a package with all that is in it. A new subpackage of estimators
#: or neural needs its line here.
FLOORS = [
    ["errors", "files", "progress"],
    ["rates"],
    ["data"],
    ["estimators._numerics"],
    [
        "estimators.base",
        "estimators.persistence",  # finds neural models by the name in a file's header
        "estimators.fitting",
        "estimators.gaussian",
        "estimators.inversion",
        "estimators.memorizer",
        "estimators.univariate",
        "estimators.piecewise_linear",
    ],
    ["estimators.kernel"],
    ["estimators.outliers"],
    ["estimators.histogram"],
    ["estimators.mixture"],
    ["estimators.neighbors"],
    ["estimators.series"],
    ["estimators.shape"],
    ["estimators.wavelet"],
    ["estimators.manifold"],
    ["estimators.bernoulli"],
    ["estimators.peers"],
    ["neural.trainer", "neural.checkpoints", "neural._settings"],
    ["neural.cdf"],
    ["neural.autoencoder"],
    ["neural.flow_matching"],
    ["metrics"],
    ["analysis"],
    ["workflow"],
    ["tracking"],
    ["reporting"],
    ["steps"],
    ["own"],  # nothing but the command line stands on it
    ["cli"],
]
#: packages without code of their own: `__init__` hands on names
FACES = {"estimators", "neural"}
ROOT = {"errors", "files", "progress", "cli"}
#: What a floor may not import of other people's packages: jobs that do not need them start without them.
HEAVY = {
    "errors": {"numpy", "torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "sklearn"},
    "files": {"numpy", "torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "sklearn"},
    "progress": {"numpy", "torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "sklearn"},
    "rates": {"torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "sklearn"},
    "data": {"torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "pydantic"},
    "estimators": {"torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "pydantic"},
    "neural": {"mlflow", "matplotlib", "hydra", "pandas", "pydantic"},
    "metrics": {"torch", "pytorch_lightning", "pandas", "mlflow", "matplotlib", "hydra", "pydantic"},
    "analysis": {"torch", "pytorch_lightning", "mlflow", "matplotlib", "hydra", "pydantic"},
    "workflow": {"torch", "pytorch_lightning", "mlflow", "matplotlib", "pandas"},
    "reporting": {"torch", "pytorch_lightning", "mlflow"},
    "steps": {"torch", "pytorch_lightning", "mlflow", "pandas", "pydantic"},
    "own": {"torch", "pytorch_lightning", "mlflow", "hydra", "pydantic"},
}


def name_of(path: Path) -> str:
    """Name of a module without "genrates."; a package's `__init__` has the package's."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name: path for path in sorted(SOURCE.rglob("*.py")) if (name := name_of(path))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def floor_of(module: str) -> int | None:
    """Number of a module's floor."""
    for number, floor in enumerate(FLOORS):
        if any(f"{module}.".startswith(f"{name}.") for name in floor):
            return number
    return None


def imports(nodes: Iterator[ast.AST]) -> set[str]:
    """Full names that are imported; of ours, the modules that define them."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            ours = node.module.split(".")[0] == "genrates"
            names = [alias.name for alias in node.names]
            found |= {defining_module(node.module, n) if ours else f"{node.module}.{n}" for n in names}
    return found


def ours(names: set[str]) -> set[str]:
    """Modules of genrates among names, without "genrates."."""
    return {name.removeprefix("genrates.") for name in names if name.startswith("genrates.")}


def test_every_module_stands_on_a_floor():
    """And none but a few stand at the root."""
    homeless = [name for name in MODULES if floor_of(name) is None and name not in FACES]
    assert not homeless, "no line in FLOORS"
    assert {name for name, path in MODULES.items() if path.parent == SOURCE} == ROOT
    empty = [n for floor in FLOORS for n in floor if not any(f"{m}.".startswith(f"{n}.") for m in MODULES)]
    assert not [name for name in empty if name != "estimators.peers"], "a line in FLOORS without a module"


@pytest.mark.parametrize("floor", range(len(FLOORS)), ids=[floor[0] for floor in FLOORS])
def test_no_import_runs_upward(floor):
    """Imports within functions included."""
    for module in MODULES:
        if floor_of(module) == floor:
            for other in ours(imports(ast.walk(TREES[module]))):
                assert other not in FACES, f"{module} imports {other} whole"
                assert floor_of(other) is not None, f"{module} imports {other}, which is nowhere"
                assert floor_of(other) <= floor, f"{module} imports {other}, which stands above it"


def test_no_circle_among_modules():
    """By imports at the top of a file; one within a function breaks a circle."""
    above = {name: ours(imports(iter(tree.body))) & set(MODULES) for name, tree in TREES.items()}
    finished: set[str] = set()
    entered: list[str] = []

    def visit(module: str) -> None:
        assert module not in entered, " -> ".join([*entered, module])
        if module not in finished:
            entered.append(module)
            for other in sorted(above[module] - {module}):
                visit(other)
            finished.add(entered.pop())

    for module in MODULES:
        visit(module)


@pytest.mark.parametrize("package", HEAVY)
def test_no_import_is_too_heavy_for_its_floor(package):
    for name, tree in TREES.items():
        if f"{name}.".startswith(f"{package}."):
            heavy = {found.split(".")[0] for found in imports(ast.walk(tree))} & HEAVY[package]
            assert not heavy, f"{name} imports {', '.join(sorted(heavy))}"


def test_nothing_is_pickled_and_no_global_stream_is_touched():
    allowed = {"default_rng", "Generator", "SeedSequence", "RandomState", "BitGenerator", "PCG64"}
    for name, tree in TREES.items():
        packages = {found.split(".")[0] for found in imports(ast.walk(tree))}
        assert not packages & {"pickle", "joblib", "cloudpickle", "dill"}, name
        for node in ast.walk(tree):
            text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if match := re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", text):
                assert match[1] in allowed, f"{name}: {text}"
            assert text not in {"torch.manual_seed", "random.seed", "torch.load"}, f"{name}: {text}"


# -- nothing of others is patched ------------------------------------------------------------------


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def chain_of(node: ast.AST) -> list[str]:
    """Return ["torch", "nn", "Linear"] of `torch.nn.Linear`; empty for what is no chain of names."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def theirs_in(tree: ast.AST) -> set[str]:
    """Names in a module that stand for what it imports from others."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = (a for a in node.names if not a.name.startswith("genrates"))
            found |= {a.asname or a.name.split(".")[0] for a in names}
        elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("genrates"):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def private_names(tree: ast.AST) -> set[str]:
    """Private names of other people's packages that a module imports, or reaches through what it imports."""
    theirs = theirs_in(tree)
    foreign = {name for name in imports(ast.walk(tree)) if not name.startswith("genrates")}
    found = {name for name in foreign if any(map(is_private, name.split(".")))}
    for node in ast.walk(tree):
        chain = chain_of(node)
        if chain and chain[0] in theirs and any(map(is_private, chain[1:])):
            found.add(".".join(chain))
    return found


def test_no_private_name_of_a_dependency_is_used():
    assert not {name: found for name, tree in TREES.items() if (found := private_names(tree))}


@pytest.mark.parametrize(
    "code",
    [
        "from scipy._lib import ccallback",
        "import scipy._lib.ccallback",
        "from sklearn.utils import _chunking",
        "import sklearn.utils as u\nu._chunking.x",
        "import torch\ndef f():\n    torch._dynamo.reset()",
        "from hydra import compose\ncompose._x = 1",
    ],
)
def test_a_private_name_is_seen(code):
    assert private_names(ast.parse(code))


def patches(tree: ast.AST) -> set[str]:
    """Places where a module writes into `sys.modules`, or into a module or class of others."""
    theirs, found = theirs_in(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
            targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else [node.target]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "delattr"):
            targets = node.args[:1]
        elif isinstance(node, ast.Call) and chain_of(node.func)[:2] == ["sys", "modules"]:
            targets = [node.func]
        else:
            continue
        for target in targets:
            is_item = isinstance(target, ast.Subscript)
            chain = chain_of(target.value if is_item else target)
            if chain == ["os", "environ"]:  # a mapping that is there to be written to
                continue
            if chain and chain[0] in theirs and (is_item or len(chain) > 1 or isinstance(node, ast.Call)):
                found.add(ast.unparse(node))
    return found


def test_nothing_of_others_is_patched():
    assert not {name: found for name, tree in TREES.items() if (found := patches(tree))}


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.modules['pandas'] = None",
        "import sys\nsys.modules.setdefault('pandas', None)",
        "import sys\ndel sys.modules['pandas']",
        "import numpy as np\nnp.random.x = 1",
        "from hydra import compose\nsetattr(compose, 'x', 1)",
    ],
)
def test_a_patch_is_seen(code):
    assert patches(ast.parse(code))
