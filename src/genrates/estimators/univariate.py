"""Base class of densities on the line: they take one feature, and refuse more."""

from typing import ClassVar

import numpy as np

from genrates.estimators.base import DensityEstimator

_CHECKS = """
    check_fit_score_takes_y
    check_estimators_overwrite_params
    check_dont_overwrite_parameters
    check_estimators_fit_returns_self
    check_readonly_memmap_input
    check_n_features_in_after_fitting
    check_positive_only_tag_during_fit
    check_estimators_dtypes
    check_dtype_object
    check_pipeline_consistency
    check_estimators_nan_inf
    check_estimators_pickle
    check_f_contiguous_array_estimator
    check_methods_sample_order_invariance
    check_methods_subset_invariance
    check_dict_unchanged
    check_fit_idempotent
    check_fit_check_is_fitted
    check_n_features_in
    check_fit2d_predict1d
"""
_WEIGHT_CHECKS = """
    check_sample_weights_pandas_series
    check_sample_weights_not_an_array
    check_sample_weights_list
    check_sample_weights_shape
    check_sample_weights_not_overwritten
    check_sample_weight_equivalence_on_dense_data
"""
_REASON = "the check fits several features; the estimate is on the line"
_REACH = 100.0  # what an estimate does beyond the data must not overflow
#: scikit-learn's checks that fit several features, by reason
EXPECTED_FAILED_CHECKS = dict.fromkeys(_CHECKS.split(), _REASON)


class UnivariateDensity(DensityEstimator):
    """Base class of densities on the line whose `fit` takes weights."""

    minimum_samples = 2
    contract_dimensions = (1,)
    expected_failed_checks: ClassVar[dict[str, str]] = dict.fromkeys(
        (_CHECKS + _WEIGHT_CHECKS).split(), _REASON
    )

    def _check_line(self, X, sample_weight) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the points (n,), ascending, and their positive weights (n,), None if there are none."""
        X, weight = self._check_fit(X, sample_weight)
        name = type(self).__name__
        if X.shape[1] != 1:
            raise ValueError(f"{name}: got {X.shape[1]} features; it estimates a density on the line.")
        if weight is not None:
            X, weight = X[weight > 0], weight[weight > 0]
        self._refuse_constant(X)
        with np.errstate(over="ignore"):
            span = float(np.ptp(X[:, 0]))
        if not (np.isfinite(_REACH * span) and np.isfinite(1 / span)):
            raise ValueError(f"{name}: the data's range leaves that of floating-point numbers; rescale them.")
        order = np.argsort(X[:, 0], kind="stable")
        return X[order, 0], None if weight is None else weight[order]
