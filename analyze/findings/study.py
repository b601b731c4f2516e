"""What was asked and what was run."""

from typing import Literal

from pydantic import Field

from analyze.findings.values import BnMode, Interval, Level, Row


class Note(Row):
    """What has to be said of a study before its results: a code with the numbers that its sentence needs.

    `rows_missing`, `rows_extra`: the table has not as many rows as trials were planned and are not pending;
    `no_digests`: nothing says what the tables were when they were written; `other_recipe`: another release trained it.
    """

    code: Literal["rows_missing", "rows_extra", "no_digests", "other_recipe"]
    numbers: dict[str, int]


class Response(Row):
    """What is compared, in which unit and on which scale, and which way is better."""

    name: str
    better: Literal["higher", "lower", "neither"]
    unit: str
    scale: Literal["raw", "log", "logit"]
    bounds: Interval | None


class Question(Row):
    """The question put to a study: does the contrast of the primary factor matter, and in which cells."""

    factor: str
    contrast: tuple[Level, Level]
    moderators: tuple[str, ...]
    block: str
    response: Response


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
    seeds: tuple[int, ...]
    """seeds of the study"""
    factors: dict[str, tuple[Level, ...]]
    """levels of the factor"""
    extended: bool
    """whether seeds were added after a first look"""
    deviations: tuple[str, ...]
    """what the command line changed against the study file"""
    notes: tuple[Note, ...] = ()
    """what has to be said of the study before its results"""
    modes: tuple[BnMode, ...] = ("running",)
    """how the networks were evaluated"""
    columns: dict[str, tuple[str, ...]] = Field(default={})
    """columns of the table that the analysis knows"""
