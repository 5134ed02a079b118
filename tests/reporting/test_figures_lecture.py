"""The figures of the lecture's table, of the tuning parameters and of the bias, on errors that are known."""

from functools import partial

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba

from genrates.analysis.summary import Summary
from genrates.data.marron_wand import MarronWand
from genrates.metrics import Metric
from genrates.rates import fit_rate, histogram_mise, kernel_mise, kernel_optimum, series_mise
from genrates.reporting.figures import (
    ablation,
    bias,
    convergence,
    dimensions,
    lecture_table,
    local_slopes,
    numbers,
    overview,
    table,
    tuning,
)
from genrates.reporting.figures.exact_curves import exact_curve
from genrates.reporting.figures.lecture_rows import (
    SLIDE,
    all_data,
    limitation,
    measured,
    points_needed,
    tuned,
)
from genrates.reporting.verdicts import colors_of

SIZES = (100, 1000, 10_000)
DATA = "marron_wand_06"
MIXTURE = MarronWand(number=6)
MODEL = {
    "metadata": {"exact": "kernel", "tuned": "bandwidth_", "tuning": "h", "method": "kernel", "theory": {}}
}
TUNED = [("tuned", n, 2.0 * n**-0.2) for n in SIZES]
OTHER_COSTS = [(name, n, 0.5) for name in ("fit_seconds", "sample_us_per_draw") for n in SIZES]
COSTS = [*TUNED, *OTHER_COSTS, *(("model_bytes", n, 16.0) for n in SIZES)]
X = np.linspace(-3, 3, 50)
GRIDS = {"grid": X[:, None], "truth": MIXTURE.pdf(X[:, None]), "n=10000": np.full(50, 0.2)}


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def known_summary(constant: float, rate: float, metric: str = "root_mise", **changes) -> Summary:
    """Errors constant * n^(-rate), with 8 replicates that scatter by a tenth."""
    errors = constant * np.array(SIZES, float)[:, None] ** -rate * np.linspace(0.9, 1.1, 8)
    fit = fit_rate(errors, SIZES, random_state=0)
    level = dict(zip(SIZES, fit.errors.tolist(), strict=True))
    common = {"errors": level, "errors_se": {n: 0.05 * e for n, e in level.items()}}
    common |= {"rate": fit.rate, "rate_low": fit.rate_low, "rate_high": fit.rate_high}
    common |= {"local_rates": {316.0: rate, 3162.0: rate}, "rate_theory": 2 / 5}
    common |= {"plateau": constant, "verdict": "plateau"} if rate == 0 else {"verdict": "agrees"}
    return Summary(metric, "ok", "", **common | changes)


@pytest.fixture
def known_cell(make_cell):
    """A cell of the models above."""
    return partial(make_cell, sizes=list(SIZES), model_config=MODEL, truth=MIXTURE, grids=GRIDS, costs=COSTS)


@pytest.fixture
def known(known_cell, make_experiment):
    """Return a function from {variant: (constant, rate)} to an experiment."""

    def make(rates: dict[str, tuple[float, float]], cells=None, data=(DATA,)):
        cells = cells or [known_cell(name, variant) for name in data for variant in rates]
        return make_experiment(cells, lambda cell, metric: known_summary(*rates[cell.variant], metric))

    return make


def row(variant: str):
    return next(r for r in SLIDE if r.variant == variant)


def text_of(figure) -> str:
    return "\n".join(t.get_text() for ax in figure.axes for t in ax.texts)


def test_the_last_row_is_in_the_units_of_its_slide():
    assert measured(row("slc"), known_summary(1.0, 0.5))[0] == "$n^{-1.00}$"
    assert measured(row("kde"), known_summary(1.0, 0.4))[0] == "$n^{-0.40}$"


def test_an_error_that_grows_has_a_positive_exponent_in_every_figure(known):
    growing = {"verdict": "skipped", "plateau": None}
    assert measured(row("slc"), known_summary(1.0, -0.5, **growing))[0] == "$n^{1.00}$"
    (figure,) = convergence.draw(known({"kde": (1.0, -0.25), "knn": (1.0, 0.0)})).values()
    assert set(text_of(figure).split()) == {"n^0.25", "n^0.00"}


def test_every_rate_is_written_inside_its_panel_and_apart_from_others(known):
    """Thirteen models that end at the same error, as in the lecture's table."""
    experiment = known({f"model{i}": (1.0, 0.3 + 0.001 * i) for i in range(13)})
    (figure,) = convergence.draw(experiment).values()
    (ax,) = figure.axes
    assert len(ax.texts) == 13
    low, high = np.log(ax.get_ylim())
    heights = np.sort([(np.log(text.xy[1]) - low) / (high - low) for text in ax.texts])
    assert heights[0] > 0
    assert heights[-1] <= 0.97
    assert np.diff(heights).min() > 0.06
    assert not any(text.get_annotation_clip() for text in ax.texts)


