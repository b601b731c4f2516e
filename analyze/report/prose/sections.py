"""Findings -> the paragraphs of parts two to six, by rule. What was not found is never said to be absent."""

from markupsafe import Markup

from analyze.findings import ConvergenceRow, Findings
from analyze.report import selection
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import confidence, f_ratio, margin, name_cells, pp, seeds
from analyze.report.words.catalogue import Catalogue


def effects(findings: Findings, words: Catalogue) -> list[Markup]:
    """What the model says of every effect that contains the primary factor."""
    subject = subject_of(findings)
    sentences = []
    for _, row in selection.anova(findings):
        if subject.factor not in row.effect:
            continue
        values = {
            "effect": naming.effect(row.effect, words),
            "F": f_ratio(row),
            "p": display.p_equals(row.p_holm),
            "eta": display.bounded(row.partial_eta_sq),
            "n": seeds(row.n_seeds, words),
        }
        if row.p_holm is None:
            sentences.append(words("effects.not_tested", **values))
        elif row.p_holm <= subject.alpha:
            sentences.append(words("effects.significant", **values))
        else:
            sentences.append(words("effects.not_significant", **values))
    return [words("effects.lead", factor=naming.factor(subject.factor, words)), words.sentences(sentences)]


def cells(findings: Findings, words: Catalogue) -> list[Markup]:
    """The largest and the smallest gap."""
    rows = [row for _, row in selection.simple_effects(findings) if row.gap is not None]
    if not rows:
        return []
    size = lambda row: abs(row.gap)  # noqa: E731
    largest, smallest = max(rows, key=size), min(rows, key=size)
    parts = [
        words(
            key,
            cell=naming.cell(row.cell, words),
            gap=pp(row.gap, words),
            ci=confidence(row.ci95, words),
            p=display.p_equals(row.p_signflip_holm),
            n=seeds(row.n, words),
        )
        for key, row in (("cells.largest", largest), ("cells.smallest", smallest))[: len(rows)]
    ]
    return [words("cells.lead"), words.sentences(parts)]


def others(findings: Findings, words: Catalogue) -> list[Markup]:
    """That levels outside the contrast stand in a table of their own."""
    if not findings.orderings:
        return []
    return [words("cells.others", factor=naming.factor(subject_of(findings).factor, words))]


def speed(findings: Findings, words: Catalogue) -> list[Markup]:
    """How many times the images one level needs."""
    if not findings.curves and not findings.convergence:
        return [words("speed.no_curves")]
    overall = [row for row in findings.convergence if row.model == "aft" and row.cell is None]
    if not overall:
        return [words("speed.lead"), words("speed.not_estimated")]
    return [words("speed.lead"), words.sentences([_time_ratio(row, findings, words) for row in overall])]


def _time_ratio(row: ConvergenceRow, findings: Findings, words: Catalogue) -> Markup:
    """One time ratio with its interval, or that there is none."""
    subject = subject_of(findings)
    if row.estimate is None:
        return words("speed.ratio_none", target=display.share(row.target))
    return words(
        "speed.ratio_bare" if row.ci95 is None else "speed.ratio",
        target=display.share(row.target),
        first=naming.level(subject.first),
        second=naming.level(subject.second),
        estimate=display.significant(row.estimate),
        ci=words("ci", interval=display.interval(row.ci95)),
        p=display.p_equals(row.p),
    )


def stability(findings: Findings, words: Catalogue) -> list[Markup]:
    """Which cells differ in spread, in each mode of evaluation, and what diverged or got stuck."""
    rows = [row for row in findings.stability if row.kind == "spread"]
    if not rows:
        return [words("stability.lead"), words("stability.absent")] if findings.cells else []
    alpha = subject_of(findings).alpha
    sentences = []
    several = "_in_mode" if len(findings.study.modes) > 1 else ""
    for mode in dict.fromkeys(row.bn_mode for row in rows):
        here = [row for row in rows if row.bn_mode == mode and row.cell]
        found = [row.cell for row in here if row.p_holm is not None and row.p_holm <= alpha]
        key = "stability.found" if found else "stability.found_none"
        sentences.append(words(key + several, cells=name_cells(found, words), mode=words(f"mode.{mode}")))
    rates = [row for row in findings.stability if row.kind != "spread"]
    if rates and not any(any(row.values.values()) for row in rates):
        sentences.append(words("stability.all_trained"))
    ratio = findings.methods.get("detectable_sd_ratio")
    caution = words("stability.caution")
    if isinstance(ratio, float):
        n = seeds(findings.primary.n_seeds, words)
        caution = words.sentences([words("stability.detectable", n=n, ratio=display.significant(ratio, 2)), caution])
    lead = [words("stability.lead"), *([words("stability.modes")] if several else [])]
    return [words.sentences(lead), words.sentences([*sentences, caution])]


def mechanism(findings: Findings, words: Catalogue) -> list[Markup]:
    """The probe differences whose sign-flip p is at or below alpha, measure by measure."""
    if not findings.mechanism and not findings.layer_profile:
        return [words("stability.no_probes")]
    subject = subject_of(findings)
    found = [row for row in findings.mechanism if not row.cell and (row.p_signflip or 1) <= subject.alpha]
    sentences = []
    for key, sign in (("stability.probe_more", 1), ("stability.probe_less", -1)):
        measures = [words.name("measure", row.measure) for row in found if sign * (row.estimate or 0) > 0]
        if measures:
            sentences.append(words(key, first=naming.level(subject.first), measures=words.join(measures)))
    if findings.mechanism and not sentences:
        return [words("stability.probes_none")]
    lead = words("stability.probes") if findings.mechanism else words("stability.probes_shown")
    return [words.sentences([lead, *sentences])]


def certainty(findings: Findings, words: Catalogue) -> list[Markup]:
    """What the study could have seen, and what it cannot tell."""
    return [part for part in (_power(findings, words), words("certainty.cannot")) if part]


def multiverse(findings: Findings, words: Catalogue) -> list[Markup]:
    """Whether other reasonable choices lead to the same answer."""
    judged = [row for row in findings.multiverse if row.agrees is not None]
    if not judged:
        return []
    agree = all(row.agrees for row in judged)
    return [
        words.sentences(
            [words("certainty.multiverse"), words("certainty.agree_all" if agree else "certainty.agree_some")]
        )
    ]


def _power(findings: Findings, words: Catalogue) -> Markup:
    """The smallest detectable gap in the quietest and in the noisiest cell."""
    rows = sorted(
        (row for row in findings.power if row.smallest_detectable_pp is not None),
        key=lambda row: row.smallest_detectable_pp or 0.0,
    )
    if not rows:
        return words("certainty.no_power")
    best, worst = rows[0], rows[-1]
    values = {
        "n": seeds(findings.primary.n_seeds, words),
        "best": pp(best.smallest_detectable_pp, words, signed=False),
        "best_cell": naming.cell(best.cell, words),
        "worst": pp(worst.smallest_detectable_pp, words, signed=False),
        "worst_cell": naming.cell(worst.cell, words),
    }
    parts = [words("certainty.power" if len(rows) > 1 else "certainty.power_one", **values)]
    needed = [row for row in findings.power if row.seeds_for_margin is not None]
    if needed:
        most = max(needed, key=lambda row: row.seeds_for_margin or 0)
        parts.append(
            words(
                "certainty.seeds",
                margin=margin(findings, words),
                cell=naming.cell(most.cell, words),
                seeds=display.count(most.seeds_for_margin),
            )
        )
    return words.sentences(parts)
