"""Findings -> the paragraphs of parts two to six, by rule. What was not found is never said to be absent."""

from markupsafe import Markup

from analyze.findings import AnovaRow, Findings, MechanismRow, StabilityRow
from analyze.report import selection
from analyze.report.subject import subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import confidence, f_test, gap, margin, name_cells, over_cells, seeds
from analyze.report.words.catalogue import Catalogue


def effects(findings: Findings, words: Catalogue) -> list[Markup]:
    """What is decided of every effect that contains the primary factor."""
    subject = subject_of(findings)
    if not subject.declared:
        return []
    own = [row for _, row in selection.anova(findings) if subject.factor in row.effect]
    named = selection.named_effects(own)
    sentences = [effect(row, words) for row in named]
    if len(named) < len(own):
        counts = {"effects": display.count(len(own)), "most": display.count(selection.MOST_INTERACTIONS)}
        sentences.append(words("effects.named", factor=naming.factor(subject.factor, words), **counts))
    others = [row for row in findings.anova if _on_another_scale(row, findings)]
    for scale in dict.fromkeys(row.scale for row in others):
        other = {row.effect: row.decision for row in others if row.scale == scale}
        unlike = [row.effect for row in own if row.effect in other and other[row.effect] != row.decision]
        if unlike:
            listed = words.join([naming.effect(effect, words) for effect in unlike])
            sentences.append(words("effects.unlike_on_scale", effects=listed, scale=words.name("scale", scale)))
    conditional = [words("effects.conditional")] if findings.failures else []
    lead = words("effects.lead", factor=naming.factor(subject.factor, words))
    return [lead, words.sentences([*conditional, *sentences])]


def effect(row: AnovaRow, words: Catalogue) -> Markup:
    """One effect by what was decided of it."""
    found = row.decision in ("differs", "first", "second")
    key = "significant" if found else "not_significant" if row.decision == "undecided" else row.decision
    return words(
        f"effects.{key}",
        effect=naming.effect(row.effect, words),
        F=f_test(row, words),
        p=display.p_equals(row.p_max_t),
        family=words("effects.alone" if len(row.effect) == 1 else "effects.family"),
        eta=display.bounded(row.partial_eta_sq),
        n=seeds(row.n_seeds, words),
    )


def _on_another_scale(row: AnovaRow, findings: Findings) -> bool:
    primary, scale = findings.primary, findings.question.response.scale
    return (row.response, row.bn_mode) == (primary.response, primary.bn_mode) and row.scale != scale


def cells(findings: Findings, words: Catalogue) -> list[Markup]:
    """The largest and the smallest gap; a cell that is the only one is the headline, a p of pairs won is of no gap."""
    rows = [row for _, row in selection.simple_effects(findings) if row.gap is not None]
    paired, alone = findings.question.paired, not findings.question.moderators
    lead = words("cells.lead_one" if paired and alone else "cells.lead") + (words("cells.note") if paired else "")
    if len(rows) < 2:
        return [lead] if rows else []
    deciding, failed = selection.deciding(findings), selection.failed_cells(findings)
    size = lambda row: abs(row.gap)  # noqa: E731
    largest, smallest = max(rows, key=size), min(rows, key=size)
    bare = getattr(largest, deciding) is None or largest.cell in failed
    parts = [
        words(
            key,
            cell=naming.cell(row.cell, words),
            gap=gap(row.gap, words),
            ci=confidence(row.ci95, words),
            p=display.p_equals(getattr(row, deciding)),
            n=seeds(row.n, words),
        )
        for key, row in (
            ("cells.largest_bare" if bare else "cells.largest", largest),
            ("cells.smallest", smallest),
        )
    ]
    return [lead, words.sentences(parts)]


def failures(findings: Findings, words: Catalogue) -> list[Markup]:
    """Which cells are decided by the pairs won, for a run of theirs failed."""
    cells = selection.failed_cells(findings)
    return [words("cells.failed", cells=name_cells(cells, words))] if cells else []


