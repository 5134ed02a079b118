"""What tests share, and what pytest is not to import."""

import logging
import warnings

import pytest

# a plugin of one test, which replaces scikit-learn's class when imported
collect_ignore_glob = ["estimators/_*.py"]


@pytest.fixture
def logging_is_put_back():
    """A step is a process of its own, and sets up the logging of all of it."""
    root = logging.getLogger()
    handlers, level, show = root.handlers[:], root.level, warnings.showwarning
    yield
    logging.captureWarnings(False)
    warnings.showwarning = show
    root.handlers[:], root.level = handlers, level
