"""What changes a module's fingerprint: its code, and the code of all it imports; nothing else."""

import pytest

from genrates.workflow import fingerprint as fp
from genrates.workflow.fingerprint import defining_module, fingerprint, module_path, modules_of

#: a package in the place of genrates: data/ computes numbers, reporting/ does not
MODULES = {
    "data/__init__.py": "",
    "data/leaf.py": "VALUE = 1\n",
    "data/middle.py": "from genrates.data import leaf\n\n\ndef twice():\n    return 2 * leaf.VALUE\n",
    "data/top.py": (
        '"""What it is."""\n\nfrom genrates.data.middle import twice\n\n\n'
        'class Top:\n    """A class."""\n\n'
        '    def run(self):\n        """A method."""\n        return twice()\n'
    ),
    "data/other.py": "OTHER = 1\n",
    "progress.py": "from genrates.data import leaf\n\nBAR = leaf.VALUE\n",
    "data/shows.py": "from genrates import progress\n\nprint(progress)\n",
    "data/late.py": "def run():\n    from genrates.data.leaf import VALUE\n    return VALUE\n",
    "metrics/__init__.py": "",
    "metrics/__init__.pyi": "from .first import First as First\nfrom .kinds import Second as Second\n",
    "metrics/first.py": "class First:\n    pass\n",
    "metrics/kinds/__init__.py": "from genrates.metrics.kinds.second import Second\n",
    "metrics/kinds/second.py": "class Second:\n    pass\n",
    "data/lazily.py": "from genrates.metrics import Second\n\nprint(Second)\n",
    "steps/step.py": "from genrates.data import leaf\nfrom genrates.workflow import plan\n\nprint(leaf)\n",
    "workflow/__init__.py": "",
    "workflow/plan.py": "from genrates.data import other\n\nprint(other)\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in place of genrates, and a function that replaces text in one of its files."""
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(fp, "_ROOT", tmp_path)
    forget()

    def edit(name, old, new):
        text = (tmp_path / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new))
        forget()

    yield edit
    forget()


def forget():
    """As a new process would: nothing is remembered."""
    for function in vars(fp).values():
        if hasattr(function, "cache_clear"):
            function.cache_clear()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Top", "# a comment\nclass Top"),
        ("What it is.", "What else it is."),
        ("A class.", "Another class."),
        ("A method.", "Another method."),
        ("\n\n\n", "\n\n\n\n\n"),
        ("return twice()", "return (\n            twice()\n        )  # so it is"),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(package, old, new):
    before = fingerprint("genrates.data.top")
    package("data/top.py", old, new)
    assert fingerprint("genrates.data.top") == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("data/top.py", "return twice()", "return twice() + 1"),
        ("data/top.py", "def run", "def walk"),
        ("data/top.py", "return twice()", "return 'A string that is no docstring'"),
        ("data/middle.py", "2 *", "3 *"),
        ("data/leaf.py", "1", "2"),
    ],
)
def test_code_counts_through_all_imports(package, file, old, new):
    before = fingerprint("genrates.data.top")
    package(file, old, new)
    assert fingerprint("genrates.data.top") != before


def test_a_module_that_is_not_imported_does_not_count(package):
    before = fingerprint("genrates.data.top")
    package("data/other.py", "1", "2")
    assert fingerprint("genrates.data.top") == before


def test_an_import_inside_a_function_counts(package):
    before = fingerprint("genrates.data.late")
    package("data/leaf.py", "1", "2")
    assert fingerprint("genrates.data.late") != before


def test_a_class_of_a_lazy_package_is_its_module_alone(package):
    before = fingerprint("genrates.data.lazily")
    package("metrics/first.py", "pass", "x = 1")
    assert fingerprint("genrates.data.lazily") == before
    package("metrics/kinds/second.py", "pass", "x = 1")
    assert fingerprint("genrates.data.lazily") != before


def test_what_shows_progress_does_not_count_nor_what_it_imports(package):
    before = fingerprint("genrates.data.shows")
    package("progress.py", "BAR", "LINE")
    package("data/leaf.py", "1", "2")
    assert fingerprint("genrates.data.shows") == before


def test_a_step_counts_by_what_it_imports_itself(package):
    """Not by its own code, nor through packages that plan."""
    before = fingerprint("genrates.steps.step")
    package("steps/step.py", "print(leaf)", "print(leaf, leaf)")
    package("data/other.py", "1", "2")
    assert fingerprint("genrates.steps.step") == before
    package("data/leaf.py", "1", "2")
    assert fingerprint("genrates.steps.step") != before


def test_other_packages_count_where_they_are_asked_to(package):
    packages = ("workflow",)
    before = fingerprint("genrates.steps.step", packages=packages)
    package("workflow/plan.py", "print(other)", "print()")
    assert fingerprint("genrates.steps.step", packages=packages) != before


def test_the_order_of_modules_does_not_matter(package):
    names = ("genrates.data.top", "genrates.data.other")
    assert fingerprint(*names) == fingerprint(*names[::-1])
    assert fingerprint(*names) != fingerprint(names[0])


def test_the_real_package():
    assert module_path("genrates.estimators").name == "__init__.py"
    assert module_path("no.such.module") is None
    assert module_path("sklearn.mixture").name == "__init__.py"
    assert defining_module("genrates.estimators", "KernelDensity") == "genrates.estimators.kernel.density"
    assert defining_module("genrates.neural", "NeuralCDF") == "genrates.neural.cdf.neural_cdf"
    nested = {
        "_target_": "genrates.estimators.ManifoldDensity",
        "density": {"_target_": "genrates.estimators.GaussianDensity"},
    }
    assert modules_of(nested) == ["genrates.estimators.manifold.density", "genrates.estimators.gaussian"]
