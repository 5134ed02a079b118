"""Data sets: densities with a known truth, images, tables, downloads.

`__init__.pyi` lists the public names. A module is imported when one of its names is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
