"""A config's class must belong to the config's group: a metric is no model, nor is a base class."""

import pytest

from genrates.errors import ConfigError
from genrates.workflow.checks import check_data, check_metrics, check_sampler
from genrates.workflow.config import ConfigTree
from genrates.workflow.targets import make_model

GOOD = {
    "model": {"_target_": "genrates.estimators.GaussianDensity"},
    "data": {"_target_": "genrates.data.MarronWand", "number": 1, "metadata": {"title": "a normal"}},
    "metric": {"_target_": "genrates.metrics.RootMISE"},
    "sampler": {"_target_": "genrates.estimators.OwnSampler"},
}
#: classes that are of no group
OTHERS = [
    "genrates.errors.ConfigError",
    "genrates.data.DownloadError",
    "genrates.metrics.Skip",
    "genrates.metrics.Evaluation",
    "genrates.metrics.DensityGrids",
    "genrates.workflow.plan.Plan",
    "genrates.rates.mixture.NormalMixture",
    "genrates.neural.KernelLimit",
]
#: bases of the classes of a group
BASES = {
    "model": [
        "genrates.estimators.DensityEstimator",
        "genrates.neural.autoencoder._estimator.ReconstructionEstimator",
        "genrates.neural.cdf._trained_together.TrainedTogether",
    ],
    "data": ["genrates.data.Data", "genrates.data.KnownDensity"],
    "metric": [f"genrates.metrics.{name}" for name in ("Metric", "SampleMetric", "core._CoreMetric")],
    "sampler": [],
}


def check(group: str, content: dict) -> None:
    if group == "model":
        make_model(content, "here")
    elif group == "data":
        check_data({"metadata": {"title": "x"}} | content, "here")
    elif group == "metric":
        check_metrics({"m": content}, "here")
    else:
        check_sampler(content, "here")


@pytest.mark.parametrize("group", GOOD)
def test_a_class_of_the_group_is_accepted(group):
    check(group, GOOD[group])


@pytest.mark.parametrize("group", GOOD)
def test_a_class_of_another_group_is_refused_by_name(group):
    others = [{"_target_": t} for t in OTHERS] + [GOOD[g] for g in GOOD if g != group]
    for content in others:
        with pytest.raises(ConfigError, match="here") as refused:
            check(group, content)
        said = str(refused.value)
        assert "_target_" in said, said
        assert content["_target_"] in said, said
        assert "\n" not in said
        assert len(said) < 400


@pytest.mark.parametrize(("group", "target"), [(g, t) for g in BASES for t in BASES[g]])
def test_a_base_class_is_refused(group, target):
    with pytest.raises(ConfigError, match=r"here.*_target_.*base class") as refused:
        check(group, {"_target_": target})
    assert target in str(refused.value)


@pytest.mark.parametrize(
    "part", ["genrates.metrics.RootMISE", "genrates.data.Data", "genrates.errors.ConfigError"]
)
def test_a_part_of_a_model_is_judged_too(part):
    content = ConfigTree().compose("model/manifold_pca")["model"] | {"density": {"_target_": part}}
    with pytest.raises(ConfigError, match=r"density|base class|cannot be made"):
        make_model(content, "here")


def test_a_sampler_s_parameters_are_judged():
    with pytest.raises(ConfigError, match="here: OwnSampler: n_samples must be"):
        check_sampler(GOOD["sampler"] | {"n_samples": -1}, "here")
