"""What was asked and what was run."""

from typing import Literal

from pydantic import Field

from analyze.findings.values import Better, BnMode, Interval, Level, Message, Row, Scale


class Note(Row):
    """What has to be said of a study before its results: a code with the numbers that its sentence needs.

    `interim`: trials are pending; `behind`: parts were finished since the tables were built; `rows_missing`,
    `rows_extra`: the table has not as many rows as trials were planned and are not pending; `no_digests`: nothing says
    what the tables were when they were written; `other_recipe`: another release trained it.
    """

    code: Literal["interim", "behind", "rows_missing", "rows_extra", "no_digests", "other_recipe"]
    numbers: dict[str, int]


class Response(Row):
    """What is compared: one object that everything reads, from the tables to the page.

    A gap is first minus second on the scale: in the unit, or a log ratio, or a difference of log odds.
    """

    name: str
    """the column of the trials"""
    better: Better
    """which way is better"""
    unit: str
    """unit of the values; shares are in percentage points"""
    scale: Scale
    """raw: differences in the unit; log: log ratios; logit: differences of log odds"""
    bounds: Interval | None
    """the least and the greatest value there can be"""
    margin: float | None = None
    """equivalence margin of a gap, on the scale"""

    @property
    def is_accuracy(self) -> bool:
        """Whether this is test accuracy in percentage points, of which figures and sentences speak in its own words."""
        return (self.name, self.scale) == (ACCURACY_NAME, "raw")

    @property
    def gap_unit(self) -> str:
        """Unit of a gap."""
        return {"raw": self.unit, "log": "log ratio", "logit": "log odds"}[self.scale]


ACCURACY_NAME = "test_accuracy"

#: The response of whoever names none.
ACCURACY = Response(name=ACCURACY_NAME, better="higher", unit="pp", scale="raw", bounds=(0.0, 100.0), margin=0.1)


class Question(Row):
    """The question put to a study: does the contrast of the primary factor matter, and in which cells."""

    factor: str
    contrast: tuple[Level, Level] | None
    """first level minus second; none where the factor has three levels or more and no two of them are declared"""
    moderators: tuple[str, ...]
    block: str
    paired: bool = True
    """whether runs are compared within seeds"""
    why: Message = Message(code="seeds_shared")
    """why they are, or are not"""
    response: Response
    threshold: float | None = None
    """the number that all runs are compared with, in the unit of the response; none where levels are compared"""
    folds: int | None = None
    """of the cross-validation, where every seed is one of its folds; none where seeds are independent"""
    ignored: dict[str, Message] = Field(default={})
    """columns of the table that are no factors, and why"""


class StudySummary(Row):
    """What was planned and what came of it: planned = completed + diverged + failed + pending."""

    name: str
    """name of the study"""
    planned: int
    """trials planned"""
    completed: int
    """trials completed"""
    diverged: int
    """trials whose loss or parameters became non-finite"""
    failed: int
    """trials that crashed"""
    pending: int
    """trials not run yet"""
    stuck: int | None
    """completed trials no better than guessing"""
    seeds: tuple[int | str, ...]
    """seeds of the study"""
    factors: dict[str, tuple[Level, ...]]
    """levels of the factor"""
    extended: bool
    """whether seeds were added after a first look"""
    deviations: tuple[str, ...]
    """what the command line changed against the study file"""
    command: str
    """the command that gives these findings, from the folder that holds the study's"""
    notes: tuple[Note, ...] = ()
    """what has to be said of the study before its results"""
    modes: tuple[BnMode, ...] = ("running",)
    """how the networks were evaluated"""
    columns: dict[str, tuple[str, ...]] = Field(default={})
    """columns of the table that the analysis knows"""
