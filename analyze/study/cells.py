"""The cells of a study: combinations of the moderators' levels, the last moderator fastest."""

import numpy as np
from numpy.typing import NDArray

from analyze.findings import Cell
from analyze.study.load import StudyData
from analyze.study.pairing import codes_of


def cells_of(study: StudyData) -> tuple[list[Cell], NDArray[np.int64]]:
    """Every cell, and the cell's number for each trial."""
    design = study.design
    shape = [len(levels) for levels in design.moderator_levels]
    codes = [codes_of(study.trials[name], design.factors[name]) for name in design.moderators]
    numbers = np.ravel_multi_index(codes, shape) if shape else np.zeros(len(study.trials), int)
    where = np.unravel_index(np.arange(int(np.prod(shape))), shape) if shape else ()
    cells: list[Cell] = [
        {
            name: levels[codes[number]]
            for name, levels, codes in zip(design.moderators, design.moderator_levels, where, strict=True)
        }
        for number in range(int(np.prod(shape)))
    ]
    return cells, np.asarray(numbers, dtype=np.int64)


def trials_of(
    cells: NDArray[np.int64], levels: NDArray[np.int64], count: int, *, among: NDArray[np.bool_] | None = None
) -> dict[tuple[int, int], NDArray[np.int64]]:
    """The trials of every cell and level that has any, in the order of the table; one pass over them.

    Args:
        cells: number of the cell, one a trial.
        levels: number of the level of the primary factor, one a trial, −1 for none.
        count: how many levels there are.
        among: the trials that count, all of them unless it is given.
    """
    chosen = np.flatnonzero(levels >= 0 if among is None else among & (levels >= 0))
    keys = cells[chosen] * count + levels[chosen]
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.diff(keys[order], prepend=-1))
    parts = np.split(chosen[order], first)[1:]
    return {divmod(int(keys[order[at]]), count): part for at, part in zip(first, parts, strict=True)}
