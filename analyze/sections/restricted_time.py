"""The analysis of variance of each trial's restricted time, which exists whatever share of runs reached the target."""

from analyze.findings import AnovaRow, Why
from analyze.measures.curve_shape import restricted_times
from analyze.measures.time_to_target import Curves, crossings
from analyze.sections.effects import anova_rows
from analyze.study.load import StudyData
from analyze.study.pairing import arms

RESPONSE = "restricted_time"


def effects(study: StudyData, curves: Curves) -> list[tuple[AnovaRow, Why]]:
    """Effects on the images to the primary target, at most the common budget, at the middle of each interval."""
    design = study.design
    times = restricted_times(crossings(study, curves, design.targets[0])).middle
    paired = arms(study.trials, times, design)
    return anova_rows(paired, design.factor, design.alpha, response=RESPONSE, scale="raw", mode=curves.bn_mode)
