"""How evenly networks predict the classes before they are trained, by cell and level: a description without a test."""

import numpy as np

from analyze.findings import InitialShare
from analyze.measures import class_share
from analyze.sections.descriptions import BAND
from analyze.study.cells import cells_of
from analyze.study.load import StudyData
from analyze.study.pairing import codes_of


def rows(study: StudyData) -> list[InitialShare]:
    """Median over seeds of the largest class share, and the central 80 %, of every cell and level; none without any."""
    shares = class_share.initial(study)
    if shares is None:
        return []
    names, number = cells_of(study)
    levels = study.design.factors[study.design.factor]
    rank = codes_of(study.trials[study.design.factor], levels)
    found = []
    for cell, name in enumerate(names):
        for one, level in enumerate(levels):
            here = shares[(number == cell) & (rank == one) & np.isfinite(shares)]
            if len(here):
                low, middle, high = map(float, np.quantile(here, [BAND[0], 0.5, BAND[1]]))
                found.append(InitialShare(cell=name, level=level, share=middle, low=low, high=high, n_seeds=len(here)))
    return found
