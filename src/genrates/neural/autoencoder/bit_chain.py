r"""Denoising chains on a few bits, exactly: transition matrix, stationary law, and relaxation time.

Nothing is trained. P(X | X~) is the conditional in which training with unlimited data and an unlimited
network ends. It is "full", any law of X, or "factorized", a product over the bits, which is what a network
with a Bernoulli output for each pixel can say.
"""

import numbers
from functools import cached_property

import numpy as np

from genrates.errors import is_count, shown

CONDITIONALS = ("full", "factorized")
#: most bits; the matrices have 2^D rows
_MOST_BITS = 10
_MOST_STEPS = 1000
#: the conditional is a fixed point when no entry changes by more
_TOLERANCE = 1e-12
_MOST_ITERATIONS = 2000


class BitChain:
    r"""The chain of a denoising autoencoder on D bits, corrupted by salt and pepper, as a matrix.

    Training meets the inputs X~ of a walk from X, with the target X (Bengio et al. 2013, algorithm 1):

    .. math:: \tilde C = \sum_k w_k\, C (R C)^{k - 1}, \qquad
              R(x | \tilde x) \propto p(x)\, \tilde C(\tilde x | x).

    Here C is the corruption and R the conditional that the walk itself uses, so R is a fixed point. Plain
    training is the case of one step, where the walk is the corruption alone. A factorized R is the product of
    the conditional probabilities of the bits, which has the largest likelihood of all products. The chain is
    then run as usual: its matrix is C R.

    Parameters
    ----------
    law : array-like of shape (2^D,)
        Probabilities p of the states, D from 1 to 10. A state's number has its bits as binary digits.
    noise : float
        Above 0, at most 1: the probability with which a bit becomes 0 or 1 by a fair coin.
    steps : int or "geometric", default=1
        Inputs of a walk, with equal weights w; 1 is plain training. "geometric": the walk goes on with
        probability 1/2.
    conditional : {"full", "factorized"}, default="full"
        What P(X | X~) may be.

    Raises
    ------
    ValueError
        For a bad parameter.
    RuntimeError
        If the conditional has not settled; then it depends on how it is learned.

    Notes
    -----
    With the full conditional p is stationary for every noise and number of steps: if s^2 is an eigenvalue of
    the plain chain, that of the walkback chain is s b, where b = sum_k w_k s^k b^(k - 1) < s. So walkback is
    consistent and mixes faster. With a factorized conditional p is not stationary. A fixed point costs
    O(8^D K) for K steps and each iteration.

    References
    ----------
    Bengio, Yao, Alain and Vincent, Generalized denoising auto-encoders as generative models, NIPS 2013.

    Examples
    --------
    >>> law = [0.4, 0.1, 0.1, 0.4]
    >>> BitChain(law, noise=0.5, steps=5).stationary.round(12)
    array([0.4, 0.1, 0.1, 0.4])
    >>> BitChain(law, noise=0.5, conditional="factorized").stationary.round(3)
    array([0.307, 0.193, 0.193, 0.307])
    """

    def __init__(self, law, noise: float, steps: int | str = 1, conditional: str = "full"):
        self.law = _checked_law(law)
        if not (isinstance(noise, numbers.Real) and not isinstance(noise, bool) and 0 < noise <= 1):
            raise ValueError(f"BitChain: noise must be a number > 0 and <= 1, got {shown(noise)}.")
        if steps != "geometric" and not is_count(steps, 1, _MOST_STEPS):
            raise ValueError(
                f"BitChain: steps must be an integer from 1 to {_MOST_STEPS} or 'geometric', "
                f"got {shown(steps)}."
            )
        if conditional not in CONDITIONALS:
            raise ValueError(
                f"BitChain: conditional must be one of {CONDITIONALS}, got {shown(conditional)}."
            )
        self.noise, self.steps, self.conditional = float(noise), steps, conditional
        self.n_bits = len(self.law).bit_length() - 1

    @cached_property
    def corruption(self) -> np.ndarray:
        """C(x~ | x): each bit is flipped with probability noise / 2.

        Returns
        -------
        ndarray of shape (2^D, 2^D)
            A row for each x.
        """
        flip, matrix = self.noise / 2, np.ones((1, 1))
        for _ in range(self.n_bits):
            matrix = np.kron(matrix, [[1 - flip, flip], [flip, 1 - flip]])
        return matrix

    @cached_property
    def reconstruction(self) -> np.ndarray:
        """P(x | x~), the fixed point of training.

        Returns
        -------
        ndarray of shape (2^D, 2^D)
            A row for each x~.

        Raises
        ------
        RuntimeError
            If the iteration that finds it has not settled.
        """
        found = self._best_conditional(self.corruption)
        if self.steps == 1:
            return found
        for _ in range(_MOST_ITERATIONS):
            previous, found = found, self._best_conditional(self._walk(found))
            if np.abs(found - previous).max() < _TOLERANCE:
                return found
        raise RuntimeError(
            f"BitChain: the {self.conditional} conditional of {self.steps} steps at noise {self.noise:g} has "
            f"not settled after {_MOST_ITERATIONS} iterations."
        )

    @cached_property
    def transition(self) -> np.ndarray:
        """P(X_{t+1} = x' | X_t = x), the matrix C R.

        Returns
        -------
        ndarray of shape (2^D, 2^D)
            A row for each x.
        """
        return self.corruption @ self.reconstruction

    @cached_property
    def stationary(self) -> np.ndarray:
        """The stationary law of X.

        Returns
        -------
        ndarray of shape (2^D,)
        """
        n = len(self.law)
        system = self.transition.T - np.eye(n)
        system[-1] = 1.0  # the equations sum to 0 = 0, so the last one makes room for the sum
        solution = np.linalg.solve(system, np.eye(n)[-1])
        return np.clip(solution, 0, None) / np.clip(solution, 0, None).sum()

    @property
    def total_variation(self) -> float:
        """Total variation distance of the stationary law from the data's: the bias of the chain.

        Returns
        -------
        float
            From 0 to 1.
        """
        return float(0.5 * np.abs(self.stationary - self.law).sum())

    @property
    def relaxation_time(self) -> float:
        r"""Steps in which the slowest mode decays by a factor e: :math:`-1 / \log |\lambda_2|`.

        Returns
        -------
        float
            0 where the chain forgets its state in one step; infinite where :math:`1 - |\lambda_2|` is lost in
            rounding.
        """
        second = np.sort(np.abs(np.linalg.eigvals(self.transition)))[-2]
        if second < 1e-15:
            return 0.0
        return float(-1 / np.log(second)) if second < 1 - 1e-13 else float("inf")

    def _walk(self, reconstruction: np.ndarray) -> np.ndarray:
        """Return the law of a training input X~ given its target X, a row for each X."""
        back = reconstruction @ self.corruption
        if self.steps == "geometric":  # the sum of C (R C)^(k - 1) / 2^k
            return np.linalg.solve((np.eye(len(back)) - 0.5 * back).T, 0.5 * self.corruption.T).T
        step = total = self.corruption
        for _ in range(self.steps - 1):
            step = step @ back
            total = total + step
        return total / self.steps

    def _best_conditional(self, inputs: np.ndarray) -> np.ndarray:
        """Return the conditional of largest likelihood for inputs of this law, a row for each input."""
        joint = (self.law[:, None] * inputs).T
        posterior = joint / joint.sum(axis=1, keepdims=True)
        if self.conditional == "full":
            return posterior
        product = np.ones((len(posterior), 1))
        for one in (posterior @ self.bits).T:
            both = np.stack([1 - one, one], axis=1)
            product = (product[:, :, None] * both[:, None, :]).reshape(len(product), -1)
        return product

    @property
    def bits(self) -> np.ndarray:
        """The states as bits.

        Returns
        -------
        ndarray of shape (2^D, D), float64
        """
        return (np.arange(len(self.law))[:, None] >> np.arange(self.n_bits)[::-1] & 1).astype(np.float64)


