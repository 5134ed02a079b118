"""The shapes that configs must have, and messages that a person can act on when they have not."""

import difflib
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator

from genrates.errors import ConfigError


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Grid(_Strict):
    """Sample sizes and how often each is repeated."""

    sizes: Annotated[list[PositiveInt], Field(min_length=1)]
    replicates: PositiveInt

    @field_validator("sizes")
    @classmethod
    def _increasing(cls, sizes: list[int]) -> list[int]:
        if any(a >= b for a, b in pairwise(sizes)):
            raise ValueError("must increase from each to the next")
        return sizes


class Budget(Grid):
    name: str


class Share(_Strict):
    """What an experiment does differently in one budget; what it does not say is the budget's own."""

    sizes: list[int] | None = None
    replicates: int | None = None
    data: Annotated[list[str], Field(min_length=1)] | None = None
    models: Annotated[list[str | dict[str, dict[str, Any]]], Field(min_length=1)] | None = None


class Tracking(_Strict):
    host: str
    port: Annotated[int, Field(ge=0, le=65535)]


class Pipeline(_Strict):
    budget: Budget
    tracking: Tracking
    experiments: Annotated[list[str], Field(min_length=1)]
    results: str
    seed: Annotated[int, Field(ge=0)]
    mirror: str | None


class Experiment(_Strict):
    title: str
    data: Annotated[list[str], Field(min_length=1)]
    models: Annotated[list[str | dict[str, dict[str, Any]]], Field(min_length=1)]
    metrics: Annotated[list[str], Field(min_length=1)]
    figures: Annotated[list[str], Field(min_length=1)]
    sampler: str = "own"
    budgets: dict[str, Share] = {}


class ModelMetadata(_Strict):
    """The lecture's columns of a model, and the theory it answers to."""

    type: str
    method: str
    tuning: str | None
    tuned: str | None
    limitation: str | None
    limitation_measured: str | None = None
    family: str | None
    theory: dict[str, Any]
    exact: str | None
    neural: bool


class DataMetadata(_Strict):
    """What is known of a data set before it is made."""

    title: str
    families: list[str]
    n_max: int | None
    n_features: int | None = None
    theory: dict[str, dict[str, Any]]
    files: dict[str, Any]


def checked(schema: type[BaseModel], content: dict, where: str) -> Any:
    """`content` as a `schema`, or a ConfigError that names every key that is wrong."""
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        raise ConfigError("\n".join(_line(e, schema, where) for e in error.errors())) from None


def _line(error: dict, schema: type[BaseModel], where: str) -> str:
    key = ".".join(str(part) for part in error["loc"] if not str(part).startswith(("dict[", "str")))
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(error["loc"][-1]), list(schema.model_fields), n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        return f"{where}: unknown key '{key}'.{hint} Allowed: {', '.join(schema.model_fields)}."
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {key}: {message[0].lower()}{message[1:]}, got {error['input']!r}."
