"""The lecture's models that are trained by gradient: estimators, and the Lightning modules that train them.

The public names are listed in `__init__.pyi`. A module is imported when one of its names is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
