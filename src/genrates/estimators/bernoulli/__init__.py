"""Models of binary pixels: independent ones, mixtures of those, and training pictures blurred."""

from genrates.estimators.bernoulli.kernel import BernoulliKernel
from genrates.estimators.bernoulli.mixture import BernoulliMixture
from genrates.estimators.bernoulli.pixels import BernoulliPixels

__all__ = ["BernoulliKernel", "BernoulliMixture", "BernoulliPixels"]
