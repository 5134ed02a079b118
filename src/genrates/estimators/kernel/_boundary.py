"""Image points beyond the edges of a bounded support, so that a kernel estimate does not drop there.

On the line: a generalized reflection (after Karunamuni and Alberts, "A generalized reflection method of
boundary correction in kernel density estimation", Canad. J. Statist. 33, 2005). A point at a distance y from
the edge has an image beyond it at the distance

    g(y) = -log(2 - exp(d y)) / d = y + d y^2 + d^2 y^3 + ...,    d = f'(0) / f(0) at the edge.

The images' density continues f with its value and two derivatives, whatever f is. It continues an exponential
exactly. The estimate therefore has the interior's bias up to the edge. Plain reflection (d = 0) continues f
with a kink, which makes the bias h instead of h^2, unless f' = 0 there. d is estimated from the points within
a few bandwidths of the edge: an error of the order h in d keeps the order h^2.

In more dimensions: plain reflection.
"""

import numpy as np
import scipy

from genrates.errors import shown

#: distance from an edge, in bandwidths, within which the slope is estimated
STRETCH = 3.0
#: smallest effective number of points for an estimate of the slope
_MIN_POINTS = 10
#: largest slope times stretch
_MAX_TILT = 50.0
#: most coordinates of points and their mirror images; 1.6 GB
_MOST_NUMBERS = 2 * 10**8


def extend(points, weight, lower, upper, depth: float, stretch: float):
    """Append the images beyond the edges of [lower, upper], on the line.

    Parameters
    ----------
    points : ndarray of shape (n,)
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    lower, upper : float
        Edges of the support, infinite where open.
    depth : float
        Images farther than this from the edge are left out.
    stretch : float
        Distance from the edge within which the slope of the log-density is estimated.

    Returns
    -------
    points : ndarray of shape (n + k,)
        The points, then their images.
    weight : ndarray of shape (n + k,) or None
    """
    parts, weights = [points], [weight]
    for edge, sign in ((lower, 1.0), (upper, -1.0)):
        if not np.isfinite(edge):
            continue
        distance = sign * (points - edge)
        slope = _log_slope(distance, weight, stretch)
        near = np.flatnonzero(distance <= 3 * depth)  # g' >= 1/3
        image = _image(distance[near], slope)
        near, image = near[image <= depth], image[image <= depth]
        parts.append(edge - sign * image)
        weights.append(None if weight is None else weight[near])
    return np.concatenate(parts), None if weight is None else np.concatenate(weights)


def _image(distance, slope: float):
    """Return g, the distances of the images from the edge.

    For a rising density (d > 0) the distance is infinite where no mass is left to continue. A falling density
    has images denser than its points and would soon run out of points. From the distance where the images are
    three times as dense (g' = 1/3), g therefore keeps that slope.

    Returns
    -------
    ndarray of shape (n,)
    """
    if slope == 0:
        return distance
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if slope > 0:
            return -np.log1p(-np.minimum(np.expm1(slope * distance), 1.0)) / slope
        switch = np.log(2) / -slope
        image = -np.log1p(-np.expm1(slope * np.minimum(distance, switch))) / slope
        return image + np.maximum(distance - switch, 0.0) / 3


def _log_slope(distance, weight, stretch: float) -> float:
    """Return d, the slope of the log-density on [0, stretch] from an edge.

    It is the maximum likelihood estimate of the density proportional to exp(d y), and 0 if there are too few
    points.

    Returns
    -------
    float
    """
    inside = distance <= stretch
    w = inside.astype(np.float64) if weight is None else np.where(inside, weight, 0.0)
    total = w.sum()
    if not total**2 >= _MIN_POINTS * (w @ w) or total == 0:
        return 0.0
    mean = float(w @ np.where(inside, distance, 0.0) / total / stretch)
    if mean <= _mean_of_tilt(-_MAX_TILT):
        return -_MAX_TILT / stretch
    if mean >= _mean_of_tilt(_MAX_TILT):
        return _MAX_TILT / stretch
    tilt = scipy.optimize.brentq(lambda s: _mean_of_tilt(s) - mean, -_MAX_TILT, _MAX_TILT, xtol=1e-12)
    return tilt / stretch


def _mean_of_tilt(s: float) -> float:
    """Return the mean of the density on [0, 1] that is proportional to exp(s u)."""
    return 0.5 + s / 12 if abs(s) < 1e-4 else float(-1 / np.expm1(-s) - 1 / s)


