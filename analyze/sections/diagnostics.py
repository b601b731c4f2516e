"""Normality of the differences and sphericity of the effects, as rows."""

import math

import numpy as np

from analyze.findings import Cell, DiagnosticRow, Message, Why, because
from analyze.inference import assumptions
from analyze.inference.anova import all_contrast_scores, subsets
from analyze.sections.mean import cells_of_mean
from analyze.study.pairing import Arms, by_seed

Explained = tuple[DiagnosticRow, Why]


def rows(paired: Arms, factor: str, alpha: float) -> list[Explained]:
    """Normality of the headline's mean and in each cell, then sphericity of every effect of more than one df."""
    return [*_normality(paired, alpha), *_sphericity(paired, factor)]


def _normality(paired: Arms, alpha: float) -> list[Explained]:
    samples: list[tuple[Cell, np.ndarray]] = [({}, by_seed(paired.difference, cells_of_mean(paired, alpha)))]
    samples += [(cell, column) for cell, column in zip(paired.cells, paired.difference.T, strict=True) if cell]
    found = []
    for cell, sample in samples:
        known = sample[np.isfinite(sample)]
        result = assumptions.normality(known)
        found.append(_row("normality", cell, (), len(known), because(result) if isinstance(result, str) else result))
    return found


def _sphericity(paired: Arms, factor: str) -> list[Explained]:
    names, shape = (factor, *paired.moderators), (2, *(len(levels) for levels in paired.levels))
    both = np.stack([paired.first[paired.complete], paired.second[paired.complete]], axis=1)
    responses = both.reshape(len(both), *shape)
    scores = all_contrast_scores(responses) if paired.crossed else {}
    found = []
    for chosen in subsets(len(names)):
        df = math.prod(shape[index] - 1 for index in chosen)
        if df == 1:
            continue
        result = assumptions.sphericity(scores[chosen]) if paired.crossed else because("cell_without_pair")
        result = because(result, df=df) if isinstance(result, str) else result
        found.append(_row("sphericity", {}, tuple(names[index] for index in chosen), len(both), result))
    return found


def _row(
    assumption: str, cell: Cell, effect: tuple[str, ...], n: int, result: tuple[float, float] | Message
) -> Explained:
    statistic, p = (None, None) if isinstance(result, Message) else result
    row = DiagnosticRow.model_validate(
        {"assumption": assumption, "cell": cell, "effect": effect, "statistic": statistic, "p": p, "n": n}
    )
    return row, dict.fromkeys(("statistic", "p"), result) if isinstance(result, Message) else {}
