"""Findings -> what was planned, what came of it, and under which settings."""

import math

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report.prose.sequential import extended
from analyze.report.subject import subject_of
from analyze.report.tables.table import MOST_ROWS
from analyze.report.words import display, naming, spoken
from analyze.report.words.catalogue import Catalogue
from collect import schema

#: Every setting of a trial, a factor of one level among them, in the order in which page one has them.
SETTINGS = tuple(column.name for column in (*schema.DATASET, *schema.FACTORS, *schema.RECIPE))

#: Settings that are known to move the gap of BatchNorm's orderings.
MODERATORS = {"head", "epochs", "learning_rate"}


def setting(findings: Findings, words: Catalogue) -> Markup:
    """Every setting that all trials shared, and for whom the study therefore speaks."""
    fixed = [name for name in SETTINGS if name in findings.methods and name not in findings.study.factors]
    if not fixed:
        return Markup("")
    listed = [
        words("setting_of", name=_name(name, words), value=naming.setting(findings.methods[name], words))
        for name in fixed
    ]
    said = words("answer.setting", settings=words("list.settings").join(listed))
    held = findings.study.columns and findings.question.factor == spoken.ORDERING and {*fixed} & MODERATORS
    return words.sentences([said, words("answer.setting_moves")]) if held else said


def _name(name: str, words: Catalogue) -> Markup:
    """A setting by its name, as that of a factor where it is one of the core."""
    return naming.factor(name, words) if name in schema.CORE_FACTORS else words.name("setting", name)


def notes(findings: Findings, words: Catalogue) -> tuple[Markup, ...]:
    """What a reader has to know before anything else."""
    said = [
        words(f"note.{note.code}", **{name: display.count(value) for name, value in note.numbers.items()})
        for note in findings.study.notes
    ]
    said += filter(None, [unplanned(findings, words)])
    cells = math.prod(len(findings.study.factors[name]) for name in findings.question.moderators)
    if cells > MOST_CELLS:
        said.append(words("note.many_cells", cells=display.count(cells), rows=display.count(MOST_ROWS)))
    return tuple(said)


def unplanned(findings: Findings, words: Catalogue) -> Markup:
    """That a study was extended as it went on, and what holds all the same; nothing where it was not."""
    if not findings.study.extended:
        return Markup("")
    return words.sentences([words("coverage.extended"), extended(findings, words)])


def coverage(findings: Findings, words: Catalogue) -> Markup:
    """What was planned and what came of it, with every deviation."""
    study = findings.study
    counts = {name: display.count(getattr(study, name)) for name in COVERAGE}
    parts = [words("coverage.sentence" if study.stuck is not None else "coverage.sentence_guess_unknown", **counts)]
    if study.deviations:
        listed = words.join([naming.quoted(one) for one in study.deviations])
        parts.append(words("coverage.deviations", list=listed))
    if findings.question.why.code != "seeds_shared":
        parts.append(words("methods.paired", why=naming.said(findings.question.why, words)))
    if stuck := _stuck(findings):
        parts.insert(1, words("coverage.stuck_levels", **stuck))
    return words.sentences([*parts, left_out(findings, words)])


def counted(findings: Findings, words: Catalogue) -> tuple[tuple[Markup, Markup], ...]:
    """What was planned and what came of it, each with its number; of which level the runs are that stayed at chance."""
    named = [name for name in COVERAGE if name != "stuck" or findings.question.response.is_accuracy]
    stuck = _stuck(findings)
    labels = {"stuck": words("coverage.stuck_of", **stuck)} if stuck else {}
    return tuple(
        (labels.get(name, words(f"coverage.{name}")), display.count(getattr(findings.study, name))) for name in named
    )


def _stuck(findings: Findings) -> dict[str, Markup]:
    """The share of the runs of either level that stayed at chance; nothing where none did, or nobody knows."""
    subject = subject_of(findings)
    shares = [row.values for row in findings.stability if row.kind == "stuck" and not row.cell]
    if not findings.study.stuck or not shares or not subject.declared:
        return {}
    return {
        "first": naming.level(subject.first),
        "second": naming.level(subject.second),
        "share": display.share(shares[0].get(subject.first)),
        "other_share": display.share(shares[0].get(subject.second)),
    }


def left_out(findings: Findings, words: Catalogue) -> Markup:
    """The columns of the table that are no factors, those of one reason together; a long list is cut."""
    reasons: dict[Markup, list[Markup]] = {}
    for name, reason in findings.question.ignored.items():
        reasons.setdefault(naming.said(reason, words), []).append(naming.factor(name, words))
    groups = [
        words(
            "coverage.ignored_group",
            columns=words("list.comma").join(names[:MOST_NAMED]),
            more=words("coverage.more", count=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else Markup(""),
            reason=reason,
        )
        for reason, names in reasons.items()
    ]
    return words("coverage.ignored", list=words("list.semicolon").join(groups)) if groups else Markup("")


#: Columns of one reason that are named, and cells beyond which the page says that it shows a selection.
MOST_NAMED, MOST_CELLS = 8, 400

COVERAGE = ("planned", "completed", "diverged", "failed", "pending", "stuck")
