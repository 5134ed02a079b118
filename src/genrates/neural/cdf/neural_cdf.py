"""The neural row of the lecture's table: a network fitted to the distribution function (SLC and SIC)."""

from functools import partial

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from genrates.estimators.univariate import EXPECTED_FAILED_CHECKS
from genrates.neural.cdf._inversion import invert_increasing
from genrates.neural.cdf._network import CDFNetwork, PositiveVariation
from genrates.neural.cdf._quantile_table import QuantileTable
from genrates.neural.cdf._settings import check_settings, hidden_units
from genrates.neural.cdf._trained_together import TrainedTogether

#: degrees of freedom of the tail's Student law: its variance is finite, and its density does not underflow
_TAIL_DF = 4.0
_LOG_TAIL_NORM = float(np.log(3 / 8))
#: error of a draw, in standard deviations
_DRAW_TOLERANCE = 1e-8


class NeuralCDF(TrainedTogether):
    r"""Neural regression of the distribution function in one dimension; its derivative is the density.

    The sorted training set x_1 <= ... <= x_N has distribution function values G(x_n) that are uniform order
    statistics, whatever G is. So a network H is fitted to u_1 <= ... <= u_N, uniform and sorted:

    .. math:: \frac1N \sum_{n=1}^N (H(x_n) - u_n)^2
              + \lambda \sum_{k} \Theta(H(y_k) - H(y_k + \Delta)) (H(y_k) - H(y_k + \Delta))^2

    **SLC** (stochastic learning of the cumulative) redraws the targets every cycle, **SIC** (smooth
    interpolation of the cumulative) sets u_n = n/(N + 1). Both estimate the same function. Targets that are
    drawn once and kept ("fixed", to show why they are redrawn) double the squared error. For infinitely
    smooth densities the squared error falls like log log n / n. With `optimizer="adam"`, `decay=0.0` and
    `steepness=0.5` SLC is the slide's algorithm: each cycle descends the loss of its own draw, from units
    that start gentle. Its step falls to zero, so that the noise of the redrawing averages out. Gauss-Newton,
    the default, descends the sum of all cycles' losses so far. So in the end it fits the mean of 150 draws,
    which is nearly SIC's targets; SLC and SIC then hardly differ.

    All replicates of an experiment train together: see :meth:`fit_replicates`.

    Parameters
    ----------
    targets : {"redrawn", "deterministic", "fixed"}, default="redrawn"
        SLC, SIC, or one draw that is kept.
    hidden : "grow" or tuple of int, default="grow"
        Tanh units of each hidden layer. "grow" is one layer of 8 units at N = 100 and 4 more per decade. Its
        units grow by half, up to three times, while the data reject the fit (`misfit_` above 6). A network of
        fixed size is a parametric model, whose error does not fall below a limit.
    monotone : {"penalty", "construction"}, default="penalty"
        "penalty" is the slide's second sum. "construction" keeps all weights positive and needs no penalty.
    monotonicity : float, default=1.0
        lambda, of the loss divided by N as above (the slide's is N times larger).
    delta : float or None, default=None
        Delta, in units of x; it must be below the width of the hint points' range. None: the distance between
        hint points.
    n_hints : int, default=150
        Number of hint points y_k, evenly spaced over the data's range and `hint_margin` on each side.
    hint_margin : float, default=1.0
        How far the hint points reach beyond the data, in standard deviations of the training set. The
        network's law has the same range; beyond it only the Student tail remains.
    redraw_every : int, default=1
        L: cycles between redraws of the targets.
    n_ranks : int, default=300
        Largest number of order statistics that are fitted. Their joint law is drawn exactly, so a cycle's
        time does not grow with N.
    decay : "uniformity" or float, default="uniformity"
        Weight decay beta of the first layer: beta/N times the sum of squared weights is added to the loss.
        "uniformity" adapts it during training, separately for each replicate, to the largest value (at most
        0.02) under which the transforms H(x_n) pass Neyman's smooth test. So only structure that the data
        demand remains. A fit that fails the test at any decay is repeated, up to three times, with units that
        are searched for where it fails.
    output : {"erf", "sigmoid"}, default="erf"
        Output unit with values in (0, 1).
    pseudocount : float, default=1.0
        Mass pseudocount/(N + pseudocount) follows a Student law with 4 degrees of freedom at the training
        set's mean and scale, just as n/(N + 1) leaves mass 1/(N + 1) outside of the data. It keeps the
        log-density finite where the network has no data; 0 omits it.
    steepness : "quantiles" or float, default="quantiles"
        First-layer weight of every unit at the start, for standardized x; at most 1000. "quantiles" makes
        units steep where the data are dense, from which Gauss-Newton with a decay does best. Gradient descent
        does best on smooth densities from gentle units (0.5): it hardly removes wiggles that steep ones
        bring. It does not find narrow modes from gentle ones.
    optimizer : {"gauss_newton", "adam"}, default="gauss_newton"
        Gauss-Newton suits up to about 100 weights; Adam is the slide's gradient descent, for larger networks.
    learning_rate : float, default=0.01
        Learning rate of Adam; it falls to zero along a cosine.
    sampler : {"inversion", "direct"}, default="inversion"
        "inversion" draws from the fitted law with an error of 1e-8 standard deviations. "direct" is the 2002
        paper's second method: another network u -> x, fitted to the pairs (n/(N + 1), x_n), maps uniform
        numbers; its law is close to the fitted one, but not equal.
    random_state : None, int, SeedSequence, Generator or RandomState, default=None
        Seeds the starting weights and the redrawn targets.
    trainer : dict or None, default=None
        Arguments of Lightning's Trainer: max_steps (cycles; 150 for Gauss-Newton, 2000 for Adam) or
        max_epochs (the same), max_time (ends them early), accelerator, precision, callbacks,
        enable_progress_bar, ... Silent and without files by default.

    Attributes
    ----------
    weights_, biases_ : list of ndarray
        Of each layer, for standardized x: shapes (inputs, outputs) and (outputs,).
    hidden_ : tuple of int
        Units of each hidden layer.
    decay_ : float
        The decay beta at the end of training.
    misfit_ : float
        Neyman's smooth statistic of H(x_1), ..., H(x_N). Under the true law it is above 6 in 3 of 1000
        training sets.
    falling_share_ : float
        Share of hint points y_k with H(y_k) > H(y_k + Delta), where the network violates monotonicity (by
        more than 1e-9). The fitted law is repaired there, see the notes.
    location_, scale_ : float
        The training set's mean and standard deviation.
    range_ : ndarray of shape (2,)
        Smallest and largest point, standardized.
    tail_weight_ : float
        Mass of the Student law.
    quantile_weights_, quantile_biases_ : list of ndarray
        The network u -> x, if the sampler is direct.
    loss_curve_ : ndarray of shape (n_logged, 2)
        Cycle and loss.

    Notes
    -----
    The fitted law is made exact after training. Its density is max(H', 0), normalized. Its distribution
    function is the positive variation of H, renormalized by its values at the ends of the hints' range,
    because a network learns nothing beyond that range. So cdf' = pdf, and the total mass is 1 up to rounding.
    Points that tie share their mean target.

    Fit: O(N log N) for the sort, then O(m P^2) per cycle for m <= n_ranks + n_hints and P weights.
    Evaluation: O(P) per point, in numpy: a fitted model needs no torch.

    References
    ----------
    Magdon-Ismail and Atiya, Neural networks for density estimation, NIPS 1998; Density estimation and random
    variate generation using multilayer networks, IEEE TNN 13(3), 2002.

    Examples
    --------
    >>> import numpy as np
    >>> from genrates.neural import NeuralCDF
    >>> x = np.random.default_rng(0).normal(size=(500, 1))
    >>> model = NeuralCDF(random_state=0).fit(x)
    >>> bool(abs(model.cdf([[0.0]])[0] - 0.5) < 0.05)
    True
    >>> model.sample(2, random_state=0).shape
    (2, 1)
    """

    minimum_samples = 3
    expected_failed_checks = EXPECTED_FAILED_CHECKS

    def __init__(
        self,
        *,
        targets: str = "redrawn",
        hidden: str | tuple[int, ...] = "grow",
        monotone: str = "penalty",
        monotonicity: float = 1.0,
        delta: float | None = None,
        n_hints: int = 150,
        hint_margin: float = 1.0,
        redraw_every: int = 1,
        n_ranks: int = 300,
        decay: float | str = "uniformity",
        output: str = "erf",
        pseudocount: float = 1.0,
        steepness: float | str = "quantiles",
        optimizer: str = "gauss_newton",
        learning_rate: float = 1e-2,
        sampler: str = "inversion",
        random_state=None,
        trainer: dict | None = None,
    ):
        self.targets = targets
        self.hidden = hidden
        self.monotone = monotone
        self.monotonicity = monotonicity
        self.delta = delta
        self.n_hints = n_hints
        self.hint_margin = hint_margin
        self.redraw_every = redraw_every
        self.n_ranks = n_ranks
        self.decay = decay
        self.output = output
        self.pseudocount = pseudocount
        self.steepness = steepness
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.sampler = sampler
        self.random_state = random_state
        self.trainer = trainer

    def fit(self, X, y=None):
        """Train one network.

        Parameters
        ----------
        X : array-like of shape (n_samples, 1)
            Training set.
        y : ignored
            Present for scikit-learn's conventions.

        Returns
        -------
        NeuralCDF
            The fitted estimator.

        Raises
        ------
        ValueError
            For bad parameters, more than one feature, fewer than 3 rows, or a constant column.
        RuntimeError
            If training diverged.
        """
        return self._fit_alone(X)

    @classmethod
    def fit_replicates(cls, models: list, samples: list) -> list:
        """Train many networks as one batched ensemble, by one Lightning Trainer.

        Parameters
        ----------
        models : list of NeuralCDF
            Models with equal parameters except for `random_state`. Each is fitted in place to the law it
            would have alone, with random numbers of its own.
        samples : list of array-like of shape (N_r, 1)
            One training set per model.

        Returns
        -------
        list of NeuralCDF
            The models. A model whose training diverged has the reason in `failure_` and stays unfitted: using
            it raises NotFittedError.

        Raises
        ------
        ValueError
            As in `fit`; or if the lists differ in length, or the models in more than `random_state`.
        """
        models, samples = cls._checked_lists(models, samples)
        columns = [m._check_column(X) for m, X in zip(models, samples, strict=True)]
        shapes = [hidden_units(models[0].hidden, len(x)) for x in columns]
        from genrates.neural.cdf._train import train_ensemble  # imports torch

        for shape in sorted(set(shapes)):
            members = [i for i, s in enumerate(shapes) if s == shape]
            states = train_ensemble(
                models[0], [columns[i] for i in members], shape, [models[i].random_state for i in members]
            )
            for i, state in zip(members, states, strict=True):
                models[i]._set_state(state)
        return models

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    @property
    def n_parameters_(self) -> int:
        """Number of weights and biases, plus location and scale.

        Returns
        -------
        int
        """
        return sum(int(a.size) for a in (*self.weights_, *self.biases_)) + 2

    @property
    def nbytes_(self) -> int:
        """Size of the fitted numbers in bytes.

        Returns
        -------
        int
        """
        return 8 * (self.n_parameters_ + 3)

    # -- fitting ----------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        """Raise a ValueError for the first parameter that is not allowed."""
        check_settings(self)
        super()._check_parameters()

    def _check_column(self, X) -> np.ndarray:
        """Return the validated training set of one model as a column."""
        self._check_parameters()
        X, _ = self._check_fit(X)
        if X.shape[1] != 1:
            raise ValueError(
                f"NeuralCDF: got {X.shape[1]} features; it estimates a distribution function of one. "
                "ConditionalNeuralCDF takes several."
            )
        self._refuse_constant(X)
        return X[:, 0]

    def _set_state(self, state: dict) -> None:
        """Replace all fitted attributes; a network that is nowhere increasing counts as a failure."""
        super()._set_state(state)
        self._law = self._table = self._quantiles = None
        if "failure_" not in state:
            try:
                self._distribution()
            except FloatingPointError as error:
                self._set_state({"failure_": str(error)})

    # -- the fitted law ---------------------------------------------------------------------------

    def _distribution(self) -> PositiveVariation:
        """Return the network's law of standardized x, built once."""
        if getattr(self, "_law", None) is None:
            network = CDFNetwork(list(zip(self.weights_, self.biases_, strict=True)), self.output)
            low, high = self.range_
            self._law = PositiveVariation.of(
                network, (low - self.hint_margin, high + self.hint_margin), (low, high)
            )
        return self._law

    def _standard_log_density(self, z: np.ndarray) -> np.ndarray:
        """Return the log-density of standardized points, in nats."""
        with np.errstate(divide="ignore"):
            network = np.log1p(-self.tail_weight_) + self._distribution().log_density(z)
            tail = np.log(self.tail_weight_) + _LOG_TAIL_NORM - 5 * np.log(np.hypot(1.0, z / _TAIL_DF**0.5))
        return np.logaddexp(network, tail)

    def _standard_cdf(self, z: np.ndarray) -> np.ndarray:
        """Return the distribution function of standardized points."""
        return (1 - self.tail_weight_) * self._distribution().cdf(z) + self.tail_weight_ * stdtr(_TAIL_DF, z)

    def _log_density(self, X):
        return self._standard_log_density((X[:, 0] - self.location_) / self.scale_) - np.log(self.scale_)

    def _cdf(self, x):
        return self._standard_cdf((x - self.location_) / self.scale_)

    def _draw(self, n_samples, rng):
        u = rng.random(n_samples)
        if self.sampler == "inversion":
            if getattr(self, "_quantiles", None) is None:
                self._quantiles = self._quantile_table()
            return (self.location_ + self.scale_ * self._quantiles(u))[:, None]
        (w, b), (v, c) = zip(self.quantile_weights_, self.quantile_biases_, strict=True)
        return self.location_ + self.scale_ * (np.tanh(ndtri(u)[:, None] @ w + b) @ v + c)

    def _quantile_table(self) -> QuantileTable:
        """Return the table that draws invert uniform numbers with."""
        law = self._standard_cdf, self._standard_log_density
        return QuantileTable(*law, self._distribution().grid, self._standard_ppf, _DRAW_TOLERANCE)

    def _standard_ppf(self, q: np.ndarray) -> np.ndarray:
        """Return standardized quantiles at levels q in [0, 1]."""
        grid = self._distribution().grid
        if getattr(self, "_table", None) is None:
            self._table = np.maximum.accumulate(self._standard_cdf(grid))
        z = np.where(q <= 0, -np.inf, np.inf)
        inner = (q > 0) & (q < 1)
        law, reach = (self._standard_cdf, self._standard_log_density), partial(stdtrit, _TAIL_DF)
        z[inner] = invert_increasing(*law, q[inner], grid, self._table, reach)
        return z

    def _ppf(self, q):
        return self.location_ + self.scale_ * self._standard_ppf(q)
