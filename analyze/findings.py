"""One frozen, unrounded result object. Prose, tables, figures and JSON all derive from it.

Accuracies and their differences are in percentage points, intervals are (low, high). A number that cannot be had
is None, and `Findings.reasons` says why: its key is the JSON Pointer (RFC 6901) of the null, as "/anova/3/p_gg", or
of a section that is empty, as "/convergence".
"""

import json
from collections.abc import Iterable
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Level = str | int | float | bool
Cell = dict[str, Level]
Interval = tuple[float, float]
BnMode = Literal["running", "batch"]
Scale = Literal["raw", "logit"]
Verdict = Literal["supported", "refuted", "inconclusive", "premise_not_met", "not_tested"]


class Row(BaseModel):
    """A frozen record; NaN and infinity are refused, so that JSON never lies."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Note(Row):
    """What has to be said of a study before its results: a code with the numbers that its sentence needs.

    `rows_missing`, `rows_extra`: the table has not as many rows as trials were planned and are not pending;
    `no_digests`: nothing says what the tables were when they were written; `other_recipe`: another release trained it.
    """

    code: Literal["rows_missing", "rows_extra", "no_digests", "other_recipe"]
    numbers: dict[str, int]


class StudySummary(Row):
    """What was planned and what came of it: planned = completed + diverged + failed + pending."""

    name: str
    planned: int
    completed: int
    diverged: int
    failed: int
    pending: int
    stuck: int | None
    seeds: tuple[int, ...]
    factors: dict[str, tuple[Level, ...]]
    extended: bool
    deviations: tuple[str, ...]
    notes: tuple[Note, ...] = ()


class Equivalence(Row):
    """Two one-sided tests of the headline against the margin."""

    margin_pp: float
    p: float | None


class Primary(Row):
    """The headline: mean over cells of the contrast within seed, t on the seed means, exact sign-flip beside it."""

    response: str
    bn_mode: BnMode
    conditional_on: str | None
    contrast: str
    unit: Literal["pp"]
    estimate: float | None
    ci95: Interval | None
    se_crossed: float | None
    t: float | None
    df: int | None
    p_t: float | None
    p_signflip: float | None
    n_seeds: int
    equivalence: Equivalence


class AnovaRow(Row):
    """One effect of the repeated-measures ANOVA on the two levels of the contrast."""

    response: str
    scale: Scale
    bn_mode: BnMode
    effect: str
    df_num: int
    df_den: int
    F: float | None
    p_uncorrected: float | None
    epsilon_gg: float | None
    p_gg: float | None
    p_signflip: float | None
    p_holm: float | None
    partial_eta_sq: float | None
    partial_eta_sq_ci90: Interval | None
    n_seeds: int


class LeaveOneOutRow(Row):
    """The headline without one level of a moderator."""

    moderator: str
    level: Level
    estimate: float | None
    ci95: Interval | None
    p_t: float | None
    p_signflip: float | None


class SimpleEffect(Row):
    """The contrast in one cell: first level minus second, differences within seed."""

    cell: Cell
    contrast: str
    bn_mode: BnMode
    scale: Scale
    n: int
    gap: float | None
    sd: float | None
    ci95: Interval | None
    t: float | None
    p_t: float | None
    p_t_holm: float | None
    p_wilcoxon: float | None
    p_signflip: float | None
    p_signflip_holm: float | None
    p_tost: float | None
    p_tost_holm: float | None
    d_z: float | None
    bf10: float | None
    pair_correlation: float | None


class ConvergenceRow(Row):
    """One term of one model of time-to-target or of the learning curve, first level of the contrast to second.

    `term` names what `estimate` is: "time_ratio" (aft: of the examples needed; below 1 the first level is faster),
    "hazard_ratio" (cox: of crossing; above 1 the first level is faster), "rmst_difference" (rmst: of min(T, budget),
    in examples; "rmst_difference_left" and "_right" put every crossing at the left or right end of its interval),
    "auc_difference" (auc: of the mean accuracy over log examples, in percentage points), "gap_early" and
    "gap_early_minus_final" (auc: in percentage points). `p_holm` corrects a row for its family: the
    cells of one model, term and target, or the targets that are not the primary one.
    """

    model: Literal["aft", "cox", "rmst", "auc"]
    eval_set: str
    bn_mode: str
    target: float | None
    cell: Cell | None
    term: str
    estimate: float | None
    ci95: Interval | None
    p: float | None
    p_method: str
    censored_share: float | None
    p_holm: float | None = None


class StabilityRow(Row):
    """Spread between seeds, or the rate of diverged or stuck runs, by level of the contrast.

    `values` are standard deviations in percentage points, or shares of runs. An empty cell means all cells: its ratio
    is the geometric mean over cells of the ratios of standard deviations.
    """

    kind: Literal["spread", "diverged", "stuck"]
    bn_mode: BnMode
    cell: Cell
    values: dict[str, float | None]
    ratio: float | None
    p_signflip: float | None
    p_holm: float | None
    ratio_ci95: Interval | None = None


class MechanismRow(Row):
    """The contrast of one measure of the probes in one cell, or over all cells that have it (an empty cell)."""

    measure: str
    cell: Cell
    estimate: float | None
    ci95: Interval | None
    p_signflip: float | None


class MultiverseRow(Row):
    """The headline under another reasonable choice, within an estimand."""

    estimand: str
    choices: dict[str, str]
    estimate: float | None
    p: float | None
    agrees: bool | None


class PowerRow(Row):
    """What this study could have seen in one cell, or of the mean over cells (an empty cell), with power 80 %.

    `seeds_for_margin` shows equivalence at a true gap of zero; it is planned on the upper 80 % limit of sd(D).
    """

    cell: Cell
    sd: float | None
    smallest_detectable_pp: float | None
    seeds_for_margin: int | None


class Component(Row):
    """One tested contrast of a claim."""

    contrast: str
    side: Literal["greater", "less", "two-sided", "equivalent"]
    estimate: float | None
    ci95: Interval | None
    p: float | None


class Claim(Row):
    """A claim and its verdict, by rules declared before the data.

    `components` are the numbers that decided it; `p_holm` corrects the p of support over the claims. `seeds_needed`
    is how many seeds would decide an inconclusive claim with power 80 %, were its estimates the truth; None where no
    number of seeds would, or nothing is open.
    """

    id: str
    statement: str
    verdict: Verdict
    reason: str
    components: tuple[Component, ...]
    p_holm: float | None
    seeds_needed: int | None = None


class CurvePoint(Row):
    """Learning curve of one cell and level at one evaluation point: median over seeds and the central 80 %."""

    cell: Cell
    level: str
    eval_set: str
    bn_mode: str
    examples_seen: int
    accuracy: float
    low: float
    high: float
    n_seeds: int


class CellSummary(Row):
    """Final accuracy of one level of the primary factor in one cell, over seeds."""

    cell: Cell
    level: str
    bn_mode: BnMode
    n: int
    accuracy: float
    sd: float | None
    values: dict[str, float]


class SurvivalPoint(Row):
    """Share of one level's runs in one cell that have not reached the target after so many images; a step function."""

    cell: Cell
    level: str
    target: float
    bn_mode: str
    examples_seen: int
    surviving: float
    n: int


