"""What changes a module's fingerprint: its code, and the code of all it imports; nothing else."""

import pytest

from genrates.workflow import fingerprint as fp
from genrates.workflow.fingerprint import fingerprint, module_path, target_module

MODULES = {
    "leaf.py": "VALUE = 1\n",
    "middle.py": "from genrates import leaf\n\n\ndef twice():\n    return 2 * leaf.VALUE\n",
    "top.py": (
        '"""What it is."""\n\nfrom genrates.middle import twice\n\n\n'
        'class Top:\n    """A class."""\n\n'
        '    def run(self):\n        """A method."""\n        return twice()\n'
    ),
    "other.py": "OTHER = 1\n",
    "progress.py": "BAR = 1\n",
    "shows.py": "from genrates import progress\n\nprint(progress)\n",
    "late.py": "def run():\n    from genrates.leaf import VALUE\n    return VALUE\n",
    "kinds/__init__.py": "",
    "kinds/first.py": "class First:\n    pass\n",
    "kinds/second.py": "class Second:\n    pass\n",
    "lazily.py": "from genrates.kinds import Second\n\nprint(Second)\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in place of genrates, and a function that replaces text in one of its files."""
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
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
    before = fingerprint("genrates.top")
    package("top.py", old, new)
    assert fingerprint("genrates.top") == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("top.py", "return twice()", "return twice() + 1"),
        ("top.py", "def run", "def walk"),
        ("top.py", "return twice()", "return 'A string that is no docstring'"),
        ("middle.py", "2 *", "3 *"),
        ("leaf.py", "1", "2"),
    ],
)
def test_code_counts_through_all_imports(package, file, old, new):
    before = fingerprint("genrates.top")
    package(file, old, new)
    assert fingerprint("genrates.top") != before


def test_a_module_that_is_not_imported_does_not_count(package):
    before = fingerprint("genrates.top")
    package("other.py", "1", "2")
    assert fingerprint("genrates.top") == before


def test_an_import_inside_a_function_counts(package):
    before = fingerprint("genrates.late")
    package("leaf.py", "1", "2")
    assert fingerprint("genrates.late") != before


def test_a_class_of_a_lazy_package_is_its_module_alone(package):
    before = fingerprint("genrates.lazily")
    package("kinds/first.py", "pass", "x = 1")
    assert fingerprint("genrates.lazily") == before
    package("kinds/second.py", "pass", "x = 1")
    assert fingerprint("genrates.lazily") != before


def test_what_shows_progress_does_not_count(package):
    before = fingerprint("genrates.shows")
    package("progress.py", "1", "2")
    assert fingerprint("genrates.shows") == before


def test_the_order_of_modules_does_not_matter(package):
    assert fingerprint("genrates.top", "genrates.other") == fingerprint("genrates.other", "genrates.top")
    assert fingerprint("genrates.top", "genrates.other") != fingerprint("genrates.top")


def test_of_the_real_package():
    assert module_path("genrates.estimators").name == "__init__.py"
    assert target_module("genrates.estimators.kernel.KernelDensity") == "genrates.estimators.kernel"
    train = fp._closure("genrates.steps.train")
    assert {"genrates.cell", "genrates.data.streams", "genrates.estimators.persistence"} <= train
    assert not any(m.startswith(("genrates.neural", "genrates.metrics", "genrates.rates")) for m in train)
    kernel = fp._closure("genrates.estimators.kernel")
    assert "genrates.estimators.base" in kernel
    assert "genrates.estimators.gaussian" not in kernel
