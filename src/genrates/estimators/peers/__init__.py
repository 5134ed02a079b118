"""Other people's density estimators behind our protocol: rows of the same comparison table."""

from genrates.estimators.peers.adapt import adapt
from genrates.estimators.peers.density import PeerDensity
from genrates.estimators.peers.kdepy import KDEpyDensity
from genrates.estimators.peers.scipy_kde import ScipyGaussianKDE
from genrates.estimators.peers.statsmodels_kde import StatsmodelsKDE

__all__ = ["KDEpyDensity", "PeerDensity", "ScipyGaussianKDE", "StatsmodelsKDE", "adapt"]
