"""The one door through which an estimator enters the comparison."""

from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from genrates.estimators.base import DensityEstimator
from genrates.estimators.peers.density import PeerDensity

_METHODS = ("fit", "score_samples", "get_params", "set_params")
# They have score_samples, but no log-likelihoods of the data.
_NO_DENSITIES = {
    BernoulliRBM: "its score_samples is a pseudo-likelihood",
    Pipeline: "its score_samples is the density of the transformed data, without the Jacobian",
}


def adapt(estimator) -> DensityEstimator:
    """Return the estimator behind the protocol of this package.

    Parameters
    ----------
    estimator : DensityEstimator or scikit-learn density estimator
        A density estimator of genrates is returned unchanged. One of scikit-learn, or in its style, is
        wrapped in a :class:`PeerDensity`: it needs `fit` and `score_samples`, the log-likelihood of each row.

    Returns
    -------
    DensityEstimator

    Raises
    ------
    ValueError
        For anything else. An outlier detector also has `score_samples`, but these are no log-likelihoods.

    Examples
    --------
    >>> from sklearn.mixture import GaussianMixture
    >>> adapt(GaussianMixture(n_components=2))
    PeerDensity(estimator=GaussianMixture(n_components=2))
    """
    if isinstance(estimator, DensityEstimator):
        return estimator
    if isinstance(estimator, type):
        raise ValueError(f"adapt: got the class {estimator.__name__}; give an instance of it.")
    name = type(estimator).__name__
    missing = [method for method in _METHODS if not callable(getattr(estimator, method, None))]
    if missing:
        raise ValueError(f"adapt: {name} is no density estimator: it has no {', no '.join(missing)}.")
    for cls, reason in _NO_DENSITIES.items():
        if isinstance(estimator, cls):
            raise ValueError(f"adapt: {name} is no density estimator: {reason}.")
    # scikit-learn's own KernelDensity has no tag
    if (kind := _kind(estimator)) not in (None, "density_estimator"):
        raise ValueError(
            f"adapt: {name} is no density estimator: its tags call it {kind!r}, whose score_samples are no "
            "log-likelihoods."
        )
    return PeerDensity(estimator)


def _kind(estimator) -> str | None:
    """Return what scikit-learn's tags call the estimator; None without tags."""
    try:
        return get_tags(estimator).estimator_type
    except AttributeError:
        return None
