"""A model's Markov chain as a sampler that a config can choose and sweep."""

import numpy as np
from sklearn.base import BaseEstimator

from genrates.errors import MOST, is_count, shown
from genrates.estimators.inversion import check_n_samples


class MarkovChainSampler(BaseEstimator):
    """A sampler that draws states of a model's Markov chain, with its own burn-in, thinning and start.

    Parameters
    ----------
    n_samples : int or None, default=None
        Number of draws, whatever number :meth:`draw` is asked for. None: the number asked for.
    burn_in, thin : int or None, default=None
        None: the model's own.
    start : {"data", "noise"} or None, default=None
        None: the model's own.
    means : bool, default=False
        Return the means of the last step, as papers show their images. The chain is fed with draws in either
        case.

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> MarkovChainSampler().applies_to(GaussianDensity().fit([[0.0], [1.0]]))
    'GaussianDensity has no Markov chain'
    """

    def __init__(
        self,
        *,
        n_samples: int | None = None,
        burn_in: int | None = None,
        thin: int | None = None,
        start: str | None = None,
        means: bool = False,
    ):
        self.n_samples = n_samples
        self.burn_in = burn_in
        self.thin = thin
        self.start = start
        self.means = means

    def applies_to(self, model) -> str | None:
        """Return None, or the reason why this sampler cannot draw from a model.

        Parameters
        ----------
        model : DensityEstimator
            A fitted model.

        Returns
        -------
        str or None
        """
        return None if hasattr(model, "chain") else f"{type(model).__name__} has no Markov chain"

    def draw(self, model, n_samples: int, random_state=None) -> np.ndarray:
        """Draw points from a model's chain.

        Parameters
        ----------
        model : DensityEstimator
            A fitted model.
        n_samples : int
            Number of draws, unless the constructor sets it.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Seeds the chains.

        Returns
        -------
        ndarray of shape (n_samples, n_features)

        Raises
        ------
        ValueError
            If the sampler does not apply to the model, or for bad parameters.
        """
        self._check_parameters()
        if reason := self.applies_to(model):
            raise ValueError(f"MarkovChainSampler: {reason}.")
        settings = self.get_params()
        return model.sample(settings.pop("n_samples") or n_samples, random_state, **settings)

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad parameter; called by `draw`, and before any job starts."""
        name = type(self).__name__
        check_n_samples(name, self.n_samples)
        for key, least in (("burn_in", 0), ("thin", 1)):
            value = getattr(self, key)
            if value is not None and not is_count(value, least):
                raise ValueError(
                    f"{name}: {key} must be None or an integer from {least} to {MOST}, got {shown(value)}."
                )
        if not (self.start is None or (isinstance(self.start, str) and self.start in ("data", "noise"))):
            raise ValueError(f"{name}: start must be None, 'data' or 'noise', got {shown(self.start)}.")
        if not isinstance(self.means, bool):
            raise ValueError(f"{name}: means must be True or False, got {shown(self.means)}.")