def test_points_needed_for_the_error_of_a_mixture(known):
    """n^(-2/5) against n^(-1/2) at n = 10^4: the mixture needs 10^(4 * 4/5) points, 6.3 times fewer."""
    experiment = known({"mixture": (1.0, 0.5), "kde": (1.0, 0.4), "histogram": (30.0, 0.3)})
    assert points_needed(row("kde"), experiment).startswith("6.3 x")
    assert points_needed(row("histogram"), experiment).startswith("over 100 x"), (
        "no more than the sizes that were run"
    )


def test_limitations_and_tuning_are_the_measured_numbers(known):
    experiment = known({"gaussian": (0.15, 0.0), "mixture": (1.0, 0.5), "kde": (1.0, 0.4)})
    gaussian = experiment.summary(DATA, "gaussian", "root_mise")
    assert limitation(row("gaussian"), experiment) == "a root error of 0.15 stays, on 1 of 1 data"
    assert measured(row("gaussian"), gaussian)[0] == "stays at 0.150"
    assert limitation(row("mixture"), experiment) == "0.5 s a fit, 1 x the Gaussian's"
    assert tuned(row("kde"), experiment) == r"$h \sim n^{-0.20}$"
    assert all_data(row("gaussian"), [gaussian]) == ("", "1 plateau")


def test_the_table_has_a_line_for_each_row_that_was_run(known):
    (figure,) = lecture_table.draw(known({"gaussian": (0.15, 0.0), "kde": (1.0, 0.4)})).values()
    text = text_of(figure)
    assert "Kernel density estimator" in text
    assert "stays at 0.150" in text
    assert "Basis approach" not in text, "its model did not run"


def test_neighbors_are_judged_in_the_middle_and_the_line_stands_beside_it(known_cell, make_experiment):
    metrics = dict.fromkeys(("root_mise", "root_mise_core"), Metric)
    rates = {"root_mise": 0.16, "root_mise_core": 0.4}
    experiment = make_experiment(
        [known_cell(DATA, "knn", metrics=metrics)],
        lambda cell, metric: known_summary(1.0, rates[metric], metric),
    )
    (figure,) = lecture_table.draw(experiment).values()
    lines = text_of(figure).split("\n")
    middle, line = lines.index("K-nearest neighbor"), lines.index("K-nearest neighbor, over the line")
    assert middle < lines.index("$n^{-0.40}$") < line < lines.index("$n^{-0.16}$")


def test_exact_curves_are_the_exact_errors_and_split_into_bias_and_spread():
    curve = exact_curve({"metadata": {"exact": "kernel"}}, MIXTURE, 1000, 0.05, 2.0)
    np.testing.assert_allclose(curve.error**2, kernel_mise(MIXTURE.mixture, 1000, curve.x), rtol=1e-9)
    np.testing.assert_allclose(curve.bias**2 + curve.spread**2, curve.error**2, rtol=1e-9)
    assert curve.optimum[0] == pytest.approx(kernel_optimum(MIXTURE.mixture, 1000)[0], rel=0.02)
    series = exact_curve({"metadata": {"exact": "series", "tuned": "n_terms_"}}, MIXTURE, 1000, 3, 30)
    low, high = MIXTURE.ppf(np.array([1e-3, 1 - 1e-3]))
    expected = series_mise(lambda x: MIXTURE.pdf(x[:, None]), low, high, 1000, 29)[2:]
    np.testing.assert_allclose(series.error**2, expected, rtol=1e-9)
    bins = exact_curve({"metadata": {"exact": "histogram"}, "origin": 0.0}, MIXTURE, 1000, 0.5, 2.0)
    anchored = histogram_mise(MIXTURE.mixture, 1000, bins.x, origin=0.0)
    np.testing.assert_allclose(bins.error**2, anchored, rtol=1e-9)
    assert exact_curve({"metadata": {"exact": None, "tuned": None}}, MIXTURE, 1000, 1, 2) is None


def test_local_slopes_have_a_line_for_each_model_and_its_reference(known):
    experiment = known({"kde": (1.0, 0.4), "knn": (1.0, 0.2)})
    (ax,) = local_slopes.draw(experiment)["local_slopes"].axes
    drawn = [
        line.get_ydata().tolist()
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_marker() == "o"
    ]
    assert drawn == [[0.4, 0.4], [0.2, 0.2]]
    assert sum(line.get_linestyle() == ":" for line in ax.lines) == 2
    experiment.summaries = dict.fromkeys(experiment.summaries, Summary("root_mise", "ok", "one size"))
    assert local_slopes.draw(experiment) == {}


