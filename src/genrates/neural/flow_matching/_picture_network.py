"""A small U-Net that sees a noisy picture and its noise level, and gives the mean of the clean picture."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

#: pictures are folded by 2 and halved once more, so sides are padded to multiples of 4; group norm needs
#: more than one pixel then
_MULTIPLE, _LEAST_SIDE = 4, 8
_N_TIMES, _TIME_UNITS = 32, 128
#: the times of a training batch: logistic(normal(mean, 1)), shrunk so that none is 1
_TIME_MEAN, LAST_TIME = -0.3, 0.98


class PictureNetwork(nn.Module):
    """A U-Net of 0.45 million weights for 28 x 28 pixels and channels (32, 96).

    Blocks of 2 x 2 pixels become channels; a convolution at half the sides, one of stride 2, two residual
    blocks at a quarter of the sides, which the noise level scales and shifts; back up with the skip, two
    convolutions, and the channels become pixels. A convolution at full resolution would cost more than all
    of these together.

    Parameters
    ----------
    image_shape : (rows, columns)
        Shape of the pictures.
    channels : (int, int)
        Channels at half and at a quarter of the sides.
    bits : bool
        Whether clean pixels are -1 or 1, and nothing between.
    """

    #: fewest rows of a validation: few held-out rows are repeated with other times and noise
    least_held_out = 256
    #: fewest steps of an epoch
    minimum_steps = 15

    def __init__(self, image_shape: tuple[int, int], channels: tuple[int, int], *, bits: bool):
        super().__init__()
        outer, inner = channels
        self.image_shape, self.bits = tuple(image_shape), bits
        self.time = nn.Sequential(nn.Linear(2 * _N_TIMES, _TIME_UNITS), nn.SiLU())
        self.fold = nn.Conv2d(4, outer, 3, padding=1)
        self.down = nn.Conv2d(outer, inner, 3, stride=2, padding=1)
        self.blocks = nn.ModuleList([_Residual(inner), _Residual(inner)])
        self.up = nn.Conv2d(inner + outer, outer, 3, padding=1)
        self.mix = nn.Conv2d(outer, outer, 3, padding=1)
        self.unfold = nn.Conv2d(outer, 4, 3, padding=1)

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Return the means of the clean pictures.

        Parameters
        ----------
        x : Tensor of shape (n, pixels)
            Noisy pictures, t x + (1 - t) z.
        t : Tensor of shape (n, 1)
            Times in [0, 1).

        Returns
        -------
        Tensor of shape (n, pixels)
        """
        return torch.tanh(self.half_log_odds(x, t)) if self.bits else self.outputs(x, t)

    def half_log_odds(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Return half the log-odds that pixels are 1 and not -1.

        What a noisy pixel says of itself is known, t x / (1 - t)^2; the network adds what the others say.

        Parameters
        ----------
        x : Tensor of shape (n, pixels)
            Noisy pictures.
        t : Tensor of shape (n, 1)
            Times in [0, 1).

        Returns
        -------
        Tensor of shape (n, pixels)
        """
        return self.outputs(x, t) + t * x / (1 - t).square()

    def outputs(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Return the output of the last layer.

        Parameters
        ----------
        x : Tensor of shape (n, pixels)
            Noisy pictures.
        t : Tensor of shape (n, 1)
            Times in [0, 1).

        Returns
        -------
        Tensor of shape (n, pixels)
        """
        height, width = self.image_shape
        pictures = x.view(len(x), 1, height, width)
        pictures = functional.pad(pictures, (0, _padding(width), 0, _padding(height)))
        waves = self._frequencies(x) * t
        level = self.time(torch.cat([waves.sin(), waves.cos()], dim=1))
        skip = self.fold(functional.pixel_unshuffle(pictures, 2))
        h = self.down(functional.silu(skip))
        for block in self.blocks:
            h = block(h, level)
        h = functional.interpolate(functional.silu(h), scale_factor=2, mode="nearest")
        h = functional.silu(self.up(torch.cat([h, functional.silu(skip)], dim=1)))
        h = self.unfold(functional.silu(self.mix(h)))
        return functional.pixel_shuffle(h, 2)[:, 0, :height, :width].flatten(1)

    def draw_times(self, u: torch.Tensor) -> torch.Tensor:
        """Map uniform numbers to the times of a training batch: few where noise or picture is all there is.

        Parameters
        ----------
        u : Tensor
            Uniform on (0, 1).

        Returns
        -------
        Tensor
        """
        return LAST_TIME * torch.sigmoid(_TIME_MEAN + torch.special.ndtri(u))

    def error(self, x: torch.Tensor, z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Return the training loss a pixel at t x + (1 - t) z.

        It is the squared error of the velocity that the clean picture implies. Of bits it is their
        cross-entropy, which the same mean minimizes, with the weight that the velocity gives to errors.

        Parameters
        ----------
        x, z : Tensor of shape (n, pixels)
            Clean pictures and noise.
        t : Tensor of shape (n, 1)
            Times.

        Returns
        -------
        Tensor, scalar
        """
        noisy = t * x + (1 - t) * z
        if self.bits:
            log_odds, weight = 2 * self.half_log_odds(noisy, t), (1 - t).square().reciprocal().expand_as(x)
            return functional.binary_cross_entropy_with_logits(log_odds, (x + 1) / 2, weight)
        return ((self(noisy, t) - x) / (1 - t)).square().mean()

    def _frequencies(self, like: torch.Tensor) -> torch.Tensor:
        """Return the frequencies of the waves that stand for a time, 1 to 100."""
        powers = torch.linspace(0, math.log(100), _N_TIMES, device=like.device, dtype=like.dtype)
        return powers.exp()


def _padding(side: int) -> int:
    """Return how many pixels are added to a side."""
    return max(side + -side % _MULTIPLE, _LEAST_SIDE) - side


class _Residual(nn.Module):
    """Two convolutions beside the identity; the noise level scales and shifts what lies between them."""

    def __init__(self, channels: int):
        super().__init__()
        groups = math.gcd(8, channels)
        self.first_norm, self.second_norm = (nn.GroupNorm(groups, channels) for _ in range(2))
        self.first, self.second = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        self.level = nn.Linear(_TIME_UNITS, 2 * channels)

    def forward(self, h: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """Return h plus what the convolutions add."""
        scale, shift = self.level(level)[:, :, None, None].chunk(2, dim=1)
        inside = self.first(functional.silu(self.first_norm(h)))
        inside = self.second_norm(inside) * (1 + scale) + shift
        return h + self.second(functional.silu(inside))


def empty_network(image_shape: tuple[int, int], channels: tuple[int, int], bits: bool) -> PictureNetwork:
    """Return a network without values; torch's global random state is not touched.

    Parameters
    ----------
    image_shape : (rows, columns)
        Shape of the pictures.
    channels : (int, int)
        Channels at half and at a quarter of the sides.
    bits : bool
        Whether clean pixels are -1 or 1, and nothing between.

    Returns
    -------
    PictureNetwork
    """
    with torch.device("meta"):
        network = PictureNetwork(image_shape, channels, bits=bits)
    # the layout in which convolutions of few channels are fastest on a CPU
    return network.to_empty(device="cpu").to(memory_format=torch.channels_last)


def fill(network: nn.Module, arrays: list[np.ndarray]) -> nn.Module:
    """Copy arrays into a network's parameters.

    Parameters
    ----------
    network : Module
        The network, changed in place.
    arrays : list of ndarray
        Values in the order of its parameters.

    Returns
    -------
    Module
        The network.
    """
    with torch.no_grad():
        for parameter, array in zip(network.parameters(), arrays, strict=True):
            parameter.copy_(torch.from_numpy(array))
    return network


def picture_weights(network: PictureNetwork, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw the starting values: normal, by the number of inputs; the blocks begin as the identity.

    Parameters
    ----------
    network : PictureNetwork
        Says the shapes.
    rng : Generator
        Source of the weights.

    Returns
    -------
    list of ndarray, float32
        In the order of its parameters.
    """
    arrays = []
    for name, parameter in network.named_parameters():
        shape = tuple(parameter.shape)
        if name.endswith("norm.weight"):
            array = np.ones(shape)
        elif name.endswith("bias") or name == "unfold.weight" or ".second.weight" in name:
            array = np.zeros(shape)
        else:
            array = rng.standard_normal(shape) / math.sqrt(math.prod(shape[1:]))
        arrays.append(array.astype(np.float32))
    return arrays
