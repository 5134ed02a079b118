"""Points beyond the edges of a bounded support, so that a kernel estimate does not drop there.

On the line: pseudo-data (Cowling and Hall 1996, "On pseudodata methods for removing boundary effects in
kernel density estimation", JRSS B 58). The quantile function is continued through the edge by the
three-point rule -5 Q(u/3) - 4 Q(2u/3) + 10/3 Q(u), which keeps its value and two derivatives; the continued
density has a continuous first derivative, so the estimate has the interior's bias, h^2, up to the edge. Plain
reflection continues f with a kink, bias h, unless f' = 0 there. In more dimensions: reflection.
"""

import numpy as np


def extend(points, weight, lower, upper, depth: float):
    """Points (n,) and weights with pseudo-data within `depth` outside of [lower, upper] appended."""
    parts, weights = [points], [np.ones(len(points)) if weight is None else weight]
    for edge, sign in ((lower, 1.0), (upper, -1.0)):
        if not np.isfinite(edge):
            continue
        distance, w = _nearest_first(sign * (points - edge), weight)
        outside, outside_w = _continue(distance, w, depth)
        parts.append(edge - sign * outside)
        weights.append(outside_w)
    plain = weight is None and all(np.all(w == 1) for w in weights)
    return np.concatenate(parts), None if plain else np.concatenate(weights)


def _nearest_first(distance, weight):
    order = np.argsort(distance, kind="stable")
    if weight is None:
        return distance[order], np.ones(len(order))
    distance, weight = distance[order], weight[order]
    if np.all(weight == np.floor(weight)):  # whole numbers are repeats, in the order statistics too
        repeats = weight.astype(np.int64)
        return np.repeat(distance, repeats), np.ones(repeats.sum())
    return distance, weight


def _continue(distance, weight, depth):
    """Distances beyond the edge of the pseudo-data, and their weights."""
    rank = np.concatenate([[0.0], np.cumsum(weight)])
    value = np.concatenate([[0.0], distance])

    def quantile(r):
        return np.interp(r, rank, value)

    r = rank[1:]
    beyond = 5 * quantile(r / 3) + 4 * quantile(2 * r / 3) - 10 / 3 * distance
    # where the rule turns back (far in the tail, or by chance near the edge) points are reflected instead
    turn = int(np.argmax(beyond)) + 1
    deep = np.flatnonzero(beyond > depth)
    if deep.size:
        turn = min(turn, int(deep[0]) + 1)
    first = np.where(beyond[:turn] > 0, beyond[:turn], distance[:turn])
    rest = distance > first.max()
    outside = np.concatenate([first, distance[rest]])
    w = np.concatenate([weight[:turn], weight[rest]])
    near = outside <= depth
    return outside[near], w[near]


def reflect(points, weight, bounds, depth):
    """Points (n, d) with their mirror images within `depth` (d,) of each face of the box."""
    w = np.ones(len(points)) if weight is None else weight
    for j, (lower, upper) in enumerate(bounds):
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
    """Bring rows of `points` (n, d) back into the box by reflection at its faces."""
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
    """One (lower, upper) pair per feature, infinite where open; ValueError if that cannot be read.

    >>> parse((0, None), 1, "KernelDensity")
    [(0.0, inf)]
    """
    asked = f"{name}: bounds must be None, a pair (lower, upper) or one pair per feature, got {bounds!r}."
    if bounds is None:
        return [(-np.inf, np.inf)] * n_features
    try:
        rows = list(bounds)
        if n_features == 1 and len(rows) == 2 and not any(np.ndim(b) for b in rows if b is not None):
            rows = [rows]
        pairs = [(-np.inf if a is None else float(a), np.inf if b is None else float(b)) for a, b in rows]
    except (TypeError, ValueError):
        raise ValueError(asked) from None
    if len(pairs) != n_features or any(not a < b for a, b in pairs):
        raise ValueError(f"{asked} It needs {n_features} of them, with lower < upper.")
    return pairs


def check_inside(X, bounds, name: str) -> None:
    """ValueError if a row of X lies outside."""
    for j, (lower, upper) in enumerate(bounds):
        if np.isinf(lower) and np.isinf(upper):
            continue
        if X[:, j].min() < lower or X[:, j].max() > upper:
            raise ValueError(
                f"{name}: column {j} ranges over [{X[:, j].min():g}, {X[:, j].max():g}], "
                f"outside of bounds ({lower:g}, {upper:g})."
            )
