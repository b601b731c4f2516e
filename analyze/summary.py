"""What every analysis says of its study first: what was run, what was asked, and why parts of that are unknown."""

from analyze.findings import Message, Question, StudySummary, because
from analyze.measures import response
from analyze.sections import descriptions
from analyze.study.load import StudyData


def of_study(study: StudyData) -> StudySummary:
    """What was planned and what came of it."""
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
        command=study.command,
        notes=study.notes,
        modes=tuple(response.modes(study)),
        columns=study.columns,
    )


def of_question(study: StudyData) -> Question:
    """What the study was asked."""
    return Question(
        factor=study.design.factor,
        contrast=study.design.contrast if study.design.declared else None,
        moderators=study.design.moderators,
        block="seed",
        paired=study.design.paired,
        why=study.design.why_paired,
        response=study.design.response,
        threshold=study.design.threshold,
        folds=study.design.folds,
        ignored=dict(study.design.ignored),
    )


def unknown(study: StudyData) -> dict[str, Message]:
    """Why parts of the response and of the summary are null."""
    compared = study.design.response
    codes = {"bounds": "no_bounds", "margin": "no_margin"}
    reasons = {
        f"/question/response/{field}": because(code)
        for field, code in codes.items()
        if getattr(compared, field) is None
    }
    if study.design.threshold is None:
        reasons["/question/threshold"] = because("no_threshold")
    if study.design.folds is None:
        reasons["/question/folds"] = because("no_folds")
    if descriptions.stuck(study) is None:
        reasons["/study/stuck"] = because("guess_unknown" if compared.is_accuracy else "guess_of_accuracy")
    return reasons
