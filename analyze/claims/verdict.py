"""How components join into a verdict: supported, refuted, inconclusive, premise not met, not tested."""

from collections.abc import Sequence
from dataclasses import dataclass

from analyze.claims.evidence import Contrast, seeds_needed
from analyze.findings import Component, Verdict
from analyze.inference.multiplicity import holm


@dataclass(frozen=True)
class Part:
    """A component with the scores behind it and the margin of its equivalence, in the unit of the scores."""

    contrast: Contrast
    component: Component
    margin: float

    @property
    def p(self) -> float:
        """Its p; 1 where it could not be tested."""
        return 1.0 if self.component.p is None else self.component.p


@dataclass(frozen=True)
class Ruling:
    """A verdict with the numbers and the words that decided it; `p` is the claim's own, before Holm over claims."""

    verdict: Verdict
    reason: str
    parts: tuple[Part, ...] = ()
    p: float | None = None
    seeds_needed: int | None = None


def not_tested(lacks: str) -> Ruling:
    """The design cannot answer: what it lacks."""
    return Ruling("not_tested", lacks)


def intersection(parts: Sequence[Part], alpha: float, refuted_by: str | None) -> Ruling:
    """Supported if every part holds at alpha (intersection-union: p is the largest, no correction).

    Args:
        parts: all of the claim's components.
        alpha: level.
        refuted_by: what refutes the claim, None where nothing does.
    """
    p = max(part.p for part in parts)
    if p <= alpha:
        return Ruling("supported", "every component holds", tuple(parts), p)
    if refuted_by:
        return Ruling("refuted", refuted_by, tuple(parts), p)
    return _open([part for part in parts if part.p > alpha], parts, p, alpha)


def union(parts: Sequence[Part], alpha: float, refuted_by: str | None) -> Ruling:
    """Supported if any part holds at alpha under Holm's correction over the parts."""
    adjusted = [1.0 if p is None else p for p in holm([part.p for part in parts])]
    p = min(adjusted)
    if p <= alpha:
        held = "; ".join(part.component.contrast for part, one in zip(parts, adjusted, strict=True) if one <= alpha)
        return Ruling("supported", f"holds: {held}", tuple(parts), p)
    if refuted_by:
        return Ruling("refuted", refuted_by, tuple(parts), p)
    needed = [count for part in parts if (count := _needed(part, alpha)) is not None]
    reason = "none of the components holds, and the opposite is not shown"
    return Ruling("inconclusive", reason, tuple(parts), p, min(needed, default=None))


def _open(lacking: Sequence[Part], parts: Sequence[Part], p: float, alpha: float) -> Ruling:
    """Inconclusive: the components that are neither shown nor refuted."""
    needed = [_needed(part, alpha) for part in lacking]
    known = [count for count in needed if count is not None]
    seeds = max(known) if len(known) == len(needed) else None
    names = "; ".join(part.component.contrast for part in lacking)
    return Ruling("inconclusive", f"not shown, nor the opposite beyond the margin: {names}", tuple(parts), p, seeds)


def _needed(part: Part, alpha: float) -> int | None:
    return seeds_needed(part.contrast, part.component, part.margin, alpha)
