"""The figures of images are drawn from what cells have kept, also where a model draws nothing."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from genrates.analysis.summary import Summary
from genrates.metrics.base import Metric
from genrates.reporting.figures import cat_sheet, cell, images, values, walkback
from genrates.workflow.plan import Plan

DATA = "squares"
VARIANTS = ["bernoulli_pixels", "autoencoder", "dae-noise=0.1", "dae_walkback-noise=0.1"]
METRICS = ["held_out_nll", "frechet", "coverage", "nearest_neighbor"]


def kept_grids(variant: str) -> dict[str, np.ndarray]:
    """What a cell of 6 x 6 images and two sizes keeps."""
    rows = np.random.default_rng(0).random((24, 36)).round().astype(np.float32)
    points = np.random.default_rng(1).random((30, 36)).round()
    kept = {"image_shape": np.array([6, 6]), "held_out": rows, "nearest_held_out": rows, "points": points}
    if variant != "autoencoder":
        kept |= {f"{key}_{n}": rows for key in ("drawn", "nearest") for n in (100, 1000)}
    return kept | ({"chains": np.tile(rows[:20], (12, 1, 1))} if "dae" in variant else {})


def made_up_summary(of, metric: str) -> Summary:
    if of.variant == "autoencoder":
        return Summary(metric, "skipped", "not a density")
    copies = 0.012 if of.variant == "bernoulli_pixels" else 0.124
    auxiliary = {"floor": {100: 0.3, 1000: 0.2}, "copies": {100: 0.2, 1000: copies}}
    return Summary(metric, "ok", "", errors={100: 2.0, 1000: 1.0}, auxiliary=auxiliary)


@pytest.fixture
def image_cell(make_cell):
    """A cell of a denoising model, or of another one, that has kept images."""

    def make(variant: str, **changes):
        changes = {"noise": 0.1, **changes}
        return make_cell(
            DATA,
            variant,
            model_name=variant.split("-")[0],
            changes=tuple(changes.items()),
            model_config={"noise": 0.1, "metadata": {}},
            metrics=dict.fromkeys(METRICS, Metric),
            grids=kept_grids(variant),
        )

    return make


@pytest.fixture
def experiment(image_cell, make_experiment):
    return make_experiment([image_cell(variant) for variant in VARIANTS], made_up_summary, title="Images")


@pytest.mark.parametrize("module", [images, cat_sheet, walkback])
def test_figures_are_drawn(module, experiment, tmp_path):
    for name, figure in module.draw(experiment).items():
        figure.savefig(tmp_path / f"{name}.png", dpi=30)
        plt.close(figure)


def test_a_cell_shows_all_its_metrics_and_its_last_draws():
    errors = {f"metric{i}": {100: 2.0, 1000: 1.0 + i} for i in range(11)}
    figure = cell.draw("squares: dae", errors | {"mmd": {100: 0.1, 1000: -0.1}}, kept_grids("dae"))
    left, right = figure.axes
    assert len(left.lines) == 11, "no place for a negative value on a logarithmic axis"
    assert len({(line.get_color(), line.get_linestyle()) for line in left.lines}) == 11
    assert len(figure.legends[0].get_texts()) == 11
    assert right.images[0].get_array().shape == (30, 46), "24 images of 6 pixels, six a row, a gap of 2"
    plt.close(figure)


def test_a_line_of_metrics_says_what_was_measured(experiment):
    line = cat_sheet.metric_line(experiment, DATA, "bernoulli_pixels")
    assert "Frechet 1" in line
    assert "copies 1%" in line
    assert "copies 12%" in cat_sheet.metric_line(experiment, DATA, "dae-noise=0.1")
    assert "coverage 0.2" in cat_sheet.floor_line(experiment, DATA)


def test_the_mosaic_keeps_images_in_reading_order():
    sheet = images.mosaic(np.arange(3.0)[:, None] * np.ones((3, 4)), (2, 2), across=2, gap=1)
    np.testing.assert_array_equal(sheet[[0, 0, 3], [0, 3, 0]], [0, 1, 2])
    assert np.all(np.isnan(sheet[2]))


def test_chains_of_equal_noise_stand_side_by_side(image_cell, make_experiment):
    """One plain model beside two of walkback shows twice as many chains, six, of 6 pixels and a gap of 2."""
    walkbacks = [image_cell(f"dae_walkback-walkback_steps={steps}", walkback_steps=steps) for steps in (2, 5)]
    figure = walkback.chains(make_experiment([image_cell("dae"), *walkbacks]), DATA)
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "noise 0.1\n",
        "noise 0.1\nsteps 2",
        "noise 0.1\nsteps 5",
    ]
    assert [ax.images[0].get_array().shape for ax in figure.axes] == [(46, 158), (22, 158), (22, 158)]
    assert [bool(ax.get_title()) for ax in figure.axes] == [True, True, False]
    plt.close(figure)


def test_noise_that_nobody_has_changed_is_the_models_own(tmp_path):
    plan = Plan({"experiments": "cat_sketches", "budget": "quick", "results": str(tmp_path)})
    ways = walkback.ways(plan.experiment_results("cat_sketches"), "cat_sketches_binary")
    assert ways["dae convolutional"] == {0.3: "dae_convolutional"}


def test_the_table_of_values_marks_what_is_nearest_to_real(experiment):
    floor, scores = values.column(experiment, DATA, "coverage")
    assert floor == 0.2
    assert scores == {"bernoulli_pixels": 1.0, "dae-noise=0.1": 1.0, "dae_walkback-noise=0.1": 1.0}
    assert values.nearest(0.2, {"a": 0.5, "b": 0.25, "c": 0.1}) == "b"
    assert values.nearest(None, {"a": 3.0, "b": 2.0}) == "b"
