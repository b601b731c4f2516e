"""What parts show together: all of them, any of them, and both kinds of p of either.

Flips decide at alpha; the parametric p is what Holm over the claims is made of, as flips are too coarse for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analyze.claims.components import Part, flips_of
from analyze.inference.multiplicity import holm

#: A part with its sign-flip p; None where nothing flips.
Tested = tuple[Part, float | None]


@dataclass(frozen=True)
class Shown:
    """What parts show together.

    Attributes:
        by: the part that decides: the weakest of those that are all needed, the strongest of those that suffice.
        p: parametric, corrected over the parts that suffice.
        flips: the same of the sign-flips; zero where nothing flips.
        tested: every part with its sign-flip p.
        needs: what has to hold, where all of it has to.
    """

    by: Part
    p: float
    flips: float
    tested: tuple[Tested, ...]
    needs: tuple["Shown", ...] = ()

    def holds(self, alpha: float) -> bool:
        """Whether it is shown at alpha, by flips and by the parametric p."""
        return max(self.p, self.flips) <= alpha

    def stands(self, alpha: float, level: float) -> bool:
        """Whether it is shown at alpha, and its p at one half of the level that is left to a claim of two sides."""
        return self.holds(alpha) and 2 * self.p <= level

    def seeds_needed(self, level: float) -> int | None:
        """Seeds that would show it at this one-sided level with power 80 %, were the estimates the truth."""
        if not self.needs:
            parts = [part for part, _ in self.tested]
            each = [part.seeds_needed(level / len(parts)) for part in parts]
            return min((seeds for seeds in each if seeds is not None), default=None)
        each = [one.seeds_needed(level) for one in self.needs if one.p > level]
        known = [seeds for seeds in each if seeds is not None]
        return max(known) if known and len(known) == len(each) else None


def every(parts: Sequence[Part | Shown], alpha: float) -> Shown:
    """All of them hold (intersection-union: the largest p, no correction)."""
    shown = [_alone(part, alpha) if isinstance(part, Part) else part for part in parts]
    weakest = max(shown, key=lambda one: (not one.holds(alpha), one.p, one.flips))
    tested = tuple(pair for one in shown for pair in one.tested)
    p, flips = max(one.p for one in shown), max(one.flips for one in shown)
    return Shown(weakest.by, p, flips, tested, tuple(shown))


def some(parts: Sequence[Part], alpha: float) -> Shown:
    """Any of them holds: its flips corrected by max-T over all, its parametric p by Holm."""
    shown = corrected(parts, alpha)
    return replace(strongest(shown, alpha), tested=tuple(pair for one in shown for pair in one.tested))


def nested(parts: Sequence[Part], alpha: float) -> Shown:
    """Any of them holds, where each is wrong only if one and the same statement is; nothing is corrected.

    Below zero, and within the margin: both are shown wrongly only where the truth is above the margin or at it.
    """
    return strongest([_alone(part, alpha) for part in parts], alpha)


def strongest(shown: Sequence[Shown], alpha: float) -> Shown:
    """The least p among those that hold, or among all."""
    return min(shown, key=lambda one: (not one.holds(alpha), one.p))


def corrected(parts: Sequence[Part], alpha: float) -> list[Shown]:
    """Each part by itself, its flips corrected by max-T over all, its parametric p by Holm."""
    p_values = holm([parametric(part, alpha) for part in parts])
    family = zip(parts, flips_of(parts, alpha), p_values, strict=True)
    return [by_itself(part, flip, 1.0 if p is None else p) for part, flip, p in family]


def by_itself(part: Part, flip: float | None, p: float) -> Shown:
    """One part with its two p."""
    return Shown(part, p, flip if flip is not None else float(bool(part.turned)), ((part, flip),))


def parametric(part: Part, alpha: float) -> float:
    """The part's p; 1 below the seeds that an exact test needs."""
    return part.p if part.decidable(alpha) else 1.0


def _alone(part: Part, alpha: float) -> Shown:
    return by_itself(part, flips_of([part], alpha)[0], parametric(part, alpha))
