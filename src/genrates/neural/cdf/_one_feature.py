"""scikit-learn's checks that fit several features, which an estimator of one feature must refuse."""

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

EXPECTED_FAILED_CHECKS = dict.fromkeys(
    _CHECKS.split(), "the check fits several features; a distribution function has one"
)
