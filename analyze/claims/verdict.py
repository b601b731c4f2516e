"""What a rule says of a claim: what supports it and what refutes it, each with its p, at every level it ranges over."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analyze.claims.components import Part, flips_of
from analyze.claims.evidence import Evidence
from analyze.claims.joining import Shown, Tested, by_itself, corrected, every, parametric, some, strongest
from analyze.findings import Level, Message, SaidBy, Verdict, because
from analyze.inference.multiplicity import holm


@dataclass(frozen=True)
class AtLevel:
    """What a claim over levels shows at one of them: support by itself, and both sides corrected over the levels."""

    factor: str
    level: Level
    own: Shown
    support: Shown
    refute: Shown


@dataclass(frozen=True)
class Ruling:
    """What supports a claim and what refutes it; or, with neither, what the design lacks.

    `mixed`: one level is supported and another refuted, which `support` and `refute` are then of.
    """

    support: Shown | None = None
    refute: Shown | None = None
    premise: Shown | None = None
    levels: tuple[AtLevel, ...] = ()
    mixed: bool = False
    lacks: Message | None = None

    @property
    def p(self) -> float | None:
        """The claim's p before Holm over claims; None where the design cannot test it."""
        if self.support is None or self.refute is None:
            return None
        both = (self.support.p, self.refute.p)
        return min(1.0, 2 * (max(both) if self.mixed else min(both)))

    def evidence(self, alpha: float) -> list[Tested]:
        """The parts of support, then those of refutation that hold, each once."""
        sides = [(self.support, self.refute), *((level.support, level.refute) for level in self.levels)]
        found = [pair for support, _ in sides if support for pair in support.tested]
        against = [pair for _, refute in sides if refute for pair in refute.tested]
        found += [(part, p) for part, p in against if part.decidable(alpha) and max(part.p, p or 0.0) <= alpha]
        first: dict[tuple[int, str], Tested] = {}
        for part, p in found:
            first.setdefault((id(part.contrast), part.side), (part, p))
        return list(first.values())

    def at_levels(self, alpha: float, level: float) -> list[tuple[AtLevel, Verdict]]:
        """The verdict at each level; where the claim holds at all of them nothing is corrected over them."""
        whole = all(one.own.stands(alpha, level) for one in self.levels)
        return [(one, _at_level(one, alpha, level, whole=whole)) for one in self.levels]


def _at_level(one: AtLevel, alpha: float, level: float, *, whole: bool) -> Verdict:
    if whole or one.support.stands(alpha, level):
        return "supported"
    return "refuted" if one.refute.stands(alpha, level) else "inconclusive"


def not_tested(code: str, **values: Any) -> Ruling:
    """The design cannot answer: what it lacks."""
    return Ruling(lacks=because(code, **values))


def ruled(support: Shown, refute: Shown, premise: Shown | None = None) -> Ruling:
    """A claim by what supports and what refutes it. A premise, a part of support, has to hold for refutation too."""
    if premise is None:
        return Ruling(support, refute)
    both = replace(refute, p=max(refute.p, premise.p), flips=max(refute.flips, premise.flips))
    return Ruling(support, both, premise)


def over_levels(
    levels: Mapping[Level, tuple[Sequence[Part], Sequence[Part]]],
    alpha: float,
    also: Sequence[Part] = (),
    *,
    factor: str = "activation",
) -> Ruling:
    """A claim about every level of a factor: mixed where one level is supported and another refuted.

    Args:
        levels: by level the parts that support the claim there if all hold, and those of which any refutes it.
        alpha: level of the tests.
        also: parts that support needs beside those of the levels.
        factor: whose levels they are.
    """
    supports = [part for ours, _ in levels.values() for part in ours]
    refutes = [part for _, theirs in levels.values() for part in theirs]
    flips, against = iter(flips_of(supports, alpha)), iter(corrected(refutes, alpha))
    own = [every(ours, alpha) for ours, _ in levels.values()]
    found = []
    for (level, (ours, theirs)), one, p in zip(levels.items(), own, holm([one.p for one in own]), strict=True):
        together = every([by_itself(part, next(flips), parametric(part, alpha)) for part in ours], alpha)
        support = replace(together, p=1.0 if p is None else p)
        found.append(AtLevel(factor, level, one, support, strongest([next(against) for _ in theirs], alpha)))
    supported, refuted = [one.support for one in found], [one.refute for one in found]
    if any(one.holds(alpha) for one in supported) and any(one.holds(alpha) for one in refuted):
        return Ruling(strongest(supported, alpha), strongest(refuted, alpha), levels=tuple(found), mixed=True)
    return Ruling(every([*supports, *also], alpha), some(refutes, alpha), levels=tuple(found))


@dataclass(frozen=True)
class Declared:
    """A claim as declared before any data: its id, under which both catalogues state it, its rule, who says it."""

    id: str
    rule: Callable[[Evidence], Ruling]
    said_by: SaidBy = "literature"


@dataclass(frozen=True)
class About:
    """The question that claims are about: a factor and the contrast of two of its levels, first minus second."""

    factor: str
    contrast: tuple[Level, Level]
