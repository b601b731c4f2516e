"""The analysis plan: a study -> Findings. The same plan for every study; what it does not support is said.

Order: headline, ANOVA, leave-one-level-out, simple effects, other levels, convergence, then the descriptions that
figures draw.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyze.claims import judge
from analyze.findings import (
    AnovaRow,
    BnMode,
    Equivalence,
    Findings,
    LeaveOneOutRow,
    Level,
    Primary,
    Scale,
    SimpleEffect,
    StudySummary,
    Why,
    section,
)
from analyze.measures import response
from analyze.measures.time_to_target import convergence_curves
from analyze.sections import descriptions, effects, mechanism, multiverse, precision, profiles, speed, stability
from analyze.study.load import StudyData
from analyze.study.pairing import Arms, arms

RESPONSE = "test_accuracy"


def analyse(study: StudyData) -> Findings:
    """Carry out the plan on a study."""
    reasons: dict[str, str] = {}
    headline = arms(study.trials, response.percent(study, "running"), study.design)
    left_out = effects.leave_one_out(headline)
    primary, why = _primary(study, headline, [row for row, _ in left_out])
    reasons |= {f"/primary/{field}": reason for field, reason in why.items()}
    summary = _summary(study)
    if summary.stuck is None:
        reasons["/study/stuck"] = "the study does not say how often guessing is right"
    curves = convergence_curves(study)
    if curves is None:
        reasons["/convergence"] = reasons["/curves"] = "this study has no learning curves"
    if study.layers is None:
        reasons["/mechanism"] = "this study has no probes inside the network"
    judged, no_claims = judge.judge(study, curves)
    if no_claims:
        reasons["/claims"] = no_claims
    power = section("power", precision.rows(headline, study.design.margin_pp, study.design.alpha), reasons)
    return Findings(
        study=summary,
        primary=primary,
        anova=section("anova", _anova(study), reasons),
        leave_one_out=section("leave_one_out", left_out, reasons),
        simple_effects=section("simple_effects", _simple_effects(study), reasons),
        orderings=section("orderings", _orderings(study), reasons),
        convergence=section("convergence", speed.rows(study, curves) if curves else (), reasons),
        stability=section("stability", stability.rows(study), reasons),
        mechanism=section("mechanism", mechanism.rows(study), reasons),
        multiverse=section("multiverse", multiverse.rows(study, primary, curves), reasons),
        power=power,
        claims=section("claims", judged, reasons),
        cells=section("cells", descriptions.cells(study), reasons),
        curves=tuple(descriptions.learning_curves(study, curves)) if curves else (),
        survival=tuple(profiles.survival(study, curves)) if curves else (),
        layer_profile=tuple(profiles.layer_profile(study)),
        power_curve=tuple(profiles.power_curve(power, study.design.alpha)),
        methods=descriptions.methods(study),
        reasons=dict(sorted(reasons.items())),
    )


def _summary(study: StudyData) -> StudySummary:
    stuck = descriptions.stuck(study)
    return StudySummary(
        name=study.name,
        planned=study.planned,
        completed=study.count("completed"),
        diverged=study.count("diverged"),
        failed=study.count("failed"),
        pending=study.pending,
        stuck=None if stuck is None else int(stuck.sum()),
        seeds=study.seeds,
        factors=dict(study.design.factors),
        extended=study.extended,
        deviations=study.deviations,
        notes=study.notes,
    )


def _primary(study: StudyData, headline: Arms, left_out: list[LeaveOneOutRow]) -> tuple[Primary, Why]:
    margin = study.design.margin_pp
    mean = effects.mean_over_cells(headline, margin)
    found = mean.comparison
    se_crossed, why = _se_crossed(study, headline)
    why |= {field: text for field, text in found.why.items() if field in ("ci95", "t", "p_t")}
    if "gap" in found.why:
        why |= dict.fromkeys(("estimate", "p_signflip"), "no seed is complete over all cells")
    if "p_tost" in found.why:
        why["equivalence/p"] = found.why["p_tost"]
    if mean.p_signflip is None:
        why.setdefault("p_signflip", "fewer than two complete seeds, or every difference is zero")
    carriers = effects.conditional_on(headline, mean, left_out, margin)
    row = Primary(
        response=RESPONSE,
        bn_mode="running",
        conditional_on=carriers,
        contrast=study.design.contrast_name,
        unit="pp",
        estimate=found.gap,
        ci95=found.ci95,
        se_crossed=se_crossed,
        t=found.t,
        df=found.n - 1 if found.n > 1 else None,
        p_t=found.p_t,
        p_signflip=mean.p_signflip,
        n_seeds=mean.n_seeds,
        equivalence=Equivalence(margin_pp=margin, p=found.p_tost),
    )
    if row.df is None:
        why["df"] = "fewer than two complete seeds"
    return row, why


def _se_crossed(study: StudyData, headline: Arms) -> tuple[float | None, Why]:
    """Standard error with seeds and test images crossed, where the study kept each image's outcome."""
    trials = study.trials
    if "correct_bits" not in trials or trials["correct_bits"].isna().all():
        return None, {"se_crossed": "the study does not record which test images were classified correctly"}
    if not headline.crossed:
        return None, {"se_crossed": "a cell has no pair of runs"}
    complete = np.array(headline.seeds)[headline.complete]
    used = trials[trials["seed"].isin(complete)]
    if len(used["test_n"].unique()) != 1 or used["correct_bits"].isna().any():
        return None, {"se_crossed": "a diverged run, or another number of test images, leaves the table incomplete"}
    images = int(used["test_n"].iloc[0])
    shares = [
        _share_correct(used[used[study.design.factor] == level], complete, images) for level in study.design.contrast
    ]
    se = effects.crossed_se(shares[0], shares[1])
    return se, {} if se is not None else {"se_crossed": "its variance estimate is not positive"}


