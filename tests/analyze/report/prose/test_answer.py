"""The answer by rule, and sentences that never contradict their numbers."""

import re
from typing import Any, get_args

import pytest

from analyze.findings import Cell, Decision, Findings, Rule
from analyze.report.prose.answer import answer
from analyze.report.prose.coverage import coverage
from analyze.report.prose.places import DECISIONS, cells_by_decision
from analyze.report.subject import subject_of
from analyze.report.words.amounts import MOST_NAMES, name_cells
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.sample import sample

LANGUAGES = get_args(Language)

#: What each rule gives, and how its sentence begins in English.
RULES: dict[Rule, tuple[dict[str, Any], str]] = {
    "no_pair": ({"headline": "no_answer", "decision": "not_decidable", "estimate": None}, "No answer yet"),
    "too_few_seeds": (
        {"headline": "no_answer", "decision": "not_decidable", "n_seeds": 5, "seeds_to_decide": 6},
        "No answer by an exact test: with n = 5 seeds none can reach .05, whatever the gap; it takes 6.",
    ),
    "identical": ({"headline": "identical", "decision": "identical"}, "No difference at all"),
    "equivalent_in_every_cell": ({"headline": "no", "decision": "equivalent"}, "No, in every cell"),
    "same_side_in_every_cell": (
        {"headline": "yes", "decision": "first", "depends_on": ("depth",)},
        "Yes, in every cell; how much depends on depth.",
    ),
    "interaction": (
        {"headline": "depends", "decision": "undecided", "depends_on": ("depth",)},
        "The size of the gap depends on depth",
    ),
    "both_tests": ({"headline": "yes", "decision": "first"}, "Yes: "),
    "cells_differ": (
        {"headline": "depends", "decision": "equivalent", "depends_on": ("depth",)},
        "No on average, but single cells differ.",
    ),
    "equivalent_on_average": ({"headline": "no", "decision": "equivalent"}, "No: "),
    "tests_disagree": ({"headline": "undecided", "decision": "undecided"}, "Undecided: "),
    "nothing_shown": ({"headline": "undecided", "decision": "undecided"}, "Undecided: "),
}


#: Rules of a response without bounds of which a run failed: tests/analyze/test_any_response.py has studies of each.
BY_WINS: set[Rule] = {"wins", "wins_open", "wins_unlike"}

#: Rules of studies whose seeds grew as declared: tests/analyze/test_contradictions.py has studies of each.
SETTLED: set[Rule] = {"settled_unlike", "settled_equal", "settled_ahead", "settled_open"}
#: Rules of all levels, where no two are declared: tests/analyze/sections/test_levels.py has studies of each.
OF_LEVELS: set[Rule] = {
    *("levels_none", "levels_few", "levels_depend", "levels_identical"),
    *("levels_trivial", "levels_differ", "levels_alike", "levels_open"),
}


def changed(decisions: dict[int, Decision] | None = None, **primary: Any) -> Findings:
    """The sample with another primary result; `decisions` of its cells in the headline's mode, by number."""
    found = sample()
    rows = list(found.simple_effects)
    running = [index for index, row in enumerate(rows) if row.bn_mode == "running"]
    for number, decision in (decisions or {}).items():
        rows[running[number]] = rows[running[number]].model_copy(update={"decision": decision})
    return found.model_copy(update={"primary": found.primary.model_copy(update=primary), "simple_effects": tuple(rows)})


def said(found: Findings, lang: Language = "en") -> str:
    """The answer's sentence as a reader sees it."""
    return plain(answer(found, catalogue(lang)).sentence).replace("\u00a0", " ")


def test_every_rule_has_its_case() -> None:
    """A new rule needs a sentence, and a sentence a test."""
    assert set(RULES) | BY_WINS | SETTLED | OF_LEVELS == set(get_args(Rule))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("rule", RULES)
def test_a_sentence_for_every_rule(rule: Rule, lang: Language) -> None:
    """It begins with what was decided, and has the gap unless there is none."""
    update, begins = RULES[rule]
    found = changed(rule=rule, **update)
    sentence = said(found, lang)
    if lang == "en":
        assert sentence.startswith(begins)
    if rule not in ("no_pair", "identical", "interaction"):
        assert "+0.50" in sentence
    assert "None" not in sentence
    assert "–" not in sentence


@pytest.mark.parametrize("rule", ["equivalent_in_every_cell", "both_tests", "equivalent_on_average", "cells_differ"])
def test_equivalence_is_shown_with_the_interval_that_decides_it(rule: Rule) -> None:
    """Inside the margin is said of the 90 % interval alone; a difference is shown with the 95 % one."""
    update, _ = RULES[rule]
    trivial = {"headline": "yes_trivial"} if rule == "both_tests" else {}
    sentence = said(changed(rule=rule, **(update | trivial)))
    assert "90% CI [0.34, 0.66]" in sentence
    assert "95%" not in sentence


def test_the_answer_has_effect_interval_and_direction() -> None:
    """The sentence names the level that is ahead, the signed gap and its interval."""
    ahead = said(changed(estimate=-0.7, ci95=(-0.9, -0.5), decision="second"))
    assert "bn_act ended ahead" in ahead
    assert "−0.70" in ahead
    assert "[−0.90, −0.50]" in ahead


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("seeds", [0, 1])
def test_studies_without_an_answer_say_so(lang: Language, seeds: int) -> None:
    """No completed trial, or a single seed: one sentence, and no test is mentioned."""
    found = sample(seeds=1, completed=bool(seeds))
    assert found.primary.headline == "no_answer"
    assert "<i>p</i>" not in answer(found, catalogue(lang)).sentence
    assert len(said(found, lang)) > 10


