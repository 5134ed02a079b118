"""The lecture's vanilla autoencoder: a way to reduce dimensions, and no density."""

from typing import ClassVar

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from genrates.neural.autoencoder._estimator import ReconstructionEstimator


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ReconstructionEstimator):
    r"""A network with a narrow hidden layer, trained to give back what it is shown.

    .. math:: h(x) = g(b + W x), \quad \hat x = \sigma(c + V h(x)), \quad
              L(x) = -\sum_d x_d \log \hat x_d + (1 - x_d) \log(1 - \hat x_d)

    the slide's one-layer network, by default; `hidden` puts layers before the code and, mirrored, after it.
    The cross-entropy reads like a negative log-probability, but exp(-L), summed over all x, is not 1: the
    network has seen x before it says how probable x is. So there is neither likelihood nor sampling here;
    both come back with a density of the codes (`ManifoldDensity`).

    Parameters
    ----------
    hidden : tuple of int, default=()
        Units of the layers between input and code. Of the convolutional architecture: channels of its
        4 x 4 convolutions, each of which halves the picture.
    latent : int, default=32
        Units of the code.
    architecture : {"dense", "convolutional"}, default="dense"
    image_shape : (rows, columns) or None, default=None
        Of the pictures that a row holds; None: they are square. For convolutions alone.
    activation : {"sigmoid", "tanh", "relu"}, default="sigmoid"
        g, of all hidden layers.
    code : {"activation", "linear"}, default="activation"
        Whether g is applied to the code too. A linear code is easier to put a density on.
    output : {"bernoulli", "gaussian"}, default="bernoulli"
        Bits, and cross-entropy; or numbers of any scale, standardized column by column, and squared error.
    binarize : float or None, default=0.5
        Of "bernoulli": pixels above it are 1; None: the data are 0 and 1 already.
    batch_size : int, default=100
    learning_rate : float, default=1e-3
        Adam's.
    validation_fraction : float in [0, 0.5], default=0.1
        Share of the rows whose loss is watched and not learned from: training stops where it no longer falls
        and the weights of its minimum are kept. With 0, or fewer than 1/validation_fraction rows, neither.
    random_state : None, int, SeedSequence, Generator or RandomState, default=None
        Starting weights, the held-out rows, the order of minibatches.
    trainer : dict or None, default=None
        Arguments of Lightning's Trainer: max_epochs (40; an epoch makes at least 25 steps, however few the
        rows), max_steps, max_time, accelerator ("cpu"; "auto" takes a GPU where there is one), precision,
        callbacks ({class: arguments}; EarlyStopping with a patience of 10), ... Silent by default.

    Attributes
    ----------
    layers_ : list of dict
        What each layer is; the first `n_encoder_` make the code.
    weights_, biases_ : list of ndarray, float32
    loss_curve_, held_out_curve_ : ndarray of shape (n_epochs, 2)
        Epoch and mean loss in nats a row ("gaussian": half the squared error of standardized columns).
    location_, scale_, variance_ : ndarray of shape (n_features,)
        "gaussian" alone: mean and standard deviation of the columns, and the residual variance of the
        standardized ones, measured on the held-out rows where there are 30 of them.

    Notes
    -----
    Complexity: O(n W) an epoch for n rows and W weights, O(W) a row to encode or decode (times the places
    where a convolution uses each), in numpy and float32: a fitted model needs no torch. On one machine the
    same seed gives the same weights.

    `fit(X, checkpoints=folder)` writes the training down there as it goes and carries on if it finds itself.
    The folder belongs to these parameters (but for the trainer's callbacks) and these data: a note in it says
    so, and one that holds another fit is refused. A checkpoint that cannot be read counts as none.

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
        y : ignored
        checkpoints : folder or None
            Where the training is written down as it goes, and from where it carries on; see the notes.

        Raises
        ------
        ValueError
            For bad parameters, fewer than 2 rows, numbers that are not finite; with binarize=None for
            anything but 0 and 1, with output="gaussian" for a constant column; for a folder of another fit.
        RuntimeError
            If training diverged.
        """
        return self._fit(X, checkpoints)

    def transform(self, X) -> np.ndarray:
        """Codes, shape (n_samples, latent)."""
        return self._through(1, self._rows(self._check_rows(X))).astype(np.float64)

    def inverse_transform(self, Z) -> np.ndarray:
        """Means of P(x | code), shape (n_samples, n_features).

        Raises
        ------
        ValueError
            Unless Z has the shape (n_samples, latent) and is finite.
        """
        check_is_fitted(self)
        Z = np.asarray(Z, dtype=np.float64)
        if Z.ndim != 2 or Z.shape[1] != self.latent or not np.isfinite(Z).all():
            raise ValueError(
                f"Autoencoder.inverse_transform: codes must be finite and of shape (n, {self.latent}), "
                f"got {Z.shape}."
            )
        return self._means(self._through(2, Z.astype(np.float32)))

    def _check_parameters(self) -> None:
        self._check_number("latent", 1, integer=True)
        self._check_choice("code", ("activation", "linear"))
        self._check_choice("output", ("bernoulli", "gaussian"))
        super()._check_parameters()

    @property
    def _n_features_out(self) -> int:
        return self.latent

    def _is_gaussian(self):
        return self.output == "gaussian"

    def _widths(self):
        return [*self.hidden, self.latent]

    def _code_activation(self):
        return self.activation if self.code == "activation" else "identity"

    def _training(self, stack, rows, held_out, **keywords):
        from genrates.neural.autoencoder._module import AutoencoderTraining

        return AutoencoderTraining(stack, rows, held_out, **keywords)
