"""Neural regression of the cumulative distribution function."""

from genrates.neural.cdf.conditional_cdf import ConditionalNeuralCDF
from genrates.neural.cdf.neural_cdf import NeuralCDF

__all__ = ["ConditionalNeuralCDF", "NeuralCDF"]
