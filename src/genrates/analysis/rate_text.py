"""How a measured rate is written, in every table and picture."""

import math


def with_interval(rate: float | None, low: float | None, high: float | None) -> str:
    """A rate and its interval; one replicate leaves no interval, and no rate leaves nothing.

    >>> with_interval(0.4, 0.3812, 0.4188), with_interval(-0.0001, math.nan, math.nan)
    ('0.400 [0.381, 0.419]', '0.000')
    >>> with_interval(None, None, None)
    ''
    """
    if rate is None or math.isnan(rate):
        return ""
    return f"{rate:z.3f}" if math.isnan(low) else f"{rate:z.3f} [{low:z.3f}, {high:z.3f}]"
