"""What else was recorded at the end of training: train accuracy and the losses, on average and in every cell."""

from typing import Annotated

from pydantic import PlainSerializer

from analyze.findings.effects import cells_text
from analyze.findings.values import Better, Cell, Decision, Interval, Row, Unit


class ResponseRow(Row):
    """The contrast of one further response: the mean over cells (`cell` None), or one cell.

    `first` and `second` in `decision` say which level has the larger value; `better` says whether that is the better
    one. Means and deviations are over the complete pairs, so that the first mean less the second is the gap.
    """

    response: str
    """what was measured"""
    cell: Cell | None
    """level of this factor"""
    unit: Unit
    """unit of the response: percentage points or nats"""
    better: Better
    """which way is better, higher or lower"""
    n: int
    """pairs of runs; of the mean over cells, seeds complete for it"""
    missing: int
    """pairs of runs that have a test accuracy and lack this response"""
    left_out: Annotated[tuple[Cell, ...], PlainSerializer(cells_text, return_type=list[str])]
    """cells that too few seeds completed, and that the mean over cells leaves out"""
    mean_first: float | None
    """mean of the contrast's first level, in the unit of the response"""
    sd_first: float | None
    """its standard deviation over seeds"""
    mean_second: float | None
    """mean of the contrast's second level, in the unit of the response"""
    sd_second: float | None
    """its standard deviation over seeds"""
    gap: float | None
    """mean difference within seeds, first level minus second, in the unit of the response"""
    sd: float | None
    """standard deviation of the differences over seeds, in the unit of the response"""
    ci95: Interval | None
    """the 95 % interval"""
    ci90: Interval | None
    """the 90 % interval, which equivalence is read from"""
    t: float | None
    """paired t"""
    p_t: float | None
    """p of the paired t test, two-sided"""
    p_signflip: float | None
    """sign-flip p, whole seeds flip; exact up to 16 seeds"""
    p_max_t: float | None
    """sign-flip p, max-T over the cells of this response; of the mean, one test of its own, its sign-flip p"""
    p_tost: float | None
    """equivalence within the margin, the larger of two one-sided p; none is declared for losses"""
    decision: Decision
    """which level has the larger value, or that neither is shown to"""
    trivial: bool
    """whether a level is ahead by less than the margin"""
