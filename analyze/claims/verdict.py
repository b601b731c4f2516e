"""How components join into a verdict: supported, refuted, inconclusive, premise not met, not tested."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analyze.claims.evidence import Contrast, Evidence, seeds_needed
from analyze.findings import Component, Level, Message, Verdict, because
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
    reason: Message
    parts: tuple[Part, ...] = ()
    p: float | None = None
    seeds_needed: int | None = None


@dataclass(frozen=True)
class Declared:
    """A claim as it was declared before any data: its id, under which both catalogues state it, and its rule."""

    id: str
    rule: Callable[[Evidence], Ruling]


@dataclass(frozen=True)
class About:
    """The question that claims are about: a factor and the contrast of two of its levels, first minus second."""

    factor: str
    contrast: tuple[Level, Level]


def not_tested(code: str, **values: Any) -> Ruling:
    """The design cannot answer: what it lacks."""
    return Ruling("not_tested", because(code, **values))


def naming(code: str, contrasts: Sequence[Contrast]) -> Message | None:
    """A reason that names these contrasts; None without any."""
    return because(code, contrasts=tuple(one.name for one in contrasts)) if contrasts else None


def intersection(parts: Sequence[Part], alpha: float, refuted_by: Message | None) -> Ruling:
    """Supported if every part holds at alpha (intersection-union: p is the largest, no correction).

    Args:
        parts: all of the claim's components.
        alpha: level.
        refuted_by: what refutes the claim, None where nothing does.
    """
    p = max(part.p for part in parts)
    if p <= alpha:
        return Ruling("supported", because("every_component_holds"), tuple(parts), p)
    if refuted_by:
        return Ruling("refuted", refuted_by, tuple(parts), p)
    return _open([part for part in parts if part.p > alpha], parts, p, alpha)


def union(parts: Sequence[Part], alpha: float, refuted_by: Message | None) -> Ruling:
    """Supported if any part holds at alpha under Holm's correction over the parts."""
    adjusted = [1.0 if p is None else p for p in holm([part.p for part in parts])]
    p = min(adjusted)
    if p <= alpha:
        held = tuple(part.component.contrast for part, one in zip(parts, adjusted, strict=True) if one <= alpha)
        return Ruling("supported", because("holds", contrasts=held), tuple(parts), p)
    if refuted_by:
        return Ruling("refuted", refuted_by, tuple(parts), p)
    needed = [count for part in parts if (count := _needed(part, alpha)) is not None]
    return Ruling("inconclusive", because("no_component_holds"), tuple(parts), p, min(needed, default=None))


def _open(lacking: Sequence[Part], parts: Sequence[Part], p: float, alpha: float) -> Ruling:
    """Inconclusive: the components that are neither shown nor refuted."""
    needed = [_needed(part, alpha) for part in lacking]
    known = [count for count in needed if count is not None]
    seeds = max(known) if len(known) == len(needed) else None
    names = tuple(part.component.contrast for part in lacking)
    return Ruling("inconclusive", because("not_shown", contrasts=names), tuple(parts), p, seeds)


def _needed(part: Part, alpha: float) -> int | None:
    return seeds_needed(part.contrast, part.component, part.margin, alpha)
