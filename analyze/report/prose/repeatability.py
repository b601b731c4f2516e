"""Findings -> would ten runs have told you? What new runs, other cells and other test images would have shown."""

from markupsafe import Markup

from analyze.findings import Findings, RepeatabilityRow
from analyze.report import selection
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import confidence, deviation, gap, prediction
from analyze.report.words.catalogue import Catalogue

#: The numbers of new pairs that sentences name in words.
ONE, TEN = 1, 10


def repeatability(findings: Findings, words: Catalogue) -> list[Markup]:
    """The chance that few new runs tell the same, over all cells and in the least and most certain cell."""
    overall = {row.k: row for row in findings.repeatability if row.cell is None}
    if not overall:
        return []
    if overall[ONE].p_sign is None:
        reason = findings.reasons.get("/repeatability/0/p_sign")
        return [words("repeatability.none", reason=naming.said(reason, words))] if reason else []
    parts = [words("repeatability.title"), _overall(overall, findings, words)]
    cells = [row for row in findings.repeatability if row.cell is not None and row.k == ONE and row.p_sign is not None]
    if len(cells) > 1:
        ranked = sorted(cells, key=lambda row: row.p_sign or 0.0)
        least, most = ranked[0], ranked[-1]
        parts.append(
            words(
                "repeatability.cells",
                least=naming.cell(least.cell or {}, words),
                p_least=display.chance(least.p_sign),
                most=naming.cell(most.cell or {}, words),
                p_most=display.chance(most.p_sign),
            )
        )
    parts.append(words(f"repeatability.{overall[ONE].method}"))
    return [words.sentences(parts)]


def _overall(rows: dict[int, RepeatabilityRow], findings: Findings, words: Catalogue) -> Markup:
    """The mean over cells: chances, the share of unpaired runs, and the interval of a new seed."""
    subject = subject_of(findings)
    one, ten = rows[ONE], rows[TEN]
    ahead, _ = subject.ahead(sum(one.new_seed_interval or ()))  # its centre is the gap
    cells = len(subject.cells) - len(findings.primary.left_out)
    return words(
        "repeatability.overall" if cells > 1 else "repeatability.overall_one",
        cells=display.count(cells),
        ahead=naming.level(ahead),
        one=display.chance(one.p_sign),
        ten=display.chance(ten.p_sign),
        significant=display.chance(ten.p_significant),
        unpaired=display.chance(one.p_sign_unpaired),
        interval=prediction(one.new_seed_interval, words),
    )


def heterogeneity(findings: Findings, words: Catalogue) -> list[Markup]:
    """How far the true gaps differ between cells, and the cell that shrinks most."""
    found = findings.heterogeneity
    if found.tau is None or not found.shrunken:
        return []
    tau = deviation(found.tau, words)
    if found.tau == 0:
        factor, effects = findings.question.factor, [row for _, row in selection.anova(findings)]
        shown = any(factor in row.effect and len(row.effect) > 1 and row.decision == "differs" for row in effects)
        return [words("repeatability.alike_on_the_whole" if shown else "repeatability.alike", tau=tau)]
    most = max(found.shrunken, key=lambda row: abs(row.gap - row.observed))
    return [
        words(
            "repeatability.differ",
            tau=tau,
            cell=naming.cell(most.cell, words),
            observed=gap(most.observed, words),
            gap=gap(most.gap, words),
        )
    ]


def images(findings: Findings, words: Catalogue) -> list[Markup]:
    """What the test images add to the uncertainty of the mean over cells."""
    row = next((row for row in findings.images if row.cell is None and row.ci95 is not None), None)
    if row is None:
        return []
    share, ci = display.share(row.image_share), confidence(row.ci95, words)
    return [words("repeatability.images", share=share, gap=gap(row.estimate, words), ci=ci)]
