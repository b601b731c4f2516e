"""Findings -> the answer on the first page. It says what was decided; each claim has its effect, interval and n."""

from dataclasses import dataclass

from markupsafe import Markup

from analyze.findings import BY_WINS, Cell, Decision, Findings, Headline, Interval
from analyze.report.prose import other_means, places
from analyze.report.prose.levels import levels, several
from analyze.report.prose.sequential import covering, how, mean_of_last_look
from analyze.report.subject import Subject, leader, subject_of
from analyze.report.words import display, naming
from analyze.report.words.amounts import (
    confidence,
    contrast,
    equivalence_interval,
    f_test,
    gap,
    margin,
    name_cells,
    seeds,
)
from analyze.report.words.catalogue import Catalogue


@dataclass(frozen=True)
class Answer:
    """The first page in words: the decision, the answer in one sentence, and what qualifies it."""

    decision: Headline
    sentence: Markup
    paragraphs: tuple[Markup, ...]


def answer(findings: Findings, words: Catalogue) -> Answer:
    """The answer, the evidence for it, and where it holds."""
    subject, primary = subject_of(findings), findings.primary
    parts = [_left_out(findings, words), words(f"answer.{variant(findings)}", **_values(findings, subject, words))]
    others = decided_otherwise(findings, subject)
    if others:
        parts.append(
            words("answer.but", list=places.sentences(others, subject, words, won=findings.primary.rule in BY_WINS))
        )
    if primary.rule == "equivalent_in_every_cell" and (shown := places.interactions(findings, subject)):
        parts.append(words("answer.smaller", effects=places.effects(shown, subject, words)))
    parts += _limits_of_folds(findings, words)
    paragraphs = [
        _evidence(findings, words),
        other_means.with_other_statistics(findings, _over(findings, subject, words), words),
        other_means.without_a_level(findings, words),
        places.where(findings, subject, words),
    ]
    return Answer(primary.headline, words.sentences(parts), tuple(part for part in paragraphs if part))


def variant(findings: Findings) -> str:
    """The message of the rule that gave the answer."""
    primary = findings.primary
    if primary.rule == "too_few_seeds" and primary.n_seeds < 2:
        return "one_seed"
    if primary.rule == "interaction":
        groups = places.cells_by_decision(findings, subject_of(findings))
        ahead = [side for side in ("first", "second") if groups[side]]
        if not groups["equivalent"] and len(ahead) < 2:
            return "interaction_of_size" if ahead else "interaction_unsettled"
    if primary.headline == "yes_trivial" and primary.rule != "levels_trivial":
        return f"{primary.rule}_trivial"
    return primary.rule


#: What stands in the title where seeds were added until the cells were settled.
TITLED = {
    "settled_equal": "equivalent_on_average",
    "settled_ahead": "both_tests",
    "settled_ahead_trivial": "both_tests_trivial",
    "interaction_of_size": "interaction",
    "settled_unlike": "interaction",
    "settled_open": "nothing_shown",
    "wins_unlike": "interaction",
}


def titled(findings: Findings) -> str:
    """The message of the title, which does not say how the answer came about."""
    return TITLED.get(variant(findings), variant(findings))


def decided_otherwise(findings: Findings, subject: Subject) -> dict[Decision, list[Cell]]:
    """Cells that are decided against the sentence on their mean."""
    primary = findings.primary
    if primary.rule not in ("both_tests", "tests_disagree", "nothing_shown", "settled_open", "wins_open"):
        return {}
    groups = places.cells_by_decision(findings, subject)
    return {side: groups[side] for side in places.SIDES if side != subject.side(primary.decision) and groups[side]}


def _left_out(findings: Findings, words: Catalogue) -> Markup:
    """The cells that the answer is not about, before the answer."""
    left_out = findings.primary.left_out
    if not left_out or findings.primary.rule == "no_pair":
        return Markup("")
    return words("answer.left_out", cells=name_cells(left_out, words))


def _values(findings: Findings, subject: Subject, words: Catalogue) -> dict[str, Markup]:
    """Everything a message about the primary result may ask for."""
    primary = findings.primary
    groups = places.cells_by_decision(findings, subject)
    return {
        "over": _over(findings, subject, words),
        "every_cell": words("answer.every_other_cell" if primary.left_out else "answer.every_cell"),
        "contrast": contrast(subject.first, subject.second, words),
        "first": naming.level(subject.first),
        "second": naming.level(subject.second),
        "winner": naming.level(leader(findings)[0]),
        "factors": words.join([naming.factor(name, words) for name in primary.depends_on]),
        "list": places.listed(findings, subject, words),
        "ahead": places.sentences({side: groups[side] for side in places.SIDES}, subject, words),
        "gap": gap(primary.estimate, words),
        "ci": confidence(primary.ci95, words),
        "ci_tost": equivalence_interval(primary.ci90, words),
        "margin": margin(findings, words),
        "alpha": display.bounded(subject.alpha, 2),
        "needed": display.count(primary.seeds_to_decide),
        "tests": _tests(findings, words),
        "n": seeds(primary.n_seeds, words),
        **several(findings, words),
        **_grown(findings, words),
        **won(findings, words),
    }


def _grown(findings: Findings, words: Catalogue) -> dict[str, Markup]:
    """The gap of the mean with the intervals that hold at every look."""
    mean = mean_of_last_look(findings)
    return {
        "grown_gap": gap(mean.gap if mean else findings.primary.estimate, words),
        "grown_ci": covering(mean, words),
        "grown_ci_inner": covering(mean, words, inner=True),
    }


