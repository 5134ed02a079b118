"""The lecture's models that are trained by gradient: Lightning modules, and the estimators around them."""

from genrates.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
