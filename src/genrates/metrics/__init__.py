"""Errors of a fitted model: against the true density, of its draws, and of its likelihood.

The public names stand in `__init__.pyi`. A module is imported when one of its names is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
