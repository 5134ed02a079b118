"""scikit-learn's own tests of its KernelDensity, run on ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KernelDensity as Theirs

from genrates.estimators import KernelDensity


@pytest.mark.slow
def test_scikit_learns_own_tests_pass():
    """All of sklearn.neighbors.tests.test_kde, with the class replaced before that module is imported."""
    here = str(Path(__file__).parent)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "_sklearn_kde_plugin"]
    command += ["--rootdir", here, "-c", os.devnull, "--pyargs", "sklearn.neighbors.tests.test_kde"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": here}, cwd=here, timeout=900
    )
    counts = {what: n for n, what in re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout)}
    assert done.returncode == 0, done.stdout[-3000:]
    assert int(counts["passed"]) >= 57


@pytest.mark.parametrize("d", [2, 5])
def test_tails_where_scikit_learn_is_noise(d):
    """Equal to theirs with one leaf (exact); with their default leaves theirs is off by nats (issue 7492)."""
    rng = np.random.default_rng(0)
    X, queries = rng.standard_normal((2000, d)), 3 * rng.standard_normal((300, d))
    h = 0.3
    ours = KernelDensity(bandwidth=h).fit(X).score_samples(queries)
    exact = Theirs(bandwidth=h, leaf_size=2000).fit(X).score_samples(queries)
    default = Theirs(bandwidth=h).fit(X).score_samples(queries)
    np.testing.assert_allclose(ours, exact, rtol=1e-9)
    assert np.abs(default - exact).max() > 1
