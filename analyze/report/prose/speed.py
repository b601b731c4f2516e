"""Findings -> the paragraphs of speed: time ratios, restricted time, and the regression on all factors.

Reads what was decided and decides nothing: a level is faster or slower only where that is shown.
"""

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from analyze.findings import ConvergenceRow, CurvePoint, Findings, Interval, because
from analyze.report import selection
from analyze.report.prose.sections import effect
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import MOST_NAMES, enumerated, name_cells, ratio_margin, seeds
from analyze.report.words.catalogue import Catalogue


def speed(findings: Findings, words: Catalogue) -> list[Markup]:
    """How many times the images one level needs, up to the budget, and what changes it."""
    if not findings.curves and not findings.convergence:
        why = findings.reasons.get("/convergence", because("no_curves"))
        return [words("speed.no_curves", why=naming.said(why, words))]
    lead, overall = _lead(findings, words), selection.time_ratios(findings)
    if not overall:
        return [lead, words("speed.not_estimated")]
    parts = [
        lead,
        words.sentences([*(_time_ratio(i, row, findings, words) for i, row in overall), _in_cells(findings, words)]),
        _restricted(findings, words),
        _regression(findings, words),
    ]
    return [part for part in parts if part]


def _lead(findings: Findings, words: Catalogue) -> Markup:
    """What was measured: unit, images, window and, where there are several, mode of evaluation."""
    seen: ConvergenceRow | CurvePoint = findings.convergence[0] if findings.convergence else findings.curves[0]
    images = words("speed.on_subset" if seen.eval_set == "subset" else "speed.on_full")
    several = len(findings.study.modes) > 1
    mode = words("speed.in_mode", mode=words(f"bn_mode.{seen.bn_mode}")) if several else Markup("")
    return words("speed.lead", images=images, mode=mode)


def _values(row: ConvergenceRow, findings: Findings, words: Catalogue) -> dict[str, Markup]:
    """What the sentences of a ratio have in common; an equivalence is shown with its 90 % interval."""
    subject = subject_of(findings)
    return {
        "first": naming.level(subject.first),
        "second": naming.level(subject.second),
        "estimate": display.significant(row.estimate),
        "ci": _interval("ci90", row.ci90, words) if row.decision == "equivalent" else _interval("ci", row.ci95, words),
        "ci90": _interval("ci90", row.ci90, words),
        "margin": words("speed.margin", factor=ratio_margin(findings)),
        "n": seeds(row.n_seeds, words),
    }


def _interval(key: str, bounds: Interval | None, words: Catalogue) -> Markup:
    return words(key, interval=display.significant_interval(bounds))


