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
