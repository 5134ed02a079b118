"""Nearest-neighbor densities, normalized on a compact set."""

from genrates.estimators.neighbors.density import NeighborDensity

__all__ = ["NeighborDensity"]
