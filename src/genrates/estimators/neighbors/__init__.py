"""Densities from k nearest neighbors: around each place, and around each point of the training set."""

from genrates.estimators.neighbors.density import NeighborDensity
from genrates.estimators.neighbors.sample_point import SamplePointKernelDensity

__all__ = ["NeighborDensity", "SamplePointKernelDensity"]
