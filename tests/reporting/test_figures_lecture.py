"""The figures of the lecture's table, of the tuning parameters and of the bias, on errors that are known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from genrates.analysis.summary import Summary
from genrates.data.marron_wand import MarronWand
from genrates.rates import fit_rate, histogram_mise, kernel_mise, kernel_optimum, series_mise
from genrates.reporting.figures import bias, lecture_table, local_slopes, overview, tuning
from genrates.reporting.figures.exact_curves import exact_curve
from genrates.reporting.figures.lecture_rows import (
    SLIDE,
    limitation,
    measured,
    over_all,
    points_needed,
    tuned,
)
from genrates.workflow.plan import Cell

SIZES = (100, 1000, 10_000)
MIXTURE = MarronWand(number=6)


class Known:
    """An experiment whose errors are constant * n^(-rate), with 8 replicates that scatter by a tenth."""

    title, metrics, data = "known", ["root_mise"], ["marron_wand_06"]

    def __init__(self, rates: dict[str, tuple[float, float]], cells: list[Cell] | None = None):
        self.rates = rates
        grid = SimpleNamespace(sizes=list(SIZES), replicates=8)
        cells = cells or [Cell("e", "marron_wand_06", m, (), m, grid, ("root_mise",), "own") for m in rates]
        self.cells = {(c.data, c.label): c for c in cells}
        self.labels = [c.label for c in cells]
        self.sizes = list(SIZES)

    def summary(self, data, label, metric):
        constant, rate = self.rates[label]
        errors = constant * np.array(SIZES, float)[:, None] ** -rate * np.linspace(0.9, 1.1, 8)
        fit = fit_rate(errors, SIZES, random_state=0)
        level = dict(zip(SIZES, fit.errors.tolist(), strict=True))
        common = {"errors": level, "errors_se": {n: 0.05 * e for n, e in level.items()}}
        common |= {"rate": fit.rate, "rate_low": fit.rate_low, "rate_high": fit.rate_high}
        common |= {"local_rates": {316.0: rate, 3162.0: rate}, "rate_theory": 2 / 5}
        if rate == 0:
            return Summary(metric, "ok", "", **common, plateau=constant, verdict="plateau")
        return Summary(metric, "ok", "", **common, verdict="agrees")

    def costs(self, data, label, name):
        values = {"tuned": 2.0 * np.array(SIZES, float) ** -0.2, "model_bytes": np.full(3, 16.0)}
        return pd.Series(values.get(name, np.full(3, 0.5)), index=list(SIZES))

    def model(self, label):
        return {"metadata": {"exact": "kernel", "tuned": "bandwidth_", "tuning": "h", "method": "kernel"}}

    def metadata(self, label):
        return self.model(label)["metadata"]

    def truth(self, data):
        return MIXTURE

    def pictures(self, data, label):
        x = np.linspace(-3, 3, 50)
        return {"grid": x[:, None], "truth": MIXTURE.pdf(x[:, None]), "n=10000": np.full(50, 0.2)}


def row(label: str):
    return next(r for r in SLIDE if r.label == label)


def text_of(figure) -> str:
    return "\n".join(t.get_text() for ax in figure.axes for t in ax.texts)


def test_the_last_row_is_in_the_units_of_its_slide():
    known = Known({"slc": (1.0, 0.5), "kde": (1.0, 0.4)})
    assert measured(row("slc"), known.summary("", "slc", "root_mise"))[0] == "$n^{-1.00}$"
    assert measured(row("kde"), known.summary("", "kde", "root_mise"))[0] == "$n^{-0.40}$"


def test_points_needed_for_the_error_of_a_mixture():
    """n^(-2/5) against n^(-1/2) at n = 10^4: the mixture needs 10^(4 * 4/5) points, 6.3 times fewer."""
    known = Known({"mixture": (1.0, 0.5), "kde": (1.0, 0.4), "histogram": (30.0, 0.3)})
    assert points_needed(row("kde"), known).startswith("6.3 x")
    assert points_needed(row("histogram"), known).startswith("over 100 x"), (
        "no more than the sizes that were run"
    )


def test_limitations_and_tuning_are_the_measured_numbers():
    known = Known({"gaussian": (0.15, 0.0), "mixture": (1.0, 0.5), "kde": (1.0, 0.4)})
    assert limitation(row("gaussian"), known) == "a root error of 0.15 stays, on 1 of 1 data"
    assert measured(row("gaussian"), known.summary("", "gaussian", "root_mise"))[0] == "stays at 0.150"
    assert limitation(row("mixture"), known) == "0.5 s a fit, 1 x the Gaussian's"
    assert tuned(row("kde"), known) == r"$h \sim n^{-0.20}$"
    assert over_all(row("gaussian"), [known.summary("", "gaussian", "")]) == ("", "1 plateau")


def test_the_table_has_a_line_for_each_row_that_was_run():
    figure = lecture_table.table(Known({"gaussian": (0.15, 0.0), "kde": (1.0, 0.4)}))
    words = text_of(figure)
    assert "Kernel density estimator" in words
    assert "stays at 0.150" in words
    assert "Basis approach" not in words, "its model did not run"


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


def test_local_slopes_have_a_line_for_each_model_and_its_reference():
    known = Known({"kde": (1.0, 0.4), "knn": (1.0, 0.2)})
    (ax,) = local_slopes.draw(known)["local_slopes"].axes
    drawn = [
        line.get_ydata().tolist()
        for line in ax.lines
        if len(line.get_xdata()) == 2 and line.get_marker() == "o"
    ]
    assert drawn == [[0.4, 0.4], [0.2, 0.2]]
    assert sum(line.get_linestyle() == ":" for line in ax.lines) == 2
    known.summary = lambda *_: Summary("root_mise", "ok", "one size")
    assert local_slopes.draw(known) == {}


def test_a_sweep_is_the_cells_that_change_one_thing():
    grid = SimpleNamespace(sizes=list(SIZES), replicates=8)
    changes = {"kde": (), "a": (("bandwidth", 0.4),), "b": (("bandwidth", 0.1),)}
    cells = [
        Cell("e", "marron_wand_06", "kde", change, label, grid, ("root_mise",), "own")
        for label, change in changes.items()
    ]
    known = Known({"kde": (1.0, 0.4), "a": (2.0, 0.4), "b": (3.0, 0.4)}, cells)
    parameter, points = tuning.sweep(known, "marron_wand_06", "kde")
    assert parameter == "bandwidth"
    assert [x for x, _, _ in points] == [0.1, 0.4]
    (figure,) = tuning.draw(known).values()
    assert "chosen 0.317" in text_of(figure), "2 n^(-1/5) at n = 10 000"


def test_the_bias_is_written_where_the_error_stays():
    figures = bias.draw(Known({"gaussian": (0.15, 0.0), "mixture": (1.0, 0.5)}))
    assert set(figures) == {"bias"}
    assert "bias 0.150: gaussian" in text_of(figures["bias"])


def test_overview_tints_every_field_by_its_verdict():
    models = {"gaussian": (0.2, 0.0), "kde": (1.0, 0.4)}
    grid = SimpleNamespace(sizes=list(SIZES), replicates=8)
    names = ["marron_wand_06", "marron_wand_08"]
    known = Known(
        models, [Cell("e", d, m, (), m, grid, ("root_mise",), "own") for d in names for m in models]
    )
    known.labels, known.data = list(models), names
    (figure,) = overview.draw(known).values()
    written = text_of(figure).split()
    assert written.count("0.40") == 2
    assert written.count("0.00") + written.count("-0.00") == 2
    colors = [p.get_facecolor() for p in figure.axes[0].patches]
    assert len(set(colors)) == 2, "agrees and plateau"
    known.data = names[:1]
    assert overview.draw(known) == {}, "one data set needs no overview"
