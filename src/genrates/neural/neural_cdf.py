"""The neural row of the lecture's table: a network fitted to the distribution function (SLC and SIC)."""

import numbers

import numpy as np
from scipy.special import stdtr, stdtrit

from genrates.estimators.base import DensityEstimator, check_generator
from genrates.neural._cdf_network import CDFNetwork, PositiveVariation

_TAIL_DF = 4.0
_LOG_TAIL_NORM = float(np.log(3 / 8))  # of Student's t with 4 degrees of freedom


class NeuralCDF(DensityEstimator):
    def __init__(
        self,
        *,
        targets: str = "redrawn",
        hidden="grow",
        monotone: str = "penalty",
        monotonicity: float = 1.0,
        delta: float | None = None,
        n_hints: int = 201,
        hint_margin: float = 1.0,
        redraw_every: int = 1,
        n_ranks: int = 500,
        decay: float = 1e-6,
        output: str = "erf",
        pseudocount: float = 1.0,
        optimizer: str = "gauss_newton",
        learning_rate: float = 1e-2,
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
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.random_state = random_state
        self.trainer = trainer

    minimum_samples = 3

    def fit(self, X, y=None):
        return type(self).fit_replicates([self], [X])[0]

    @classmethod
    def fit_replicates(cls, models: list, samples: list) -> list:
        from genrates.neural._train_cdf import train

        train(models, samples)
        return models

    def _distribution(self) -> PositiveVariation:
        if getattr(self, "_variation", None) is None:
            net = CDFNetwork(list(zip(self.weights_, self.biases_, strict=True)), self.output_)
            low, high = self.range_
            grid = np.concatenate([net.transitions(), np.linspace(low - 3, high + 3, 1024)])
            self._grid = np.unique(grid)
            self._variation = PositiveVariation.of(net, self._grid)
        return self._variation

    def _log_density(self, X):
        z = (X[:, 0] - self.location_) / self.scale_
        with np.errstate(divide="ignore"):
            net = np.log1p(-self.tail_weight_) + self._distribution().log_density(z)
            tail = np.log(self.tail_weight_) + _LOG_TAIL_NORM - 2.5 * np.log1p(z * z / _TAIL_DF)
        return np.logaddexp(net, tail) - np.log(self.scale_)

    def _cdf_standard(self, z):
        return (1 - self.tail_weight_) * self._distribution().cdf(z) + self.tail_weight_ * stdtr(_TAIL_DF, z)

    def _cdf(self, x):
        return self._cdf_standard((x - self.location_) / self.scale_)

    def _draw(self, n_samples, rng):
        return self._ppf(rng.random(n_samples))[:, None]

    def _ppf(self, q):
        self._distribution()
        grid = self._grid
        table = getattr(self, "_table", None)
        if table is None:
            table = self._table = np.maximum.accumulate(self._cdf_standard(grid))
        with np.errstate(divide="ignore"):
            reach = stdtrit(_TAIL_DF, q)
        i = np.searchsorted(table, q)
        low = np.where(i > 0, grid[np.maximum(i - 1, 0)], np.minimum(2 * reach, grid[0]) - 1)
        high = np.where(
            i < len(grid), grid[np.minimum(i, len(grid) - 1)], np.maximum(2 * reach, grid[-1]) + 1
        )
        z = np.where(q <= 0, -np.inf, np.inf)
        todo = np.flatnonzero((q > 0) & (q < 1))
        q, low, high = q[todo], low[todo], high[todo]
        z[todo] = self._invert(q, low, high)
        return self.location_ + self.scale_ * z

    def _invert(self, q, low, high):
        z = 0.5 * (low + high)
        result = z.copy()
        left = np.arange(len(q))
        for _ in range(200):
            error = self._cdf_standard(z) - q
            low, high = np.where(error < 0, z, low), np.where(error < 0, high, z)
            density = np.exp(self._log_density(self.location_ + self.scale_ * z[:, None])) * self.scale_
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                new = z - error / density
            inside = (new > low) & (new < high)
            new = np.where(inside, new, 0.5 * (low + high))
            result[left] = new
            tolerance = 4 * np.finfo(float).eps * np.maximum(1.0, np.abs(new))
            going = (np.abs(new - z) > tolerance) & (error != 0)
            result[left[error == 0]] = z[error == 0]
            if not going.any():
                break
            left, q, z, low, high = left[going], q[going], new[going], low[going], high[going]
        return result
