"""Rates of convergence: regression, intervals, plateaus, theory and exact finite-n errors.

This package knows no models, data sets or files: errors come as arrays, densities as mixtures of normals.

>>> import numpy as np
>>> from genrates.rates import exact_rate, fit_plateau, fit_rate, judge, theory_of
>>> sizes = np.array([100, 316, 1000, 3162, 10_000])
>>> errors = sizes[:, None] ** -0.37 * np.random.default_rng(0).gamma(9, 1 / 9, (5, 120))
>>> fit = fit_rate(errors, sizes, random_state=0)
>>> exact = exact_rate("kernel", ([1.0], [0.0], [1.0]), sizes, weights=fit.weights, bandwidth="lscv")
>>> theory, formula = theory_of("2/(4+d)", d=1)
>>> judge(fit, fit_plateau(errors, sizes, random_state=0), reference=exact, own=theory), formula
('agrees', 'n^(-2/5)')
"""

from genrates.rates.bootstrap import paired_counts
from genrates.rates.difference import DifferenceFit, fit_difference
from genrates.rates.exact import exact_error, exact_rate, histogram_width, kernel_bandwidth
from genrates.rates.exact_cdf import exact_cdf_error
from genrates.rates.exact_core import exact_core_error
from genrates.rates.gaussian_mise import gaussian_mise, gaussian_plateau
from genrates.rates.higher_order_mise import higher_order_mise, higher_order_optimum
from genrates.rates.histogram_mise import histogram_amise_width, histogram_mise, histogram_optimum
from genrates.rates.kernel_cdf import kernel_cdf_moments, kernel_sup_cdf, kernel_wasserstein
from genrates.rates.kernel_mise import kernel_amise, kernel_amise_bandwidth, kernel_mise, kernel_optimum
from genrates.rates.least_squares import log_log_slope
from genrates.rates.limit import LimitFit, fit_limit
from genrates.rates.mise_nd import histogram_mise_nd, kernel_mise_nd, optimum_nd
from genrates.rates.mixture import NormalMixture
from genrates.rates.neighbor_mise import NeighborErrors, neighbor_errors
from genrates.rates.plateau import PlateauFit, fit_plateau
from genrates.rates.regression import RateFit, fit_rate
from genrates.rates.series_mise import cosine_coefficients, data_interval, series_mise, series_optimum
from genrates.rates.smoothness import Truth, exponents
from genrates.rates.tails import tail_index
from genrates.rates.theory import format_rate, parse_exponent, theory_of
from genrates.rates.verdict import grows, judge, power, rivals_in

__all__ = [
    "DifferenceFit",
    "LimitFit",
    "NeighborErrors",
    "NormalMixture",
    "PlateauFit",
    "RateFit",
    "Truth",
    "cosine_coefficients",
    "data_interval",
    "exact_cdf_error",
    "exact_core_error",
    "exact_error",
    "exact_rate",
    "exponents",
    "fit_difference",
    "fit_limit",
    "fit_plateau",
    "fit_rate",
    "format_rate",
    "gaussian_mise",
    "gaussian_plateau",
    "grows",
    "higher_order_mise",
    "higher_order_optimum",
    "histogram_amise_width",
    "histogram_mise",
    "histogram_mise_nd",
    "histogram_optimum",
    "histogram_width",
    "judge",
    "kernel_amise",
    "kernel_amise_bandwidth",
    "kernel_bandwidth",
    "kernel_cdf_moments",
    "kernel_mise",
    "kernel_mise_nd",
    "kernel_optimum",
    "kernel_sup_cdf",
    "kernel_wasserstein",
    "log_log_slope",
    "neighbor_errors",
    "optimum_nd",
    "paired_counts",
    "parse_exponent",
    "power",
    "rivals_in",
    "series_mise",
    "series_optimum",
    "tail_index",
    "theory_of",
]
