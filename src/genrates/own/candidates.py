"""The models that are tried on a table, fast ones first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from genrates.estimators import (
    AdaptiveKernelDensity,
    DensityEstimator,
    FrequencyPolygon,
    GaussianDensity,
    HistogramDensity,
    KernelDensity,
    LogConcaveDensity,
    MixtureDensity,
    NeighborDensity,
    SamplePointKernelDensity,
    SeriesDensity,
)
from genrates.own.column import Column
from genrates.own.transformed import TransformedDensity


@dataclass(frozen=True)
class Family:
    """A kind of density.

    Attributes
    ----------
    name : str
    build : callable
        Bounds (a pair a column, or None) -> unfitted estimator.
    linear : bool
        Whether fitting and scoring take time proportional to the rows.
    most_columns : int
    least_columns : int
    bounded : bool
        Whether it takes bounds itself.
    """

    name: str
    build: Callable[[list | None], DensityEstimator]
    linear: bool = False
    most_columns: int = 50
    least_columns: int = 1
    bounded: bool = False


def _kde(**settings) -> Callable[[list | None], DensityEstimator]:
    return lambda bounds: KernelDensity(bounds=bounds, rtol=1e-4, **settings)


def _neural(_) -> DensityEstimator:
    from genrates.neural import NeuralCDF

    return NeuralCDF(random_state=0)


_FAMILIES = (
    Family("gaussian", lambda _: GaussianDensity(), linear=True),
    Family("gaussian_diag", lambda _: GaussianDensity(covariance="diag"), linear=True),
    Family("histogram", lambda _: HistogramDensity(), linear=True, most_columns=3),
    Family("ash", lambda _: FrequencyPolygon(n_shifts=8), linear=True, most_columns=1),
    Family("log_concave", lambda _: LogConcaveDensity(), most_columns=1),
    Family(
        "series",
        lambda bounds: SeriesDensity(
            bounds=bounds if bounds and all(None not in pair for pair in bounds) else None
        ),
        most_columns=2,
    ),
    Family("kde_silverman", _kde(bandwidth="silverman"), bounded=True),
    Family("kde_isj", _kde(bandwidth="improved_sheather_jones"), most_columns=1, bounded=True),
    Family("kde", _kde(), most_columns=6, bounded=True),
    Family("mixture", lambda _: MixtureDensity(n_components="bic", random_state=0, n_init=2)),
    Family("kde_likelihood", _kde(bandwidth="likelihood_cv"), most_columns=10, bounded=True),
    Family(
        "adaptive_kde",
        lambda bounds: AdaptiveKernelDensity(bounds=bounds, rtol=1e-4),
        most_columns=6,
        bounded=True,
    ),
    Family("sample_point_kde", lambda _: SamplePointKernelDensity(), most_columns=6),
    Family("knn", lambda _: NeighborDensity(), most_columns=3),
    Family("neural_cdf", _neural, most_columns=1),
)


@dataclass(frozen=True)
class Candidate:
    """A family, and what is done about bounds and tails.

    Attributes
    ----------
    name : str
        The family, with "+bounds" or "+transform".
    family : Family
    way : {"", "bounds", "transform"}
    """

    name: str
    family: Family
    way: str = ""

    def build(self, columns: Sequence[Column]) -> DensityEstimator:
        """Return the unfitted estimator for such columns.

        Parameters
        ----------
        columns : sequence of Column

        Returns
        -------
        DensityEstimator
        """
        supports = [column.support() for column in columns]
        if self.way == "transform":
            return TransformedDensity(
                density=self.family.build(None), bounds=supports, heavy=[column.heavy for column in columns]
            )
        if self.way == "bounds":
            return self.family.build(supports)
        # Distances are compared across columns, so these get columns of one scale.
        return (
            TransformedDensity(density=self.family.build(None))
            if len(columns) > 1
            else self.family.build(None)
        )


def candidates_for(columns: Sequence[Column], only: Sequence[str] | None = None) -> list[Candidate]:
    """Return the models to try on such columns.

    Parameters
    ----------
    columns : sequence of Column
    only : sequence of str, optional
        Names of candidates or families; default: all.

    Returns
    -------
    list of Candidate
        Fast ones first.
    """
    d = len(columns)
    limited = any(column.support() != (None, None) for column in columns)
    odd = limited or any(column.heavy for column in columns)
    found = []
    for family in _FAMILIES:
        if not family.least_columns <= d <= family.most_columns:
            continue
        found.append(Candidate(family.name, family))
        if limited and family.bounded:
            found.append(Candidate(f"{family.name}+bounds", family, "bounds"))
        if odd:
            found.append(Candidate(f"{family.name}+transform", family, "transform"))
    return [c for c in found if only is None or c.name in only or c.family.name in only]


def family_names() -> list[str]:
    """Return the names of all families.

    Returns
    -------
    list of str
    """
    return [family.name for family in _FAMILIES]
