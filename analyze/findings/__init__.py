"""One frozen, unrounded result object: typed, nothing printed. Prose, tables, figures and JSON all derive from it.

Accuracies and their differences are in percentage points, intervals are (low, high). A number that cannot be had
is None, and `Findings.reasons` says why: its key is the JSON Pointer (RFC 6901) of the null, as "/anova/3/p_gg", or
of a section that is empty, as "/convergence". Imports nothing of this project.
"""

from collections.abc import Iterable
from typing import Annotated, TypeVar

from pydantic import Field

from analyze.findings.certainty import MultiverseRow, PowerPoint, PowerRow
from analyze.findings.claims import Claim, Component
from analyze.findings.effects import AnovaRow, Condition, Equivalence, LeaveOneOutRow, Primary, SimpleEffect
from analyze.findings.profiles import CellSummary, CurvePoint, LayerPoint, SurvivalPoint
from analyze.findings.study import Note, Question, Response, StudySummary
from analyze.findings.training import ConvergenceRow, MechanismRow, StabilityRow
from analyze.findings.values import (
    BnMode,
    Cell,
    Interval,
    Level,
    Message,
    Row,
    Scale,
    Value,
    Verdict,
    Why,
    as_messages,
    because,
    cell_text,
    contrast_text,
)

__all__ = [
    "AnovaRow",
    "BnMode",
    "Cell",
    "CellSummary",
    "Claim",
    "Component",
    "Condition",
    "ConvergenceRow",
    "CurvePoint",
    "Equivalence",
    "Findings",
    "Interval",
    "LayerPoint",
    "LeaveOneOutRow",
    "Level",
    "MechanismRow",
    "Message",
    "MultiverseRow",
    "Note",
    "PowerPoint",
    "PowerRow",
    "Primary",
    "Question",
    "Response",
    "Row",
    "Scale",
    "SimpleEffect",
    "StabilityRow",
    "StudySummary",
    "SurvivalPoint",
    "Value",
    "Verdict",
    "Why",
    "as_messages",
    "because",
    "cell_text",
    "contrast_text",
    "section",
    "token",
]

SCHEMA_VERSION = 2


class Findings(Row):
    """Everything the report may say. See the package's docstring for units and missing numbers."""

    schema_version: Annotated[int, Field(ge=1)] = SCHEMA_VERSION
    study: StudySummary
    question: Question
    primary: Primary
    anova: tuple[AnovaRow, ...] = ()
    leave_one_out: tuple[LeaveOneOutRow, ...] = ()
    simple_effects: tuple[SimpleEffect, ...] = ()
    orderings: tuple[SimpleEffect, ...] = ()
    convergence: tuple[ConvergenceRow, ...] = ()
    stability: tuple[StabilityRow, ...] = ()
    mechanism: tuple[MechanismRow, ...] = ()
    multiverse: tuple[MultiverseRow, ...] = ()
    power: tuple[PowerRow, ...] = ()
    claims: tuple[Claim, ...] = ()
    cells: tuple[CellSummary, ...] = ()
    curves: tuple[CurvePoint, ...] = ()
    survival: tuple[SurvivalPoint, ...] = ()
    layer_profile: tuple[LayerPoint, ...] = ()
    power_curve: tuple[PowerPoint, ...] = ()
    methods: dict[str, str | int | float | bool | list[str] | None] = Field(default={})
    reasons: dict[str, Message] = Field(default={})


R = TypeVar("R", bound=Row)


def token(name: object) -> str:
    """A key as a part of a JSON Pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def section(name: str, rows: Iterable[tuple[R, Why]], reasons: dict[str, Message]) -> tuple[R, ...]:
    """The rows of a section; why their nulls are null is added to `reasons` under each null's JSON Pointer."""
    kept = []
    for index, (row, why) in enumerate(rows):
        kept.append(row)
        reasons |= {f"/{name}/{index}/{field}": reason for field, reason in why.items()}
    return tuple(kept)
