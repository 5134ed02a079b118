"""Densities on a low-dimensional manifold: a reducer, and a density of its codes."""

from genrates.estimators.manifold.density import ManifoldDensity

__all__ = ["ManifoldDensity"]
