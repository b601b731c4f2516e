"""The headline, the analysis of variance, and the contrast in every cell."""

from typing import Annotated, Literal

from pydantic import PlainSerializer

from analyze.findings.values import BnMode, Cell, Contrast, Effect, Interval, Level, Row, Scale


class Condition(Row):
    """Cells that carry the headline: those at these levels, or those at other levels than these."""

    cell: Cell
    excluded: bool


def conditions_text(conditions: tuple[Condition, ...]) -> str | None:
    """Conditions as JSON and the tables name them, "activation=relu; depth≠2"."""
    texts = [
        ", ".join(f"{name}{'≠' if one.excluded else '='}{level}" for name, level in one.cell.items())
        for one in conditions
    ]
    return "; ".join(texts) or None


class Equivalence(Row):
    """Two one-sided tests of the headline against the margin."""

    margin_pp: float
    """equivalence margin, percentage points"""
    p: float | None
    """equivalence of the headline within the margin, the larger of two one-sided p"""


class Primary(Row):
    """The headline: mean over cells of the contrast within seed, t on the seed means, exact sign-flip beside it."""

    response: str
    """what was measured"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    conditional_on: Annotated[tuple[Condition, ...], PlainSerializer(conditions_text, return_type=str | None)]
    """cells or levels that carry the headline"""
    contrast: Contrast
    """first level minus second"""
    unit: Literal["pp"]
    """unit of the estimate"""
    estimate: float | None
    """mean over cells of the contrast"""
    ci95: Interval | None
    """the 95 % interval"""
    se_crossed: float | None
    """standard error with seeds and test images both random, percentage points"""
    t: float | None
    """t of the seed means"""
    df: int | None
    """degrees of freedom of t"""
    p_t: float | None
    """p of the t test, two-sided"""
    p_signflip: float | None
    """sign-flip p, whole seeds flip; exact up to 16 seeds"""
    n_seeds: int
    """seeds complete for this row"""
    equivalence: Equivalence


class AnovaRow(Row):
    """One effect of the repeated-measures ANOVA on the two levels of the contrast."""

    response: str
    """what was measured"""
    scale: Scale
    """raw: percentage points; logit: log odds"""
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
    """mean over the other cells of the contrast, percentage points"""
    ci95: Interval | None
    """the 95 % interval"""
    p_t: float | None
    """p of the t test, two-sided"""
    p_signflip: float | None
    """sign-flip p, whole seeds flip; exact up to 16 seeds"""


class SimpleEffect(Row):
    """The contrast in one cell: first level minus second, differences within seed."""

    cell: Cell
    """level of this factor"""
    contrast: Contrast
    """first level minus second"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    scale: Scale
    """raw: percentage points; logit: log odds"""
    n: int
    """pairs of runs"""
    gap: float | None
    """mean difference within seeds, in the unit of the scale"""
    sd: float | None
    """standard deviation of the differences over seeds, in the unit of the scale"""
    ci95: Interval | None
    """the 95 % interval"""
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
    p_tost: float | None
    """equivalence within the margin, the larger of two one-sided p"""
    p_tost_holm: float | None
    """the same, Holm over cells"""
    d_z: float | None
    """mean difference over its standard deviation"""
    bf10: float | None
    """JZS Bayes factor for a difference, Cauchy scale .707"""
    pair_correlation: float | None
    """correlation of the two arms over seeds"""
