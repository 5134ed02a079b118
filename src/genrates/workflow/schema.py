"""The shapes that configs must have, and messages that a person can act on when they have not."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    field_validator,
)

from genrates.errors import ConfigError, hint
from genrates.workflow.grid import Replicates, checked_replicates

#: a name of a config, or that name with parameters to change: "kde", {"kde": {"bandwidth": [0.1, 0.2]}}
Choice = str | dict[str, dict[str, Any]]
Choices = Annotated[list[Choice], Field(min_length=1)]
#: a number of training sets, or a map from sizes to numbers: 20, {100: 40, 1000: 20}
Repeats = Annotated[Replicates, BeforeValidator(checked_replicates)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class Grid(_Strict):
    """Sample sizes, and how often each is repeated."""

    sizes: Annotated[list[PositiveInt], Field(min_length=1)]
    """Sample sizes, increasing."""
    replicates: Repeats
    """How many training sets of each size; or a map, {100: 40, 1000: 20}, whose numbers count from their size
    on."""

    @field_validator("sizes")
    @classmethod
    def _increasing(cls, sizes: list[int]) -> list[int]:
        if any(a >= b for a, b in pairwise(sizes)):
            raise ValueError("must increase from each to the next")
        return sizes


class Budget(Grid):
    """How much work a run is: conf/budget/NAME.yaml."""

    name: str
    """The file's own name; results lie in results/NAME/."""
    minutes: PositiveInt = 120
    """How long a job of a cell may take. One that takes longer is ended, and its cell has failed."""


class ExperimentBudget(_Strict):
    """What an experiment does differently in one budget; null is the budget's own."""

    sizes: list[int] | None = None
    """Sample sizes, increasing."""
    replicates: Repeats | None = None
    """How many training sets of each size; or a map, whose numbers count from their size on."""
    replicates_of: dict[str, Repeats] = {}
    """Models that have a number of their own, by name: {slc: 50}, where a fit takes long."""
    minutes: PositiveInt | None = None
    """How long a job of a cell may take."""
    data: Choices | None = None
    """Data sets, instead of the experiment's."""
    models: Choices | None = None
    """Models, instead of the experiment's."""


class Tracking(_Strict):
    """Where the dashboard listens: conf/tracking/NAME.yaml."""

    host: str
    """Address; 127.0.0.1 is this machine alone."""
    port: Annotated[int, Field(ge=0, le=65535)]
    """Port."""


class PipelineConfig(_Strict):
    """The whole pipeline: conf/pipeline.yaml, and what `snakemake --config KEY=VALUE` changes."""

    budget: Budget
    """How much work: a name of conf/budget/."""
    tracking: Tracking
    """The dashboard's address: a name of conf/tracking/."""
    experiments: Annotated[list[str], Field(min_length=1)]
    """What to run: names of conf/experiment/."""
    results: str
    """The folder for results."""
    seed: NonNegativeInt
    """All random streams hang on it."""
    sizes: Annotated[list[PositiveInt], Field(min_length=1)] | None
    """Sample sizes instead of the budget's and the experiments'; null: theirs."""
    replicates: Repeats | None
    """Replicates instead of the budget's and the experiments'; null: theirs."""
    mirror: str | None
    """A folder that holds downloads by name, for machines without internet."""
    conf: str | None
    """A folder of configs of one's own, with groups like those of conf/."""


class ExperimentConfig(_Strict):
    """What a person runs and sweeps: conf/experiment/NAME.yaml."""

    title: str
    """The heading of its table."""
    data: Choices
    """Data sets; a list of values of a parameter is a data set a value."""
    models: Choices
    """Models; a list of values of a parameter is a variant a value."""
    metrics: Annotated[list[str], Field(min_length=1)] = ["root_mise", "root_sup_cdf", "kl", "wasserstein_1"]
    """What is measured: names of conf/metric/."""
    figures: Annotated[list[str], Field(min_length=1)] = ["convergence", "local_slopes", "table"]
    """What is drawn: modules of genrates.reporting.figures; the first comes first in the report."""
    sampler: Choice = "own"
    """How models are drawn from: a name of conf/sampler/, with parameters to change."""
    budgets: dict[str, ExperimentBudget] = {}
    """What differs in a budget, by the budget's name."""


