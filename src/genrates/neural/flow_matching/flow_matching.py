"""Flow matching: a velocity field from noise to data, learned by regression."""

from genrates.neural.flow_matching._drawing import FlowDrawing
from genrates.neural.flow_matching._fitting import FlowFitting
from genrates.neural.flow_matching._law import FlowLaw


class FlowMatching(FlowDrawing, FlowLaw, FlowFitting):
    r"""A network that learns the velocity with which noise moves to data, and draws by following it.

    With z standard normal and the path :math:`x_t = t x + (1 - t) z`, t from 0 to 1,

    .. math:: \min_\theta E\, |v_\theta(x_t, t) - (x - z)|^2, \qquad \dot x_t = v_\theta(x_t, t).

    The minimum is the mean velocity at a point, and the law that it carries from the normal at t = 0 to
    t = 1 is the data's (Lipman et al. 2023).

    *Vectors* (`architecture="dense"`): the network predicts the **velocity**, as that of a standard normal
    plus dense layers. The likelihood is exact up to the steps of the equation (`likelihood_steps`), since
    the trace of the Jacobian is. In one dimension the paths do not cross, so the map of quantiles is the
    distribution function.

    *Pictures* (`architecture="unet"`): the network predicts the **clean picture** x^, the loss is that of the
    velocity :math:`(\hat x - x_t) / (1 - t)` (Li and He 2025). For bits it predicts their log-odds, to which
    what the noisy pixel says of itself is added, and the loss is the cross-entropy, which the same x^
    minimizes. The likelihood is only estimated: :meth:`log_likelihood_estimate`.

    *Diffusion.* The same network is DDPM's: it gives the score of the noisy data,
    :math:`\nabla \log p_t(x) = (t \hat x - x) / (1 - t)^2`. `solver="ancestral"` draws as DDPM does, with
    fresh noise in each step: a denoising autoencoder for every noise level at once, and its chain.

    Parameters
    ----------
    architecture : {"dense", "unet"}, default="dense"
        For vectors or for pictures.
    hidden : tuple of int, default=(128, 128, 128)
        Units of the dense layers. For "unet" two numbers, channels at half and at a quarter of the sides;
        (32, 96) are 0.45 million weights for 28 x 28 pixels.
    image_shape : (rows, columns) or None, default=None
        Shape of the pictures, for "unet". None: a square.
    output : {"numbers", "bits"}, default="numbers"
        "bits": the data are 0 and 1, and so are draws.
    solver : {"heun", "euler", "ancestral"}, default="heun"
        How `sample` follows the velocity. Heun evaluates the network twice a step, the others once.
    n_steps : int, default=50
        Steps of `sample`.
    likelihood_steps : int, default=20
        Runge-Kutta steps of the likelihood, of four evaluations each.
    ema : float, default=0.995
        Decay of the exponential moving average of the weights; the average is the fitted model.
    batch_size : int, default=256
        Rows of a minibatch.
    learning_rate : float, default=5e-3
        Highest learning rate of AdamW; it rises for a tenth of the steps, then falls to zero.
    weight_decay : float, default=0.01
        Weight decay of AdamW.
    validation_fraction : float, default=0.1
        Fraction of the rows held out, at most 0.5. Their loss decides when training stops and which weights
        are kept; 0 keeps the last ones.
    random_state : None, int, SeedSequence, Generator or RandomState, default=None
        Seeds the starting weights, the held-out rows, minibatches, times and noise.
    trainer : dict or None, default=None
        Arguments of Lightning's Trainer. By default 200 epochs that end after 50 without a better held-out
        loss; for "unet" 40 and 10.

    Attributes
    ----------
    weights_ : list of ndarray, float32
        The averaged weights.
    location_, scale_ : ndarray of shape (n_features,) or (1,)
        Data are (x - location) / scale for the network: standardized columns, or pixels in [-1, 1].
    image_shape_ : tuple of int or None
        Shape of the pictures.
    loss_curve_, held_out_curve_ : ndarray of shape (n_epochs, 2)
        Epoch, and loss a coordinate: the squared error of the velocity, or the cross-entropy in nats.

    Notes
    -----
    A step of training is one forward and backward pass; a draw takes `n_steps` evaluations (twice as many
    for Heun), a log-density 4 (1 + d) `likelihood_steps`.

    The best answer to the training set alone has a closed form: with the exact mean over training points the
    model draws training points, and stopped a little before t = 1 it is a Gaussian kernel estimate
    (:class:`genrates.neural.KernelLimit`). What is new in its draws, the network has smoothed.

    Replicates are trained one after another.

    References
    ----------
    Lipman, Chen, Ben-Hamu, Nickel and Le, Flow matching for generative modeling, ICLR 2023. Ho, Jain and
    Abbeel, Denoising diffusion probabilistic models, NeurIPS 2020. Li and He, Back to basics: let denoising
    generative models denoise, 2025.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.neural import FlowMatching
    >>> rng = np.random.default_rng(0)
    >>> X = rng.choice([-3.0, 3.0], (300, 1)) + 0.5 * rng.standard_normal((300, 1))  # two bumps
    >>> small = {"hidden": (32, 32), "learning_rate": 0.02, "trainer": {"max_epochs": 40}}
    >>> model = FlowMatching(**small, random_state=0).fit(X)
    >>> bool(np.mean(np.abs(model.sample(500, random_state=0)) > 1.5) > 0.9)
    True
    >>> grid = np.linspace(-8, 8, 400)[:, None]
    >>> round(float(np.trapezoid(np.exp(model.score_samples(grid)), grid[:, 0])), 2)
    1.0
    """

    minimum_samples = 2
    sampling_is_slow = True  # the network is evaluated for every step
    contract_dimensions = (2, 1, 16)

    def __init__(
        self,
        *,
        architecture: str = "dense",
        hidden: tuple[int, ...] = (128, 128, 128),
        image_shape: tuple[int, int] | None = None,
        output: str = "numbers",
        solver: str = "heun",
        n_steps: int = 50,
        likelihood_steps: int = 20,
        ema: float = 0.995,
        batch_size: int = 256,
        learning_rate: float = 5e-3,
        weight_decay: float = 0.01,
        validation_fraction: float = 0.1,
        random_state=None,
        trainer: dict | None = None,
    ):
        self.architecture = architecture
        self.hidden = hidden
        self.image_shape = image_shape
        self.output = output
        self.solver = solver
        self.n_steps = n_steps
        self.likelihood_steps = likelihood_steps
        self.ema = ema
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.trainer = trainer
