"""Small panels in rows and columns at fixed places.

There can be eighty. A computed layout would cost more than the drawing, and so would axes that share their
limits, since each asks all others. So each module gives its panels the same limits itself.
"""

import matplotlib.pyplot as plt
import numpy as np

#: inches around the panels, and between neighbors
_LEFT, _RIGHT, _BOTTOM, _TOP, _BETWEEN, _TITLE = 0.5, 0.1, 0.45, 0.15, 0.5, 0.3
_LEGEND_LINE = 0.17


def panels(
    down: int, across: int, width: float, height: float, handles: list
) -> tuple[plt.Figure, np.ndarray]:
    """Return a figure with panels below one legend; only the last row has tick labels of x.

    Parameters
    ----------
    down, across : int
        Rows and columns.
    width, height : float
        Size of a panel, in inches.
    handles : list of artists
        Entries of the legend.

    Returns
    -------
    figure : Figure
        The figure.
    axes : ndarray of shape (down, across)
        Its panels.
    """
    total_width = _LEFT + _RIGHT + across * width + (across - 1) * _BETWEEN
    columns = _legend_columns(handles, total_width)
    top = _TITLE + _TOP + _LEGEND_LINE * -(-len(handles) // columns)
    total_height = _BOTTOM + top + down * height + (down - 1) * _TITLE
    size = (total_width, total_height)
    figure, axes = plt.subplots(down, across, figsize=size, layout="none", squeeze=False)
    figure.subplots_adjust(
        left=_LEFT / total_width,
        right=1 - _RIGHT / total_width,
        bottom=_BOTTOM / total_height,
        top=1 - top / total_height,
        wspace=_BETWEEN / width,
        hspace=_TITLE / height,
    )
    for ax in axes[:-1].ravel():
        ax.tick_params(labelbottom=False)
    figure.legend(handles=handles, loc="upper center", ncols=columns, fontsize=8)
    return figure, axes


def _legend_columns(handles: list, total_width: float) -> int:
    """Return how many columns of the legend fit into the width of the figure."""
    inches = 0.6 + 0.062 * max(len(handle.get_label()) for handle in handles)
    return int(np.clip(total_width / inches, 1, len(handles)))