class ModelMetadata(_Strict):
    """The lecture's columns of a model, and the theory that it answers to: `metadata` of conf/model/."""

    type: str
    """The lecture's column: Parametric, Nonparametric, Regressive ..."""
    method: str
    """The lecture's column: the method's name."""
    tuning: str | None
    """The lecture's column: what has to be chosen."""
    tuned: str | None = None
    """Name of the fitted attribute that holds the tuned value."""
    tuning_parameters: list[str] | None = None
    """Constructor's parameters that choose it, by a rule or by hand; null: `tuned` without its `_`."""
    limitation: str | None
    """The lecture's column: what the method cannot do well."""
    limitation_measured: str | None = None
    """The number that the table gives for the limitation: plateau, rate, or the name of a cost."""
    family: str | None = None
    """The family, where the model is one: the data sets whose truth it contains name it in `families`."""
    kind: Choice | None = None
    """The kind of estimator, which decides its exponents: a name that genrates.rates.smoothness knows, with
    properties that the parameters do not tell: {kernel: {order: 4}}."""
    theory: dict[str, Any] = {}
    """Asymptotic exponents by metric, instead of the kind's: a fraction, a formula in d, or {rate, formula};
    null: nothing known."""
    heavy_tails: dict[str, str] = {}
    """Metrics whose mean a few fits own, and the rule of tuning that does it: {kl: lscv}. Their rates have an
    interval only where many replicates show that the tail is light enough."""
    exact: str | None = None
    """The exact finite-n theory that applies: a name that genrates.rates.exact knows."""

    @field_validator("kind")
    @classmethod
    def _one(cls, kind: Choice | None) -> Choice | None:
        if isinstance(kind, dict) and len(kind) != 1:
            raise ValueError("must be one kind, with its properties")
        return kind


#: a number, or text that is one: "1/2", "{a} - 1"
Number = int | float | str


class Surface(_Strict):
    """The surface that data lie near."""

    dimension: PositiveInt
    """Its dimension."""
    curvature: Number = 0
    """0: it is a plane."""


class TruthMetadata(_Strict):
    """What decides how fast a density can be learned; genrates.rates.smoothness derives exponents from it."""

    tail: Number
    """bounded, normal, exponential, or the index v of a density that falls like |x|^(-v-1)."""
    ends: list[Number] = []
    """Powers with which the density falls to 0 at the ends of its support: 0 is a jump, 1 a kink."""
    inside: list[Number] = []
    """Powers of its singularities elsewhere: 0 is a jump, 1 a kink."""
    surface: Surface | None = None
    """The surface that the data lie near."""


class DataMetadata(_Strict):
    """What is known of a data set before it is made: `metadata` of conf/data/.

    Texts may name parameters of the data set in braces: "Two normals, d = {d}".
    """

    title: str
    """What it is, in words."""
    families: list[str] = []
    """Families that contain its truth."""
    n_max: PositiveInt | None = None
    """How many rows there are; null: without end."""
    n_features: PositiveInt | None = None
    """How many columns, where its class does not say."""
    truth: TruthMetadata | None = None
    """Properties of its density; null: nothing is known, and there are no exponents."""
    files: dict[str, Any] = {}
    """Files to download: {name: {url, sha256}}."""


def checked(schema: type[BaseModel], content: dict, where: str) -> Any:
    """Return a config in the shape that it must have.

    Parameters
    ----------
    schema : type
        A class of this module.
    content : dict
        The config.
    where : str
        The config key or file, for the error.

    Returns
    -------
    BaseModel
        An instance of `schema`.

    Raises
    ------
    ConfigError
        With a line for every key that is wrong.
    """
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        raise ConfigError("\n".join(_line(e, schema, where) for e in error.errors())) from None


def _line(error: dict, schema: type[BaseModel], where: str) -> str:
    """Say in one line what is wrong with one key."""
    key = ".".join(str(part) for part in error["loc"] if not str(part).startswith(("dict[", "str")))
    if error["type"] == "extra_forbidden":
        allowed = list(_schema_at(schema, error["loc"][:-1]).model_fields)
        meant = hint(error["loc"][-1], allowed)
        return f"{where}: unknown key '{key}'.{meant} Allowed: {', '.join(allowed)}."
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {key}: {message[0].lower()}{message[1:]}, got {error['input']!r}."


def _schema_at(schema: type[BaseModel], path: tuple) -> type[BaseModel]:
    """Return the schema of the part of a config to which a path of keys leads."""
    for key in path:
        if key in schema.model_fields:
            schema = next(_schemas_in(schema.model_fields[key].annotation), schema)
    return schema


def _schemas_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the schemas that a type hint is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _schemas_in(part)
