"""What pytest is not to import: a plugin of one test, which replaces scikit-learn's class when imported."""

collect_ignore_glob = ["estimators/_*.py"]
