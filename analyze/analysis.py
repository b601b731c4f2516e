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
    Message,
    Primary,
    Question,
    Response,
    Scale,
    SimpleEffect,
    StudySummary,
    Why,
    as_messages,
    because,
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
    reasons: dict[str, Message] = {}
    headline = arms(study.trials, response.percent(study, "running"), study.design)
    left_out = effects.leave_one_out(headline)
    primary, why = _primary(study, headline, [row for row, _ in left_out])
    reasons |= {f"/primary/{field}": reason for field, reason in why.items()}
    summary = _summary(study)
    if summary.stuck is None:
        reasons["/study/stuck"] = because("guess_unknown")
    curves = convergence_curves(study)
    if curves is None:
        reasons["/convergence"] = reasons["/curves"] = because("no_curves")
    if study.layers is None:
        reasons["/mechanism"] = because("no_probes")
    judged, no_claims = judge.judge(study, curves)
    if no_claims:
        reasons["/claims"] = no_claims
    power = section("power", precision.rows(headline, study.design.margin_pp, study.design.alpha), reasons)
    return Findings(
        study=summary,
        question=_question(study),
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
        modes=tuple(response.modes(study)),
        columns=study.columns,
    )


def _question(study: StudyData) -> Question:
    """What the study was asked."""
    return Question(
        factor=study.design.factor,
        contrast=study.design.contrast,
        moderators=study.design.moderators,
        block="seed",
        response=Response(name=RESPONSE, better="higher", unit="pp", scale="raw", bounds=(0.0, 100.0)),
    )


def _primary(study: StudyData, headline: Arms, left_out: list[LeaveOneOutRow]) -> tuple[Primary, Why]:
    margin = study.design.margin_pp
    mean = effects.mean_over_cells(headline, margin)
    found = mean.comparison
    se_crossed, why = _se_crossed(study, headline)
    why |= as_messages({field: code for field, code in found.why.items() if field in ("ci95", "t", "p_t")})
    if "gap" in found.why:
        why |= dict.fromkeys(("estimate", "p_signflip"), because("no_complete_seed"))
    if "p_tost" in found.why:
        why["equivalence/p"] = because(found.why["p_tost"])
    if mean.p_signflip is None:
        why.setdefault("p_signflip", because("two_complete_seeds_or_zero"))
    carriers = effects.conditional_on(headline, mean, left_out, margin)
    row = Primary(
        response=RESPONSE,
        bn_mode="running",
        conditional_on=carriers,
        contrast=study.design.contrast,
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
        why["df"] = because("two_complete_seeds")
    return row, why


def _se_crossed(study: StudyData, headline: Arms) -> tuple[float | None, Why]:
    """Standard error with seeds and test images crossed, where the study kept each image's outcome."""
    trials = study.trials
    if "correct_bits" not in trials or trials["correct_bits"].isna().all():
        return None, {"se_crossed": because("no_image_outcomes")}
    if not headline.crossed:
        return None, {"se_crossed": because("cell_without_pair")}
    complete = np.array(headline.seeds)[headline.complete]
    used = trials[trials["seed"].isin(complete)]
    if len(used["test_n"].unique()) != 1 or used["correct_bits"].isna().any():
        return None, {"se_crossed": because("incomplete_outcomes")}
    images = int(used["test_n"].iloc[0])
    shares = [
        _share_correct(used[used[study.design.factor] == level], complete, images) for level in study.design.contrast
    ]
    se = effects.crossed_se(shares[0], shares[1])
    return se, {} if se is not None else {"se_crossed": because("variance_not_positive")}


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
                contrast=study.design.contrast,
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
        contrast=pair,
        mode=mode,
        scale="raw",
        margin=study.design.margin_pp,
    )
