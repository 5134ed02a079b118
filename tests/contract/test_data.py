"""What every data set promises; configs are found by themselves, so a new one is tested by being there."""

from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from genrates.data.base import KnownDensity
from genrates.data.quadrature import gauss_legendre_on, with_breakpoints
from genrates.data.streams import seed_sequence
from genrates.workflow.checks import check_data
from genrates.workflow.config import CONF, ConfigTree
from genrates.workflow.schema import DataMetadata, checked
from genrates.workflow.targets import class_of, make

CONFIGS = ConfigTree()
FALSE_ALARM = 1e-4  # of each statistical test below; seeds are fixed


def config(name: str) -> dict:
    return CONFIGS.compose(f"data/{name}")["data"]


def data_class(name: str) -> type:
    return class_of(config(name)["_target_"], f"data/{name}")


@cache
def data_set(name: str):
    return make(config(name), f"data={name}")


NAMES = CONFIGS.options("data")
#: a person says where they lie: nothing is known of them before
OWN_TABLES = [n for n in NAMES if "???" in config(n).values()]
EMBEDDED = [n for n in NAMES if not config(n)["metadata"].get("files") and n not in OWN_TABLES]
KNOWN = [n for n in EMBEDDED if issubclass(data_class(n), KnownDensity)]
LINE = [n for n in KNOWN if data_set(n).n_features == 1]
PLANE = [n for n in KNOWN if data_set(n).n_features == 2]
SPACE = [n for n in KNOWN if data_set(n).n_features >= 2]


def draw(name: str, n: int, replicate: int = 0) -> np.ndarray:
    return data_set(name).sample(n, np.random.default_rng(seed_sequence(0, name, replicate, "train")))


def largest(name: str, n: int) -> int:
    return min(n, data_set(name).n_max or n)


# -- configs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_config_says_what_it_is(name):
    text = (CONF / "data" / f"{name}.yaml").read_text()
    assert text.startswith("# ")
    assert f"python -m genrates.steps.train data={name} " in text
    metadata = config(name)["metadata"]
    assert checked(DataMetadata, metadata, name).title
    for file in metadata.get("files", {}).values():
        hashes = [file["sha256"]] if isinstance(file["sha256"], str) else file["sha256"]
        assert all(len(bytes.fromhex(h)) == 32 for h in hashes)
        assert file["url"].startswith("http")


@pytest.mark.parametrize("name", [n for n in NAMES if n not in OWN_TABLES])
def test_a_plan_accepts_it(name):
    check_data(config(name), name)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in OWN_TABLES])
def test_dimension_is_known_without_the_data(name):
    content = config(name)
    known = content.get("d") or content["metadata"].get("n_features") or data_class(name).n_features
    assert isinstance(known, int)
    if name in EMBEDDED:
        assert known == data_set(name).n_features
        assert content["metadata"].get("n_max") == data_set(name).n_max


def test_tables_of_one_s_own_are_the_only_ones_without_a_place():
    assert OWN_TABLES == ["csv"]


# -- samples ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EMBEDDED)
def test_samples_are_prefixes_of_larger_ones(name):
    data, n = data_set(name), largest(name, 3000)
    X = draw(name, n)
    assert X.shape == (n, data.n_features)
    assert X.dtype == np.float64
    assert np.all(np.isfinite(X))
    for m in (1, 7, n // 2):
        np.testing.assert_array_equal(draw(name, m), X[:m])
    np.testing.assert_array_equal(draw(name, n), X)


@pytest.mark.parametrize("name", [n for n in EMBEDDED if not n.startswith("lecture_numbers")])
def test_replicates_differ(name):
    assert not np.array_equal(draw(name, 10), draw(name, 10, replicate=1))


@pytest.mark.parametrize("name", EMBEDDED)
def test_impossible_sizes_are_refused(name):
    data, rng = data_set(name), np.random.default_rng(0)
    for n in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match="integer >= 1"):
            data.sample(n, rng)
    if data.n_max is not None:
        with pytest.raises(ValueError, match=f"there are {data.n_max}"):
            data.sample(data.n_max + 1, rng)


# -- densities -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN)
def test_density_integrates_to_one(name):
    data = data_set(name)
    nodes, weights = data.quadrature()
    assert nodes.shape == (len(weights), data.n_features)
    # From three dimensions on the nodes are quasi-random: IsotropicMixture and ManifoldD say so.
    tolerance = 1e-6 if data.n_features <= 2 else 5e-3
    assert weights @ data.pdf(nodes) == pytest.approx(1, abs=tolerance)


@pytest.mark.parametrize("name", KNOWN)
def test_density_refuses_nonsense(name):
    data = data_set(name)
    with pytest.raises(ValueError, match="NaN"):
        data.logpdf(np.full((1, data.n_features), np.nan))
    with pytest.raises(ValueError, match="features"):
        data.logpdf(np.zeros((3, data.n_features + 1)))


