"""Orthogonal series estimates on an interval or a box."""

from genrates.estimators.series.density import SeriesDensity

__all__ = ["SeriesDensity"]
