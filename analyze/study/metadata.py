"""What the collector says of a study in the metadata of its tables, checked: they may come from anybody."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Json,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    model_validator,
)

from analyze.errors import InvalidTableError
from analyze.findings import Better, Scale
from analyze.study.tidy import MOST_LEVEL
from collect import schema

T = TypeVar("T")

#: Of the response, or of each of several.
OneOrEach: TypeAlias = T | Annotated[list[T], Field(min_length=1, max_length=100)]

Level = StrictBool | StrictInt | StrictFloat | Annotated[StrictStr, Field(max_length=MOST_LEVEL)]


class _Said(BaseModel):
    """Keys that are not known here are another release's."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Analysis(_Said):
    """What the study sets out to test."""

    factor: str = "ordering"
    contrast: Annotated[list[Level], Field(min_length=2, max_length=2)] = ["act_bn", "bn_act"]
    margin_pp: Annotated[float, Field(gt=0, lt=100)] = 0.1
    targets: Annotated[
        list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=1, max_length=schema.MOST_TARGETS)
    ] = [0.95, 0.97]
    alpha: Annotated[float, Field(ge=schema.LEAST_ALPHA, le=schema.MOST_ALPHA)] = 0.05
    claims: Annotated[list[Annotated[StrictStr, Field(min_length=1, max_length=100)]], Field(max_length=100)] = []
    response: OneOrEach[Annotated[StrictStr, Field(min_length=1, max_length=MOST_LEVEL)]] | None = None
    better: OneOrEach[Better] | None = None
    unit: OneOrEach[Annotated[StrictStr, Field(max_length=MOST_LEVEL)]] | None = None
    scale: OneOrEach[Scale] | None = None
    bounds: tuple[float, float] | None = None
    margin: Annotated[float, Field(gt=0)] | None = None
    margin_ratio: Annotated[float, Field(gt=1)] | None = None
    threshold: float | None = None
    folds: Annotated[StrictInt, Field(ge=schema.LEAST_FOLDS)] | None = None
    sequential: Literal[False, True, "pocock"] = False
    seeds_max: Annotated[StrictInt, Field(ge=1, lt=2**31)] | None = None
    batch: Annotated[StrictInt, Field(ge=1, lt=2**31)] = 5


class Study(_Said):
    """The resolved study."""

    name: Annotated[str, Field(min_length=1)]
    factors: dict[str, Annotated[list[Level], Field(min_length=1)]]
    seeds: list[StrictInt | StrictStr] = []
    analysis: Analysis
    recipe: dict[str, Any] = {}
    extended: bool = False

    @model_validator(mode="after")
    def _levels_differ(self) -> Self:
        for name, levels in self.factors.items():
            if len(set(levels)) < len(levels):
                raise ValueError(f"factor {name} has a level twice")
        return self


class Metadata(_Said):
    """The metadata of trials.parquet (collect.schema says what each means)."""

    schema_version: Json[Annotated[int, Field(ge=1)]]
    recipe_version: Json[Annotated[int, Field(ge=1)]] | None = None
    study: Json[Study]
    planned: Json[Annotated[int, Field(ge=1, lt=2**53)]]
    pending: Json[Annotated[int, Field(ge=0)]]
    parts_digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    environments: Json[list[dict[str, Any]]] = []

    @model_validator(mode="after")
    def _pending_is_planned(self) -> Self:
        if self.pending > self.planned:
            raise ValueError(f"{self.pending} trials are pending of {self.planned} planned")
        return self


def read(found: Mapping[bytes, bytes] | None, path: Path) -> Metadata | None:
    """The metadata of a table; None where the collector did not write it.

    Raises:
        InvalidTableError: they are impossible, or a newer release's.
    """
    said = {key.decode(errors="replace"): value.decode(errors="replace") for key, value in (found or {}).items()}
    if "schema_version" not in said or not said.keys() & {"planned", "recipe_version", "parts_digest"}:
        return None  # another tool may have a schema and a version of its own
    try:
        metadata = Metadata.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the counts"
        raise InvalidTableError(f"{path}: what it says of its study is impossible: {where}: {first['msg']}") from None
    if metadata.schema_version > schema.SCHEMA_VERSION:
        raise InvalidTableError(
            f"{path} was written by a newer release (schema version {metadata.schema_version}, this one knows "
            f"{schema.SCHEMA_VERSION}); analyse it with that release"
        )
    return metadata
