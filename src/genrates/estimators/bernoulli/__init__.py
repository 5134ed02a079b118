"""Models of binary pixels: independent ones, and mixtures of those."""

from genrates.estimators.bernoulli.mixture import BernoulliMixture
from genrates.estimators.bernoulli.pixels import BernoulliPixels

__all__ = ["BernoulliMixture", "BernoulliPixels"]