class LayerPoint(Row):
    """One probe in one layer at the last evaluation point: median over seeds and the central 80 %."""

    measure: str
    cell: Cell
    level: str
    layer: int
    value: float
    low: float
    high: float
    n_seeds: int


class PowerPoint(Row):
    """The smallest gap detectable at 80 % power with so many seeds; `cell` None is the mean over cells."""

    cell: Cell | None
    n_seeds: int
    smallest_detectable_pp: float


class Findings(Row):
    """Everything the report may say. See the module's docstring for units and missing numbers."""

    schema_version: Annotated[int, Field(ge=1)] = SCHEMA_VERSION
    study: StudySummary
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
    methods: dict[str, str | int | float | bool | list[str] | None] = {}
    reasons: dict[str, str] = {}


Why = dict[str, str]
R = TypeVar("R", bound=Row)


def token(name: str) -> str:
    """A key as a part of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def section(name: str, rows: Iterable[tuple[R, Why]], reasons: dict[str, str]) -> tuple[R, ...]:
    """The rows of a section; why their nulls are null is added to `reasons` under each null's JSON Pointer."""
    kept = []
    for index, (row, why) in enumerate(rows):
        kept.append(row)
        reasons |= {f"/{name}/{index}/{field}": reason for field, reason in why.items()}
    return tuple(kept)


def to_json(findings: Findings) -> bytes:
    """The JSON twin of the report: unrounded, keys in the order of the model, the same bytes for the same findings."""
    return (json.dumps(findings.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n").encode()


def json_schema() -> dict[str, object]:
    """The JSON Schema of the report, as published in findings.schema.json."""
    schema = Findings.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


if __name__ == "__main__":
    print(json.dumps(json_schema(), indent=1, ensure_ascii=False))  # noqa: T201  # the published schema
