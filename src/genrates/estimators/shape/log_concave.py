"""The maximum-likelihood estimate among all log-concave densities: no tuning parameter."""

import numpy as np

from genrates.estimators.shape import _active_set
from genrates.estimators.shape._exponentials import remainder
from genrates.estimators.univariate import UnivariateDensity


class LogConcaveDensity(UnivariateDensity):
    r"""Maximum likelihood among the densities whose logarithm is concave, on the line.

    .. math:: \hat f = \arg\max \sum_i w_i \log f(x_i), \qquad f = e^\varphi, \ \varphi \text{ concave}

    No bandwidth, no bins, nothing to tune: the shape alone makes the maximum exist. Its logarithm is linear
    between knots, which are points of the training set, and minus infinity outside of them (Walther 2002;
    Duembgen and Rufibach 2009). The root mean integrated squared error falls like n^(-2/5), the best rate
    there is for two derivatives. Where the truth's logarithm is itself made of few lines it falls like
    n^(-1/2) but for logarithms (Kim, Guntuboyina and Samworth 2018). A density with two modes or with heavy
    tails is not log-concave: there the estimate goes to the closest that is, and a bias stays.

    Attributes
    ----------
    knots_ : ndarray of shape (n_knots,)
        Where the slope of the log-density changes, and the ends.
    log_heights_ : ndarray of shape (n_knots,)
        Log-density at the knots, in nats.

    Notes
    -----
    An active set (Duembgen and Rufibach 2011): some ten rounds of O(n) after a sort, whatever n is. About
    n^(1/5) knots are left. Density, distribution function and quantiles are exact. Mean and integral of the
    estimate are those of the data.

    Only ratios of sample weights matter.

    References
    ----------
    Duembgen and Rufibach, "Maximum likelihood estimation of a log-concave density and its distribution
    function", Bernoulli 15 (2009); "logcondens: computations related to univariate log-concave density
    estimation", J. Stat. Software 39 (2011). Walther, "Detecting the presence of mixing with multiscale
    maximum likelihood", JASA 97 (2002). Kim, Guntuboyina and Samworth, "Adaptation in log-concave density
    estimation", Ann. Statist. 46 (2018).

    Examples
    --------
    >>> from genrates.estimators import LogConcaveDensity
    >>> model = LogConcaveDensity().fit([[0.0], [1.0], [2.0], [3.0]])
    >>> model.knots_, np.exp(model.log_heights_).round(6)
    (array([0., 3.]), array([0.333333, 0.333333]))
    >>> float(model.ppf([0.5])[0].round(6))
    1.5
    """

    def fit(self, X, y=None, sample_weight=None):
        """Find the knots and the heights.

        Parameters
        ----------
        X : array-like of shape (n_samples, 1)
            Training set.
        y : None
            Not used; part of scikit-learn's interface.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative weight of each row; None gives all rows weight 1.

        Returns
        -------
        self : LogConcaveDensity
            The fitted model.

        Raises
        ------
        ValueError
            For more than one feature, fewer than 2 rows, equal values only, or values too far apart for
            floating-point numbers.
        """
        self._check_parameters()
        x, weight = self._check_line(X, sample_weight)
        start = np.flatnonzero(np.append(True, x[1:] != x[:-1]))
        mass = np.add.reduceat(np.ones(len(x)) if weight is None else weight, start)
        x, mass = x[start], mass / mass.sum()
        z = (x - x[0]) / (x[-1] - x[0])  # in this unit no square overflows
        unit = float(np.sqrt(mass @ (z - mass @ z) ** 2))
        try:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
                knots, height = _active_set.fit(z / unit, mass)
        except _active_set.NotConverged:
            raise ValueError(
                "LogConcaveDensity: the likelihood has no maximum that floating-point numbers can find: some "
                f"values are too far out beside the others (range {x[-1] - x[0]:g}), or weigh too little."
            ) from None
        self.knots_ = x[knots]
        height = height - np.log(unit) - np.log(x[-1] - x[0])
        self.log_heights_ = height - np.log(self._panels(self.knots_, height).sum())
        return self

    @staticmethod
    def _panels(knots: np.ndarray, height: np.ndarray) -> np.ndarray:
        """Return the mass between knots."""
        largest = np.maximum(height[:-1], height[1:])
        return np.exp(largest + np.log(np.diff(knots))) * remainder(-np.abs(np.diff(height)), 1)

    @property
    def breakpoints_(self) -> np.ndarray:
        """Points where the density jumps or its slope does.

        Returns
        -------
        ndarray
            The knots.
        """
        return self.knots_

    def _log_density(self, X):
        x = X[:, 0]
        i = self._panel_of(x)
        t = self._share(x, i)
        inside = (x >= self.knots_[0]) & (x <= self.knots_[-1])
        height = self.log_heights_
        return np.where(inside, (1 - t) * height[i] + t * height[i + 1], -np.inf)

    def _panel_of(self, x):
        """Return the number of the panel of each x, the nearest outside."""
        return np.clip(np.searchsorted(self.knots_, x, side="right") - 1, 0, len(self.knots_) - 2)

    def _share(self, x, i):
        """Return how much of its panel lies to the left of each x."""
        return (np.clip(x, self.knots_[0], self.knots_[-1]) - self.knots_[i]) / np.diff(self.knots_)[i]

    def _levels(self):
        """Return the masses of the panels, and the distribution function at the knots."""
        mass = self._panels(self.knots_, self.log_heights_)
        level = np.append(0.0, np.cumsum(mass))
        return mass, level / level[-1]

    def _cdf(self, x):
        i = self._panel_of(x)
        t, d = self._share(x, i), np.diff(self.log_heights_)[i]
        mass, level = self._levels()
        # from the panel's higher end, where nothing overflows
        falls = d <= 0
        part = np.where(falls, t, 1 - t)
        done = part * remainder(-part * np.abs(d), 1) / remainder(-np.abs(d), 1)
        level = np.clip(level[i] + mass[i] * np.where(falls, done, 1 - done), 0.0, 1.0)
        return np.where(x >= self.knots_[-1], 1.0, level)

    def _ppf(self, q):
        mass, level = self._levels()
        i = np.clip(np.searchsorted(level, q) - 1, 0, len(mass) - 1)
        d = np.abs(np.diff(self.log_heights_))[i]
        falls = np.diff(self.log_heights_)[i] <= 0
        left = np.clip((q - level[i]) / mass[i], 0.0, 1.0)
        done = np.where(falls, left, 1 - left)
        # solve (1 - exp(-d t)) = done (1 - exp(-d)) for t
        flow = done * -np.expm1(-d)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(d > 1e-9, -np.log1p(-flow) / d, done)
        part = np.clip(part, 0.0, 1.0)
        t = np.where(falls, part, 1 - part)
        return np.clip(self.knots_[i] + t * np.diff(self.knots_)[i], self.knots_[0], self.knots_[-1])

    def _draw(self, n_samples, rng):
        """Return draws by inversion, shape (n_samples, 1)."""
        return self._ppf(rng.random(n_samples))[:, None]
