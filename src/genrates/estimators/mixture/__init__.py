"""Mixtures of normal distributions by expectation-maximization."""

from genrates.estimators.mixture.density import MixtureDensity

__all__ = ["MixtureDensity"]
