"""The velocity of pictures: a fitted U-Net behind numpy arrays, and Hutchinson's estimate of a divergence."""

import numpy as np
import torch

from genrates.neural.flow_matching._picture_network import LAST_TIME, empty_network, fill

#: pictures that pass the network at once
_CHUNK = 128


class PictureField:
    """The velocity field of a fitted U-Net.

    Parameters
    ----------
    weights : list of ndarray
        Values of the network's parameters.
    image_shape : (rows, columns)
        Shape of the pictures.
    channels : (int, int)
        Channels at half and at a quarter of the sides.
    bits : bool
        Whether clean pixels are -1 or 1, and nothing between.
    """

    #: the velocity is defined up to this time; the mean of the clean picture is the last step
    last_time = LAST_TIME

    def __init__(self, weights: list[np.ndarray], image_shape, channels, *, bits: bool):
        network = fill(empty_network(image_shape, channels, bits), weights)
        self._network = network.eval().requires_grad_(False)

    def clean(self, x: np.ndarray, t: float) -> np.ndarray:
        """Return the means of the clean pictures that noisy ones may come from.

        Parameters
        ----------
        x : ndarray of shape (n, pixels)
            Noisy pictures, scaled to [-1, 1].
        t : float
            Time in [0, 1).

        Returns
        -------
        ndarray of shape (n, pixels)
        """
        rows = torch.from_numpy(np.asarray(x, dtype=np.float32))
        parts = [self._network(part, self._times(part, t)) for part in rows.split(_CHUNK)]
        return torch.cat(parts).numpy().astype(np.float64)

    def velocity(self, x: np.ndarray, t: float) -> np.ndarray:
        """Return the velocities (clean - x) / (1 - t).

        Parameters
        ----------
        x : ndarray of shape (n, pixels)
            Noisy pictures, scaled to [-1, 1].
        t : float
            Time in [0, 1).

        Returns
        -------
        ndarray of shape (n, pixels)
        """
        return (self.clean(x, t) - x) / (1 - t)

    def clean_and_divergence(self, x: np.ndarray, t: float, probe: np.ndarray):
        """Return the clean pictures, and e' J e for their Jacobian J and a probe e.

        For e of independent signs its mean is the trace of J (Hutchinson 1990).

        Parameters
        ----------
        x : ndarray of shape (n, pixels)
            Noisy pictures, scaled to [-1, 1].
        t : float
            Time in [0, 1).
        probe : ndarray of shape (n, pixels)
            The probes.

        Returns
        -------
        clean : ndarray of shape (n, pixels)
        divergence : ndarray of shape (n,)
        """
        cleans, traces = [], []
        for i in range(0, len(x), _CHUNK):
            rows = torch.from_numpy(x[i : i + _CHUNK].astype(np.float32)).requires_grad_()
            e = torch.from_numpy(probe[i : i + _CHUNK].astype(np.float32))
            clean = self._network(rows, self._times(rows, t))
            (gradient,) = torch.autograd.grad((clean * e).sum(), rows)
            cleans.append(clean.detach())
            traces.append((gradient * e).sum(dim=1, dtype=torch.float64))
        return torch.cat(cleans).numpy().astype(np.float64), torch.cat(traces).numpy()

    def _times(self, rows: torch.Tensor, t: float) -> torch.Tensor:
        """Return the time as the network takes it."""
        return torch.full((len(rows), 1), t)