def reflect(points, weight, bounds, depth):
    """Append the mirror images at the faces of a box.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    weight : ndarray of shape (n,) or None
        None gives every point the weight 1.
    bounds : sequence of d pairs (lower, upper)
        Infinite where open.
    depth : ndarray of shape (d,)
        Images farther than this from their face are left out.

    Returns
    -------
    points : ndarray of shape (n + k, d)
        The points, then their images.
    weight : ndarray of shape (n + k,) or None

    Raises
    ------
    ValueError
        If there are too many images: in d dimensions up to 3^d of each point.
    """
    w = np.ones(len(points)) if weight is None else weight
    for j, (lower, upper) in enumerate(bounds):
        if points.size > _MOST_NUMBERS:
            raise ValueError(
                f"bounds: {len(points)} mirror images at the faces of the first {j} of {len(bounds)} columns "
                "are too many; bound fewer columns, or use a smaller bandwidth."
            )
        images, image_w = [points], [w]
        for edge in (lower, upper):
            if np.isfinite(edge):
                near = np.abs(points[:, j] - edge) <= depth[j]
                mirrored = points[near].copy()
                mirrored[:, j] = 2 * edge - mirrored[:, j]
                images.append(mirrored)
                image_w.append(w[near])
        points, w = np.concatenate(images), np.concatenate(image_w)
    return points, (None if weight is None else w)


def fold(points, bounds):
    """Bring the rows back into a box by reflection at its faces.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    bounds : sequence of d pairs (lower, upper)
        Infinite where open.

    Returns
    -------
    ndarray of shape (n, d)
    """
    points = points.copy()
    for j, (lower, upper) in enumerate(bounds):
        x = points[:, j]
        if np.isfinite(lower) and np.isfinite(upper):
            width = upper - lower
            x = (x - lower) % (2 * width)
            points[:, j] = lower + np.minimum(x, 2 * width - x)
        elif np.isfinite(lower):
            points[:, j] = lower + np.abs(x - lower)
        elif np.isfinite(upper):
            points[:, j] = upper - np.abs(upper - x)
    return points


def parse(bounds, n_features: int, name: str) -> list[tuple[float, float]]:
    """Return one (lower, upper) pair per feature, infinite where open.

    Parameters
    ----------
    bounds : None, pair (lower, upper), or one pair per feature
        Accepted by :func:`genrates.estimators._numerics.box.check_pairs`. An end that is None is open; None
        alone leaves all ends open.
    n_features : int
    name : str
        The estimator, for the message.

    Returns
    -------
    list of n_features pairs of float

    Raises
    ------
    ValueError
        If there is not one pair per feature.

    Examples
    --------
    >>> parse((0, None), 1, "KernelDensity")
    [(0.0, inf)]
    """
    if bounds is None:
        return [(-np.inf, np.inf)] * n_features
    rows = list(bounds)
    if len(rows) == 2 and not any(map(np.iterable, rows)):
        rows = [rows]
    if len(rows) != n_features:
        raise ValueError(
            f"{name}: bounds must be None or {n_features} pairs (lower, upper), one per feature, "
            f"got {shown(bounds)}."
        )
    return [(-np.inf if a is None else float(a), np.inf if b is None else float(b)) for a, b in rows]


def n_pairs(bounds) -> int | None:
    """Return for how many features bounds are, None where they do not say.

    Parameters
    ----------
    bounds : None, pair (lower, upper), or one pair per feature
        Accepted by :func:`genrates.estimators._numerics.box.check_pairs`.

    Returns
    -------
    int or None
    """
    if bounds is None:
        return None
    return len(bounds) if any(map(np.iterable, bounds)) else 1


def is_bounded(bounds) -> bool:
    """Return whether a support has a finite end.

    Parameters
    ----------
    bounds : None, pair (lower, upper), or one pair per feature
        Accepted by :func:`genrates.estimators._numerics.box.check_pairs`.

    Returns
    -------
    bool
    """
    count = n_pairs(bounds)
    return count is not None and bool(np.any(np.isfinite(parse(bounds, count, "bounds"))))


def check_inside(X, bounds, name: str) -> None:
    """Check that every row of X lies inside the bounds.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    bounds : sequence of d pairs (lower, upper)
        Infinite where open.
    name : str
        The estimator, for the message.

    Raises
    ------
    ValueError
        If a row lies outside.
    """
    for j, (lower, upper) in enumerate(bounds):
        if np.isinf(lower) and np.isinf(upper):
            continue
        if X[:, j].min() < lower or X[:, j].max() > upper:
            raise ValueError(
                f"{name}: column {j} ranges over [{X[:, j].min():g}, {X[:, j].max():g}], "
                f"outside of bounds ({lower:g}, {upper:g})."
            )
