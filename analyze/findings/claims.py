"""What is claimed elsewhere, and what this study says of it."""

from typing import Literal

from analyze.findings.values import Interval, Level, Message, Row, Verdict

#: What is to be shown of a contrast: its side of zero, that it lies within the margin, or beyond it.
Side = Literal["greater", "less", "two-sided", "equivalent", "above_margin", "below_margin"]

#: Who says it: the article that the project began with, other literature, or the project itself.
SaidBy = Literal["article", "literature", "project"]

#: Units of the contrasts of claims; the null value of a ratio is 1, and losses are in nats.
ContrastUnit = Literal["pp", "nats", "share", "ratio", "slope", "correlation"]


class Component(Row):
    """One tested contrast of a claim."""

    contrast: Message
    """what was compared"""
    side: Side
    """what was to be shown of it"""
    unit: ContrastUnit
    """unit of the estimate"""
    margin: float | None
    """margin that it was held against, in the unit of the estimate"""
    estimate: float | None
    """the number of interest, in the unit of its contrast"""
    ci95: Interval | None
    """the 95 % interval"""
    ci90: Interval | None
    """the 90 % interval, which one-sided tests and equivalence are read from"""
    p: float | None
    """p of t, of two one-sided t tests, or of the jackknife"""
    p_max_t: float | None
    """sign-flip p, max-T over the components it was picked from; with p it decides"""
    n: int
    """seeds behind the estimate"""


class ClaimLevel(Row):
    """What is decided of a claim at one level."""

    factor: str
    """factor that the claim ranges over"""
    level: Level
    """one of its levels"""
    verdict: Verdict
    """its verdict, corrected over the levels and the claims"""


class Claim(Row):
    """A claim and its verdict, by rules declared before the data.

    `components` are the numbers that decided it: those that would support it, then those that refute it. A verdict
    needs its components to hold by flips, and `p_holm` over the claims.
    """

    id: str
    """the claim"""
    statement: Message
    """the claim in words"""
    source: Message
    """who says so"""
    said_by: SaidBy
    """the article that the project began with, other literature, or this project"""
    verdict: Verdict
    """supported, refuted, mixed, inconclusive, premise_not_met or not_tested"""
    reason: Message
    """the rule that gave the verdict"""
    why: Message
    """the same with the number that decided"""
    components: tuple[Component, ...]
    levels: tuple[ClaimLevel, ...] = ()
    p_support: float | None
    """p of support"""
    p_refute: float | None
    """p of the refutation"""
    p_holm: float | None
    """twice the smaller of both, the larger where the verdict is mixed; Holm over the claims that can be tested"""
    seeds_needed: int | None = None
    """seeds that would decide an inconclusive claim with power 80 %, were its estimates the truth"""