def test_few_seeds_get_the_estimate_and_no_verdict() -> None:
    """Gap, interval and t test are there, labelled as resting on normal differences; absence of evidence is not."""
    found = changed(rule="too_few_seeds", **RULES["too_few_seeds"][0])
    text = said(found) + " ".join(plain(one) for one in answer(found, catalogue("en")).paragraphs)
    assert "Interval and test rest on the assumption that differences are normal." in text
    assert "t(9) = 3.46" in text
    assert "equivalen" not in text
    assert "Undecided" not in text


def test_cells_decided_otherwise_are_named_with_the_mean() -> None:
    """A yes on average names the cells that went the other way in the same breath."""
    cells: dict[int, Decision] = {0: "second", 1: "first", 2: "first", 3: "undecided"}
    sentence = said(changed(cells))
    assert sentence.startswith("Yes: ")
    assert "But in single cells: bn_act is ahead in depth 2, relu." in sentence
    assert "act_bn is ahead" not in sentence.replace("bn_act is ahead", "")


def test_cells_left_out_are_named_first_and_nothing_says_all() -> None:
    """A planned cell that never ran comes before the answer, and no sentence speaks of all or every cell."""
    found = changed(left_out=({"depth": 8, "activation": "relu"},))
    sentence = said(found)
    assert sentence.startswith("Without depth 8, relu, which too few seeds completed: ")
    assert "all cells" not in sentence
    assert "every cell" not in sentence
    others: list[Cell] = [{"depth": depth, "activation": "tanh"} for depth in (2, 4)]
    alone = changed(left_out=(*found.primary.left_out, {"depth": 4, "activation": "relu"}, *others))
    assert " in the other cell, " in said(alone)


@pytest.mark.parametrize("rule", ["equivalent_in_every_cell", "same_side_in_every_cell"])
def test_every_cell_is_every_other_cell_where_some_are_left_out(rule: Rule) -> None:
    """An answer about every cell is about those that the mean is over."""
    answered = dict(RULES[rule][0])
    assert "in every cell" in said(changed(rule=rule, **answered))
    sentence = said(changed(rule=rule, left_out=({"depth": 8, "activation": "relu"},), **answered))
    assert "in every other cell" in sentence
    assert "every cell" not in sentence


@pytest.mark.parametrize(
    ("decisions", "begins"),
    [
        (("first", "undecided"), "The size of the gap depends on depth; its direction is not shown to. act_bn"),
        (("first", "second"), "It depends on depth. act_bn"),
        (("first", "equivalent"), "It depends on depth. act_bn"),
        (("undecided", "equivalent"), "It depends on depth. "),
    ],
)
def test_an_interaction_of_one_side_is_of_size(decisions: tuple[Decision, ...], begins: str) -> None:
    """That gaps differ does not show that they differ in sign, nor that what is undecided is like no other cell."""
    found = changed(dict(enumerate(2 * decisions)), rule="interaction", **RULES["interaction"][0])
    assert said(found).startswith(begins)


def test_an_interaction_without_a_decided_cell_says_so() -> None:
    """No single cell settled is no list of undecided cells."""
    cells: dict[int, Decision] = dict.fromkeys(range(4), "undecided")
    found = changed(cells, rule="interaction", **RULES["interaction"][0])
    assert said(found) == "It depends on depth, but in no single cell is the direction settled."


@pytest.mark.parametrize("decision", [one for one in DECISIONS if one != "undecided"])
def test_every_cell_stands_under_its_decision(decision: Decision) -> None:
    """The groups of cells are the decisions of their rows, and the page lists them."""
    found = changed({2: decision})
    groups = cells_by_decision(found, subject_of(found))
    cell: Cell = {"depth": 4, "activation": "relu"}
    assert [name for name, cells in groups.items() if cell in cells] == [decision]
    assert sum(map(len, groups.values())) == 4


def test_what_the_correction_took_back_is_said() -> None:
    """A cell whose own interval excludes zero but whose corrected p does not is named as no finding."""
    found = changed(dict.fromkeys(range(4), "undecided"), rule="nothing_shown", **RULES["nothing_shown"][0])
    text = " ".join(plain(one) for one in answer(found, catalogue("en")).paragraphs)
    excluded = [
        row.cell
        for row in found.simple_effects
        if row.bn_mode == "running" and row.ci95 and row.ci95[0] * row.ci95[1] > 0
    ]
    assert excluded
    assert "after correction over 4 cells that is no finding" in text


def test_long_enumerations_say_that_they_stop() -> None:
    """Of many cells a few are named, and the sentence says there are others."""
    many: list[Cell] = [{"depth": depth} for depth in range(40)]
    named = plain(name_cells(many, catalogue("en")))
    assert named.endswith("and others")
    assert named.count("depth") == MOST_NAMES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_coverage_counts_every_trial_and_names_deviations(lang: Language) -> None:
    """Planned, completed, diverged, failed and pending are all there, and what departs from the plan."""
    found = sample()
    study = found.study.model_copy(
        update={
            "planned": 91,
            "diverged": 5,
            "failed": 4,
            "pending": 2,
            "extended": True,
            "deviations": ("margin 0.2",),
        }
    )
    text = plain(coverage(found.model_copy(update={"study": study}), catalogue(lang)))
    assert re.findall(r"\d+", text.split("margin")[0])[:6] == ["91", "80", "5", "4", "2", "0"]
    assert "margin 0.2" in text
