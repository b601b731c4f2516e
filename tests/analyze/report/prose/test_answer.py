"""The answer by rule, and sentences that never contradict their numbers."""

import re
from typing import Any

import pytest

from analyze.findings import Condition, Findings
from analyze.report.prose.answer import answer, coverage, decide, sort_cells
from analyze.report.subject import subject_of
from analyze.report.words.amounts import MOST_NAMES, name_cells
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain
from tests.analyze.sample import sample


def changed(**primary: Any) -> Findings:
    """The sample with another primary result."""
    found = sample()
    return found.model_copy(update={"primary": found.primary.model_copy(update=primary)})


@pytest.mark.parametrize(
    ("p_t", "p_signflip", "p_equivalence", "decision"),
    [
        (0.01, 0.01, 0.4, "yes"),
        (0.05, 0.05, 0.4, "yes"),
        (0.01, 0.01, 0.01, "yes_trivial"),
        (0.4, 0.4, 0.01, "no"),
        (0.4, 0.4, 0.4, "undecided"),
        (0.04, 0.06, 0.01, "disagree"),
        (0.06, 0.04, 0.4, "disagree"),
        (None, None, None, "no_test"),
    ],
)
def test_both_tests_decide_and_only_equivalence_says_no(
    p_t: float | None, p_signflip: float | None, p_equivalence: float | None, decision: str
) -> None:
    """A p above alpha alone is never a no, and two tests on different sides leave it undecided."""
    equivalence = sample().primary.equivalence.model_copy(update={"p": p_equivalence})
    assert decide(changed(p_t=p_t, p_signflip=p_signflip, equivalence=equivalence)) == decision


def test_the_answer_has_effect_interval_and_direction() -> None:
    """The sentence names the level that is ahead, the signed gap and its interval."""
    ahead = plain(answer(changed(estimate=-0.7, ci95=(-0.9, -0.5)), catalogue("en")).sentence)
    assert "bn_act ended ahead" in ahead
    assert "−0.70" in ahead
    assert "[−0.90, −0.50]" in ahead


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("seeds", [0, 1])
def test_studies_without_an_answer_say_so(lang: str, seeds: int) -> None:
    """No completed trial, or a single seed: one sentence, and no test is mentioned."""
    found = sample(seeds=1, completed=bool(seeds))
    said = answer(found, catalogue(lang))  # type: ignore[arg-type]
    assert decide(found) == ("one_seed" if seeds else "no_data")
    assert "<i>p</i>" not in said.sentence
    assert len(plain(said.sentence)) > 10


def test_a_conditional_headline_names_its_factors_and_never_says_yes() -> None:
    """What carries the mean comes before the mean."""
    carriers = (
        Condition(cell={"activation": "tanh"}, excluded=False),
        Condition(cell={"depth": 2, "activation": "tanh"}, excluded=False),
    )
    said = plain(answer(changed(conditional_on=carriers), catalogue("en")).sentence)
    assert said.startswith("It depends on depth and activation. ")
    assert "Yes" not in said


def test_every_cell_is_in_exactly_the_groups_its_tests_say() -> None:
    """Cells that differ have p <= alpha, those equivalent have their TOST, and the rest are open."""
    found = sample(
        factors={"ordering": ("bn_act", "act_bn"), "depth": (2, 4, 8), "activation": ("relu", "tanh", "elu")}
    )
    groups = sort_cells(found, subject_of(found))
    for row in found.simple_effects:
        if row.bn_mode == "running":
            assert (row.cell in groups["differs"]) == ((row.p_signflip_holm or 1) <= 0.05)
            assert (row.cell in groups["equivalent"]) == ((row.p_tost_holm or 1) <= 0.05)
            assert (row.cell in groups["open"]) == (row.cell not in groups["differs"] + groups["equivalent"])


def test_long_enumerations_say_that_they_stop() -> None:
    """Of many cells a few are named, and the sentence says there are others."""
    many = [{"depth": depth} for depth in range(40)]
    named = plain(name_cells(many, catalogue("en")))
    assert named.endswith("and others")
    assert named.count("depth") == MOST_NAMES


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_coverage_counts_every_trial_and_names_deviations(lang: str) -> None:
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
    text = plain(coverage(found.model_copy(update={"study": study}), catalogue(lang)))  # type: ignore[arg-type]
    assert re.findall(r"\d+", text.split("margin")[0])[:6] == ["91", "80", "5", "4", "2", "0"]
    assert "margin 0.2" in text
