"""Sampling from the chain of a fitted denoising autoencoder, and the likelihood bound from its states."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.special import logsumexp
from sklearn.utils.validation import check_is_fitted

from genrates.errors import is_count
from genrates.estimators.base import check_generator
from genrates.neural.autoencoder._corruption import Corruption
from genrates.neural.autoencoder._markov_chain import MarkovChain


class MarkovSampling:
    """Draws, successive states and a likelihood bound, from the chain of a fitted denoising autoencoder.

    The estimator must have the parameters `corruption`, `noise`, `burn_in`, `thin`, `start`, `n_chains` and
    the attributes `start_rows_`, `variance_`, `location_`, `scale_`.
    """

    def sample(
        self,
        n_samples: int = 1,
        random_state=None,
        *,
        burn_in: int | None = None,
        thin: int | None = None,
        start: str | None = None,
        means: bool = False,
    ) -> np.ndarray:
        """Draw states of the Markov chain.

        min(n_samples, n_chains) chains run in parallel. Each gives one state after `burn_in` steps and, where
        more draws are needed, another one every `thin` steps.

        Parameters
        ----------
        n_samples : int, default=1
            Number of draws.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Seeds the chains.
        burn_in, thin : int or None, default=None
            None: as given to the constructor.
        start : {"data", "noise"} or None, default=None
            None: as given to the constructor.
        means : bool, default=False
            Return the means of the laws P(X | X~) from which the last step has drawn, as the paper shows its
            images. The chain is fed with draws in either case.

        Returns
        -------
        ndarray of shape (n_samples, n_features)

        Raises
        ------
        ValueError
            For an argument that is not allowed.
        """
        check_is_fitted(self)
        self._check_argument("n_samples", n_samples)
        self._check_state(random_state)
        burn_in = self._checked_steps("burn_in", burn_in, 0)
        thin = self._checked_steps("thin", thin, 1)
        chain = self._chain(min(int(n_samples), self.n_chains), start, check_generator(random_state))
        chain.run(burn_in)
        if means and burn_in == 0:
            chain.step()
        draws = [self._states(chain, means)]
        while sum(map(len, draws)) < n_samples:
            chain.run(thin)
            draws.append(self._states(chain, means))
        return np.concatenate(draws)[:n_samples]

    def chain(
        self,
        n_chains: int = 1,
        n_steps: int = 100,
        random_state=None,
        *,
        burn_in: int = 0,
        start: str | None = None,
        means: bool = False,
    ) -> np.ndarray:
        """Return successive states X_1, X_2, ... of several chains.

        Parameters
        ----------
        n_chains : int, default=1
            Number of chains.
        n_steps : int, default=100
            Number of states per chain.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Seeds the chains.
        burn_in : int, default=0
            Steps before the first state that is returned.
        start : {"data", "noise"} or None, default=None
            None: as given to the constructor.
        means : bool, default=False
            Return the means of each step's P(X | X~) instead of the draws. The chain is fed with draws in
            either case.

        Returns
        -------
        ndarray of shape (n_steps, n_chains, n_features)

        Raises
        ------
        ValueError
            For an argument that is not allowed.
        """
        check_is_fitted(self)
        self._check_argument("n_chains", n_chains)
        self._check_argument("n_steps", n_steps)
        self._check_state(random_state)
        chain = self._chain(int(n_chains), start, check_generator(random_state))
        chain.run(self._checked_steps("burn_in", burn_in, 0))
        states = np.empty((n_steps, n_chains, self.n_features_in_))
        for t in range(n_steps):
            chain.step()
            states[t] = self._states(chain, means)
        return states

    def log_bound(
        self,
        X,
        n_states: int = 1000,
        random_state=None,
        *,
        burn_in: int | None = None,
        thin: int | None = None,
        start: str | None = None,
    ) -> np.ndarray:
        r"""Estimate a lower bound of each row's log-likelihood from states of the chain.

        The estimate averages over S corrupted states of the chain:

        .. math:: \log \frac1S \sum_s P_\theta(x | \tilde X_s).

        If they follow the stationary law, the expectation of this value lies below the log-likelihood under
        the model (Jensen's inequality). The gap grows as S falls, so compare values at equal S only. States
        are drawn as in :meth:`sample`, so their law is that of the chain after `burn_in` steps; it is the
        stationary law if the chain has forgotten its start by then. Chains that start from data with too
        short a burn-in make the bound too high.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points.
        n_states : int, default=1000
            S.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Seeds the chains.
        burn_in, thin : int or None, default=None
            None: as given to the constructor.
        start : {"data", "noise"} or None, default=None
            None: as given to the constructor.

        Returns
        -------
        ndarray of shape (n_samples,)
            Nats.

        Raises
        ------
        ValueError
            For an argument that is not allowed.

        Notes
        -----
        Complexity: O(n S d), as matrix products.
        """
        self._check_argument("n_states", n_states)
        return self.log_bounds(X, (n_states,), random_state, burn_in=burn_in, thin=thin, start=start)[0]

    def log_bounds(
        self,
        X,
        n_states: tuple[int, ...] = (1000, 10_000, 100_000),
        random_state=None,
        *,
        burn_in: int | None = None,
        thin: int | None = None,
        start: str | None = None,
    ) -> np.ndarray:
        """Estimate the bound of :meth:`log_bound` at several numbers of states of the same chains.

        The states are nested: each number takes the states of the one before, and further ones.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Points.
        n_states : sequence of int, default=(1000, 10000, 100000)
            Numbers of states, ascending.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Seeds the chains.
        burn_in, thin : int or None, default=None
            None: as given to the constructor.
        start : {"data", "noise"} or None, default=None
            None: as given to the constructor.

        Returns
        -------
        ndarray of shape (len(n_states), n_samples)
            Nats.

        Raises
        ------
        ValueError
            For an argument that is not allowed.

        Notes
        -----
        Complexity: O(n S d) for the largest S, as matrix products.
        """
        X = self._network_rows(self._check_rows(X))
        self._check_numbers_of_states(n_states)
        self._check_state(random_state)
        burn_in, thin = self._checked_steps("burn_in", burn_in, 0), self._checked_steps("thin", thin, 1)
        chain = self._chain(min(int(n_states[-1]), self.n_chains), start, check_generator(random_state))
        chain.run(burn_in)
        total, seen, bounds = np.full(len(X), -np.inf), 0, []
        for count in n_states:
            while seen < count:
                place = seen % len(chain.rows)
                if place == 0:
                    if seen:
                        chain.run(thin)
                    outputs = chain.outputs().copy()
                part = outputs[place : place + int(count) - seen]
                total = np.logaddexp(total, logsumexp(self._log_probability_matrix(X, part), axis=1))
                seen += len(part)
            bounds.append(total - np.log(count))
        return np.array(bounds)

    def _check_numbers_of_states(self, n_states) -> None:
        """Raise a ValueError unless the argument is an ascending sequence of integers >= 1."""
        is_sequence = isinstance(n_states, Sequence) and not isinstance(n_states, str) and len(n_states) > 0
        if not is_sequence or not all(map(is_count, n_states)) or any(a >= b for a, b in pairwise(n_states)):
            self._refuse("n_states", "be ascending integers >= 1", n_states)

    def _log_probability_matrix(self, rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        """Return log P(row | outputs) of all pairs, shape (rows, outputs), in nats."""
        outputs = outputs.astype(np.float64)
        if self._is_gaussian():
            weight = 1 / self.variance_
            square = (rows**2 @ weight)[:, None] - 2 * rows @ (outputs * weight).T + outputs**2 @ weight
            return -0.5 * (square + np.log(2 * np.pi * self.variance_).sum()) - np.log(self.scale_).sum()
        return rows @ outputs.T - np.logaddexp(0, outputs).sum(axis=1)

    def _chain(self, n: int, start: str | None, rng: np.random.Generator) -> MarkovChain:
        """Start n chains from the model's training rows or from noise."""
        start = self.start if start is None else start
        if start not in ("data", "noise"):
            self._refuse("start", "be 'data' or 'noise'", start)
        shape = (n, self.n_features_in_)
        if start == "data":
            chosen = rng.choice(len(self.start_rows_), n, replace=n > len(self.start_rows_))
            start_rows = self.start_rows_[chosen]
            if not self._is_gaussian():
                start_rows = np.unpackbits(start_rows, axis=1, count=shape[1]).astype(bool)
        elif self._is_gaussian():
            start_rows = rng.standard_normal(shape, dtype=np.float32)
        else:
            start_rows = rng.random(shape, dtype=np.float32) < 0.5
        deviation = np.sqrt(self.variance_) if self._is_gaussian() else None
        corruption = Corruption(self.corruption, self.noise, shape, rng)
        return MarkovChain(self._stacks()[0], corruption, start_rows, deviation, rng)

    def _states(self, chain: MarkovChain, means: bool) -> np.ndarray:
        """Return the chain's draws or means in the data's units, float64."""
        states = (chain.means if means else chain.rows).astype(np.float64)
        return self.location_ + self.scale_ * states if self._is_gaussian() else states

    def _check_argument(self, name: str, value: int) -> None:
        """Raise a ValueError unless the argument is an integer >= 1."""
        if not is_count(value):
            self._refuse(name, "be an integer >= 1", value)

    def _checked_steps(self, name: str, value: int | None, least: int) -> int:
        """Return the argument, or the constructor's value for None; refuse integers below `least`."""
        value = getattr(self, name) if value is None else value
        if not is_count(value, least):
            self._refuse(name, f"be an integer >= {least}", value)
        return int(value)