@pytest.mark.parametrize("name", KNOWN)
def test_samples_lie_in_the_domain(name):
    low, high = data_set(name).domain
    X = draw(name, 20_000)  # each lies outside with probability below 1e-9
    assert np.all((low <= X) & (high >= X))


@pytest.mark.parametrize("name", LINE)
def test_domain_holds_the_mass(name):
    data = data_set(name)
    (low,), (high,) = data.domain
    assert data.cdf([low])[0] + (1 - data.cdf([high])[0]) < 1e-9
    np.testing.assert_allclose(data.cdf([-np.inf, np.inf]), [0, 1], atol=1e-15)


@pytest.mark.parametrize("name", LINE)
def test_density_is_the_derivative_of_the_distribution_function(name):
    data = data_set(name)
    edges = with_breakpoints(data.panel_edges(), np.array(data.breakpoints))
    nodes, weights = gauss_legendre_on(edges)
    mass = (weights * data.pdf(nodes)).reshape(-1, 4).sum(axis=1)
    np.testing.assert_allclose(np.diff(data.cdf(edges)), mass, atol=1e-9)


@pytest.mark.parametrize("name", LINE)
def test_quantiles_invert_the_distribution_function(name):
    data = data_set(name)
    q = np.concatenate([np.geomspace(1e-9, 0.01, 50), np.linspace(0.011, 0.999, 200)])
    x = data.ppf(q)
    assert np.all(np.diff(x) > 0)
    np.testing.assert_allclose(data.cdf(x), q, rtol=1e-9)
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        data.ppf([1.5])


@pytest.mark.parametrize("name", LINE)
def test_samples_follow_the_distribution_function(name):
    assert kstest(draw(name, 20_000)[:, 0], data_set(name).cdf).pvalue > FALSE_ALARM


@pytest.mark.parametrize("name", PLANE)
def test_samples_fill_the_plane_as_the_density_says(name):
    """Pearson's chi-square on a coarse grid; expected counts below 5 are pooled."""
    data, n = data_set(name), 20_000
    nodes, weights = data.quadrature()
    shape = getattr(data, "shape", (data.n_cells, data.n_cells))
    k = 10 if all(side % 10 == 0 for side in shape) else 5
    low, high = data.domain

    def cell(X):
        at = np.minimum(((X - low) / (high - low) * k).astype(int), k - 1)
        return at[:, 0] * k + at[:, 1]

    expected = n * np.bincount(cell(nodes), weights * data.pdf(nodes), minlength=k * k)
    observed = np.bincount(cell(draw(name, n)), minlength=k * k)
    rare = expected < 5
    e = np.append(expected[~rare], max(expected[rare].sum(), 1e-9))
    o = np.append(observed[~rare], observed[rare].sum())
    if e[-1] < 5:
        assert o[-1] <= 25  # Poisson with mean below 5 exceeds 25 with probability below 1e-10
        e, o = e[:-1], o[:-1]
    assert chi2.sf(np.sum((o - e) ** 2 / e), len(e) - 1) > FALSE_ALARM


@pytest.mark.parametrize("name", SPACE)
def test_samples_have_the_log_likelihood_of_the_truth(name):
    """Mean log-density of draws against its integral; z beyond 4 has probability 6e-5."""
    data = data_set(name)
    nodes, weights = data.quadrature()
    log_f = data.logpdf(nodes)
    seen = np.isfinite(log_f)
    entropy = -(weights[seen] * np.exp(log_f[seen])) @ log_f[seen]
    drawn = data.logpdf(draw(name, 4000))
    slack = 1e-6 if data.n_features == 2 else 2e-3 * abs(entropy)  # of the quadrature
    assert abs(drawn.mean() + entropy) < 4 * drawn.std() / np.sqrt(4000) + slack


@pytest.mark.parametrize("name", [n for n in KNOWN if hasattr(data_set(n), "mixture")])
def test_mixture_is_what_exact_theory_starts_from(name):
    data = data_set(name)
    mixture, shape = data.mixture, (-1, data.n_features)
    means, sds = mixture.means.reshape(shape), mixture.sds.reshape(shape)
    X = np.linspace(*data.domain, 101)  # along the diagonal of the box
    squares = np.sum(((X[:, None] - means) / sds) ** 2, axis=2)
    normal = np.exp(-0.5 * squares) / np.prod(sds * np.sqrt(2 * np.pi), axis=1)
    expected = normal @ mixture.weights
    points = X[:, 0] if data.n_features == 1 else X
    for density in (data.pdf(X), mixture.pdf(points), np.exp(mixture.logpdf(points))):
        np.testing.assert_allclose(density, expected, rtol=1e-9, atol=1e-300)
