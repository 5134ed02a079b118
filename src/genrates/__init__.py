"""How many samples does it take to generate a cat.

Density estimators and generative models of a lecture on generative modeling, and a pipeline that
measures how fast each of them converges as the sample grows.
"""

__version__ = "0.1.0"