def won(findings: Findings, words: Catalogue) -> dict[str, Markup]:
    """The share of pairs that the level ahead wins, its p, and the seeds behind it; nothing where no run failed."""
    if not findings.failures:
        return {}
    over = findings.failures[0]
    rate = over.win_rate or 0.0
    share = display.share(max(rate, 1 - rate))
    return {
        "share": share,
        "share_ci": _of_share(None if over.ties else over.win_rate_ci95, words, turned=rate < 0.5),
        "p": display.p_equals(over.p_wins),
        "n": seeds(over.n_seeds, words),
    }


def _limits_of_folds(findings: Findings, words: Catalogue) -> list[Markup]:
    """How many of the folds the answer is of where some are missing, and that no interaction was tested."""
    folds, primary = findings.question.folds, findings.primary
    if folds is None or primary.headline in ("no_answer", "identical"):
        return []
    said = []
    if primary.n_seeds < folds:
        said.append(words("answer.few_folds", n=display.count(primary.n_seeds), folds=display.count(folds)))
    if findings.question.moderators and not primary.depends_on:
        factors = words.join([naming.factor(name, words) for name in findings.question.moderators])
        said.append(words("answer.untested_over_folds", factors=factors))
    return said


def _of_folds(folds: int, words: Catalogue) -> Markup:
    """What the test takes folds to share."""
    return words("answer.folds", folds=display.count(folds), ratio=display.significant(1 / (folds - 1)))


def _of_share(bounds: Interval | None, words: Catalogue, *, turned: bool) -> Markup:
    """The interval of the share that the level ahead wins, of one cell without ties, which it leaves out."""
    if bounds is None:
        return Markup("")
    low, high = (1 - bounds[1], 1 - bounds[0]) if turned else bounds
    return words("answer.share_ci", ci=words("ci", interval=display.share_interval((low, high))))


def _over(findings: Findings, subject: Subject, words: Catalogue) -> Markup:
    """What the mean is over: all cells, those that are left, or the only one."""
    if left_out := findings.primary.left_out:
        return words("answer.over_other" if len(subject.without(left_out)) == 1 else "answer.over_others")
    return words("answer.over_all" if len(subject.cells) > 1 else "answer.over_one")


def _tests(findings: Findings, words: Catalogue) -> Markup:
    """The t test of the headline; where every difference is the same there is none."""
    primary = findings.primary
    if primary.t is None or primary.df is None:
        return words("answer.no_t")
    return words("answer.t", t=display.statistic("t", primary.t, primary.df), p=display.p_equals(primary.p_t))


def _failures(findings: Findings, words: Catalogue) -> Markup:
    """How many runs failed, and the gap of the pairs in which none did."""
    primary, subject, over = findings.primary, subject_of(findings), findings.failures[0]
    rates = words(
        "answer.lacking" if _without_a_value(findings) else "answer.failed",
        first=naming.level(subject.first),
        second=naming.level(subject.second),
        share_first=display.share(over.failed_first),
        share_second=display.share(over.failed_second),
        p=display.p_equals(over.p_failed),
    )
    values = {"contrast": contrast(subject.first, subject.second, words), "gap": gap(primary.estimate, words)}
    trained = "answer.none_trained" if primary.estimate is None else "answer.trained"
    unlike = primary.rule == "wins_unlike"
    pairs = words("answer.wins_mean", **_values(findings, subject, words)) if unlike else Markup("")
    return words.sentences([rates, pairs, words(trained, ci=confidence(primary.ci95, words), **values)])


def _without_a_value(findings: Findings) -> bool:
    """Whether runs may have ended and lack this response alone, as of one that is not the study's first."""
    alone = findings.reasons.get("/heterogeneity/tau")
    return findings.question.threshold is None and alone is not None and alone.code == "first_response_alone"


def _interaction(findings: Findings, words: Catalogue) -> Markup:
    """The test of what the answer depends on: of the interactions that were shown, the one of most factors."""
    shown = places.interactions(findings, subject_of(findings))
    if findings.primary.rule not in ("interaction", "same_side_in_every_cell") or not shown:
        return Markup("")
    row = max(shown, key=lambda one: len(one.effect))
    values = {"effect": naming.effect(row.effect, words), "F": f_test(row, words), "p": display.p_equals(row.p_max_t)}
    return words("answer.interaction_test", **values)


def _evidence(findings: Findings, words: Catalogue) -> Markup:
    """The tests of the mean, its equivalence, and what they are conditional on."""
    primary, subject = findings.primary, subject_of(findings)
    if not subject.declared:
        return words.sentences(levels(findings, words))
    if primary.rule in BY_WINS:
        return _failures(findings, words)
    if primary.rule in TITLED:
        return how(findings, words)
    if primary.headline in ("no_answer", "identical"):
        return Markup("")
    evidence = words(
        "answer.evidence" if len(subject.cells) > 1 else "answer.evidence_one",
        tests=_tests(findings, words),
        p_flip=display.p_equals(primary.p_signflip),
        n=seeds(primary.n_seeds, words),
    )
    parts = [_interaction(findings, words), evidence]
    if primary.rule == "interaction":
        mean, ci = gap(primary.estimate, words), confidence(primary.ci95, words)
        parts.insert(1, words("answer.mean", contrast=contrast(subject.first, subject.second, words), gap=mean, ci=ci))
    if primary.equivalence.p is not None:
        p = display.p_equals(primary.equivalence.p)
        interval = equivalence_interval(primary.ci90, words)
        parts.append(words("answer.equivalence", p=p, margin=margin(findings, words), ci_tost=interval))
    if findings.question.folds is not None:
        parts.append(_of_folds(findings.question.folds, words))
    if findings.question.folds is not None or not findings.question.response.is_accuracy:
        return words.sentences(parts)
    if primary.se_crossed is None:
        parts.append(words("answer.conditional_test"))
    else:
        parts.append(words("answer.crossed", se=gap(primary.se_crossed, words, signed=False)))
    return words.sentences(parts)
