"""What was seen at each look at a study whose seeds grow until it is settled, or may have."""

from typing import Literal

from analyze.findings.values import Cell, Decision, Interval, Row


class SequentialRow(Row):
    """A cell at a look, or the mean over cells (`cell` None), by intervals that hold however often one looks.

    Of a study that declared no growth there is one look, at all its seeds: it is valid whenever it is taken.
    """

    cell: Cell | None
    """level of this factor"""
    look: int
    """seeds of the look"""
    n: int
    """pairs of runs that are complete among them; a cell that is decided keeps those that decided it"""
    gap: float | None
    """mean difference within seeds, in the unit of the headline"""
    interval: Interval | None
    """the interval at the level of the row; it covers the gap at every look at once"""
    inner_interval: Interval | None
    """the same at twice the level, from which equivalence is read"""
    level: float
    """level of the row: its share of alpha"""
    log_e: float
    """log of the sign-flip e-value against no effect; beside the interval, it takes no shape for granted"""
    decision: Decision
    """what is decided of the row, at this look or before"""
    trivial: bool
    """a level is ahead, by less than the margin"""


class Growth(Row):
    """What was declared of a study's growth, and what it saved; a study that declared none has one look."""

    declared: bool
    """whether growth was declared before the data; it then decides"""
    boundary: Literal["mixture", "pocock"]
    """what the looks are held against"""
    first: int
    """seeds of the first look"""
    batch: int
    """seeds that each further look adds"""
    most: int
    """seeds of the last look there may be"""
    prior_variance: float
    """variance of the mixture's prior of a standardised gap"""
    pairs: int
    """pairs of runs behind the last look"""
    pairs_of_all: int
    """pairs that every cell up to the most seeds would have taken"""
