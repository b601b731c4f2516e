"""How the networks trained: speed, spread between seeds, failures, and what the probes inside say."""

from typing import Literal

from analyze.findings.values import BnMode, ByLevel, Cell, Interval, Row


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
    """aft, cox, rmst or auc"""
    eval_set: str
    """test images that were evaluated"""
    bn_mode: str
    """how the networks were evaluated"""
    target: float | None
    """target accuracy, a share"""
    cell: Cell | None
    """level of this factor"""
    term: str
    """what the estimate is"""
    estimate: float | None
    """the number of interest, in the unit of its term"""
    ci95: Interval | None
    """the 95 % interval"""
    p: float | None
    """p of the estimate"""
    p_method: str
    """how p was found"""
    censored_share: float | None
    """share of runs that did not reach the target within the budget"""
    p_holm: float | None = None
    """Holm over the cells, or over the targets that are not the primary one"""


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
