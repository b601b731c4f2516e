"""What is claimed elsewhere, and what this study says of it."""

from typing import Literal

from analyze.findings.values import Interval, Message, Row, Verdict


class Component(Row):
    """One tested contrast of a claim."""

    contrast: Message
    """what was compared"""
    side: Literal["greater", "less", "two-sided", "equivalent"]
    """alternative of the component's test"""
    estimate: float | None
    """the number of interest, in the unit of its contrast"""
    ci95: Interval | None
    """the 95 % interval"""
    p: float | None
    """p of the estimate"""


class Claim(Row):
    """A claim and its verdict, by rules declared before the data.

    `components` are the numbers that decided it; `p_holm` corrects the p of support over the claims. `seeds_needed`
    is how many seeds would decide an inconclusive claim with power 80 %, were its estimates the truth; None where no
    number of seeds would, or nothing is open.
    """

    id: str
    """the claim"""
    statement: Message
    """the claim in words"""
    verdict: Verdict
    """supported, refuted, inconclusive, premise_not_met or not_tested"""
    reason: Message
    """why"""
    components: tuple[Component, ...]
    p_holm: float | None
    """p of support, Holm over the claims"""
    seeds_needed: int | None = None
    """seeds that would decide an inconclusive claim with power 80 %, were its estimates the truth"""
