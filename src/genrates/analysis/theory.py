"""Which asymptotic exponent a cell answers to."""

from typing import Any

from genrates.analysis.results import CellResults
from genrates.analysis.text import filled
from genrates.rates import Truth, exponents, theory_of


def asymptotic(metric: str, cell: CellResults) -> dict[str, Any]:
    """Return the asymptotic exponent of a metric of a cell.

    It is that of the model's kind on this truth. A model whose family does not contain the truth has a
    plateau. A family that chooses its own size is a sieve there: it has no plateau, and no exponent that is
    known. A tuning parameter that a person has fixed leaves its bias, or its spread, at every n.

    Parameters
    ----------
    metric : str
        Name of the metric.
    cell : CellResults
        The cell.

    Returns
    -------
    dict
        `rate_theory`, a float or None, and `theory`, its formula as text.
    """
    about = cell.model_metadata
    entry = exponent(metric, cell)
    family, tuning = about.get("family"), tuning_of(cell)
    if entry is not None and family and not _family_contains_truth(family, cell):
        if rules := [name for name, value in tuning.items() if isinstance(value, str)]:
            return {"rate_theory": None, "theory": f"{rules[0]} grows (truth outside the family)"}
        return {"rate_theory": 0.0, "theory": "plateau (truth outside the family)"}
    fixed = [name for name, value in tuning.items() if not isinstance(value, str | None)]
    if entry is not None and not family and fixed:
        return {"rate_theory": 0.0, "theory": f"plateau ({fixed[0]} is fixed)"}
    rate, formula = theory_of(entry, cell.n_features)
    return {"rate_theory": None if rate is None else float(rate), "theory": formula}


def tuning_of(cell: CellResults) -> dict[str, Any]:
    """Return the constructor's parameters that choose the tuned value.

    Parameters
    ----------
    cell : CellResults
        The cell.

    Returns
    -------
    dict
        Their values by name: text is a rule, None is not used, anything else was fixed by a person.
    """
    about = cell.model_metadata
    named, tuned = about.get("tuning_parameters"), about.get("tuned")
    names = named or ([tuned.removesuffix("_")] if tuned else [])
    return {name: cell.model_config.get(name) for name in names}


def exponent(metric: str, cell: CellResults) -> Any:
    """Return the exponent of a well-tuned model of this kind on this truth.

    Parameters
    ----------
    metric : str
        Name of the metric.
    cell : CellResults
        The cell.

    Returns
    -------
    object
        What :func:`genrates.rates.theory_of` reads; text may name the dimension d. It is the model's own
        `metadata.theory` where that has the metric, else what its kind has on this truth.
    """
    about = cell.model_metadata
    own, kinds = about.get("theory") or {}, kinds_of(about.get("kind"))
    if metric in own or not kinds:
        return own.get(metric)
    ((kind, properties),) = kinds.items()
    parameters = cell.model_config | properties
    return exponents(kind, truth_of(cell.data_config), cell.n_features, parameters).get(metric)


def kinds_of(kind: str | dict[str, dict] | None) -> dict[str, dict[str, Any]]:
    """Return the kind of a model and its properties.

    Parameters
    ----------
    kind : str, dict or None
        A model's `metadata.kind`: a name, or {name: properties}.

    Returns
    -------
    dict of dict
        Properties by name; empty for no kind.
    """
    return {kind: {}} if isinstance(kind, str) else kind or {}


def truth_of(data: dict[str, Any]) -> Truth | None:
    """Return what a data set's config says of its truth.

    Parameters
    ----------
    data : dict
        The config. Its `metadata.truth` may name its parameters in braces.

    Returns
    -------
    Truth or None
        None where it says nothing.

    Raises
    ------
    ValueError
        For braces around what is no parameter, or for what is no property of a density.
    """
    properties = data["metadata"].get("truth")
    return None if properties is None else Truth.of(filled(properties, data))


def _family_contains_truth(family: str, cell: CellResults) -> bool:
    """Return whether the model's family contains the truth; a mixture of too few components does not."""
    if family not in (cell.data_metadata.get("families") or []):
        return False
    components, mixture = cell.model_config.get("n_components"), getattr(cell.truth, "mixture", None)
    return not (isinstance(components, int) and mixture is not None and components < len(mixture.weights))
