"""Denoising autoencoders as generative models: learn to undo a corruption, then walk."""

from typing import ClassVar

import numpy as np

from genrates.neural.autoencoder._corruption import CORRUPTIONS
from genrates.neural.autoencoder._estimator import ReconstructionEstimator
from genrates.neural.autoencoder._markov_sampling import MarkovSampling

#: training rows that are kept to start chains from
_START_ROWS = 1000


class DenoisingAutoencoder(MarkovSampling, ReconstructionEstimator):
    r"""A network that learns P(X | X~) for a corruption C(X~ | X), and the Markov chain that it defines.

    .. math:: \min_\theta -E \log P_\theta(X | \tilde X); \qquad
              X_t \sim P_\theta(X | \tilde X_{t-1}), \quad \tilde X_t \sim C(\tilde X | X_t)

    If P is right, the chain's stationary law is the data's (Bengio et al. 2013). P is a product of
    Bernoullis for bits ("salt_and_pepper", "masking") and of normals for numbers ("gaussian").

    Parameters
    ----------
    corruption : {"salt_and_pepper", "masking", "gaussian"}, default="salt_and_pepper"
        With probability `noise` a pixel becomes 0 or 1 by a fair coin; or 0; or normal noise is added.
    noise : float, default=0.4
        That probability; of "gaussian" the standard deviation, in units of each column's own.
    training : {"plain", "walkback"}, default="plain"
        "walkback" also trains on the inputs that the model's own chain strays to from X, target X.
    walkback_steps : int or "geometric", default=5
        Inputs a row and step of training, of which the first is the plain one; "geometric": the walk goes on
        with probability 1/2, the paper's algorithm 1.
    hidden : tuple of int, default=(400,)
        Units of the layers up to the code, mirrored behind it. Of the convolutional architecture: channels of
        its convolutions, then the units of the dense layer in the middle.
    tied : bool, default=False
        Whether the decoder's matrices are the encoder's, transposed. Dense layers alone.
    burn_in : int, default=100
        Steps before the first sample.
    thin : int, default=10
        Steps between two samples of one chain.
    start : {"data", "noise"}, default="data"
        Chains begin at training rows, or at fair coins (numbers: standard normal after standardization).
    n_chains : int, default=1000
        At most so many chains side by side. A sample that is not larger takes the last state of each.
    architecture, image_shape, binarize, batch_size, learning_rate, validation_fraction, random_state, trainer
        As of :class:`genrates.neural.Autoencoder`.
    activation : {"sigmoid", "tanh", "relu"}, default="relu"
        Of the hidden layers.

    Attributes
    ----------
    layers_, n_encoder_, weights_, biases_, loss_curve_, held_out_curve_, location_, scale_, variance_
        As of :class:`genrates.neural.Autoencoder`; the losses are of corrupted rows.
    start_rows_ : ndarray of shape (n, ...)
        Training rows, 1000 at most, where chains start: bits packed by eight, or float32. Part of `nbytes_`
        (98 bytes a picture of 28 x 28), for a chain that starts from data has to keep some.

    Notes
    -----
    The likelihood is known only through a bound: :meth:`log_bound`. A chain step: O(W) a chain for W
    weights, float32, in numpy; a fitted model needs no torch. Training: as
    :class:`genrates.neural.Autoencoder`, times the walkback steps. The chain that starts from data and is not
    burnt in shows training rows, corrupted and repaired: `burn_in` is what makes samples of it. That which
    starts from noise may never find the data, where plain training has not seen what noise looks like.

    References
    ----------
    Bengio, Yao, Alain and Vincent, Generalized denoising auto-encoders as generative models, NIPS 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.neural import DenoisingAutoencoder
    >>> X = np.repeat([[0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0]], 200, axis=0)
    >>> model = DenoisingAutoencoder(hidden=(8,), noise=0.3, learning_rate=0.01, random_state=0).fit(X)
    >>> draws = model.sample(500, random_state=0)
    >>> bool((draws[:, 0] == draws[:, 1]).mean() > 0.9)
    True
    >>> bool(-1.2 < model.log_bound(X, random_state=0).mean() < -np.log(2))  # the truth: -log 2 nats
    True
    """

    example_data: ClassVar[str] = "binary"
    unsupported: ClassVar[dict[str, str]] = {
        "likelihood": "known only through a bound (log_bound): the chain's stationary law has no closed form"
    }

    def __init__(
        self,
        *,
        corruption: str = "salt_and_pepper",
        noise: float = 0.4,
        training: str = "plain",
        walkback_steps: int | str = 5,
        hidden: tuple[int, ...] = (400,),
        tied: bool = False,
        burn_in: int = 100,
        thin: int = 10,
        start: str = "data",
        n_chains: int = 1000,
        architecture: str = "dense",
        image_shape: tuple[int, int] | None = None,
        activation: str = "relu",
        binarize: float | None = 0.5,
        batch_size: int = 100,
        learning_rate: float = 1e-3,
        validation_fraction: float = 0.1,
        random_state=None,
        trainer: dict | None = None,
    ):
        self.corruption = corruption
        self.noise = noise
        self.training = training
        self.walkback_steps = walkback_steps
        self.hidden = hidden
        self.tied = tied
        self.burn_in = burn_in
        self.thin = thin
        self.start = start
        self.n_chains = n_chains
        self.architecture = architecture
        self.image_shape = image_shape
        self.activation = activation
        self.binarize = binarize
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.trainer = trainer

    def fit(self, X, y=None, *, checkpoints=None):
        """Train the network, and keep rows to start chains from.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored
        checkpoints : folder or None
            Where the training is written down as it goes; see :class:`genrates.neural.Autoencoder`.

        Raises
        ------
        ValueError
            For bad parameters, fewer than 2 rows, numbers that are not finite; with binarize=None for
            anything but 0 and 1, with corruption="gaussian" for a constant column; for a folder of another
            fit.
        RuntimeError
            If training diverged.
        """
        return self._fit(X, checkpoints)

    @property
    def nbytes_(self) -> int:
        """Bytes of the weights and of the rows that chains start from."""
        return super().nbytes_ + int(self.start_rows_.nbytes)

    # -- fitting ----------------------------------------------------------------------------------

    def _train(self, rows, rng, checkpoints):
        kept = rows[rng.permutation(len(rows))[:_START_ROWS]]
        super()._train(rows, rng, checkpoints)
        self.start_rows_ = kept if self._is_gaussian() else np.packbits(kept.astype(bool), axis=1)

    def _check_parameters(self) -> None:
        self._check_choice("corruption", CORRUPTIONS)
        self._check_choice("training", ("plain", "walkback"))
        self._check_choice("start", ("data", "noise"))
        self._check_number("noise", 0.0, above=True)
        if self.corruption != "gaussian" and not self.noise <= 1:
            self._refuse("noise", "be a probability", self.noise)
        if not (isinstance(self.walkback_steps, str) and self.walkback_steps == "geometric"):
            if isinstance(self.walkback_steps, str):
                self._refuse("walkback_steps", "be an integer >= 1 or 'geometric'", self.walkback_steps)
            self._check_number("walkback_steps", 1, integer=True)
        if not isinstance(self.tied, bool):
            self._refuse("tied", "be True or False", self.tied)
        for name, least in (("burn_in", 0), ("thin", 1), ("n_chains", 1)):
            self._check_number(name, least, integer=True)
        super()._check_parameters()
        if self.tied and self.architecture != "dense":
            self._refuse("tied", "be False where the architecture is convolutional", self.tied)

    def _is_gaussian(self):
        return self.corruption == "gaussian"

    def _widths(self):
        return list(self.hidden)

    def _training(self, stack, rows, held_out, **keywords):
        from genrates.neural.autoencoder._denoising_module import DenoisingTraining

        steps = self.walkback_steps if self.training == "walkback" else 1
        return DenoisingTraining(
            stack, rows, held_out, corruption=self.corruption, noise=self.noise, steps=steps, **keywords
        )
