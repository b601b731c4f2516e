"""What of a report in JSON is read again: of today's or of one that was kept; checked, for it may be anybody's."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analyze.errors import InvalidTableError
from analyze.findings import Findings, Interval, Level
from analyze.report.json_twin import to_json
from analyze.study import stored

#: Larger than the report of any study.
MOST_BYTES = 2**28


class _Said(BaseModel):
    """Keys that are not known here are another release's."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Study(_Said):
    """What was run."""

    name: str
    planned: int
    completed: int
    diverged: int
    failed: int
    pending: int
    seeds: tuple[int | str, ...]
    factors: dict[str, tuple[Level, ...]]
    extended: bool


class Response(_Said):
    """What was compared."""

    name: str
    better: str
    unit: str
    scale: str


class Question(_Said):
    """What was asked."""

    factor: str
    contrast: tuple[Level, Level] | None
    moderators: tuple[str, ...]
    response: Response


class Equivalence(_Said):
    """The margin, by its name of any release."""

    margin: float | None = None
    margin_pp: float | None = None


class Primary(_Said):
    """What was answered."""

    headline: str
    decision: str
    depends_on: tuple[str, ...]
    unit: str
    estimate: float | None
    ci95: Interval | None
    n_seeds: int
    equivalence: Equivalence


class CellRow(_Said):
    """What was decided of a cell."""

    cell: dict[str, Level]
    bn_mode: str
    scale: str
    decision: str


class Claim(_Said):
    """What was said of a claim."""

    id: str
    verdict: str


class Twin(_Said):
    """A report in JSON, as far as two are compared."""

    study: Study
    question: Question
    primary: Primary
    simple_effects: tuple[CellRow, ...] = ()
    claims: tuple[Claim, ...] = ()
    methods: dict[str, Any] = Field(default={})


def of_findings(findings: Findings) -> Twin:
    """The report that these findings would give."""
    return Twin.model_validate_json(to_json(findings))


def read(path: Path) -> Twin:
    """A report that `analyze report --format json` wrote.

    Raises:
        InvalidTableError: it is none.
    """
    try:
        with stored.regular(path) as file:
            return Twin.model_validate_json(file.read(MOST_BYTES))
    except OSError as error:
        raise InvalidTableError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "all of it"
        raise InvalidTableError(
            f"{path} is no report that analyze report --format json wrote: {where}: {first['msg']}"
        ) from None
