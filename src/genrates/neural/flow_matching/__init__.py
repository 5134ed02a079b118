"""Flow matching: a network learns the velocity that carries noise to data, and is drawn from along it."""

from genrates.neural.flow_matching.flow_matching import FlowMatching
from genrates.neural.flow_matching.flow_sampler import FlowSampler

__all__ = ["FlowMatching", "FlowSampler"]
