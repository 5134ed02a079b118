"""Training of a flow-matching estimator: scaling, the network, Lightning, checkpoints."""

import contextlib
from pathlib import Path

import numpy as np

from genrates.estimators._numerics.binary import check_bits
from genrates.estimators._numerics.spread import deviation
from genrates.estimators.base import check_generator
from genrates.estimators.persistence import save
from genrates.neural.checkpoints import claim, finished, fitted_path
from genrates.neural.flow_matching._parameters import CheckedParameters

#: epochs where the trainer has no limit of its own, and epochs without a better held-out loss that end it
DEFAULT_EPOCHS = {"dense": 200, "unet": 40}
DEFAULT_PATIENCE = {"dense": 50, "unet": 10}


class FlowFitting(CheckedParameters):
    """The part of the estimator that trains."""

    def fit(self, X, y=None, *, checkpoints: str | Path | None = None):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : ignored
            Present for scikit-learn's conventions.
        checkpoints : str, Path or None, default=None
            Folder where the training's progress is saved, and from which it resumes; see
            :class:`genrates.neural.Autoencoder`.

        Returns
        -------
        FlowMatching
            The fitted estimator.

        Raises
        ------
        ValueError
            For bad parameters, fewer than 2 rows, numbers that are not finite, a constant column (pictures:
            if all pixels are equal), rows that are no pictures of `image_shape`; with output="bits" for
            anything but 0 and 1; for the checkpoint folder of another fit.
        RuntimeError
            If training diverged.
        """
        self._check_parameters()
        X, _ = self._check_fit(X)
        if self.output == "bits":
            check_bits(f"{type(self).__name__}: output='bits' draws bits, so", X)
        for name in [
            k for k in vars(self) if k.endswith("_") and not k.startswith(("n_features", "feature_"))
        ]:
            delattr(self, name)
        self._field_built = None
        if checkpoints is not None:
            checkpoints = claim(checkpoints, self, X)
            if (saved := finished(checkpoints)) is not None:
                vars(self).update({k: v for k, v in vars(saved).items() if k.endswith("_")})
                return self
        self._learn_scale(X)
        self._train(((X - self.location_) / self.scale_).astype(np.float32), checkpoints)
        if checkpoints is not None:
            save(self, fitted_path(checkpoints))
        return self

    def _learn_scale(self, X: np.ndarray) -> None:
        """Learn what is subtracted from the data and what they are divided by."""
        self.image_shape_ = None
        if self.architecture == "unet":
            self.image_shape_ = self._checked_image_shape(X.shape[1])
            low, high = X.min(), X.max()
            if low == high:
                raise ValueError(f"{type(self).__name__}: every pixel is {low:g}; there is no picture.")
            # pixels are divided one by one, since most pictures have pixels that are constant
            self.location_, self.scale_ = np.array([low / 2 + high / 2]), np.array([high / 2 - low / 2])
        else:
            self._refuse_constant(X)
            self.location_, self.scale_ = X.mean(axis=0), deviation(X, None)

    def _train(self, rows: np.ndarray, checkpoints) -> None:
        """Train the network on rows as it sees them, and set the fitted attributes."""
        from genrates.neural.autoencoder._training import run_epochs
        from genrates.neural.flow_matching._training import VelocityRegression
        from genrates.neural.trainer import single_thread

        name, rng = type(self).__name__, check_generator(self.random_state)
        network = self._starting_network(rows.shape[1], rng)
        order, n_held_out = rng.permutation(len(rows)), int(self.validation_fraction * len(rows))
        module = VelocityRegression(
            network,
            rows[order[n_held_out:]],
            rows[order[:n_held_out]],
            ema=self.ema,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            seed=int(rng.integers(2**62)),
        )
        trainer = dict(self.trainer or {})
        if not {"max_epochs", "max_steps", "max_time"} & set(trainer):
            trainer["max_epochs"] = DEFAULT_EPOCHS[self.architecture]
        if trainer.get("callbacks") is None:
            patience = DEFAULT_PATIENCE[self.architecture]
            trainer["callbacks"] = {"EarlyStopping": {"monitor": "val_loss", "patience": patience}}
        with single_thread() if self.architecture == "dense" else contextlib.nullcontext():
            try:
                run_epochs(module, self.batch_size, trainer, checkpoints)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        self.weights_ = [p.detach().numpy().copy() for p in module.stack.parameters()]
        curve = np.array(module.curve, dtype=np.float64).reshape(-1, 3)
        # the best weights before a divergence are not the fit that was asked for
        if not all(np.isfinite(a).all() for a in (*self.weights_, curve[:, 1])):
            del self.weights_
            raise RuntimeError(f"{name}: training diverged; try a smaller learning_rate.")
        self.loss_curve_, self.held_out_curve_ = curve[:, :2], curve[:, [0, 2]]

    def _starting_network(self, d: int, rng: np.random.Generator):
        """Return the network with its starting values."""
        hidden = [int(k) for k in self.hidden]
        if self.architecture == "dense":
            from genrates.neural.flow_matching._dense_network import DenseVelocity, starting_weights

            return DenseVelocity(starting_weights(d, hidden, rng))
        from genrates.neural.flow_matching._picture_network import empty_network, fill, picture_weights

        network = empty_network(self.image_shape_, hidden, self.output == "bits")
        return fill(network, picture_weights(network, rng))