def _share_correct(trials: pd.DataFrame, seeds: NDArray[np.int64], images: int) -> NDArray[np.float64]:
    """Share of a seed's cells in which each image was classified correctly, (S, images)."""
    shares = np.zeros((len(seeds), images))
    for index, seed in enumerate(seeds):
        packed = [np.frombuffer(bits, np.uint8) for bits in trials.loc[trials["seed"] == seed, "correct_bits"]]
        shares[index] = np.unpackbits(np.stack(packed), axis=1, count=images).mean(axis=0)
    return shares


def _anova(study: StudyData) -> list[tuple[AnovaRow, Why]]:
    rows = []
    for mode in response.modes(study):
        scales: dict[Scale, NDArray[np.float64] | None] = {
            "raw": response.percent(study, mode),
            "logit": response.logit(study, mode),
        }
        for scale, values in scales.items():
            if values is not None:
                paired = arms(study.trials, values, study.design)
                rows += effects.anova_rows(paired, study.design.factor, response=RESPONSE, scale=scale, mode=mode)
    return rows


def _simple_effects(study: StudyData) -> list[tuple[SimpleEffect, Why]]:
    rows = []
    for mode in response.modes(study):
        rows += _compared(study, mode, study.design.contrast)
        logit = response.logit(study, mode)
        if logit is not None:
            rows += effects.simple_effects(
                arms(study.trials, logit, study.design),
                _counts(study, mode, study.design.contrast),
                contrast=study.design.contrast_name,
                mode=mode,
                scale="logit",
                margin=None,
            )
    return rows


def _orderings(study: StudyData) -> list[tuple[SimpleEffect, Why]]:
    """Every other level of the primary factor against each level of the contrast."""
    rows = []
    for mode in response.modes(study):
        for other in study.design.other_levels:
            if not response.evaluated(study, mode, other):
                continue
            for level in study.design.contrast:
                rows += _compared(study, mode, (other, level))
    return rows


def _counts(study: StudyData, mode: BnMode, pair: tuple[Level, Level]) -> Arms | None:
    counts = response.correct(study, mode)
    return None if counts is None else arms(study.trials, counts, study.design, pair)


def _compared(study: StudyData, mode: BnMode, pair: tuple[Level, Level]) -> list[tuple[SimpleEffect, Why]]:
    """Simple effects of one pair of levels, raw scale."""
    return effects.simple_effects(
        arms(study.trials, response.percent(study, mode), study.design, pair),
        _counts(study, mode, pair),
        contrast=f"{pair[0]} - {pair[1]}",
        mode=mode,
        scale="raw",
        margin=study.design.margin_pp,
    )
