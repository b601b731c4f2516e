"""How the networks trained: speed, spread between seeds, failures, and what the probes inside say."""

from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from analyze.findings.effects import cells_text
from analyze.findings.values import BnMode, ByLevel, Cell, Decision, Interval, Row


class ConvergenceRow(Row):
    """One term of one model of time-to-target or of the learning curve, first level of the contrast to second.

    `term` names what `estimate` is: "time_ratio" (aft: of the examples needed; below 1 the first level is faster),
    "hazard_ratio" (cox: of crossing; above 1 the first level is faster), "rmst_difference" (rmst: of min(T, budget),
    in examples; "rmst_difference_left" and "_right" bound it wherever in their intervals the crossings lie),
    "auc_difference" (auc: of the mean accuracy over log examples, in percentage points), "gap_early" and
    "gap_early_minus_final" (auc: in percentage points). The budget is the shorter one of both levels in the cell.

    A coefficient of aft_regression is named by what it compares, as "ordering:depth[4]", and by `at`: exp of the
    difference in log time between the contrast's first and second level, and between each level in brackets and its
    factor's first in the model, averaged over the other factors. With the primary factor alone it is the time ratio,
    with one factor more the ratio of the time ratio at that level to the one at the factor's first level, and so on.

    Ratios are decided by `p`, corrected as `p_holm`: over the cells of one model and target, the coefficients that
    contain the primary factor, or the targets that are not the primary one. Differences of means are decided by flips,
    over the cells by `p_max_t`. `first` and `second` in `decision` say which level has the larger value.
    """

    model: Literal["aft", "aft_regression", "cox", "rmst", "auc"]
    """aft, aft_regression, cox, rmst or auc"""
    eval_set: str
    """test images that were evaluated"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    target: float | None
    """target accuracy, a share"""
    cell: Cell | None = None
    """level of this factor"""
    at: Cell = Field(default={})
    """levels that a coefficient of aft_regression compares"""
    against: Cell = Field(default={})
    """what it compares them with: the contrast's second level, of another factor the first one in the model"""
    term: str
    """what the estimate is"""
    estimate: float | None = None
    """the number of interest, in the unit of its term"""
    ci95: Interval | None = None
    """the 95 % interval"""
    ci90: Interval | None = None
    """the 90 % interval, which equivalence is read from"""
    p: float | None = None
    """p of the estimate"""
    p_method: str
    """how p was found"""
    p_signflip: float | None = None
    """sign-flip p of a difference of means, whole seeds flip; exact up to 16 seeds"""
    p_holm: float | None = None
    """Holm over the cells, over the targets that are not the primary one, or over the coefficients of the contrast"""
    p_max_t: float | None = None
    """sign-flip p, max-T over the cells of this term; of the mean over cells, one test of its own, its sign-flip p"""
    decision: Decision | None = None
    """which level has the larger value, or that neither is shown to"""
    trivial: bool = False
    """whether it is larger by less than the margin of ratios, 1.25 times"""
    n_seeds: int
    """seeds behind this row"""
    censored_share: float | None = None
    """share of runs that did not reach the target within the budget"""
    left_out: Annotated[tuple[Cell, ...], PlainSerializer(cells_text, return_type=list[str])] = ()
    """cells left out because their runs say nothing of the ratio, or too few seeds completed them"""


class StabilityRow(Row):
    """Spread between seeds, or the rate of diverged or stuck runs, by level of the contrast.

    `values` are standard deviations in percentage points, or shares of runs. An empty cell means all cells: its ratio
    is the geometric mean over cells of the ratios of standard deviations.
    """

    kind: Literal["spread", "diverged", "stuck"]
    """spread, diverged or stuck"""
    bn_mode: BnMode
    """how the networks were evaluated"""
    cell: Cell
    """level of this factor"""
    values: ByLevel
    """by level of the contrast: standard deviation in percentage points, or share of runs"""
    ratio: float | None
    """ratio of standard deviations, first level over second"""
    p_signflip: float | None
    """sign-flip p; exact up to 16 seeds"""
    p_holm: float | None
    """sign-flip p, Holm over cells"""
    p_max_t: float | None
    """sign-flip p, max-T over cells; it decides"""
    ratio_ci95: Interval | None = None
    """the 95 % interval of the ratio, seed jackknife"""


class MechanismRow(Row):
    """The contrast of one measure of the probes in one cell, or over all cells that have it (an empty cell)."""

    measure: str
    """what the probes measured"""
    cell: Cell
    """level of this factor"""
    estimate: float | None
    """mean difference within seeds, in the unit of the measure"""
    ci95: Interval | None
    """the 95 % interval"""
    p_signflip: float | None
    """sign-flip p; exact up to 16 seeds"""
    p_max_t: float | None
    """sign-flip p, max-T over cells; it decides"""