def others(findings: Findings, words: Catalogue) -> list[Markup]:
    """That levels outside the contrast stand in a table of their own."""
    if not findings.orderings:
        return []
    return [words("cells.others", factor=naming.factor(subject_of(findings).factor, words))]


def stability(findings: Findings, words: Catalogue) -> list[Markup]:
    """Which cells differ in spread, in each mode of evaluation, and what diverged or got stuck."""
    rows = [row for row in findings.stability if row.kind == "spread"]
    if not rows:
        return [words("stability.lead"), words("stability.absent")] if findings.cells else []
    several = len(findings.study.modes) > 1
    sentences = [] if _too_few(findings) else _spreads(rows, findings, words)
    rates = [row for row in findings.stability if row.kind != "spread"]
    if rates and not any(any(row.values.values()) for row in rates):
        known = findings.study.stuck is not None
        sentences.append(words("stability.all_trained" if known else "stability.none_diverged"))
    lead = [words("stability.lead"), *([words("stability.modes")] if several else [])]
    lead += [] if _too_few(findings) else [words("stability.tested")]
    return [words.sentences(lead), words.sentences([*sentences, *_caution(findings, words)])]


def _caution(findings: Findings, words: Catalogue) -> list[Markup]:
    """How large a difference of spread has to be for so few seeds to find it."""
    if _too_few(findings):
        return [words("stability.too_few", **_needed(findings, words))]
    parts = [words("stability.caution")]
    if "detectable_sd_ratio" in findings.methods:
        ratio, n = findings.methods["detectable_sd_ratio"], seeds(findings.primary.n_seeds, words)
        several = bool(subject_of(findings).moderators)
        if isinstance(ratio, float):
            key = "stability.detectable_in_cell" if several else "stability.detectable"
            parts.insert(0, words(key, n=n, ratio=display.significant(ratio, 2)))
        else:
            parts.insert(0, words("stability.none_detectable_in_cell" if several else "stability.none_detectable", n=n))
    return parts


def _spreads(rows: list[StabilityRow], findings: Findings, words: Catalogue) -> list[Markup]:
    """Which cells differ in spread, a sentence for each mode; of the only cell of a design, whether it does."""
    subject = subject_of(findings)
    suffix = "_in_mode" if len(findings.study.modes) > 1 else ""
    sentences = []
    for name in dict.fromkeys(row.bn_mode for row in rows):
        here, mode = [row for row in rows if row.bn_mode == name], words(f"mode.{name}")
        if subject.moderators:
            found = [row.cell for row in here if row.cell and row.p_max_t is not None and row.p_max_t <= subject.alpha]
            key = "stability.found" if found else "stability.found_none"
            sentences.append(words(key + suffix, cells=name_cells(found, words), mode=mode))
        elif here[0].ratio is not None and here[0].p_signflip is not None:
            key = "stability.one_found" if here[0].p_signflip <= subject.alpha else "stability.one_none"
            first, second = naming.level(subject.first), naming.level(subject.second)
            ratio, p = display.significant(here[0].ratio), display.p_equals(here[0].p_signflip)
            sentences.append(words(key + suffix, first=first, second=second, ratio=ratio, p=p, mode=mode))
    return sentences


def _too_few(findings: Findings) -> bool:
    """Whether no exact test of this study can reach its level."""
    alone = findings.primary.rule == "no_pair" and all(
        row.decision == "not_decidable" for row in findings.simple_effects
    )
    return alone or findings.primary.rule == "too_few_seeds"


def _needed(findings: Findings, words: Catalogue) -> dict[str, Markup]:
    """How many seeds there are, at most in one cell where none is complete, and the level that they cannot reach."""
    alpha = display.bounded(subject_of(findings).alpha, 2)
    n = findings.primary.n_seeds or max((row.n for row in findings.simple_effects), default=0)
    return {"n": seeds(n, words), "alpha": alpha}


