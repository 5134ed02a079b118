"""What both autoencoders share: validation, the layers, training, and reconstruction in numpy."""

import math
from pathlib import Path

import numpy as np
from scipy.special import logit
from sklearn.utils.validation import check_is_fitted

from genrates.estimators._numerics.binary import to_bits
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.base import check_generator
from genrates.estimators.persistence import save
from genrates.neural.autoencoder._layers import (
    NumpyStack,
    convolutional_layers,
    dense_layers,
    starting_weights,
)
from genrates.neural.autoencoder._parameters import CheckedParameters
from genrates.neural.checkpoints import claim, finished, fitted_path

#: rows that pass the network at once
_CHUNK = 1024
#: smallest variance of a Gaussian output, in units of standardized columns
_MIN_VARIANCE = 1e-6
#: fewest held-out rows from which a variance is estimated; with fewer, all rows are used
_MIN_HELD_OUT = 30


class ReconstructionEstimator(CheckedParameters):
    """Base class of estimators that learn x -> x^ by gradient; subclasses choose network and loss."""

    minimum_samples = 2

    # -- for subclasses ---------------------------------------------------------------------------

    def _is_gaussian(self) -> bool:
        """Return whether the output is Gaussian; otherwise it is Bernoulli."""
        raise NotImplementedError

    def _widths(self) -> list[int]:
        """Return the widths of the encoder's layers; the last is the code's."""
        raise NotImplementedError

    def _code_activation(self) -> str:
        """Return the activation of the code."""
        return self.activation

    def _training_module(self, stack, rows, held_out, **keywords):
        """Return the LightningModule that trains the network."""
        raise NotImplementedError

    # -- fitting ----------------------------------------------------------------------------------

    def _fit(self, X, checkpoints: str | Path | None):
        """Validate, train, and save the fit; or load it where the checkpoint folder holds it already."""
        self._check_parameters()
        X, _ = self._check_fit(X)
        for name in [
            k for k in vars(self) if k.endswith("_") and not k.startswith(("n_features", "feature_"))
        ]:
            delattr(self, name)
        self._built_stacks = None
        if checkpoints is not None:
            checkpoints = claim(checkpoints, self, X)
            if (saved := finished(checkpoints)) is not None:
                vars(self).update({k: v for k, v in vars(saved).items() if k.endswith("_")})
                self._stacks()
                return self
        self._learn_scale(X)
        rows = self._network_rows(X)
        self._train(rows, check_generator(self.random_state), checkpoints)
        self._stacks()
        if checkpoints is not None:
            save(self, fitted_path(checkpoints))
        return self

    def _learn_scale(self, X: np.ndarray) -> None:
        """Learn the location and scale of the columns where the output is Gaussian."""
        if self._is_gaussian():
            self._refuse_constant(X)
            self.location_, self.scale_ = X.mean(axis=0), deviation(X, None)

    def _train(self, rows: np.ndarray, rng: np.random.Generator, checkpoints) -> None:
        """Train the network on rows as it sees them, and set the fitted attributes."""
        import torch  # only to train

        from genrates.neural.autoencoder._network import LayerStack
        from genrates.neural.autoencoder._training import run_epochs

        self.layers_, self.n_encoder_ = self._layers(rows.shape[1])
        mean = np.clip(rows.mean(axis=0, dtype=np.float64), 0.01, 0.99)
        bias = np.zeros(rows.shape[1]) if self._is_gaussian() else logit(mean)
        stack = LayerStack(self.layers_, *starting_weights(self.layers_, bias, rng))
        order = rng.permutation(len(rows))
        n_held_out = int(self.validation_fraction * len(rows))
        module = self._training_module(
            stack,
            rows[order[n_held_out:]],
            rows[order[:n_held_out]],
            gaussian=self._is_gaussian(),
            learning_rate=self.learning_rate,
            seed=int(rng.integers(2**62)),
        )
        try:
            run_epochs(module, self.batch_size, self.trainer, checkpoints)
        except ValueError as error:
            raise ValueError(f"{type(self).__name__}: {error}") from error
        self.weights_, self.biases_ = stack.arrays()
        if not all(np.isfinite(a).all() for a in (*self.weights_, *self.biases_)):
            raise RuntimeError(f"{type(self).__name__}: training diverged; try a smaller learning_rate.")
        curve = np.array(module.curve, dtype=np.float64).reshape(-1, 3)
        self.loss_curve_, self.held_out_curve_ = curve[:, :2], curve[:, [0, 2]]
        if self._is_gaussian():
            variance_rows = module.held_out if n_held_out >= _MIN_HELD_OUT else torch.from_numpy(rows)
            variance = module.residual_variance(variance_rows).double().numpy()
            self.variance_ = np.maximum(variance, _MIN_VARIANCE)

    def _layers(self, n_features: int) -> tuple[list[dict], int]:
        """Return the layers of the network, and how many belong to the encoder."""
        widths = [int(k) for k in self._widths()]
        if self.architecture == "dense":
            tied = bool(getattr(self, "tied", False))
            return dense_layers([n_features, *widths], self.activation, self._code_activation(), tied)
        shape = self._checked_image_shape(n_features)
        return convolutional_layers(shape, widths, self.activation, self._code_activation())

    def _checked_image_shape(self, n_features: int) -> tuple[int, int]:
        """Return the images' shape; raise a ValueError if the rows or the convolutions do not fit it."""
        side = math.isqrt(n_features)
        shape = tuple(self.image_shape) if self.image_shape is not None else (side, side)
        if math.prod(shape) != n_features:
            raise ValueError(
                f"{type(self).__name__}: {n_features} features are no picture of image_shape "
                f"{'(none given, so a square)' if self.image_shape is None else shape}."
            )
        least = 2 ** (len(self._widths()) - 1)
        if min(shape) < least:
            raise ValueError(
                f"{type(self).__name__}: a picture of {shape[0]} x {shape[1]} cannot be halved "
                f"{len(self._widths()) - 1} times; give fewer channels in hidden."
            )
        return shape

    # -- the fitted network -----------------------------------------------------------------------

    def _stacks(self) -> tuple[NumpyStack, NumpyStack, NumpyStack]:
        """Return the full network, its encoder and its decoder; they are built once."""
        if getattr(self, "_built_stacks", None) is None:
            ranges = ((0, None), (0, self.n_encoder_), (self.n_encoder_, None))
            self._built_stacks = tuple(
                NumpyStack(self.layers_, self.weights_, self.biases_, *r) for r in ranges
            )
        return self._built_stacks

    def _network_rows(self, X: np.ndarray) -> np.ndarray:
        """Return rows as the network sees them, float32: bits, or standardized columns."""
        if self._is_gaussian():
            return ((X - self.location_) / self.scale_).astype(np.float32)
        return to_bits(type(self).__name__, X, self.binarize).astype(np.float32)

    def _means(self, outputs: np.ndarray) -> np.ndarray:
        """Convert output units to means in the data's units, float64: probabilities, or numbers."""
        outputs = outputs.astype(np.float64)
        if self._is_gaussian():
            return self.location_ + self.scale_ * outputs
        return 1 / (1 + np.exp(-outputs))

    def _forward(self, part: int, rows: np.ndarray) -> np.ndarray:
        """Pass rows, in chunks, through the full network (0), the encoder (1) or the decoder (2)."""
        stack = self._stacks()[part]
        return np.concatenate([stack(rows[i : i + _CHUNK]).copy() for i in range(0, len(rows), _CHUNK)])

    def reconstruct(self, X) -> np.ndarray:
        """Return the means of P(x | code of X).

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points to reconstruct.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Probabilities of a 1, or numbers in the data's units.
        """
        return self._means(self._forward(0, self._network_rows(self._check_rows(X))))

    def cross_entropy(self, X) -> np.ndarray:
        r"""Return -log P(x | reconstruction of x) of each row.

        Bernoulli: :math:`-\sum_d x_d \log \hat x_d + (1 - x_d) \log(1 - \hat x_d)`. Gaussian: the negative
        log-density at the mean :math:`\hat x` and the fitted variances. This is no negative log-likelihood of
        X, because the reconstruction has seen X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points to reconstruct.

        Returns
        -------
        ndarray of shape (n_samples,)
            Nats.
        """
        rows = self._network_rows(self._check_rows(X))
        return -self._log_probability(rows, self._forward(0, rows))

    def _log_probability(self, rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        """Return log P(row | outputs) of each pair of rows, in nats."""
        outputs = outputs.astype(np.float64)
        if self._is_gaussian():
            square = ((rows - outputs) ** 2 / self.variance_).sum(axis=1)
            return -0.5 * (square + np.log(2 * np.pi * self.variance_).sum()) - np.log(self.scale_).sum()
        return (rows * outputs).sum(axis=1) - np.logaddexp(0, outputs).sum(axis=1)

    @property
    def n_parameters_(self) -> int:
        """Number of weights and biases; a tied matrix counts once.

        Returns
        -------
        int
        """
        check_is_fitted(self)
        return sum(int(a.size) for a in (*self.weights_, *self.biases_))

    @property
    def nbytes_(self) -> int:
        """Size of the weights in bytes.

        Returns
        -------
        int
        """
        return sum(int(a.nbytes) for a in (*self.weights_, *self.biases_))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")
