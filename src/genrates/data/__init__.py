"""What there is to learn from: densities with a known truth, images, tables, downloads."""

from genrates.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
