"""The lecture's plain autoencoder: a method to reduce dimensions, and no density."""

from typing import ClassVar

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from genrates.neural._settings import MOST_UNITS
from genrates.neural.autoencoder._estimator import ReconstructionEstimator


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ReconstructionEstimator):
    r"""A network with a narrow hidden layer, trained to reproduce its input.

    .. math:: h(x) = g(b + W x), \quad \hat x = \sigma(c + V h(x)), \quad
              L(x) = -\sum_d x_d \log \hat x_d + (1 - x_d) \log(1 - \hat x_d)

    This is the slide's network with one hidden layer, the default; `hidden` adds layers before the code and,
    mirrored, after it. The cross-entropy looks like a negative log-probability. But exp(-L), summed over all
    x, is not 1: the network has seen x before it states how probable x is. So this class has neither a
    likelihood nor sampling. A density of the codes provides both (`ManifoldDensity`).

    Parameters
    ----------
    hidden : tuple of int, default=()
        Units of the layers between input and code. In the convolutional architecture: channels of its
        4 x 4 convolutions, each of which halves the image.
    latent : int, default=32
        Units of the code.
    architecture : {"dense", "convolutional"}, default="dense"
        Kind of the layers.
    image_shape : (rows, columns) or None, default=None
        Shape of the images that the rows hold; None: they are square. Only convolutions use it.
    activation : {"sigmoid", "tanh", "relu"}, default="sigmoid"
        g, of all hidden layers.
    code : {"activation", "linear"}, default="activation"
        Whether g is applied to the code too. It is easier to fit a density to a linear code.
    output : {"bernoulli", "gaussian"}, default="bernoulli"
        "bernoulli": bits and cross-entropy. "gaussian": numbers of any scale, standardized by column, and
        squared error.
    binarize : float or None, default=0.5
        For "bernoulli": pixels above it are 1; None: the data are 0 and 1 already.
    batch_size : int, default=100
        Rows of a minibatch.
    learning_rate : float, default=1e-3
        Learning rate of Adam.
    validation_fraction : float in [0, 0.5], default=0.1
        Fraction of the rows that is held out. Training stops when the held-out loss no longer falls, and the
        weights of its minimum are kept. With 0, or fewer than 1/validation_fraction rows, neither happens.
    random_state : None, int, SeedSequence, Generator or RandomState, default=None
        Seeds the starting weights, the held-out rows and the order of minibatches.
    trainer : dict or None, default=None
        Arguments of Lightning's Trainer: max_epochs (40; an epoch has at least 25 steps, however few the
        rows), max_steps, max_time, accelerator ("cpu"; "auto" takes a GPU where there is one), precision,
        callbacks ({class: arguments}; EarlyStopping with a patience of 10), ... Silent by default.

    Attributes
    ----------
    layers_ : list of dict
        Description of each layer; the first `n_encoder_` make the code.
    n_encoder_ : int
        Number of layers of the encoder.
    weights_, biases_ : list of ndarray, float32
        One array per layer.
    loss_curve_, held_out_curve_ : ndarray of shape (n_epochs, 2)
        Epoch and mean loss in nats per row ("gaussian": half the squared error of standardized columns).
    location_, scale_, variance_ : ndarray of shape (n_features,)
        "gaussian" only: mean and standard deviation of the columns, and the residual variance of the
        standardized columns. The variance is measured on the held-out rows where there are at least 30 of
        them, else on all rows.

    Notes
    -----
    Complexity: O(n W) per epoch for n rows and W weights; O(W) per row to encode or decode (times the
    positions of a convolution's window), in numpy and float32. A fitted model needs no torch. On one machine
    the same seed gives the same weights.

    `fit(X, checkpoints=folder)` saves the training's progress in the folder, and resumes from there after an
    interruption. The folder belongs to these parameters (except the trainer's callbacks) and these data: a
    note in it records them, and the folder of another fit is refused. A checkpoint that cannot be read is
    ignored.

    References
    ----------
    Rumelhart, Hinton and Williams, Learning internal representations by error propagation, 1986; Hinton and
    Salakhutdinov, Reducing the dimensionality of data with neural networks, Science 313, 2006.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.neural import Autoencoder
    >>> X = np.repeat([[0, 0, 1, 1], [1, 1, 0, 0]], 100, axis=0)
    >>> model = Autoencoder(latent=2, learning_rate=0.03, random_state=0).fit(X)
    >>> model.transform(X).shape
    (200, 2)
    >>> bool(model.cross_entropy(X).mean() < 0.3)  # independent pixels need 4 log 2 = 2.77 nats
    True
    >>> model.reconstruct([[0, 0, 1, 1]]).round()
    array([[0., 0., 1., 1.]])
    >>> hasattr(model, "score_samples"), sorted(model.capabilities_)
    (False, [])
    """

    example_data: ClassVar[str] = "binary"
    unsupported: ClassVar[dict[str, str]] = {
        "likelihood": "not a density: exp(-cross-entropy), summed over all x, is not 1",
        "sampling": "not a density: nothing says how probable a code is, so there is none to decode",
    }

    def __init__(
        self,
        *,
        hidden: tuple[int, ...] = (),
        latent: int = 32,
        architecture: str = "dense",
        image_shape: tuple[int, int] | None = None,
        activation: str = "sigmoid",
        code: str = "activation",
        output: str = "bernoulli",
        binarize: float | None = 0.5,
        batch_size: int = 100,
        learning_rate: float = 1e-3,
        validation_fraction: float = 0.1,
        random_state=None,
        trainer: dict | None = None,
    ):
        self.hidden = hidden
        self.latent = latent
        self.architecture = architecture
        self.image_shape = image_shape
        self.activation = activation
        self.code = code
        self.output = output
        self.binarize = binarize
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.trainer = trainer

    def fit(self, X, y=None, *, checkpoints=None):
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training set.
        y : ignored
            Present for scikit-learn's conventions.
        checkpoints : str, Path or None, default=None
            Folder where the training's progress is saved, and from which it resumes; see the notes of the
            class.

        Returns
        -------
        Autoencoder
            The fitted estimator.

        Raises
        ------
        ValueError
            For bad parameters, fewer than 2 rows, or numbers that are not finite; with binarize=None for
            anything but 0 and 1; with output="gaussian" for a constant column; for the folder of another fit.
        RuntimeError
            If training diverged.
        """
        return self._fit(X, checkpoints)

    def transform(self, X) -> np.ndarray:
        """Return the codes of points.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points to encode.

        Returns
        -------
        ndarray of shape (n_samples, latent)
        """
        return self._forward(1, self._network_rows(self._check_rows(X))).astype(np.float64)

    def inverse_transform(self, Z) -> np.ndarray:
        """Return the means of P(x | code).

        Parameters
        ----------
        Z : array-like of shape (n_samples, latent)
            Codes.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            Probabilities of a 1, or numbers in the data's units.

        Raises
        ------
        ValueError
            Unless Z is finite and of shape (n_samples, latent).
        """
        check_is_fitted(self)
        Z = np.asarray(Z, dtype=np.float64)
        if Z.ndim != 2 or Z.shape[1] != self.latent or not np.isfinite(Z).all():
            raise ValueError(
                f"Autoencoder.inverse_transform: codes must be finite and of shape (n, {self.latent}), "
                f"got {Z.shape}."
            )
        return self._means(self._forward(2, Z.astype(np.float32)))

    def _check_parameters(self) -> None:
        """Raise a ValueError for the first parameter that is not allowed."""
        self._check_count("latent", most=MOST_UNITS)
        self._check_choice("code", ("activation", "linear"))
        self._check_choice("output", ("bernoulli", "gaussian"))
        super()._check_parameters()

    @property
    def _n_features_out(self) -> int:
        """Number of the transformed features, for scikit-learn."""
        return self.latent

    def _is_gaussian(self):
        """Return whether the output is Gaussian."""
        return self.output == "gaussian"

    def _widths(self):
        """Return the widths of the encoder's layers, the code's last."""
        return [*self.hidden, self.latent]

    def _code_activation(self):
        """Return the activation of the code."""
        return self.activation if self.code == "activation" else "identity"

    def _training_module(self, stack, rows, held_out, **keywords):
        """Return the LightningModule that trains the network."""
        from genrates.neural.autoencoder._module import AutoencoderTraining

        return AutoencoderTraining(stack, rows, held_out, **keywords)
