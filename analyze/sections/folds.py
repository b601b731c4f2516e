"""Two levels over folds of one cross-validation: the headline and the cells, by the t test with a corrected variance.

The cells of a mode and scale are a family by Holm's correction, which holds whatever their dependence: the flips that
correct cells of independent seeds are not exact here. Nothing else of the plan is worked out: interactions, power and
what new seeds would give rest on seeds that are independent.
"""

from analyze.findings import SimpleEffect, Why, because
from analyze.inference.folds import compare
from analyze.inference.multiplicity import holm
from analyze.measures import response
from analyze.sections import headline
from analyze.sections.cells import Corrected, Pair, no_margin_on, rows_of
from analyze.sections.decision import of_cells
from analyze.sections.unpaired import Found
from analyze.study.load import StudyData
from analyze.study.pairing import arms

#: Numbers of a cell that take seeds that are independent.
OF_INDEPENDENT_SEEDS = ("p_signflip", "p_signflip_holm", "p_max_t", "p_beyond", "fixed", "anytime")


def compare_arms(study: StudyData) -> Found:
    """The two levels of the contrast over the folds that ran both."""
    paired = arms(study.trials, response.values(study), study.design)
    cells = _cells(study)
    scale = study.design.response.scale
    own = [row for row, _ in cells if (row.bn_mode, row.scale) == ("running", scale)]
    return Found(cells, [], headline.primary(study, paired, own, []))


def _cells(study: StudyData) -> list[tuple[SimpleEffect, Why]]:
    """The contrast in every cell and mode of evaluation, on the scale of the response and on another if it has one."""
    design, rows = study.design, list[tuple[SimpleEffect, Why]]()
    assert design.folds is not None, "the plan of folds is for folds"
    for mode in response.modes(study):
        for scale, values in response.scales(study, mode).items():
            if values is None:
                continue
            pair = Pair(design.contrast, arms(study.trials, values, design))
            margin = design.response.margin if scale == design.response.scale else None
            both = zip(pair.paired.first.T, pair.paired.second.T, strict=True)
            found = [compare(*columns, folds=design.folds, margin=margin) for columns in both]
            nothing: list[float | None] = [None] * len(found)
            decisions = of_cells(found, holm([one.p_t for one in found]), margin, design.alpha)
            missing = because(no_margin_on(study, scale)) if margin is None else None
            decided = Corrected(nothing, nothing, nothing, decisions)
            rows += rows_of([pair], found, decided, mode, scale, design.alpha, no_margin=missing)
    overlap = because("folds_overlap")
    return [(row, why | dict.fromkeys(OF_INDEPENDENT_SEEDS, overlap)) for row, why in rows]
