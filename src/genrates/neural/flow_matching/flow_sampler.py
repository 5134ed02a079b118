"""The way from noise to data as a sampler that a config can choose and sweep."""

import numpy as np
from sklearn.base import BaseEstimator

from genrates.estimators.inversion import check_n_samples
from genrates.neural.flow_matching._parameters import check_solver


class FlowSampler(BaseEstimator):
    """A sampler that follows a model's velocity field with a solver and a number of steps of its own.

    Parameters
    ----------
    n_samples : int or None, default=None
        Number of draws, whatever number :meth:`draw` is asked for. None: the number asked for.
    solver : {"heun", "euler", "ancestral"} or None, default=None
        None: the model's own.
    n_steps : int or None, default=None
        None: the model's own.

    Examples
    --------
    >>> from genrates.estimators import GaussianDensity
    >>> FlowSampler().applies_to(GaussianDensity().fit([[0.0], [1.0]]))
    'GaussianDensity has no velocity field'
    """

    def __init__(
        self, *, n_samples: int | None = None, solver: str | None = None, n_steps: int | None = None
    ):
        self.n_samples = n_samples
        self.solver = solver
        self.n_steps = n_steps

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
        has_field = hasattr(model, "solver") and hasattr(model, "n_steps")
        return None if has_field else f"{type(model).__name__} has no velocity field"

    def draw(self, model, n_samples: int, random_state=None) -> np.ndarray:
        """Draw points from a model.

        Parameters
        ----------
        model : DensityEstimator
            A fitted model.
        n_samples : int
            Number of draws, unless the constructor sets it.
        random_state : None, int, SeedSequence, Generator or RandomState, default=None
            Seeds the draws.

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
            raise ValueError(f"FlowSampler: {reason}.")
        settings = self.get_params()
        return model.sample(settings.pop("n_samples") or n_samples, random_state, **settings)

    def _check_parameters(self) -> None:
        """Raise a ValueError for a bad parameter; called by `draw`, and before any job starts."""
        check_n_samples("FlowSampler", self.n_samples)
        check_solver("FlowSampler", self.solver, self.n_steps)
