"""One frozen, unrounded result object: typed, nothing printed. Prose, tables, figures and JSON all derive from it.

Accuracies and their differences are in percentage points, intervals are (low, high). A number that cannot be had
is None, and `Findings.reasons` says why: its key is the JSON Pointer (RFC 6901) of the null, as "/anova/3/p_gg", or
of a section that is empty, as "/convergence". Imports nothing of this project, but for the words of `answer`.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from analyze.findings.certainty import MultiverseRow, PowerPoint, PowerRow
from analyze.findings.claims import Claim, ClaimLevel, Component, ContrastUnit, SaidBy, Side
from analyze.findings.diagnostics import DiagnosticRow
from analyze.findings.effects import (
    BY_WINS,
    AnovaRow,
    Equivalence,
    Headline,
    LeaveOneOutRow,
    Primary,
    Rule,
    SimpleEffect,
)
from analyze.findings.failures import FailureRow
from analyze.findings.levels import LevelPair, LevelRow, Levels, OmnibusRow
from analyze.findings.outcomes import OutcomeRow, PublishedRow
from analyze.findings.profiles import CellSummary, CurvePoint, InitialShare, LayerPoint, SurvivalPoint
from analyze.findings.repeatability import Heterogeneity, ImagesRow, RepeatabilityRow, ShrunkenGap
from analyze.findings.responses import ResponseRow
from analyze.findings.sequential import Growth, SequentialRow
from analyze.findings.study import ACCURACY, Note, Question, Response, StudySummary
from analyze.findings.training import ConvergenceRow, MechanismRow, StabilityRow
from analyze.findings.values import (
    RATIO_MARGIN,
    Better,
    BnMode,
    Cell,
    Decision,
    Interval,
    Level,
    Message,
    Row,
    Scale,
    Unit,
    Value,
    Verdict,
    Why,
    as_messages,
    because,
    cell_text,
    contrast_text,
)

__all__ = [
    "ACCURACY",
    "BY_WINS",
    "RATIO_MARGIN",
    "AnovaRow",
    "Better",
    "BnMode",
    "Cell",
    "CellSummary",
    "Claim",
    "ClaimLevel",
    "Component",
    "ContrastUnit",
    "ConvergenceRow",
    "CurvePoint",
    "Decision",
    "DiagnosticRow",
    "Equivalence",
    "FailureRow",
    "Findings",
    "Growth",
    "Headline",
    "Heterogeneity",
    "ImagesRow",
    "InitialShare",
    "Interval",
    "LayerPoint",
    "LeaveOneOutRow",
    "Level",
    "LevelPair",
    "LevelRow",
    "Levels",
    "MechanismRow",
    "Message",
    "MultiverseRow",
    "Note",
    "OmnibusRow",
    "OutcomeRow",
    "PowerPoint",
    "PowerRow",
    "Primary",
    "PublishedRow",
    "Question",
    "RepeatabilityRow",
    "Response",
    "ResponseRow",
    "Row",
    "Rule",
    "SaidBy",
    "Scale",
    "SequentialRow",
    "ShrunkenGap",
    "Side",
    "SimpleEffect",
    "StabilityRow",
    "StudySummary",
    "SurvivalPoint",
    "Unit",
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
    """Everything the report may say. See the package's docstring for units and missing numbers.

    `further` are those of every response beside the first that was asked for: its question, headline, effects and
    cells, with their own `reasons`.
    """

    schema_version: Annotated[int, Field(ge=1)] = SCHEMA_VERSION
    study: StudySummary
    question: Question
    primary: Primary
    anova: tuple[AnovaRow, ...] = ()
    leave_one_out: tuple[LeaveOneOutRow, ...] = ()
    simple_effects: tuple[SimpleEffect, ...] = ()
    orderings: tuple[SimpleEffect, ...] = ()
    levels: Levels = Levels(omnibus=None)
    sequential: tuple[SequentialRow, ...] = ()
    growth: Growth | None = None
    failures: tuple[FailureRow, ...] = ()
    responses: tuple[ResponseRow, ...] = ()
    outcomes: tuple[OutcomeRow, ...] = ()
    published: tuple[PublishedRow, ...] = ()
    convergence: tuple[ConvergenceRow, ...] = ()
    stability: tuple[StabilityRow, ...] = ()
    mechanism: tuple[MechanismRow, ...] = ()
    multiverse: tuple[MultiverseRow, ...] = ()
    power: tuple[PowerRow, ...] = ()
    repeatability: tuple[RepeatabilityRow, ...] = ()
    heterogeneity: Heterogeneity = Heterogeneity(tau=None)
    images: tuple[ImagesRow, ...] = ()
    diagnostics: tuple[DiagnosticRow, ...] = ()
    claims: tuple[Claim, ...] = ()
    cells: tuple[CellSummary, ...] = ()
    curves: tuple[CurvePoint, ...] = ()
    survival: tuple[SurvivalPoint, ...] = ()
    initial_shares: tuple[InitialShare, ...] = ()
    layer_profile: tuple[LayerPoint, ...] = ()
    power_curve: tuple[PowerPoint, ...] = ()
    further: tuple["Findings", ...] = ()
    methods: dict[str, str | int | float | bool | list[str] | None] = Field(default={})
    reasons: dict[str, Message] = Field(default={})

    def answer(self, lang: Literal["en", "zh"] = "en") -> str:
        """The answer in words, as the report begins and a terminal shows it."""
        from analyze.report.terminal import sentence  # noqa: PLC0415  # what is said of findings is not their affair
        from analyze.report.words.catalogue import catalogue  # noqa: PLC0415

        return sentence(self, catalogue(lang))


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
