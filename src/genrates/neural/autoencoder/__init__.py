"""Autoencoders, denoising autoencoders, and the Markov chains that they define."""

from genrates.neural.autoencoder.autoencoder import Autoencoder
from genrates.neural.autoencoder.bit_chain import BitChain
from genrates.neural.autoencoder.chain_sampler import MarkovChainSampler
from genrates.neural.autoencoder.denoising import DenoisingAutoencoder
from genrates.neural.autoencoder.kde_limit import KernelLimit

__all__ = ["Autoencoder", "BitChain", "DenoisingAutoencoder", "KernelLimit", "MarkovChainSampler"]
