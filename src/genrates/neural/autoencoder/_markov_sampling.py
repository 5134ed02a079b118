"""What a denoising autoencoder does once it has learned: walk, and be judged by where it walks."""

import numbers

import numpy as np
from scipy.special import logsumexp
from sklearn.utils.validation import check_is_fitted

from genrates.estimators.base import check_generator
from genrates.neural.autoencoder._corruption import Corruption
from genrates.neural.autoencoder._markov_chain import MarkovChain


class MarkovSampling:
    """Samples, successive states and a bound of the likelihood, from the chain of a fitted denoiser.

    For an estimator with the parameters `corruption`, `noise`, `burn_in`, `thin`, `start`, `n_chains` and the
    attributes `start_rows_`, `variance_`, `location_`, `scale_`.
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
        """States of the Markov chain, shape (n_samples, n_features).

        Parameters
        ----------
        n_samples : int
            From min(n_samples, n_chains) chains side by side, each giving one state after `burn_in` steps
            and, where more are needed, another every `thin` steps.
        random_state : None, int, SeedSequence, Generator or RandomState
        burn_in, thin, start
            Default: the constructor's.
        means : bool, default=False
            The means of P(X | X~) that the last step has drawn from, as the paper shows its pictures, instead
            of the draws. The chain is fed with draws in either case.
        """
        check_is_fitted(self)
        self._check_count("n_samples", n_samples)
        burn_in = self._steps("burn_in", burn_in, 0)
        thin = self._steps("thin", thin, 1)
        chain = self._chain(min(int(n_samples), self.n_chains), start, check_generator(random_state))
        chain.run(burn_in)
        if means and burn_in == 0:
            chain.step()
        found = [self._states(chain, means)]
        while sum(map(len, found)) < n_samples:
            chain.run(thin)
            found.append(self._states(chain, means))
        return np.concatenate(found)[:n_samples]

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
        """Successive states X_1, X_2, ... of several chains, shape (n_steps, n_chains, n_features).

        Parameters
        ----------
        n_chains, n_steps : int
        random_state : None, int, SeedSequence, Generator or RandomState
        burn_in : int
            Steps that are made and not returned.
        start : {"data", "noise"} or None
            Default: the constructor's.
        means : bool
            Return the means of each step's P(X | X~) instead of the draws, which alone are fed back.
        """
        check_is_fitted(self)
        self._check_count("n_chains", n_chains)
        self._check_count("n_steps", n_steps)
        chain = self._chain(int(n_chains), start, check_generator(random_state))
        chain.run(self._steps("burn_in", burn_in, 0))
        found = np.empty((n_steps, n_chains, self.n_features_in_))
        for t in range(n_steps):
            chain.step()
            found[t] = self._states(chain, means)
        return found

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
        r"""Lower bound of each row's log-likelihood, estimated from the chain; nats, shape (n_samples,).

        .. math:: \log \frac1S \sum_s P_\theta(x | \tilde X_s)

        over S corrupted states of the chain. If those follow the stationary law its expectation lies below
        the log-likelihood under the model (Jensen), the further the fewer states: values compare at equal S
        only. States come as in :meth:`sample`: the law is that of the chain after `burn_in` steps, the
        stationary one if the chain has forgotten its start by then. Chains that are started from data and
        burnt in too briefly make the bound too high. Complexity: O(n S d), one matrix product.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        n_states : int
            S.
        random_state : None, int, SeedSequence, Generator or RandomState
        burn_in, thin, start
            Default: the constructor's.
        """
        X = self._rows(self._check_rows(X))
        self._check_count("n_states", n_states)
        burn_in, thin = self._steps("burn_in", burn_in, 0), self._steps("thin", thin, 1)
        chain = self._chain(min(int(n_states), self.n_chains), start, check_generator(random_state))
        chain.run(burn_in)
        total, left = np.full(len(X), -np.inf), int(n_states)
        while left:
            outputs = chain.outputs()[:left]
            total = np.logaddexp(total, logsumexp(self._log_of_all(X, outputs), axis=1))
            left -= len(outputs)
            if left:
                chain.run(thin)
        return total - np.log(n_states)

    def _log_of_all(self, rows: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        """log P(row | outputs) of all pairs, shape (rows, outputs), nats."""
        outputs = outputs.astype(np.float64)
        if self._is_gaussian():
            weight = 1 / self.variance_
            square = (rows**2 @ weight)[:, None] - 2 * rows @ (outputs * weight).T + outputs**2 @ weight
            return -0.5 * (square + np.log(2 * np.pi * self.variance_).sum()) - np.log(self.scale_).sum()
        return rows @ outputs.T - np.logaddexp(0, outputs).sum(axis=1)

    def _chain(self, n: int, start: str | None, rng: np.random.Generator) -> MarkovChain:
        start = self.start if start is None else start
        if start not in ("data", "noise"):
            self._refuse("start", "be 'data' or 'noise'", start)
        shape = (n, self.n_features_in_)
        if start == "data":
            chosen = rng.choice(len(self.start_rows_), n, replace=n > len(self.start_rows_))
            first = self.start_rows_[chosen]
            if not self._is_gaussian():
                first = np.unpackbits(first, axis=1, count=shape[1]).astype(bool)
        elif self._is_gaussian():
            first = rng.standard_normal(shape, dtype=np.float32)
        else:
            first = rng.random(shape, dtype=np.float32) < 0.5
        deviation = np.sqrt(self.variance_) if self._is_gaussian() else None
        corruption = Corruption(self.corruption, self.noise, shape, rng)
        return MarkovChain(self._stacks()[0], corruption, first, deviation, rng)

    def _states(self, chain: MarkovChain, means: bool) -> np.ndarray:
        states = (chain.means if means else chain.rows).astype(np.float64)
        return self.location_ + self.scale_ * states if self._is_gaussian() else states

    def _check_count(self, name: str, value: int) -> None:
        if not isinstance(value, numbers.Integral) or value < 1:
            self._refuse(name, "be an integer >= 1", value)

    def _steps(self, name: str, value: int | None, least: int) -> int:
        value = getattr(self, name) if value is None else value
        if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < least:
            self._refuse(name, f"be an integer >= {least}", value)
        return int(value)
