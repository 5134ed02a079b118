"""What a fitted flow-matching estimator of anything gives: draws; and of pictures an estimated likelihood."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from genrates.errors import is_count, shown
from genrates.estimators.base import DensityEstimator, check_generator
from genrates.neural.flow_matching._likelihood import estimated_log_density
from genrates.neural.flow_matching._parameters import MOST_STEPS
from genrates.neural.flow_matching._solvers import descend, follow


class FlowDrawing(DensityEstimator):
    """The part of the estimator that draws, and estimates likelihoods of pictures."""

    def sample(
        self,
        n_samples: int = 1,
        random_state=None,
        *,
        solver: str | None = None,
        n_steps: int | None = None,
        means: bool = False,
    ) -> np.ndarray:
        """Draw new points by following the velocity from normal noise.

        Parameters
        ----------
        n_samples : int, default=1
            Number of draws.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Source of random numbers.
        solver : {"heun", "euler", "ancestral"} or None, default=None
            None: as given to the constructor.
        n_steps : int or None, default=None
            None: as given to the constructor.
        means : bool, default=False
            Return the numbers that output="bits" would round, clipped to [0, 1].

        Returns
        -------
        ndarray of shape (n_samples, n_features)

        Raises
        ------
        ValueError
            For an argument that is not allowed.
        """
        check_is_fitted(self)
        name = type(self).__name__
        if not is_count(n_samples):
            raise ValueError(f"{name}.sample: n_samples must be an integer >= 1, got {shown(n_samples)}.")
        self._check_state(random_state)
        solver, n_steps = self._checked_solver(solver, n_steps)
        rng, field = check_generator(random_state), self._field()
        z = rng.standard_normal((int(n_samples), self.n_features_in_))
        if solver == "ancestral":
            x = descend(field, z, n_steps, rng)
        else:
            x = follow(field, z, n_steps, heun=solver == "heun")
        if self.architecture == "unet":  # no pixel is darker or lighter than all that were seen
            x = np.clip(x, -1, 1)
        x = self.location_ + self.scale_ * x
        if self.output == "bits":
            x = np.clip(x, 0, 1) if means else (x > 0.5).astype(np.float64)
        return x

    def log_likelihood_estimate(
        self, X, n_probes: int = 4, n_steps: int = 20, random_state=None
    ) -> tuple[np.ndarray, np.ndarray]:
        r"""Estimate the log-density of pictures with a little noise, by Hutchinson's trace.

        The velocity is known up to t = 0.98, where a picture has noise of standard deviation 0.02 in units
        of half the range of pixels. The law of *those* has a density. Each probe adds new noise of that size
        to X, draws new signs, and solves the probability-flow equation back to the normal. So the mean over
        held-out pictures estimates a cross-entropy of noisy pictures. It is no number to be set beside the
        nats of bits.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Pictures.
        n_probes : int, default=4
            Probes for each picture, at least 2.
        n_steps : int, default=20
            Runge-Kutta steps, of four evaluations and gradients each.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Source of noise and signs.

        Returns
        -------
        estimates : ndarray of shape (n_samples,)
            In nats, in the unit of the data; means over the probes.
        standard_errors : ndarray of shape (n_samples,)
            Of the means, from the spread over the probes. The error of the steps is not in it.

        Raises
        ------
        ValueError
            For bad arguments, and for a model of vectors, which has the exact `score_samples`.
        """
        X, name = self._check_rows(X), type(self).__name__
        if self.architecture != "unet":
            raise ValueError(f"{name}: a dense network has score_samples; estimates are for pictures.")
        for key, value, least in (("n_probes", n_probes, 2), ("n_steps", n_steps, 1)):
            if not is_count(value, least, MOST_STEPS):
                must = f"must be an integer from {least} to {MOST_STEPS}"
                raise ValueError(f"{name}: {key} {must}, got {shown(value)}.")
        self._check_state(random_state)
        rng, field = check_generator(random_state), self._field()
        x = (X - self.location_) / self.scale_
        noise = (1 - field.last_time) / field.last_time
        found = np.empty((int(n_probes), len(x)))
        for k in range(len(found)):
            noisy = x + noise * rng.standard_normal(x.shape)
            signs = rng.choice([-1.0, 1.0], x.shape)
            found[k] = estimated_log_density(field, noisy, signs, int(n_steps))
        found -= x.shape[1] * np.log(self.scale_[0])
        return found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(len(found))
