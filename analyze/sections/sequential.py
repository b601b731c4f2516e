"""A study whose seeds grew until its cells were settled: its looks, and which trials may be read for what.

Seeds stand in the order of the study file, those beyond them ascending. Growth that was declared decides cells and
mean; whatever else is worked out takes the seeds that the study began with, which no look had a hand in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, Growth, SequentialRow, SimpleEffect, Why, because
from analyze.inference import anytime
from analyze.inference.sequential import NOTHING_TOLD, Boundary, Look, Rule, Seen, at_once, level_of, looks
from analyze.measures import response
from analyze.sections.decision import Answer, CellDecision
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms, codes_of

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Grown:
    """The looks at a study; `rule` is None where it declared none, and the one look is then at all its seeds.

    `seeds` are those of the study in order. `looks` is empty as long as runs of the first look are pending.
    """

    rule: Rule | None
    looks: list[Look]
    seeds: tuple[int | str, ...]
    paired: Arms
    alpha: float

    @property
    def open(self) -> bool:
        """Whether more seeds are asked for."""
        if self.rule is None:
            return False
        return not self.looks or (bool(self.looks[-1].open.any()) and self.looks[-1].seeds < self.rule.most)


def grown(study: StudyData) -> Grown:
    """The looks at a paired study, from its rows alone."""
    design = study.design
    paired = arms(study.trials, response.values(study), design)
    order = _in_order(study, paired)
    seeds, difference = tuple(paired.seeds[row] for row in order), paired.difference[order]
    rule = rule_of(study)
    if rule is None:
        return Grown(None, [at_once(difference, design.alpha, design.response.margin)], seeds, paired, design.alpha)
    ran = arms(study.trials, np.zeros(len(study.trials)), design).difference[order]
    return Grown(rule, looks(difference, np.isfinite(ran), rule), seeds, paired, design.alpha)


def rule_of(study: StudyData) -> Rule | None:
    """What the study declared of its growth; None where it declared nothing, or another question is put to it."""
    said, design = study.metadata.study if study.metadata else None, study.design
    if said is None or not said.analysis.sequential or said.analysis.seeds_max is None:
        return None
    analysis, first, most = said.analysis, len(said.seeds), said.analysis.seeds_max
    if (design.factor, list(design.contrast)) != (analysis.factor, analysis.contrast):
        return None
    boundary: Boundary = "pocock" if analysis.sequential == "pocock" else "mixture"
    return Rule(first, analysis.batch, max(first, most), design.alpha, design.response.margin, boundary)


def _in_order(study: StudyData, paired: Arms) -> list[int]:
    """The rows of `paired` by seed: those of the study file as they stand there, then the others ascending."""
    declared = {seed: place for place, seed in enumerate(study.metadata.study.seeds if study.metadata else ())}
    return sorted(range(len(paired.seeds)), key=lambda row: (declared.get(paired.seeds[row], len(declared)), row))


def as_begun(study: StudyData, found: Grown) -> StudyData:
    """The study with the seeds that it began with, fixed before any look."""
    if found.rule is None:
        return study
    return replace(study, trials=study.trials[study.trials["seed"].isin(found.seeds[: found.rule.first])])


def as_looked_at(study: StudyData, found: Grown) -> StudyData:
    """The study with the trials that the last look took, which a cell that was decided before has fewer of."""
    if found.rule is None:
        return study
    if not found.looks:
        return as_begun(study, found)
    cell = _cell_of(study, found.paired)
    place = {seed: number for number, seed in enumerate(found.seeds)}
    taken = np.array([_seeds_taken(found.looks, number) for number in range(len(found.paired.cells))])
    contrast = study.trials[study.design.factor].isin(list(study.design.contrast)).to_numpy()
    most = np.where(contrast, taken[cell], found.rule.first)
    return replace(study, trials=study.trials[study.trials["seed"].map(place).to_numpy() < most])


def _cell_of(study: StudyData, paired: Arms) -> NDArray[np.int64]:
    """The cell of each trial, as a column of `paired`."""
    codes = [codes_of(study.trials[name], study.design.factors[name]) for name in paired.moderators]
    shape = tuple(map(len, paired.levels))
    return np.ravel_multi_index(codes, shape) if shape else np.zeros(len(study.trials), np.int64)


def _seeds_taken(seen: Sequence[Look], cell: int) -> int:
    """The seeds of a cell: those of the look that decided it, or of the last."""
    return next((look.seeds for look in seen if not look.cells[cell].open), seen[-1].seeds)


def decided(rows: Sequence[tuple[SimpleEffect, Why]], found: Grown) -> list[tuple[SimpleEffect, Why]]:
    """Cells of the headline with what their looks decide beside what a fixed number of seeds would, or in its place."""
    now = (
        found.looks[-1].cells
        if found.looks
        else (Seen(0, np.nan, NOTHING_TOLD, NOTHING_TOLD, "undecided"),) * len(rows)
    )
    return [
        (_with(row, seen, declared=found.rule is not None), _without(why))
        for (row, why), seen in zip(rows, now, strict=True)
    ]


def _without(why: Why) -> Why:
    return {field: reason for field, reason in why.items() if field not in ("fixed", "anytime")}


def _with(row: SimpleEffect, seen: Seen, *, declared: bool) -> SimpleEffect:
    both = {"fixed": row.decision, "anytime": seen.decision}
    instead = {"decision": seen.decision, "trivial": seen.trivial} if declared else {}
    return row.model_copy(update=both | instead)


def answer(found: Grown, moderators: tuple[str, ...]) -> Answer:
    """The headline by the looks: that of the cells where they are settled unlike, else that of their mean."""
    if not found.looks:
        return Answer("undecided", "settled_open", "undecided")
    last = found.looks[-1]
    cells, mean = ([CellDecision(one.decision, one.trivial) for one in seen] for seen in (last.cells, [last.mean]))
    if all(cell.equivalent for cell in cells):
        return Answer("no", "settled_equal", "equivalent")
    sides = {"equivalent" if cell.decision == "identical" else cell.decision for cell in cells} - {"undecided"}
    decided, equal = mean[0].decision, mean[0].equivalent
    if len(sides) > 1 or (decided in ("equivalent", "identical") and sides - {"equivalent"}):
        return Answer("depends", "settled_unlike", decided, moderators)
    if decided in ("first", "second"):
        return Answer("yes_trivial" if equal else "yes", "settled_ahead", decided)
    return Answer("no", "settled_equal", "equivalent") if equal else Answer("undecided", "settled_open", "undecided")


def rows(found: Grown) -> list[tuple[SequentialRow, Why]]:
    """Every look: its mean, then its cells; a design of one cell has its mean alone."""
    number = len(found.paired.cells)
    share = found.alpha / number if found.rule is None else level_of(found.rule, number)
    of_mean = found.alpha if found.rule is None else share
    listed = []
    for look in found.looks:
        listed.append(_row(None, look, look.mean, of_mean))
        if number > 1:
            pairs = zip(found.paired.cells, look.cells, strict=True)
            listed += [_row(cell, look, seen, share) for cell, seen in pairs]
    return listed


def _row(cell: Cell | None, look: Look, seen: Seen, level: float) -> tuple[SequentialRow, Why]:
    told = bool(np.isfinite(seen.interval).all())
    inner = bool(np.isfinite(seen.inner).all())
    row = SequentialRow(
        cell=cell,
        look=look.seeds,
        n=seen.n,
        gap=seen.gap if seen.n else None,
        interval=seen.interval if told else None,
        inner_interval=seen.inner if inner else None,
        level=level,
        log_e=seen.log_e,
        decision=seen.decision,
        trivial=seen.trivial,
    )
    why = {} if seen.n else {"gap": because("no_pair")}
    why |= {} if told else {"interval": because("no_end_yet")}
    why |= {} if inner else {"inner_interval": because("no_end_yet")}
    return row, why


def growth(found: Grown) -> Growth:
    """What was declared, and the pairs that the looks took beside those that every cell up to the most would have."""
    rule, cells = found.rule, len(found.paired.cells)
    last = found.looks[-1] if found.looks else None
    took = sum(_seeds_taken(found.looks, cell) for cell in range(cells)) if last and rule else cells * len(found.seeds)
    return Growth(
        declared=rule is not None,
        boundary=rule.boundary if rule else "mixture",
        first=rule.first if rule else len(found.seeds),
        batch=rule.batch if rule else 0,
        most=rule.most if rule else len(found.seeds),
        prior_variance=anytime.C2,
        pairs=took,
        pairs_of_all=cells * (rule.most if rule else len(found.seeds)),
    )