def _checked_law(law) -> np.ndarray:
    """Return probabilities of 2^D states, or raise a ValueError."""
    law = np.asarray(law, dtype=np.float64)
    if law.ndim != 1 or len(law) not in [2**d for d in range(1, _MOST_BITS + 1)]:
        raise ValueError(f"BitChain: law must have shape (2^D,), D from 1 to {_MOST_BITS}, got {law.shape}.")
    if not (np.isfinite(law).all() and law.min() >= 0 and abs(law.sum() - 1) < 1e-9):
        raise ValueError("BitChain: law must be probabilities: numbers >= 0 whose sum is 1.")
    return law / law.sum()


def mixture_law(prototypes, flip: float) -> np.ndarray:
    """Return the law of a prototype, chosen at random, whose bits are flipped independently.

    Parameters
    ----------
    prototypes : array-like of shape (K, D)
        Bits; every prototype has the same weight.
    flip : float
        From 0 to 1: the probability to flip a bit.

    Returns
    -------
    ndarray of shape (2^D,)
        In the order of :class:`BitChain`.

    Examples
    --------
    >>> mixture_law([[0, 0], [1, 1]], flip=0.1).round(2)
    array([0.41, 0.09, 0.09, 0.41])
    """
    total = 0.0
    for prototype in np.asarray(prototypes, dtype=np.float64):
        law = np.ones(1)
        for bit in prototype:
            one = bit * (1 - flip) + (1 - bit) * flip
            law = np.kron(law, [1 - one, one])
        total = total + law
    return total / len(prototypes)
