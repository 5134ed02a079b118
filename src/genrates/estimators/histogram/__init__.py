"""Histograms, with bins and with straight lines, and the rules that choose their bins."""

from genrates.estimators.histogram.density import HistogramDensity
from genrates.estimators.histogram.polygon import FrequencyPolygon

__all__ = ["FrequencyPolygon", "HistogramDensity"]
