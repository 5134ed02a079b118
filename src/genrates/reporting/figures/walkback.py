"""Plain training against walkback: measures over the noise, and chains step by step (lecture, figure 4)."""

from collections.abc import Iterator
from itertools import cycle

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D

from genrates.reporting.figures.images import image_shape, mosaic, sheet_of_draws, show_images
from genrates.reporting.figures.relaxation import relaxation
from genrates.reporting.figures.style import ending
from genrates.reporting.figures.values import values

_CHAINS = 3  # chains of a model that has one row of a block
_PER_ROW = 4  # panels of the scan
#: colors of the ways of training, by the side on which their chains are shown
_COLORS = {"plain": ["#7a7a7a", "#bbbbbb"], "walkback": ["#c51b7d", "#e08214", "#542788", "#1b7837"]}


def draw(experiment) -> dict[str, plt.Figure]:
    """Draw the scan over noise and walkback steps, chains, draws, values and relaxation times.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment, with its summaries.

    Returns
    -------
    dict of Figure
        Figures "scan", "chains", "samples", "values" and "relaxation" for each data set.
    """
    kinds = {
        "scan": _scan,
        "chains": chains,
        "samples": sheet_of_draws,
        "values": values,
        "relaxation": relaxation,
    }
    return {
        f"{kind}{ending(experiment, name)}": draw_kind(experiment, name)
        for name in experiment.data
        for kind, draw_kind in kinds.items()
    }


def _scan(experiment, data: str) -> plt.Figure:
    """Draw a panel for each metric at the largest n: a line over the noise for each way of training."""
    metrics, lines = experiment.metrics, ways(experiment, data)
    spare = {side: cycle(colors) for side, colors in _COLORS.items()}
    color_of = {way: next(spare[_side(way)]) for way in lines}
    rows = -(-(len(metrics) + 1) // _PER_ROW)  # one more place, for the legend
    figure, axes = plt.subplots(rows, _PER_ROW, figsize=(2.9 * _PER_ROW, 2.5 * rows), squeeze=False)
    for ax, metric in zip(axes.flat, metrics, strict=False):
        floor = None
        for way, variants in lines.items():
            summaries = {noise: experiment.summary(data, v, metric) for noise, v in sorted(variants.items())}
            shown = {x: s.error_n_max for x, s in summaries.items() if s.error_n_max is not None}
            ax.plot(list(shown), list(shown.values()), color=color_of[way], marker="o", ms=3.5)
            floor = next((s.auxiliary["floor"] for s in summaries.values() if "floor" in s.auxiliary), floor)
        if floor:
            ax.axhline(floor[max(floor)], color="0.4", ls="--", lw=1, zorder=0)
        ax.set(title=metric.replace("_", " "), xlabel="noise of the corruption")
    for ax in axes.flat[len(metrics) :]:
        ax.set_axis_off()
    handles = [
        Line2D([], [], color=line_color, marker="o", ms=4, label=way) for way, line_color in color_of.items()
    ]
    handles.append(Line2D([], [], color="0.4", ls="--", lw=1, label="real against real"))
    axes.flat[-1].legend(handles=handles, loc="center", fontsize=8)
    return figure


def ways(experiment, data: str) -> dict[str, dict[float, str]]:
    """Return the variants by their way of training and of starting chains, and by their noise.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    dict of dict
        Names of variants, by way and noise.
    """
    found: dict[str, dict[float, str]] = {}
    for variant, noise, way in _cells(experiment, data):
        found.setdefault(way, {})[noise] = variant
    return found


def chains(experiment, data: str) -> plt.Figure:
    """Draw successive states of chains: plain left, walkback right, a block of rows for each noise.

    The side that has fewer models in a block shows more chains of each.

    Parameters
    ----------
    experiment : ExperimentResults
        The experiment.
    data : str
        Name of the data set.

    Returns
    -------
    Figure
        One chain a line.
    """
    shape = image_shape(experiment, data)
    blocks: dict[float, dict[str, list]] = {}
    for variant, noise, way in _cells(experiment, data):
        grids = experiment.cell(data, variant).density_grids
        if "chains" in grids:
            block = blocks.setdefault(noise, {side: [] for side in _COLORS})
            block[_side(way)].append((f"noise {noise:g}\n{_short(way)}", grids["chains"]))
    rows = [max(map(len, blocks[noise].values())) for noise in sorted(blocks)]
    figure = plt.figure(figsize=(13, 0.33 * _CHAINS * sum(rows) + 0.3))
    grid = figure.add_gridspec(len(rows), len(_COLORS), height_ratios=rows)
    for i, noise in enumerate(sorted(blocks)):
        for j, side in enumerate(_COLORS):
            models = blocks[noise][side]
            places = grid[i, j].subgridspec(max(len(models), 1), 1)
            for place, (text, states) in zip(places, models, strict=False):
                ax = figure.add_subplot(place)
                shown = states[: _CHAINS * rows[i] // len(models)]
                show_images(ax, mosaic(shown.reshape(-1, shown.shape[-1]), shape, shown.shape[1]))
                ax.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=7)
                if i == 0 and place.is_first_row():
                    ax.set_title(f"{side} training: chains, one a line, step by step", fontsize=9)
    return figure


def _cells(experiment, data: str) -> Iterator[tuple[str, float, str]]:
    """Yield name, noise, and way of training and of starting chains, of the variants of one data set."""
    for cell in experiment.cells:
        if cell.data == data:
            noise = float(cell.model_config.get("noise", 0.0))
            others = (f"{k.replace('_', ' ')} {v}" for k, v in cell.changes if k != "noise")
            yield cell.variant, noise, ", ".join([cell.model_name.replace("_", " "), *others])


def _side(way: str) -> str:
    return "walkback" if "walkback" in way else "plain"


def _short(way: str) -> str:
    """Return what of a way its column's title does not say.

    Returns
    -------
    str
        Without the model's name.

    Examples
    --------
    >>> _short("dae walkback, walkback steps 5"), _short("dae, start noise"), _short("dae")
    ('steps 5', 'start noise', '')
    """
    return ", ".join(part.removeprefix("walkback ") for part in way.split(", ")[1:])
