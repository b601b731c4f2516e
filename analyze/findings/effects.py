"""The headline, the analysis of variance, and the contrast in every cell."""

from typing import Annotated, Literal

from pydantic import PlainSerializer

from analyze.findings.values import (
    BnMode,
    Cell,
    Contrast,
    Decision,
    Effect,
    Interval,
    Level,
    Row,
    Scale,
    cell_text,
)

#: The answer of a study, and the rule that gave it, in the order in which they are tried.
Headline = Literal["no_answer", "identical", "depends", "yes", "yes_trivial", "no", "undecided"]
Rule = Literal[
    "no_pair",
    "too_few_seeds",
    "identical",
    "equivalent_in_every_cell",
    "same_side_in_every_cell",
    "interaction",
    "both_tests",
    "cells_differ",
    "equivalent_on_average",
    "tests_disagree",
    "nothing_shown",
    "wins",
    "wins_open",
    "wins_unlike",
    "levels_none",
    "levels_few",
    "levels_depend",
    "levels_identical",
    "levels_trivial",
    "levels_differ",
    "levels_alike",
    "levels_open",
    "settled_equal",
    "settled_ahead",
    "settled_unlike",
    "settled_open",
]

#: Rules of pairs won: a level comes out ahead, which says nothing of the gap of the runs that have a value.
BY_WINS: tuple[Rule, ...] = ("wins", "wins_open", "wins_unlike")


def cells_text(cells: tuple[Cell, ...]) -> list[str]:
    """Cells as JSON and the tables name them."""
    return [cell_text(cell) for cell in cells]


class Equivalence(Row):
    """Two one-sided tests of the headline against the margin."""

    margin: float | None
    """equivalence margin of a gap, in its unit; none where none was declared"""
    unit: str
    """unit of the margin"""
    margin_pp: float | None
    """the same of an accuracy, percentage points"""
    p: float | None
    """equivalence of the headline within the margin, the larger of two one-sided p"""


class Primary(Row):
    """The headline: mean over cells of the contrast within seed, t on the seed means, exact sign-flip beside it."""

    response: str
    """what was measured"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    headline: Headline
    """the answer: no_answer, identical, depends, yes, yes_trivial, no or undecided"""
    rule: Rule
    """the rule that gave the answer"""
    decision: Decision
    """what is decided of the mean over cells: which level has the larger value, or that neither is shown to"""
    fixed: Decision | None = None
    """what a fixed number of seeds would decide of the mean, by t and flips; `decision` of a study that fixed it"""
    anytime: Decision | None = None
    """what the interval that holds at every look decides of it; of a study that declared its growth, `decision`"""
    depends_on: tuple[str, ...]
    """moderators of the effect, where an interaction or a cell of its own shows them"""
    conditional_on: str | None
    """the same as one text"""
    left_out: Annotated[tuple[Cell, ...], PlainSerializer(cells_text, return_type=list[str])]
    """cells that too few seeds completed, and that the mean leaves out"""
    cells_decided: dict[Decision, int]
    """number of cells under each decision"""
    contrast: Contrast | None
    """first level minus second; none where no two levels of three or more are declared"""
    winner: Level | None
    """the level that does better, where one is shown to"""
    unit: str
    """unit of the estimate"""
    mean_first: float | None
    """mean over cells of the contrast's first level, on the scale of the response, on the seeds complete for it"""
    mean_second: float | None
    """mean over cells of the contrast's second level, on the scale of the response, on the seeds complete for it"""
    estimate: float | None
    """mean over cells of the contrast"""
    ci95: Interval | None
    """the 95 % interval"""
    ci90: Interval | None
    """the 90 % interval, which equivalence is read from"""
    se_crossed: float | None
    """standard error with seeds and test images both random, percentage points"""
    t: float | None
    """t of the seed means"""
    df: int | float | None
    """degrees of freedom of t; Welch's where seeds are not shared"""
    p_t: float | None
    """p of the t test, two-sided"""
    p_signflip: float | None
    """sign-flip p, whole seeds flip; exact up to 16 seeds"""
    n_seeds: int
    """seeds complete for this row"""
    seeds_to_decide: int | None
    """seeds that would decide with power 80 %, were the estimate the truth"""
    equivalence: Equivalence


