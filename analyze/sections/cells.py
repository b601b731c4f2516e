"""The contrast in every cell, and the other levels of the primary factor against each of its two."""

import numpy as np

from analyze.findings import BnMode, Level, Scale, SimpleEffect, Why
from analyze.inference.multiplicity import holm
from analyze.inference.paired import compare
from analyze.inference.signflip import flip_p, flips
from analyze.measures import response
from analyze.sections.headline import reasons_of
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms


def rows(study: StudyData) -> list[tuple[SimpleEffect, Why]]:
    """The contrast in every cell, in every mode of evaluation; on the logit scale too where it is known."""
    rows = []
    for mode in response.modes(study):
        rows += _compared(study, mode, study.design.contrast)
        logit = response.logit(study, mode)
        if logit is not None:
            rows += simple_effects(
                arms(study.trials, logit, study.design),
                _counts(study, mode, study.design.contrast),
                contrast=study.design.contrast,
                mode=mode,
                scale="logit",
                margin=None,
            )
    return rows


def orderings(study: StudyData) -> list[tuple[SimpleEffect, Why]]:
    """Every other level of the primary factor against each level of the contrast."""
    rows = []
    for mode in response.modes(study):
        for other in study.design.other_levels:
            if not response.evaluated(study, mode, other):
                continue
            for level in study.design.contrast:
                rows += _compared(study, mode, (other, level))
    return rows


def _compared(study: StudyData, mode: BnMode, pair: tuple[Level, Level]) -> list[tuple[SimpleEffect, Why]]:
    """Simple effects of one pair of levels, raw scale."""
    return simple_effects(
        arms(study.trials, response.percent(study, mode), study.design, pair),
        _counts(study, mode, pair),
        contrast=pair,
        mode=mode,
        scale="raw",
        margin=study.design.margin_pp,
    )


def _counts(study: StudyData, mode: BnMode, pair: tuple[Level, Level]) -> Arms | None:
    counts = response.correct(study, mode)
    return None if counts is None else arms(study.trials, counts, study.design, pair)


def simple_effects(
    paired: Arms,
    counts: Arms | None,
    *,
    contrast: tuple[Level, Level],
    mode: BnMode,
    scale: Scale,
    margin: float | None,
) -> list[tuple[SimpleEffect, Why]]:
    """The contrast in every cell, Holm over the cells for each kind of p.

    Args:
        paired: responses.
        counts: numbers of correct test images, on which Wilcoxon ranks; None where unknown.
        contrast: the two levels, first minus second.
        mode: BatchNorm mode of the response.
        scale: of the response.
        margin: equivalence margin; None on a scale where it has no meaning.
    """
    compared = [
        compare(
            paired.first[:, index],
            paired.second[:, index],
            margin=margin,
            counts=None if counts is None else counts.difference[:, index],
        )
        for index in range(len(paired.cells))
    ]
    differences = np.nan_to_num(paired.difference, nan=0.0)
    p_flip = flip_p([differences[:, [index]] for index in range(differences.shape[1])], flips())
    p_flip = [p if found.n > 1 else None for p, found in zip(p_flip, compared, strict=True)]
    corrected = zip(
        holm([found.p_t for found in compared]),
        holm(p_flip),
        holm([found.p_tost for found in compared]),
        strict=True,
    )
    rows = []
    for cell, found, flip, (t_holm, flip_holm, tost_holm) in zip(
        paired.cells, compared, p_flip, corrected, strict=True
    ):
        row = SimpleEffect(
            cell=cell,
            contrast=contrast,
            bn_mode=mode,
            scale=scale,
            n=found.n,
            gap=found.gap,
            sd=found.sd,
            ci95=found.ci95,
            t=found.t,
            p_t=found.p_t,
            p_t_holm=t_holm,
            p_wilcoxon=found.p_wilcoxon,
            p_signflip=flip,
            p_signflip_holm=flip_holm,
            p_tost=found.p_tost,
            p_tost_holm=tost_holm,
            d_z=found.d_z,
            bf10=found.bf10,
            pair_correlation=found.pair_correlation,
        )
        rows.append((row, reasons_of(row, found, flip)))
    return rows
