"""Wavelets with thresholds: as fine as the data ask for, place by place."""

from genrates.estimators.wavelet.density import WaveletDensity

__all__ = ["WaveletDensity"]
