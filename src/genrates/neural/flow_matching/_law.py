"""What a fitted flow-matching estimator of vectors gives: densities and distribution functions."""

import numpy as np
from scipy.special import ndtr, ndtri
from sklearn.utils.validation import check_is_fitted

from genrates.estimators.base import DensityEstimator
from genrates.neural.flow_matching._likelihood import exact_log_density
from genrates.neural.flow_matching._solvers import runge_kutta


class FlowLaw(DensityEstimator):
    """The part of the estimator that scores, and says what it cannot."""

    @property
    def unsupported(self) -> dict[str, str]:
        """Capabilities that a model with these parameters does not support.

        Returns
        -------
        dict of str to str
            The reason for each capability.
        """
        if self.architecture == "unet":
            return {"likelihood": "only estimated for pictures (log_likelihood_estimate), of noisy ones"}
        return {"likelihood": "draws are rounded to bits"} if self.output == "bits" else {}

    @property
    def capabilities_(self) -> frozenset[str]:
        """Capabilities that this fitted model supports.

        Returns
        -------
        frozenset of str
            Subset of "likelihood", "sampling" and "cdf".
        """
        without = {"cdf", "likelihood"} if self.unsupported else set()
        return super().capabilities_ - without

    # Properties: if the parameters leave no likelihood, hasattr is False and access raises the reason.
    @property
    def score_samples(self):
        """Method that returns the log-likelihood of each row, in nats.

        Returns
        -------
        callable
            As :meth:`genrates.estimators.DensityEstimator.score_samples`.

        Raises
        ------
        AttributeError
            If the model has no likelihood.
        """
        return self._with_likelihood(super().score_samples)

    @property
    def score(self):
        """Method that returns the mean log-likelihood of the rows, in nats.

        Returns
        -------
        callable
            As :meth:`genrates.estimators.DensityEstimator.score`.

        Raises
        ------
        AttributeError
            If the model has no likelihood.
        """
        return self._with_likelihood(super().score)

    @property
    def n_parameters_(self) -> int:
        """Number of weights.

        Returns
        -------
        int
        """
        check_is_fitted(self)
        return sum(int(a.size) for a in self.weights_)

    @property
    def nbytes_(self) -> int:
        """Size of the weights in bytes.

        Returns
        -------
        int
        """
        return sum(int(a.nbytes) for a in self.weights_)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    # -- vectors ----------------------------------------------------------------------------------

    def _log_density(self, X):
        x = (X - self.location_) / self.scale_
        return exact_log_density(self._field(), x, self.likelihood_steps) - np.log(self.scale_).sum()

    def _cdf(self, x):
        self._with_likelihood(self.cdf)
        return ndtr(self._carried((x - self.location_) / self.scale_, 1.0, 0.0))

    def _ppf(self, q):
        self._with_likelihood(self.ppf)
        inside = (q > 0) & (q < 1)
        found = np.where(q == 0, -np.inf, np.inf)
        z = self._carried(ndtri(q[inside]), 0.0, 1.0)
        found[inside] = self.location_ + self.scale_ * z
        return found

    def _carried(self, x: np.ndarray, start: float, end: float) -> np.ndarray:
        """Return where the velocity carries numbers from one time to another, in one dimension."""
        field = self._field()
        (x,) = runge_kutta(
            lambda t, y: (field.velocity(y, t),), (x[:, None],), start, end, self.likelihood_steps
        )
        return x[:, 0]

    def _with_likelihood(self, method):
        """Return the method, or raise an AttributeError if there is no likelihood."""
        if reason := self.unsupported.get("likelihood"):
            raise AttributeError(f"{type(self).__name__} has no {method.__name__}: {reason}.")
        return method

    def _field(self):
        """Return the velocity field, built once from the weights."""
        if getattr(self, "_field_built", None) is None:
            if self.architecture == "dense":
                from genrates.neural.flow_matching._dense_field import DenseField

                self._field_built = DenseField(self.weights_)
            else:
                from genrates.neural.flow_matching._picture_field import PictureField

                channels, bits = [int(k) for k in self.hidden], self.output == "bits"
                self._field_built = PictureField(self.weights_, self.image_shape_, channels, bits=bits)
        return self._field_built
