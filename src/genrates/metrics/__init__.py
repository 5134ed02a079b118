"""Errors of a fitted model: against a truth, of its samples, of its likelihood. One idea a file."""

from genrates.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
