"""The answer where no two levels are declared: whether any of three levels or more differ."""

from itertools import compress

from analyze.findings import Level, Levels, Primary, Why, because
from analyze.inference.signflip import least_seeds
from analyze.sections.decision import Answer
from analyze.sections.headline import equivalence_of, without_margin
from analyze.sections.levels import stack
from analyze.study.cells import cells_of
from analyze.study.load import StudyData

#: Numbers that only the contrast of two levels has.
OF_TWO = (
    "contrast",
    "mean_first",
    "mean_second",
    "estimate",
    "ci95",
    "ci90",
    "se_crossed",
    "t",
    "df",
    "p_t",
    "p_signflip",
)


def primary(study: StudyData, found: Levels) -> tuple[Primary, Why]:
    """The headline by the omnibus test, the interactions and the equivalence of every pair."""
    compared, every = study.design.response, stack(study)
    answer = _answer(found, study.design.moderators)
    winner = _winner(found) if answer.headline == "yes" and compared.better != "neither" else None
    few = least_seeds(study.design.alpha) if answer.rule == "levels_few" else None
    row = Primary(
        response=compared.name,
        bn_mode="running",
        headline=answer.headline,
        rule=answer.rule,
        decision=answer.decision,
        depends_on=answer.depends_on,
        conditional_on=", ".join(answer.depends_on) or None,
        left_out=tuple(compress(cells_of(study)[0], ~every.inside)),
        cells_decided={},
        winner=winner,
        unit=compared.gap_unit,
        n_seeds=found.omnibus.n_seeds if found.omnibus else 0,
        seeds_to_decide=few,
        equivalence=equivalence_of(compared, None),
        **dict.fromkeys(OF_TWO),
    )
    why: Why = dict.fromkeys((*OF_TWO, "equivalence/p"), because("no_contrast")) | without_margin(row.equivalence)
    missing = {"conditional_on": "nothing_depends", "winner": "no_winner", "seeds_to_decide": "no_contrast"}
    return row, why | {name: because(code) for name, code in missing.items() if getattr(row, name) is None}


def _answer(found: Levels, moderators: tuple[str, ...]) -> Answer:
    """The first rule that holds, in the order of the rules of two levels."""
    if found.omnibus is None:
        return Answer("no_answer", "levels_none", "not_decidable")
    decision = found.omnibus.decision
    if decision == "not_decidable":
        return Answer("no_answer", "levels_few", decision)
    shown = {name for row in found.interactions if row.decision == "differs" for name in row.effect}
    if depends_on := tuple(name for name in moderators if name in shown):
        return Answer("depends", "levels_depend", decision, depends_on)
    if decision == "identical":
        return Answer("identical", "levels_identical", decision)
    alike = all(row.trivial or row.decision in ("equivalent", "identical") for row in found.pairs)
    if decision == "differs":
        return Answer("yes_trivial", "levels_trivial", decision) if alike else Answer("yes", "levels_differ", decision)
    return Answer("no", "levels_alike", "equivalent") if alike else Answer("undecided", "levels_open", "undecided")


def _winner(found: Levels) -> Level | None:
    """The best level, where it is told apart from every other."""
    best, *others = found.means
    return best.level if best.groups and not any({*best.groups} & {*row.groups} for row in others) else None
