"""A job that starts lean has everything that it would have had, only later."""

import os
import subprocess
import sys
import textwrap

import pytest

CASES = {
    "scikit-learn": """
        from genrates import lean_start
        lean_start.import_sklearn_base()
        postponed = lean_start._POSTPONED
        assert not set(postponed) & set(sys.modules), "imported after all, or a stand-in is left"

        import numpy as np
        from genrates.estimators import GaussianDensity
        by_array = GaussianDensity().fit(np.eye(3)[:, :1])
        assert not hasattr(by_array, "feature_names_in_")
        assert "narwhals" not in sys.modules, "asked whether an array is a table"

        import pandas
        table = pandas.DataFrame({"weight": [1.0, 0.0, 0.0]})
        by_table = GaussianDensity().fit(table)
        assert by_table.feature_names_in_.tolist() == ["weight"] and by_table.mean_ == by_array.mean_

        import scipy
        from sklearn.decomposition import PCA
        from sklearn.linear_model import Ridge
        from sklearn.manifold import spectral_embedding
        solution, _ = scipy.sparse.linalg.cg(scipy.sparse.eye(3).tocsr(), np.ones(3))
        assert np.allclose(solution, 1)
        assert np.allclose(scipy.sparse.csgraph.laplacian(np.ones((2, 2))), [[1, -1], [-1, 1]])
        X, y = np.eye(3), np.arange(3.0)
        assert np.allclose(Ridge(solver="sparse_cg").fit(X, y).coef_, Ridge(solver="svd").fit(X, y).coef_)
        assert spectral_embedding(np.ones((5, 5)), n_components=2, random_state=0).shape == (5, 2)
        assert scipy.stats.norm.cdf(0) == 0.5

        for package in ("scipy._lib", "sklearn.externals"):
            of_numpy = sys.modules[f"{package}.array_api_compat.numpy.fft"]
            assert set(np.fft.__all__) - vars(of_numpy).keys() == set()

        np.testing.assert_equal(1, 1)
        assert np.ma.masked_less([1.0, 3.0], 2).sum() == 3
        assert np.fft.rfft([1.0, 1.0])[0] == np.polynomial.Polynomial([2.0])(0) == 2
        assert scipy.linalg.cholesky([[4.0]]) == 2 and PCA().fit(np.eye(2)).singular_values_[0] == 1
        assert scipy.special.digamma(1.0) == scipy.special.psi(1.0) < 0
        assert np.isclose(scipy.special.logsumexp([0.0, 0.0]), np.log(2))
        assert scipy.optimize.minimize_scalar(lambda x: (x - 1) ** 2).success

        import joblib, sklearn.utils.validation
        from sklearn.utils._openmp_helpers import _openmp_effective_n_threads
        from sklearn.utils.fixes import _in_unstable_openblas_configuration
        from sklearn.utils.parallel import Parallel, delayed
        assert isinstance(Parallel(n_jobs=1), joblib.Parallel)
        assert Parallel(n_jobs=1)(delayed(abs)(x) for x in (-1, -2)) == [1, 2]
        assert isinstance(sklearn.utils.validation.check_memory(None), joblib.Memory)
        assert _openmp_effective_n_threads() >= 1
        assert _in_unstable_openblas_configuration() in (True, False)
    """,
    "OmegaConf": """
        from genrates import lean_start
        lean_start.import_omegaconf()
        assert "attr" not in sys.modules, "imported after all, or its mark is left"

        import attr
        from omegaconf import OmegaConf
        assert OmegaConf.create({"a": [1], "b": "${a}"}).b == [1]
    """,
    "Lightning": """
        from genrates import lean_start
        lean_start.import_lightning()
        postponed = lean_start._OF_TORCHMETRICS
        assert not set(postponed) & set(sys.modules), "imported after all, or a stand-in is left"

        import torch
        total = torch.func.vmap(lambda x, y: (x * y).sum())(torch.ones(3, 2), torch.ones(3, 2))
        assert total.tolist() == [2.0, 2.0, 2.0]
        assert torch.func.hessian(lambda x: (x**2).sum())(torch.ones(2)).tolist() == [[2.0, 0.0], [0.0, 2.0]]
        assert torch.linalg.cholesky(torch.empty(2, 2, device="meta")).shape == (2, 2)

        import matplotlib.pyplot, scipy.signal, torchmetrics
        metric = torchmetrics.MeanMetric()
        metric.update(torch.tensor([1.0, 3.0]))
        figure, _ = metric.plot()
        assert isinstance(figure, matplotlib.pyplot.Figure)
        assert scipy.signal.get_window("hamming", 4).shape == (4,)
    """,
}


@pytest.mark.parametrize("which", CASES)
def test_what_was_postponed_is_there_when_it_is_used(which):
    code = "import sys\n" + textwrap.dedent(CASES[which])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
