from .autoencoder import (
    Autoencoder as Autoencoder,
)
from .autoencoder import (
    BitChain as BitChain,
)
from .autoencoder import (
    DenoisingAutoencoder as DenoisingAutoencoder,
)
from .autoencoder import (
    KernelLimit as KernelLimit,
)
from .autoencoder import (
    MarkovChainSampler as MarkovChainSampler,
)
from .cdf import ConditionalNeuralCDF as ConditionalNeuralCDF
from .cdf import NeuralCDF as NeuralCDF
from .flow_matching import FlowMatching as FlowMatching
from .flow_matching import FlowSampler as FlowSampler