def mechanism(findings: Findings, words: Catalogue) -> list[Markup]:
    """The probe differences whose sign-flip p is at or below alpha, measure by measure."""
    if not findings.mechanism and not findings.layer_profile:
        return [words("stability.no_probes")]
    if findings.mechanism and _too_few(findings):
        return [words("stability.probes_too_few", **_needed(findings, words))]
    subject = subject_of(findings)
    found = [row for row in findings.mechanism if not row.cell and (row.p_signflip or 1) <= subject.alpha]
    sentences = []
    for key, sign in (("stability.probe_more", 1), ("stability.probe_less", -1)):
        measures = [_measure(row, findings, words) for row in found if sign * (row.estimate or 0) > 0]
        if measures:
            sentences.append(words(key, first=naming.level(subject.first), measures=words.join(measures)))
    if findings.mechanism and not sentences:
        return [words("stability.probes_none")]
    lead = words("stability.probes") if findings.mechanism else words("stability.probes_shown")
    return [words.sentences([lead, *sentences])]


def _measure(row: MechanismRow, findings: Findings, words: Catalogue) -> Markup:
    """A measure of the probes; where only some cells have it, with them."""
    name, cells = words.name("measure", row.measure), selection.measured_cells(findings, row)
    number = len(subject_of(findings).cells)
    if len(cells) in (0, number):
        return name
    return words("stability.measure_of", measure=name, cells=over_cells(cells, number, words))


def certainty(findings: Findings, words: Catalogue) -> list[Markup]:
    """What the study could have seen, and what it cannot tell."""
    own = bool(findings.methods.get("network")) or not findings.study.columns
    cannot = words("certainty.cannot_of_others" if own else "certainty.cannot")
    return [part for part in (_power(findings, words), cannot) if part]


def multiverse(findings: Findings, words: Catalogue) -> list[Markup]:
    """Whether other reasonable choices lead to the same answer."""
    rows = [row for row in findings.multiverse if row.estimand == _headlines(findings)]
    judged = [row.agrees for row in rows if row.agrees is not None]
    if not judged:
        return []
    said = [words("certainty.multiverse"), words("certainty.agree_all" if all(judged) else "certainty.agree_some")]
    left = len(rows) - len(judged)
    said += [words("certainty.not_judged", count=display.count(left))] if left else []
    return [words.sentences(said)]


def _headlines(findings: Findings) -> str:
    """The estimand of the headline, which the first row has."""
    return findings.multiverse[0].estimand


def diagnostics(findings: Findings, words: Catalogue) -> list[Markup]:
    """That the assumptions of the parametric tests were looked at, and that this decides nothing."""
    return [words("certainty.diagnostics")] if findings.diagnostics else []


def _power(findings: Findings, words: Catalogue) -> Markup:
    """The smallest detectable gap of the mean, and in the quietest and in the noisiest cell."""
    if not findings.power:
        return Markup("")
    mean, *others = findings.power
    if mean.smallest_detectable is None:
        reason = naming.said(findings.reasons["/power/0/smallest_detectable"], words)
        return words("certainty.no_power", reason=reason)
    rows = sorted(
        (row for row in others if row.smallest_detectable is not None),
        key=lambda row: row.smallest_detectable or 0.0,
    )
    best, worst = (rows[0], rows[-1]) if rows else (mean, mean)
    values = {
        "mean": gap(mean.smallest_detectable, words, signed=False),
        "n": seeds(findings.primary.n_seeds, words),
        "best": gap(best.smallest_detectable, words, signed=False),
        "best_cell": naming.cell(best.cell, words),
        "worst": gap(worst.smallest_detectable, words, signed=False),
        "worst_cell": naming.cell(worst.cell, words),
    }
    parts = [words("certainty.power" if rows else "certainty.power_one", **values)]
    equivalent = [
        row.cell for _, row in selection.simple_effects(findings) if row.trivial or row.decision == "equivalent"
    ]
    needed = [row for row in rows or [mean] if row.seeds_for_margin is not None and row.cell not in equivalent]
    if needed:
        most = max(needed, key=lambda row: row.seeds_for_margin or 0)
        parts.append(
            words(
                "certainty.seeds" if rows else "certainty.seeds_one",
                margin=margin(findings, words),
                cell=naming.cell(most.cell, words),
                seeds=display.count(most.seeds_for_margin),
            )
        )
    return words.sentences(parts)