class AnovaRow(Row):
    """One effect of the repeated-measures ANOVA on the two levels of the contrast."""

    response: str
    """what was measured"""
    scale: Scale
    """raw: the unit of the response, of restricted_time images; log: log ratios; logit: log odds"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    effect: Effect
    """factors of the effect, joined by colons"""
    df_num: int
    """degrees of freedom of the effect"""
    df_den: int
    """degrees of freedom of its error stratum (effect x seed)"""
    F: float | None
    """F of the repeated-measures ANOVA"""
    p_uncorrected: float | None
    """p of F, sphericity assumed"""
    epsilon_gg: float | None
    """Greenhouse-Geisser's epsilon"""
    p_gg: float | None
    """p of F with Greenhouse-Geisser's correction"""
    p_signflip: float | None
    """sign-flip p, whole seeds flip; exact up to 16 seeds"""
    p_holm: float | None
    """sign-flip p, Holm over the effects that contain the primary factor"""
    p_max_t: float | None
    """sign-flip p, max-T over the interactions with the primary factor; it decides"""
    decision: Decision | None
    """what is decided of the effect"""
    partial_eta_sq: float | None
    """partial eta squared"""
    partial_eta_sq_ci90: Interval | None
    """its 90 % interval"""
    n_seeds: int
    """seeds complete for this row"""


class LeaveOneOutRow(Row):
    """The headline without one level of a moderator."""

    moderator: str
    """factor of which a level is left out"""
    level: Level
    """the level left out"""
    estimate: float | None
    """mean over the other cells of the contrast, in the unit of the headline"""
    ci95: Interval | None
    """the 95 % interval"""
    p_t: float | None
    """p of the t test, two-sided"""
    p_signflip: float | None
    """sign-flip p, whole seeds flip; exact up to 16 seeds"""
    n_seeds: int
    """seeds complete for this row"""


class SimpleEffect(Row):
    """The contrast in one cell: first level minus second, differences within seed."""

    cell: Cell
    """level of this factor"""
    contrast: Contrast
    """first level minus second"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    scale: Scale
    """raw: the unit of the response; log: log ratios; logit: log odds"""
    n: int
    """pairs of runs"""
    mean_first: float | None
    """mean of the contrast's first level over the pairs, in the unit of the scale"""
    mean_second: float | None
    """mean of the contrast's second level over the pairs, in the unit of the scale"""
    gap: float | None
    """mean difference within seeds, in the unit of the scale"""
    sd: float | None
    """standard deviation of the differences over seeds, in the unit of the scale"""
    ci95: Interval | None
    """the 95 % interval"""
    ci90: Interval | None
    """the 90 % interval, which equivalence is read from"""
    t: float | None
    """paired t"""
    p_t: float | None
    """p of the paired t test, two-sided"""
    p_t_holm: float | None
    """the same, Holm over cells"""
    p_wilcoxon: float | None
    """signed-rank p on whole numbers of test images"""
    p_signflip: float | None
    """sign-flip p; exact up to 16 seeds"""
    p_signflip_holm: float | None
    """sign-flip p, Holm over cells"""
    p_max_t: float | None
    """sign-flip p, max-T over cells; it decides"""
    p_beyond: float | None
    """sign-flip p of a difference beyond the margin, max-T over cells and sides"""
    decision: Decision
    """what is decided of the cell: which level has the larger value, or that neither is shown to"""
    fixed: Decision | None = None
    """what a fixed number of seeds would decide; of a study that fixed it, `decision`"""
    anytime: Decision | None = None
    """what the interval that holds at every look decides; of a study that declared its growth, `decision`"""
    trivial: bool
    """whether a level is ahead by less than the margin"""
    p_tost: float | None
    """equivalence within the margin, the larger of two one-sided p"""
    p_tost_holm: float | None
    """the same, Holm over cells"""
    d_z: float | None
    """mean difference over its standard deviation"""
    d_z_ci95: Interval | None
    """its 95 % interval, by the noncentral t"""
    bf10: float | None
    """JZS Bayes factor for a difference, Cauchy scale .707"""
    pair_correlation: float | None
    """correlation of the two arms over seeds"""
