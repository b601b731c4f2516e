"""What is decided of the cells, of the effects and of the headline: the one place where p-values become an answer.

A comparison is first, second, equivalent, undecided or identical; not_decidable below the number of seeds with which
an exact test can reach alpha, whatever the gap. Everything that speaks reads these decisions, and none makes its own.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyze.findings import RATIO_MARGIN, Cell, Decision, Headline, Message, Rule, because
from analyze.inference.lognormal_aft import Jackknifed
from analyze.inference.multiplicity import holm
from analyze.inference.paired import Comparison
from analyze.inference.signflip import least_p, least_seeds


@dataclass(frozen=True)
class CellDecision:
    """What is decided of a cell; `trivial`: a level is ahead, by less than the margin."""

    decision: Decision
    trivial: bool = False

    @property
    def equivalent(self) -> bool:
        """Whether the difference is shown to be within the margin, whatever its direction."""
        return self.trivial or self.decision in ("equivalent", "identical")


@dataclass(frozen=True)
class Answer:
    """The headline, the rule that gave it, what is decided of the mean over cells, and what the effect depends on."""

    headline: Headline
    rule: Rule
    decision: Decision
    depends_on: tuple[str, ...] = ()


def decidable(n: int, alpha: float) -> bool:
    """Whether a sign-flip over n seeds can reach alpha."""
    return least_p(n) <= alpha


def _can_decide(found: Comparison, alpha: float) -> bool:
    return decidable(found.n, alpha) if found.decidable is None else found.decidable


def uncorrected(n: int, alpha: float, otherwise: str) -> Message:
    """Why a member of a family has no corrected p: its n seeds cannot reach alpha, or `otherwise`."""
    return because(otherwise) if decidable(n, alpha) else because("seeds_too_few", count=least_seeds(alpha))


def equivalence_p(found: Comparison, margin: float | None) -> float | None:
    """The p of equivalence; differences that are all the same are within the margin or not, for certain."""
    if margin is None or found.gap is None or found.sd is None:
        return None
    if found.sd == 0:
        return 0.0 if abs(found.gap) < margin else 1.0
    return found.p_tost


def of_cells(
    compared: Sequence[Comparison], p_max_t: Sequence[float | None], margin: float | None, alpha: float
) -> list[CellDecision]:
    """What is decided of each cell of a family. A cell that is the whole family is a mean like any other (`of_one`).

    Where every decidable cell is equivalent on its own, all of them are (an intersection needs no correction);
    to name some of them, Holm corrects over the cells.

    Args:
        compared: the contrast in each cell.
        p_max_t: corrected over the family; None for cells outside it.
        margin: of equivalence; None where it has no meaning.
        alpha: level of the tests.
    """
    if len(compared) == 1:
        return [of_one(compared[0], p_max_t[0], margin, alpha)]
    tost = [equivalence_p(one, margin) if _can_decide(one, alpha) else None for one in compared]
    known = [p for p in tost if p is not None]
    union = bool(known) and max(known) <= alpha
    equivalent = [p is not None and (union or p <= alpha) for p in holm(tost)]
    return [_of_cell(*one, alpha) for one in zip(compared, p_max_t, equivalent, strict=True)]


def _of_cell(found: Comparison, p: float | None, equivalent: bool, alpha: float) -> CellDecision:  # noqa: FBT001
    if found.gap == 0 and found.sd == 0:
        return CellDecision("identical")
    if not _can_decide(found, alpha):
        return CellDecision("not_decidable")
    if _at(p, alpha) and found.gap:
        return CellDecision("first" if found.gap > 0 else "second", trivial=equivalent)
    return CellDecision("equivalent" if equivalent else "undecided")


def of_one(found: Comparison, p_signflip: float | None, margin: float | None, alpha: float) -> CellDecision:
    """What is decided of a mean, and whether a level that is ahead is so by less than the margin."""
    decision = of_mean(found, p_signflip, margin, alpha)
    ahead = decision in ("first", "second")
    return CellDecision(decision, trivial=ahead and _at(equivalence_p(found, margin), alpha))


def of_ratios(
    found: Sequence[Jackknifed | None],
    p: Sequence[float | None],
    seeds: Sequence[int],
    alpha: float,
    margin: float | None = RATIO_MARGIN,
) -> list[CellDecision]:
    """What is decided of each ratio of a family, estimated on the log scale, as of the cells of one.

    Args:
        found: None for a ratio that could not be estimated.
        p: corrected over the family; None where there is none.
        seeds: behind each of them.
        alpha: level of the tests.
        margin: of equivalence, above 1; None where none is declared.
    """
    within = None if margin is None else math.log(margin)
    compared = [
        Comparison(n)
        if one is None or one.se is None
        else Comparison(n, one.estimate, one.se * n**0.5, p_tost=None if within is None else one.equivalence_p(within))
        for one, n in zip(found, seeds, strict=True)
    ]
    return of_cells(compared, p, within, alpha)


def of_effect(p: float | None, n: int, alpha: float, mean: Comparison | None = None) -> Decision:
    """What is decided of an effect that contains the primary factor: of an interaction by flips, else as of a mean.

    Args:
        p: corrected over its family; None where all its scores are zero.
        n: seeds.
        alpha: level of the tests.
        mean: over cells of the contrast, for the main effect; an interaction has no one direction.
    """
    if not decidable(n, alpha):
        return "not_decidable"
    if p is None:
        return "identical"
    if mean is not None:
        return of_mean(mean, p, None, alpha)
    return "differs" if p <= alpha else "undecided"


def of_mean(found: Comparison, p_signflip: float | None, margin: float | None, alpha: float) -> Decision:
    """What the t test and the sign-flip together decide of a mean; where every value is the same, flips alone."""
    if not _can_decide(found, alpha):
        return "not_decidable"
    if found.gap == 0 and found.sd == 0:
        return "identical"
    flipped = _at(p_signflip, alpha)
    if flipped != (flipped if found.p_t is None else _at(found.p_t, alpha)):
        return "undecided"
    if flipped:
        return "first" if (found.gap or 0) > 0 else "second"
    return "equivalent" if _at(equivalence_p(found, margin), alpha) else "undecided"


def of_headline(
    mean: Comparison,
    p_signflip: float | None,
    cells: Sequence[CellDecision],
    interactions: Mapping[tuple[str, ...], Decision],
    moderators: Sequence[str],
    *,
    margin: float | None,
    alpha: float,
) -> Answer:
    """The answer of a study, by the first rule that holds.

    Args:
        mean: over cells of the contrast, on the seeds complete for it.
        p_signflip: of that mean.
        cells: what is decided of each cell of the mean.
        interactions: what is decided of each, by the moderators in it.
        moderators: of the design, in order.
        margin: of equivalence; None where none was declared.
        alpha: level of the tests.
    """
    decided = of_mean(mean, p_signflip, margin, alpha)
    return (
        _without_a_test(mean, decided)
        or _same_in_every_cell(cells)
        or _by_interaction(decided, cells, interactions, moderators)
        or _on_average(mean, decided, cells, moderators, margin=margin, alpha=alpha)
        or _open(mean, p_signflip, alpha)
    )


def shown_by_cells(
    mean: Decision, cells: Sequence[tuple[Cell, Decision]], moderators: Sequence[str]
) -> dict[tuple[str, ...], Decision]:
    """What the contrast is shown to differ with by cells on both sides, where no interaction can be tested.

    Args:
        mean: what is decided of the mean over cells, which counts as one of them.
        cells: each with what is decided of it, corrected over all.
        moderators: of the design, in order; those that tell the sides apart alone are named, or else all.
    """
    sides = [[cell for cell, decided in cells if decided == side] for side in ("first", "second")]
    if not all(of or mean == side for of, side in zip(sides, ("first", "second"), strict=True)):
        return {}
    first, second = sides
    alone = [name for name in moderators if {cell[name] for cell in first}.isdisjoint(cell[name] for cell in second)]
    return {(name,): "differs" for name in alone or moderators}


def of_wins(
    mean: Comparison, p: float | None, cells: Sequence[tuple[Cell, Decision]], moderators: Sequence[str], alpha: float
) -> Answer:
    """The answer where a run failed and has no value: that of the pairs won, by flips of whole seeds alone.

    No interaction is tested, for it has no sizes: cells on both sides show that it depends (`shown_by_cells`).

    Args:
        mean: of the seeds' scores, on those that ran both levels.
        p: of that mean.
        cells: of the mean, each with what is decided of it.
        moderators: of the design, in order.
        alpha: level of the test.
    """
    decided = of_mean(mean, p, None, alpha)
    shown = shown_by_cells(decided, cells, moderators)
    if decided != "not_decidable" and shown:
        of_mean_alone = "undecided" if decided == "identical" else decided
        return Answer("depends", "wins_unlike", of_mean_alone, tuple(name for (name,) in shown))
    if decided in ("first", "second"):
        return Answer("yes", "wins", decided)
    return _without_a_test(mean, decided) or Answer("undecided", "wins_open", "undecided")


def _without_a_test(mean: Comparison, decided: Decision) -> Answer | None:
    if mean.gap is None:
        return Answer("no_answer", "no_pair", "not_decidable")
    return Answer("no_answer", "too_few_seeds", decided) if decided == "not_decidable" else None


def _same_in_every_cell(cells: Sequence[CellDecision]) -> Answer | None:
    """No difference in any cell. One cell alone is the mean itself, which the later rules decide."""
    if all(one.decision == "identical" for one in cells):
        return Answer("identical", "identical", "identical")
    if len(cells) > 1 and all(one.equivalent for one in cells):
        return Answer("no", "equivalent_in_every_cell", "equivalent")
    return None


def _by_interaction(
    decided: Decision,
    cells: Sequence[CellDecision],
    interactions: Mapping[tuple[str, ...], Decision],
    moderators: Sequence[str],
) -> Answer | None:
    shown = {name for names, found in interactions.items() if found == "differs" for name in names}
    depends_on = tuple(name for name in moderators if name in shown)
    if not depends_on:
        return None
    sides = {one.decision for one in cells}
    if sides in ({"first"}, {"second"}):
        return Answer("yes", "same_side_in_every_cell", sides.pop(), depends_on)
    return Answer("depends", "interaction", decided, depends_on)


def _on_average(
    mean: Comparison,
    decided: Decision,
    cells: Sequence[CellDecision],
    moderators: Sequence[str],
    *,
    margin: float | None,
    alpha: float,
) -> Answer | None:
    if decided in ("first", "second"):
        return Answer("yes_trivial" if _at(equivalence_p(mean, margin), alpha) else "yes", "both_tests", decided)
    if decided == "undecided":
        return None
    if any(one.decision in ("first", "second") for one in cells):
        return Answer("depends", "cells_differ", decided, tuple(moderators))
    return Answer("no", "equivalent_on_average", decided)


def _open(mean: Comparison, p_signflip: float | None, alpha: float) -> Answer:
    flipped = _at(p_signflip, alpha)
    disagree = flipped != (flipped if mean.p_t is None else _at(mean.p_t, alpha))
    return Answer("undecided", "tests_disagree" if disagree else "nothing_shown", "undecided")


def _at(p: float | None, alpha: float) -> bool:
    return p is not None and p <= alpha
