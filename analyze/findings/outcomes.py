"""What every structure and level ended with, as the article's own table has it, and what others published of it."""

from analyze.findings.values import Cell, Interval, Level, Message, Row


class OutcomeRow(Row):
    """One response of one level of the primary factor in one cell, over all runs that have it."""

    cell: Cell
    """level of this factor"""
    level: Level
    """level of the primary factor"""
    response: str
    """what was measured; time_to_target: training images until the primary target, at most the budget"""
    unit: str
    """unit of the response"""
    n: int
    """runs that have the response"""
    mean: float
    """mean over runs, in the unit of the response"""
    sd: float | None
    """standard deviation over runs, in the unit of the response"""
    reached: float | None
    """share of these runs that reached the target within the budget"""


class PublishedRow(Row):
    """A published comparison of the same data set and activation, beside the cell of this study that it matches."""

    source: str
    """where it was published"""
    runs: int | None
    """runs of each level; none where the source does not say"""
    first: float
    """published accuracy of the contrast's first level, per cent"""
    second: float
    """published accuracy of the contrast's second level, per cent"""
    gap: float
    """published difference, first level minus second, percentage points"""
    cell: Cell
    """level of this factor"""
    here: float | None
    """mean difference within seeds in this study's cell, percentage points"""
    here_ci95: Interval | None
    """the 95 % interval of this study's difference"""
    differences: tuple[Message, ...]
    """how the published protocol differs from this study's, as far as both are known"""
