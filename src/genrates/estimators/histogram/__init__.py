"""Histograms, and the rules that choose their bins."""

from genrates.estimators.histogram.density import HistogramDensity

__all__ = ["HistogramDensity"]
