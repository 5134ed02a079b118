"""Small panels in rows and columns at fixed places.

There can be eighty: a computed layout costs more than the drawing, and so do axes that share their limits,
each of which asks all others. So they are alike because they are told the same.
"""

import matplotlib.pyplot as plt
import numpy as np

#: inches around the panels, and between neighbors
_LEFT, _RIGHT, _BOTTOM, _TOP, _BETWEEN, _TITLE = 0.5, 0.1, 0.45, 0.15, 0.5, 0.3
_LEGEND_LINE = 0.17


def panels(
    down: int, across: int, width: float, height: float, handles: list
) -> tuple[plt.Figure, np.ndarray]:
    """A figure and its axes, shape (down, across), each of `width` x `height` inches, below one legend.

    Tick variants of x are written in the last row alone.
    """
    wide = _LEFT + _RIGHT + across * width + (across - 1) * _BETWEEN
    columns = _columns(handles, wide)
    top = _TITLE + _TOP + _LEGEND_LINE * -(-len(handles) // columns)
    high = _BOTTOM + top + down * height + (down - 1) * _TITLE
    figure, axes = plt.subplots(down, across, figsize=(wide, high), layout="none", squeeze=False)
    figure.subplots_adjust(
        left=_LEFT / wide,
        right=1 - _RIGHT / wide,
        bottom=_BOTTOM / high,
        top=1 - top / high,
        wspace=_BETWEEN / width,
        hspace=_TITLE / height,
    )
    for ax in axes[:-1].ravel():
        ax.tick_params(labelbottom=False)
    figure.legend(handles=handles, loc="upper center", ncols=columns, fontsize=8)
    return figure, axes


def _columns(handles: list, wide: float) -> int:
    """As many columns of the legend as the figure is wide: a legend that is wider would be cut off."""
    inches = 0.6 + 0.062 * max(len(handle.get_label()) for handle in handles)
    return int(np.clip(wide / inches, 1, len(handles)))
