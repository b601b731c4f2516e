"""Runs that failed, where the response has no bounds and a failed run therefore no value."""

from analyze.findings.values import Cell, Decision, Interval, Row


class FailureRow(Row):
    """How often runs failed, and which level wins the pairs where a failed run is worse than any other.

    Over all cells of the headline (`cell` None), or in one cell. What decides is the share of pairs won: a mean gap is
    undefined where a run has no value.
    """

    cell: Cell | None
    """level of this factor"""
    n_seeds: int
    """seeds that ran both levels, whether or not a run failed; over all cells those that did in every cell"""
    failed_first: float | None
    """share of runs of the contrast's first level that failed"""
    failed_second: float | None
    """share of runs of the contrast's second level that failed"""
    p_failed: float | None
    """sign-flip p of the difference of these shares, whole seeds flip; exact up to 16 seeds"""
    wins_first: int
    """pairs that the first level wins"""
    wins_second: int
    """pairs that the second level wins"""
    ties: int
    """pairs that neither wins: equal values, or both runs failed"""
    win_rate: float | None
    """share of the pairs that the first level wins, a tie counting half"""
    win_rate_ci95: Interval | None
    """Clopper-Pearson's 95 % interval of the share that the first level wins of the pairs without a tie"""
    p_wins: float | None
    """sign-flip p of the pairs won, whole seeds flip; over one cell the exact sign test"""
    decision: Decision
    """which level has the larger values, a failed run having the worst, or that neither is shown to"""
