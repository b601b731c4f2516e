"""The analysis plan: a study -> Findings. The same plan for every study; what it does not support is said.

Order: headline, ANOVA, leave-one-level-out, simple effects, other levels, convergence, then the descriptions that
figures draw.
"""

from analyze.claims import judge
from analyze.findings import Findings, Message, Question, Response, StudySummary, because, section
from analyze.measures import response
from analyze.measures.time_to_target import convergence_curves
from analyze.sections import (
    cells,
    descriptions,
    effects,
    headline,
    mechanism,
    multiverse,
    precision,
    profiles,
    speed,
    stability,
)
from analyze.study.load import StudyData
from analyze.study.pairing import arms


def analyse(study: StudyData) -> Findings:
    """Carry out the plan on a study."""
    reasons: dict[str, Message] = {}
    paired = arms(study.trials, response.percent(study, "running"), study.design)
    left_out = headline.leave_one_out(paired)
    primary, why = headline.primary(study, paired, [row for row, _ in left_out])
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
    power = section("power", precision.rows(paired, study.design.margin_pp, study.design.alpha), reasons)
    return Findings(
        study=summary,
        question=_question(study),
        primary=primary,
        anova=section("anova", effects.rows(study), reasons),
        leave_one_out=section("leave_one_out", left_out, reasons),
        simple_effects=section("simple_effects", cells.rows(study), reasons),
        orderings=section("orderings", cells.orderings(study), reasons),
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
        response=Response(name=headline.RESPONSE, better="higher", unit="pp", scale="raw", bounds=(0.0, 100.0)),
    )
