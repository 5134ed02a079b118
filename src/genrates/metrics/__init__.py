"""Errors of a fitted model: against a truth, of its draws, of its likelihood. One idea a file.

The public names stand in `__init__.pyi`; a module is imported when one of its names is first asked for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
