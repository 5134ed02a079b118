"""Densities that are known by their shape alone: no tuning parameter."""

from genrates.estimators.shape.log_concave import LogConcaveDensity

__all__ = ["LogConcaveDensity"]
