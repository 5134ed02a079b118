"""Kernel density estimates: fixed and adaptive bandwidths, and the rules that choose them."""

from genrates.estimators.kernel.adaptive import AdaptiveKernelDensity
from genrates.estimators.kernel.density import KernelDensity

__all__ = ["AdaptiveKernelDensity", "KernelDensity"]
