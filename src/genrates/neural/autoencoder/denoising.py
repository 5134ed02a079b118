"""Denoising autoencoders as generative models: a network that undoes a corruption defines a Markov chain."""

from typing import ClassVar

import numpy as np

from genrates.errors import MOST
from genrates.neural.autoencoder._corruption import CORRUPTIONS
from genrates.neural.autoencoder._estimator import ReconstructionEstimator
from genrates.neural.autoencoder._markov_sampling import MarkovSampling

#: training rows that are kept to start chains from
_START_ROWS = 1000
_MOST_STEPS, _MOST_CHAINS = 10_000, 10_000_000


class DenoisingAutoencoder(MarkovSampling, ReconstructionEstimator):
    r"""A network that learns P(X | X~) for a corruption C(X~ | X), and the Markov chain that it defines.

    .. math:: \min_\theta -E \log P_\theta(X | \tilde X); \qquad
              X_t \sim P_\theta(X | \tilde X_{t-1}), \quad \tilde X_t \sim C(\tilde X | X_t)

    If P is right, the chain's stationary law is the data's (Bengio et al. 2013). P is a product of Bernoulli
    laws for bits ("salt_and_pepper", "masking") and of normal laws for numbers ("gaussian").

    Parameters
    ----------
    corruption : {"salt_and_pepper", "masking", "gaussian"}, default="salt_and_pepper"
        "salt_and_pepper": with probability `noise` a pixel becomes 0 or 1 by a fair coin. "masking": with
        probability `noise` it becomes 0. "gaussian": normal noise is added.
    noise : float, default=0.4
        That probability; for "gaussian" the standard deviation, in units of each column's own.
    training : {"plain", "walkback"}, default="plain"
        "walkback" also trains on inputs that the model's own chain reaches from X, with target X.
    walkback_steps : int or "geometric", default=5
        Inputs per row and training step, the plain one included. "geometric": the walk goes on with
        probability 1/2, as in the paper's algorithm 1.
    hidden : tuple of int, default=(400,)
        Units of the layers up to the code; the decoder mirrors them. In the convolutional architecture:
        channels of its convolutions, then the units of the dense layer in the middle.
    tied : bool, default=False
        Whether the decoder's matrices are the encoder's, transposed. Only dense layers can be tied.
    burn_in : int, default=100
        Chain steps before the first draw.
    thin : int, default=10
        Chain steps between two draws of one chain.
    start : {"data", "noise"}, default="data"
        Chains begin at training rows, or at fair coin flips ("gaussian": standard normal numbers, in
        standardized units).
    n_chains : int, default=1000
        Largest number of chains that run in parallel. If no more draws are needed, each is the last state of
        its own chain.
    architecture, image_shape, binarize, batch_size, learning_rate, validation_fraction, random_state, trainer
        As in :class:`genrates.neural.Autoencoder`.
    activation : {"sigmoid", "tanh", "relu"}, default="relu"
        Activation of the hidden layers.

    Attributes
    ----------
    layers_, n_encoder_, weights_, biases_, loss_curve_, held_out_curve_, location_, scale_, variance_
        As in :class:`genrates.neural.Autoencoder`; the losses are those of corrupted rows.
    start_rows_ : ndarray of shape (n, ...)
        Training rows, at most 1000, where chains start: bits, packed eight to a byte, or float32. They count
        in `nbytes_` (98 bytes per image of 28 x 28), because a chain that starts from data needs them.

    Notes
    -----
    The likelihood is known only through a bound: :meth:`log_bound`. A chain step costs O(W) per chain for W
    weights, in numpy and float32; a fitted model needs no torch. Training costs as much as that of
    :class:`genrates.neural.Autoencoder`, times the walkback steps.

    A chain that starts from data without burn-in returns training rows, corrupted and repaired; only after
    `burn_in` steps are its states draws from the model. A chain that starts from noise may never reach the
    data if training was plain, because plain training has not seen such noise.

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
    sampling_is_slow = True  # a Markov chain, step by step
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
        """Train the network, and keep training rows to start chains from.

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
        DenoisingAutoencoder
            The fitted estimator.

        Raises
        ------
        ValueError
            For bad parameters, fewer than 2 rows, or numbers that are not finite; with binarize=None for
            anything but 0 and 1; with corruption="gaussian" for a constant column; for the folder of another
            fit.
        RuntimeError
            If training diverged.
        """
        return self._fit(X, checkpoints)

    @property
    def nbytes_(self) -> int:
        """Size in bytes of the weights and of the rows that chains start from.

        Returns
        -------
        int
        """
        return super().nbytes_ + int(self.start_rows_.nbytes)

    # -- fitting ----------------------------------------------------------------------------------

    def _train(self, rows, rng, checkpoints):
        """Choose the rows that chains start from, then train."""
        start_rows = rows[rng.permutation(len(rows))[:_START_ROWS]]
        super()._train(rows, rng, checkpoints)
        self.start_rows_ = start_rows if self._is_gaussian() else np.packbits(start_rows.astype(bool), axis=1)

    def _check_parameters(self) -> None:
        """Raise a ValueError for the first parameter that is not allowed."""
        self._check_choice("corruption", CORRUPTIONS)
        self._check_choice("training", ("plain", "walkback"))
        self._check_choice("start", ("data", "noise"))
        self._check_number("noise", 0.0, above=True)
        if self.corruption != "gaussian" and not self.noise <= 1:
            self._refuse("noise", "be a probability", self.noise)
        if not (isinstance(self.walkback_steps, str) and self.walkback_steps == "geometric"):
            self._check_count("walkback_steps", most=_MOST_STEPS, or_else="'geometric' or ")
        if not isinstance(self.tied, bool):
            self._refuse("tied", "be True or False", self.tied)
        for name, least, most in (("burn_in", 0, MOST), ("thin", 1, MOST), ("n_chains", 1, _MOST_CHAINS)):
            self._check_count(name, least, most)
        super()._check_parameters()
        if self.tied and self.architecture != "dense":
            self._refuse("tied", "be False where the architecture is convolutional", self.tied)

    def _is_gaussian(self):
        """Return whether the output is Gaussian."""
        return self.corruption == "gaussian"

    def _widths(self):
        """Return the widths of the encoder's layers."""
        return list(self.hidden)

    def _training_module(self, stack, rows, held_out, **keywords):
        """Return the LightningModule that trains the network."""
        from genrates.neural.autoencoder._denoising_module import DenoisingTraining

        steps = self.walkback_steps if self.training == "walkback" else 1
        return DenoisingTraining(
            stack, rows, held_out, corruption=self.corruption, noise=self.noise, steps=steps, **keywords
        )
