"""The time to the target by every factor at once: a log-normal regression with all interactions, seed jackknife.

log T = all effects and interactions of the contrast and the moderators + s z. With every interaction the model has a
mean for each level of the contrast in each cell, and a coefficient is a contrast of these means: of a factor in its
effect the level minus the first level (of the primary factor the contrast's first minus its second), over the other
factors the mean. This is sum coding with the factor's first level as the one compared with, R's contr.treatment(L) −
1/L; for two levels it is the codes ±1/2. exp(coefficient) of the primary factor is a time ratio, with a moderator a
ratio of time ratios, and so on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell, Level, Message, because
from analyze.inference import lognormal_aft
from analyze.measures.time_to_target import Crossings
from analyze.sections.time_ratios import Runs, runs
from analyze.study.cells import cells_of
from analyze.study.load import StudyData
from analyze.study.question import Design

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: More levels of it are kept where two designs have as many cells.
KEPT_FIRST = "depth"

#: Of the factors whose sets of levels are all tried, at most so many levels together.
MOST_LEVELS = 14


@dataclass(frozen=True)
class Compared:
    """What a coefficient compares: the levels of its factors with others of the same factors."""

    levels: Cell
    against: Cell


@dataclass(frozen=True)
class Regression:
    """Coefficients on the log scale by what they compare, and the cells that are left out.

    `no_p` says which cell tells nothing without one of the seeds; then estimates stand without interval and p.
    """

    coefficients: tuple[tuple[Compared, lognormal_aft.Jackknifed | str], ...]
    left_out: tuple[Cell, ...]
    seeds: int
    no_p: Message | None


def regression(study: StudyData, found: Crossings) -> Regression | None:
    """The model on the largest full factorial of cells that tell of times; None where no cell does.

    A cell tells of times here where of each level a run reached the target, and one had not by its first evaluation.
    """
    data = runs(study, found, np.ones(len(study.trials), bool))
    if data is None:
        return None
    cells, _ = cells_of(study)
    group = 2 * data.cell + data.arm
    by_arm = data.tell(group, 2 * len(cells), data.weights)
    tells: Mask = np.asarray(by_arm.reshape(len(by_arm), len(cells), 2).all(axis=2), dtype=bool)
    kept = largest_factorial(study.design, tells[0])
    if not kept.any():
        return None
    levels_kept = tuple(
        tuple(dict.fromkeys(cell[name] for cell, keep in zip(cells, kept, strict=True) if keep))
        for name in study.design.moderators
    )
    silent = _silent_without_a_seed(cells, kept, tells)
    means = _means(data, kept, replicates=1 if silent else len(tells))
    contrasts = _contrasts(study, levels_kept)
    results = [(compared, lognormal_aft.jackknifed(means @ weights)) for compared, weights in contrasts]
    left_out = tuple(cell for cell, keep in zip(cells, kept, strict=True) if not keep)
    return Regression(tuple(results), left_out, len(tells) - 1, silent)


def _means(data: Runs, kept: Mask, replicates: int) -> Array:
    """Mean log time by cell and level of the contrast, of all the data and of those without each seed, (J, 2C)."""
    rows = kept[data.cell]
    times = data.times(2 * data.cell + data.arm, np.empty((len(rows), 0)), rows)
    return lognormal_aft.fit(times, data.weights[:replicates, rows]).intercepts


def _silent_without_a_seed(cells: Sequence[Cell], kept: Mask, tells: Mask) -> Message | None:
    """The first kept cell that tells nothing without one of the seeds."""
    lost = np.argwhere(kept & ~tells[1:])
    if not len(lost):
        return None
    return because("cell_silent_without_a_seed", cell=cells[lost[0][1]])


def _contrasts(study: StudyData, levels: Sequence[Sequence[Level]]) -> list[tuple[Compared, Array]]:
    """Every coefficient: what it compares, and its weights (2C,) on the means by cell and level of the contrast.

    The cells are the product of these levels, the last moderator fastest, the levels of the contrast within them.
    """
    factor, (first, second) = study.design.factor, study.design.contrast
    terms: list[tuple[Compared, Array]] = []
    # None stands for a factor that is not in the effect: its levels are averaged.
    for chosen in product(*([None, *range(1, len(own))] for own in levels)):
        weights: Array = np.ones(1)
        compared: Cell = {}
        against: Cell = {}
        for name, own, level in zip(study.design.moderators, levels, chosen, strict=True):
            weights = np.asarray(np.kron(weights, _against_first(len(own), level)), dtype=float)
            if level is not None:
                compared[name], against[name] = own[level], own[0]
        # Of each cell's two means: their difference, or their mean.
        both = Compared({factor: first} | compared, {factor: second} | against)
        terms.append((both, np.column_stack([weights, -weights]).ravel()))
        if compared:
            terms.append((Compared(compared, against), np.repeat(weights, 2) / 2))
    place = {name: number for number, name in enumerate((factor, *study.design.moderators))}
    return sorted(
        terms, key=lambda term: (factor not in term[0].levels, len(term[0].levels), *map(place.get, term[0].levels))
    )


def _against_first(count: int, level: int | None) -> Array:
    """Weights of one level minus the first, of a factor outside the effect those of the mean."""
    if level is None:
        return np.full(count, 1 / count)
    weights = np.zeros(count)
    weights[0], weights[level] = -1.0, 1.0
    return weights


def largest_factorial(design: Design, tells: Mask) -> Mask:
    """The cells of the largest product of levels in which every cell tells, (C,); ties keep more depths."""
    names, counts = design.moderators, [len(one) for one in design.moderator_levels]
    table = tells.reshape(counts)
    first = names.index(KEPT_FIRST) if KEPT_FIRST in names else 0

    def worth(kept: Sequence[Mask]) -> tuple[int, ...]:
        sizes = [int(one.sum()) for one in kept]
        return (int(np.prod(sizes)), *sizes[first : first + 1], *sizes)

    best = max(_factorials(table), key=worth)
    return _product(best).reshape(-1)


def _product(kept: Sequence[Mask]) -> Mask:
    """The cells of these levels, as a mask of the table of cells."""
    return np.asarray(reduce(np.logical_and.outer, kept), dtype=bool)


def _factorials(table: Mask) -> Iterator[Sequence[Mask]]:
    """Products of levels whose cells all tell, as a mask a factor: the whole if it is one, else all that may be best.

    Every set of levels is tried of all factors but the longest, whose levels then follow. Where these sets are too
    many, the level with the largest share of silent cells is dropped until none is silent.
    """
    counts = table.shape
    kept = [np.ones(count, bool) for count in counts]
    if table.all():
        yield kept
        return
    longest = int(np.argmax(counts))
    others = [k for k in range(len(counts)) if k != longest]
    if sum(counts[k] for k in others) > MOST_LEVELS:
        while not table[np.ix_(*kept)].all():
            silent = ~table & _product(kept)
            shares = [silent.mean(axis=tuple({*range(len(counts))} - {k})) for k in range(len(counts))]
            worst = max(range(len(counts)), key=lambda k: float(shares[k].max()))
            kept[worst][int(np.argmax(shares[worst]))] = False
        yield kept
        return
    for chosen in product(*(_subsets(counts[k]) for k in others)):
        where = dict(zip(others, chosen, strict=True))
        picked = [where.get(k, np.ones(counts[k], bool)) for k in range(len(counts))]
        stays: Mask = np.asarray(table[np.ix_(*picked)].all(axis=tuple(others)), dtype=bool)
        yield [stays if k == longest else picked[k] for k in range(len(counts))]


def _subsets(count: int) -> list[Mask]:
    """Every choice of one level or more of so many."""
    return [np.array([number >> level & 1 == 1 for level in range(count)]) for number in range(1, 2**count)]
