"""The fixed numbers: what closed-form models score on MNIST's 10 000 test images, split 8000 to 2000.

The files come from a mirror, the folder that GENRATES_MIRROR names, or shared/data beside the repository;
MNIST's, of the slow tests, are downloaded where there is none.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from genrates.data import IdxImages, Sketches
from genrates.data.download import DownloadError, fetch
from genrates.estimators import BernoulliMixture, BernoulliPixels
from genrates.workflow.config import ConfigTree
from genrates.workflow.targets import make_model, parameters_of

CONFIGS = ConfigTree()
BESIDE = Path(__file__).parents[2].parent / "shared" / "data"
MIRROR = Path(os.environ.get("GENRATES_MIRROR") or BESIDE)
needs_mirror = pytest.mark.skipif(not MIRROR.is_dir(), reason="no mirror: set GENRATES_MIRROR=DIR")


def fetched(name: str, folder: Path) -> dict:
    """Fetch a data set's files, from the mirror if there is one, and return the parameters of its config."""
    content, mirror = CONFIGS.choose("data", name, {}, "test"), MIRROR if MIRROR.is_dir() else None
    files = content["metadata"]["files"]
    if mirror:
        files = {k: {**entry, "url": None} for k, entry in files.items()}
    fetch(files, folder, mirror)
    return parameters_of(content, name) | {"folder": folder}


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    try:
        return IdxImages(**fetched("mnist_test", tmp_path_factory.mktemp("mnist")))
    except DownloadError as error:
        pytest.skip(str(error).splitlines()[0])


@needs_mirror
def test_the_mirrors_cats_are_read(tmp_path):
    data = Sketches(**fetched("cat_sketches_binary", tmp_path))
    assert data.points.shape == (2700, 784)
    assert set(np.unique(data.test_points)) == {0, 1}
    assert data.n_max == CONFIGS.choose("data", "cat_sketches_binary", {}, "test")["metadata"]["n_max"]


@pytest.mark.slow
def test_independent_pixels_on_mnist(mnist):
    """206.2 nats in the reference, within 1.5: another binarization by chance, another split."""
    assert mnist.binarize == "sampling"
    X = mnist.sample(8000, np.random.default_rng(0))
    assert -BernoulliPixels().fit(X).score(mnist.test_points) == pytest.approx(206.2, abs=1.5)


@pytest.mark.slow
@pytest.mark.parametrize(("n_components", "most"), [(50, 148.0), (200, 140.5)])
def test_mixtures_on_mnist(mnist, n_components, most):
    X = mnist.sample(8000, np.random.default_rng(0))
    content = CONFIGS.choose("model", "bernoulli_mixture", {"n_components": n_components}, "test")
    model = make_model(content, "test").fit(X)
    assert isinstance(model, BernoulliMixture)
    assert -model.score(mnist.test_points) <= most