def test_a_sweep_is_the_cells_that_change_one_thing(known, known_cell):
    changes = {"kde": (), "a": (("bandwidth", 0.4),), "b": (("bandwidth", 0.1),)}
    cells = [
        known_cell(DATA, variant, model_name="kde", changes=change) for variant, change in changes.items()
    ]
    experiment = known({"kde": (1.0, 0.4), "a": (2.0, 0.4), "b": (3.0, 0.4)}, cells)
    parameter, points = tuning.sweep(experiment, DATA, "kde")
    assert parameter == "bandwidth"
    assert [x for x, _, _ in points] == [0.1, 0.4]
    (figure,) = tuning.draw(experiment).values()
    assert "chosen 0.317" in text_of(figure), "2 n^(-1/5) at n = 10 000"


def test_the_bias_is_written_where_the_error_stays(known):
    figures = bias.draw(known({"gaussian": (0.15, 0.0), "mixture": (1.0, 0.5)}))
    assert set(figures) == {"bias"}
    assert "bias 0.150: gaussian" in text_of(figures["bias"])


def test_an_ablation_has_a_point_for_each_variant_and_size(known):
    (figure,) = ablation.draw(known({"slc": (0.15, 0.3), "slc-decay=0": (1.0, 0.5)})).values()
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["slc", "slc-decay=0"]
    drawn = sorted(float(line.get_xdata()[0]) for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_allclose(
        drawn, sorted(c * n**-r for c, r in ((0.15, 0.3), (1.0, 0.5)) for n in SIZES), rtol=0.05
    )


def test_overview_tints_every_field_by_its_verdict(known):
    models = {"gaussian": (0.2, 0.0), "kde": (1.0, 0.4)}
    (figure,) = overview.draw(known(models, data=[DATA, "marron_wand_08"])).values()
    written = text_of(figure).split()
    assert written.count("0.40") == 2
    assert written.count("0.00") + written.count("-0.00") == 2
    colors = {p.get_facecolor() for p in figure.axes[0].patches}
    assert colors == {to_rgba(colors_of(verdict).background) for verdict in ("agrees", "plateau")}
    assert overview.draw(known(models)) == {}, "one data set needs no overview"


def test_the_table_names_every_formula_of_theory(known_cell, make_experiment):
    """A rate that depends on the dimension has one formula for each data set."""
    cells = [known_cell(name, "histogram") for name in ("d1", "d2")]
    formulas = {"d1": "n^(-1/3)", "d2": "n^(-1/4)"}
    experiment = make_experiment(
        cells,
        lambda cell, _: known_summary(
            1.0, 0.3, theory=formulas[cell.data], rate_reference=0.29, reference="exact"
        ),
    )
    (figure,) = table.draw(experiment).values()
    fields = [cell.get_text().get_text() for cell in figure.axes[0].tables[0].get_celld().values()]
    assert "n^(-1/3), n^(-1/4)" in fields
    assert sum(field.endswith("exact 0.290, agrees") for field in fields) == 2


def test_rates_are_drawn_over_the_dimension(known_cell, make_experiment):
    model = {"metadata": {"theory": {"root_mise": "2/(4+d)"}}}
    cells = [known_cell(f"d{d}", "kde", n_features=d, model_config=model) for d in (2, 1)]
    rates = {"d1": 0.4, "d2": 0.3}
    experiment = make_experiment(cells, lambda cell, _: known_summary(1.0, rates[cell.data]))
    (ax,) = dimensions.draw(experiment)["dimensions"].axes
    assert ax.get_title() == "kde: 2/(4+d)"
    measured_line = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_allclose(measured_line.get_xydata(), [[1, 0.4], [2, 0.3]], atol=1e-6)


def test_the_numbers_are_bars_around_their_values(known_cell, make_experiment, tmp_path):
    draws = np.array([[2.0], [2.5]])
    np.savez(tmp_path / "samples.npz", samples=draws)
    grids = {"grid": X[:, None], "n=20": np.full(50, 0.1), "points": np.array([[1.0], [1.0], [2.0]])}
    cell = known_cell("lecture_numbers_a", "kde", grids=grids, folder=tmp_path)
    (ax,) = numbers.draw(make_experiment([cell]))["numbers"].axes
    (bars,) = ax.collections
    np.testing.assert_allclose(
        bars.get_segments(), [[[1, 0], [1, 2 / 3]], [[2, 0], [2, 1 / 3]]], err_msg="centered, high as shares"
    )
    new = next(line for line in ax.lines if line.get_marker() == "|")
    assert new.get_xdata().tolist() == [2.0, 2.5]