def _verdict(row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """What is decided of a time ratio: a first level with the larger one is the slower."""
    pace = (TRIVIAL if row.trivial else PACE).get(row.decision or "", row.decision)
    return words(f"pace.{pace}", **_values(row, findings, words))


#: A level with the larger time is the slower, and it may be so by less than the margin.
PACE = {"first": "slower", "second": "faster"}
TRIVIAL = {"first": "slower_trivial", "second": "faster_trivial"}


def _time_ratio(place: int, row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """One time ratio over all cells, what is decided of it, and the cells that it leaves out."""
    target, values = display.share(row.target), _values(row, findings, words)
    reason = findings.reasons.get(f"/convergence/{place}/{'estimate' if row.estimate is None else 'p'}")
    why = naming.said(reason, words) if reason else Markup("")
    if row.estimate is None:
        return words("speed.ratio_none", target=target, reason=why)
    left_out = words("speed.left_out", cells=name_cells(row.left_out, words)) if row.left_out else Markup("")
    if row.p is None:
        return words.sentences([words("speed.ratio_bare", target=target, reason=why, **values), left_out])
    adjusted = row.p_holm is not None and len(selection.time_ratios(findings)) > 2
    if row.decision == "equivalent":  # its p is that of a difference, and the interval is what decided
        verdict = _verdict(row, findings, words)
        said = words("speed.ratio_equivalent", target=target, verdict=verdict, **values)
        return words.sentences([said, left_out])
    p = words("speed.over_targets", p=display.p_equals(row.p_holm)) if adjusted else display.p_equals(row.p)
    said = words("speed.ratio", target=target, p=p, verdict=_verdict(row, findings, words), **values)
    return words.sentences([said, left_out])


def _in_cells(findings: Findings, words: Catalogue) -> Markup:
    """The cells by what is decided of their time ratios, for the primary target."""
    rows = selection.time_ratios_in_cells(findings)
    if len(rows) < 2:
        return Markup("")
    sentences = [words("speed.in_cells")]
    for key, decision in PLACES.items():
        here = [_cell(row, findings, words) for _, row in rows if row.decision == decision and not _without_ratio(row)]
        if here:
            values = _values(rows[0][1], findings, words)
            sentences.append(words(f"pace.{key}", cells=enumerated(here, words), **values))
    bare = [row.cell or {} for _, row in rows if _without_ratio(row)]
    if bare:
        sentences.append(words("pace.no_ratio_in", cells=name_cells(bare, words)))
    return words.sentences(sentences)


def _without_ratio(row: ConvergenceRow) -> bool:
    """Whether nothing is decided of a cell's ratio because it has no interval."""
    return row.decision == "undecided" and row.p is None


#: Where cells are named, by what is decided of them.
PLACES = {
    "faster_in": "second",
    "slower_in": "first",
    "equivalent_in": "equivalent",
    "undecided_in": "undecided",
    "not_decidable_in": "not_decidable",
}


def _cell(row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """A cell with its ratio."""
    cell = naming.cell(row.cell or {}, words)
    if row.p is None:
        return words("speed.cell_none", cell=cell)
    if row.decision == "equivalent":
        return words("speed.cell_equivalent", cell=cell, **_values(row, findings, words))
    p = display.p_equals(row.p_holm)
    return words("speed.cell_trivial" if row.trivial else "speed.cell", cell=cell, p=p, **_values(row, findings, words))


def _restricted(findings: Findings, words: Catalogue) -> Markup:
    """The mean difference up to the budget, what the gaps between evaluations leave open, and what changes it."""
    subject, found = subject_of(findings), selection.restricted_differences(findings)
    if found is None:
        return Markup("")
    row, low, high = found
    values = {
        "target": display.share(row.target),
        "contrast": naming.contrast(subject.first, subject.second),
        "first": naming.level(subject.first),
        "estimate": display.decimal(row.estimate, 0, signed=True),
        "low": display.decimal(low.estimate, 0, signed=True),
        "high": display.decimal(high.estimate, 0, signed=True),
        "ci": words("ci", interval=display.interval(row.ci95, 0)),
        "p": display.p_equals(row.p_signflip),
        "n": seeds(row.n_seeds, words),
    }
    if row.estimate is None:
        return words("speed.restricted_none", **values)
    if row.censored_share == 1:
        return words("speed.unreached", **values)
    images = {"first": "more", "second": "fewer"}.get(row.decision or "", row.decision or "")
    key = "speed.restricted" if row.ci95 is not None and row.p_signflip is not None else "speed.restricted_bare"
    interactions = [
        one for _, one in selection.restricted_time(findings) if subject.factor in one.effect and len(one.effect) > 1
    ]
    return words.sentences(
        [
            words(key, verdict=words(f"images.{images}", **values), **values),
            words("speed.bounds", **values),
            words("speed.few", cells=name_cells(row.left_out, words)) if row.left_out else Markup(""),
            _unlike(row, findings, words),
            _restricted_in_cells(findings, words),
            words("speed.restricted_effects") if interactions else Markup(""),
            *(effect(one, words) for one in interactions),
        ]
    )


def _restricted_in_cells(findings: Findings, words: Catalogue) -> Markup:
    """The cells by what is decided of their differences in images; those that differ with the difference."""
    rows = [row for _, row in selection.restricted_differences_in_cells(findings)]
    if len(rows) < 2:
        return Markup("")
    first = naming.level(subject_of(findings).first)
    sentences = [words("speed.restricted_in_cells")]
    for key, decision in IMAGES_IN.items():
        here = [row for row in rows if row.decision == decision]
        if not here:
            continue
        named = [_with_images(row, words) if decision in ("first", "second") else _named(row, words) for row in here]
        sentences.append(words(f"images.{key}", cells=enumerated(named, words), first=first))
    return words.sentences(sentences)


#: Where cells are named, by what is decided of their differences in images.
IMAGES_IN = {
    "fewer_in": "second",
    "more_in": "first",
    "identical_in": "identical",
    "undecided_in": "undecided",
    "not_decidable_in": "not_decidable",
}


def _named(row: ConvergenceRow, words: Catalogue) -> Markup:
    return naming.cell(row.cell or {}, words)


def _with_images(row: ConvergenceRow, words: Catalogue) -> Markup:
    """A cell with its difference in images."""
    estimate, ci = display.decimal(row.estimate, 0, signed=True), words("ci", interval=display.interval(row.ci95, 0))
    return words("speed.restricted_cell", cell=_named(row, words), estimate=estimate, ci=ci)


def _unlike(row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """That the ratio and the difference of the same times are decided differently, where they are."""
    shown = ("first", "second")
    _, ratio = selection.time_ratios(findings)[0]
    if ratio.p is None or row.decision == ratio.decision or not {row.decision, ratio.decision} & set(shown):
        return Markup("")
    return words("speed.unlike" if subject_of(findings).moderators else "speed.unlike_one")


def _regression(findings: Findings, words: Catalogue) -> Markup:
    """A sentence for each effect that contains the primary factor."""
    factor = subject_of(findings).factor
    rows = [(i, row) for i, row in selection.time_regression(findings) if factor in row.at]
    if not rows:
        return Markup("")
    place, head = rows[0]
    lead = words("speed.regression", target=display.share(head.target), factor=naming.factor(factor, words))
    left_out = words("speed.not_crossed", cells=name_cells(head.left_out, words)) if head.left_out else Markup("")
    reason = findings.reasons.get(f"/convergence/{place}/p")
    why = words("speed.regression_no_p", reason=naming.said(reason, words)) if reason else Markup("")
    effects = groupby((row for _, row in rows), key=lambda row: tuple(row.at))
    sentences = [_effect(names, list(members), findings, words) for names, members in effects]
    decided = {row.decision for _, row in selection.restricted_time(findings)} & {"differs", "first", "second"}
    instead = words("speed.restricted_does") if reason and decided else Markup("")
    return words.sentences([lead, left_out, *(sentences if head.estimate is not None else ()), why, instead])


def _effect(names: tuple[str, ...], rows: Sequence[ConvergenceRow], findings: Findings, words: Catalogue) -> Markup:
    """The coefficients of one effect; of many the first, the table has all."""
    head = rows[0]
    values = _values(head, findings, words) | {"effect": naming.effect(names, words)}
    if len(names) == 1:
        if head.p is None:
            return words("speed.effect_bare", **values)
        p = display.p_equals(head.p_holm)
        return words("speed.effect", p=p, verdict=_verdict(head, findings, words), **values)
    items = enumerated([_change(row, findings, words) for row in rows[: MOST_NAMES + 1]], words)
    return words("speed.effect_by", items=items, **values)


def _change(row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """How many times a ratio is as large at the level of one factor as at another, or a ratio of ratios."""
    _, name, *rest = row.at
    inner = rest[-1:] if len(rest) == 1 else []
    outer = [name] if inner else [name, *rest]
    values = _values(row, findings, words) | {
        "cell": naming.cell({one: row.at[one] for one in outer}, words),
        "against": naming.cell({one: row.against[one] for one in outer}, words),
        "inner": naming.cell({one: row.at[one] for one in inner}, words),
        "inner_against": naming.cell({one: row.against[one] for one in inner}, words),
    }
    change = words(
        "speed.ratio_of_more" if len(rest) > 1 else "speed.ratio_of_two" if rest else "speed.times", **values
    )
    if row.p is None:
        return change
    decided = words("change.differs_trivial" if row.trivial else f"change.{row.decision}", **values)
    if row.decision == "equivalent":
        return words("speed.change_equivalent", change=change, verdict=decided, **values)
    return words("speed.change", change=change, p=display.p_equals(row.p_holm), verdict=decided, **values)
