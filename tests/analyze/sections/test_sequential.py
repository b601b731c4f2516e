"""Studies whose seeds grew: what the looks decide, what else is read of them, and what of a study that did not say."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.decide import decide, line
from analyze.findings import Findings, LeaveOneOutRow
from analyze.inference import anytime
from analyze.report.prose.other_means import without_a_level
from analyze.report.prose.sequential import extended
from analyze.report.words import naming
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import StudyData, load
from tests.analyze import by_roots
from tests.analyze.grown import DECLARED, GAPS, rewrite, write


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> StudyData:
    """A study that declared its growth, of which every cell ran all the seeds."""
    return load(write(tmp_path_factory.mktemp("declared") / "study", **DECLARED))


@pytest.fixture(scope="module")
def found(declared: StudyData) -> Findings:
    """What is found of it."""
    return analyse(declared)


def last(found: Findings) -> dict[str, Any]:
    """The rows of the last look, by cell."""
    look = found.sequential[-1].look
    return {str(row.cell and tuple(row.cell.values())): row for row in found.sequential if row.look == look}


def test_cells_are_decided_at_their_share(declared: StudyData, found: Findings) -> None:
    """Each by the interval at alpha/(C + 1) of the seeds of its own look, recomputed here from the trials."""
    trials = declared.trials
    for name, row in last(found).items():
        if name == "None":
            continue
        here = trials[(trials["depth"] == row.cell["depth"]) & (trials["activation"] == row.cell["activation"])]
        arms = here.pivot_table("test_accuracy", "seed", "ordering")
        difference = 100 * (arms["act_bn"] - arms["bn_act"]).to_numpy()[: row.n]
        assert row.interval == pytest.approx(by_roots.interval(difference, 0.01))
    assert {name: row.decision for name, row in last(found).items()} == {
        "None": "first",
        "(2, 'relu')": "first",
        "(2, 'tanh')": "equivalent",
        "(4, 'relu')": "first",
        "(4, 'tanh')": "equivalent",
    }


def test_what_is_decided_is_the_answer(found: Findings) -> None:
    """Cells that are settled unlike make it depend; cells carry what decided them, and what fixed seeds would have."""
    assert (found.primary.headline, found.primary.rule) == ("depends", "settled_unlike")
    rows = [row for row in found.simple_effects if (row.bn_mode, row.scale) == ("running", "raw")]
    assert [(row.n, row.decision) for row in rows] == [
        (one.n, one.decision) for name, one in last(found).items() if name != "None"
    ]
    assert all(row.anytime == row.decision and row.fixed is not None for row in rows)
    assert found.growth is not None
    assert (found.growth.pairs, found.growth.pairs_of_all) == (sum(row.n for row in rows), 240)


def test_all_else_takes_the_first_seeds(found: Findings) -> None:
    """The models of effects, the further responses and the cells' means are of the ten seeds fixed in advance."""
    assert {row.n_seeds for row in found.anova} == {10}
    assert {row.n for row in found.cells} == {10}
    assert {row.n for row in found.simple_effects if row.scale == "logit"} == {10}


def test_rows_beyond_a_look_change_nothing(found: Findings, tmp_path: Path) -> None:
    """Cells that are settled run no more seeds; a batch that is cut short is as if it had not begun."""
    taken = {tuple(row.cell.values()): row.n for row in last(found).values() if row.cell}
    folder = write(tmp_path / "study", **DECLARED)
    rewrite(folder, lambda row: row["seed"] < taken[row["depth"], row["activation"]])
    again = analyse(load(folder))
    assert again.sequential == found.sequential
    assert again.primary == found.primary
    rewrite(folder, lambda row: row["seed"] < 23)
    earlier = analyse(load(folder))
    assert [row for row in found.sequential if row.look <= 20] == list(earlier.sequential)


def test_before_the_first_look(tmp_path: Path) -> None:
    """Nothing is decided, and the report says what it waits for."""
    found = analyse(load(rewrite(write(tmp_path / "study", **DECLARED), lambda row: row["seed"] < 9)))
    assert found.sequential == ()
    assert (found.primary.headline, found.primary.decision) == ("undecided", "undecided")
    assert found.answer().startswith("Undecided")


def test_a_study_extended_without_saying_so(tmp_path: Path) -> None:
    """It is decided as if planned, with the interval that holds at every look beside it, at alpha for the mean."""
    found = analyse(load(write(tmp_path / "study", run=15, extended=True)))
    assert found.growth is not None
    assert not found.growth.declared
    mean = found.sequential[0]
    assert (mean.cell, mean.look, mean.level) == (None, 15, 0.05)
    assert found.primary.decision == found.primary.fixed
    from analyze.report.prose.coverage import unplanned
    from analyze.report.words.catalogue import catalogue

    said = str(unplanned(found, catalogue("en")))
    assert "An interval that holds however often one looks" in said


def test_what_carries_a_mean_is_not_told_by_fewer_seeds(found: Findings) -> None:
    """Where seeds were added as declared the mean has all of them, and the means without a level the first alone."""
    row = LeaveOneOutRow(moderator="depth", level=2, estimate=0.1, ci95=(-1.0, 1.2), p_t=0.5, p_signflip=0.5, n_seeds=6)
    mean = found.primary.model_copy(update={"headline": "yes", "rule": "both_tests", "ci95": (0.1, 0.3)})
    one = found.model_copy(update={"leave_one_out": (row,), "primary": mean})
    assert one.growth is not None
    assert not without_a_level(one, catalogue("en"))
    fixed = one.model_copy(update={"growth": None})
    assert "includes no difference: depth 2 (+0.10\u00a0pp, 95% CI [−1.00, 1.20])" in plain(
        without_a_level(fixed, catalogue("en"))
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_cells_that_only_planned_seeds_would_decide_are_named(tmp_path: Path, lang: Language) -> None:
    """Beside the mean, in both languages; and where such an interval decides them too, nothing is said of them."""
    found = analyse(load(write(tmp_path / "study", run=15, extended=True)))
    ahead = found.simple_effects[0].model_copy(update={"decision": "first", "anytime": "undecided"})
    other = found.simple_effects[1].model_copy(update={"decision": "first", "anytime": "first"})
    few = found.simple_effects[1].model_copy(update={"decision": "not_decidable", "anytime": "undecided"})
    for rows, named in (((ahead, other, few), True), ((other,), False), ((few,), False)):
        says = plain(extended(found.model_copy(update={"simple_effects": rows}), catalogue(lang)))
        lead = {"en": "though by the usual tests:", "zh": "尚无定论的组合："}[lang]
        assert (lead in says) == named
        if named:
            assert says.split(lead)[1].strip(" .。") == plain(naming.cell(ahead.cell, catalogue(lang)))


def test_decide_may_be_asked_after_each_seed(tmp_path: Path) -> None:
    """Asked at 6 to 60 seeds of studies without any effect, it finds one in few; fixed seeds would in many."""
    draw = np.random.default_rng(8)
    false, fixed = 0, 0
    for _ in range(120):
        values = draw.normal(0, 0.2, 60)
        t = [np.sqrt(n) * values[:n].mean() / values[:n].std(ddof=1) for n in range(6, 61)]
        false += any(abs(one) > anytime.critical_t(n, 0.05, anytime.C2) for n, one in enumerate(t, 6))
        fixed += any(abs(one) > 2.0 for one in t)
    assert false <= 9
    assert fixed > 24
    declared = analyse(load(write(tmp_path / "study", run=12)))
    decision = decide(declared)
    assert decision.at_every_look
    assert decision.interval == declared.sequential[0].inner_interval
    assert "at every look" in line(decision)


def test_another_question_is_not_the_declared_one(tmp_path: Path) -> None:
    """The rule is of the contrast that it was declared for; another factor is decided by as many seeds."""
    folder = write(tmp_path / "study", **DECLARED)
    found = analyse(load(folder, factor="depth", contrast=("4", "2")))
    assert found.growth is not None
    assert not found.growth.declared


@pytest.mark.parametrize(
    ("gap", "headline", "rule"),
    [
        (0.5, "yes", "settled_ahead"),
        (0.0, "no", "settled_equal"),
    ],
)
def test_cells_that_are_settled_alike(gap: float, headline: str, rule: str, tmp_path: Path) -> None:
    """One answer for all of them, in both languages."""
    found = analyse(load(write(tmp_path / "study", gaps=dict.fromkeys(GAPS, gap), **DECLARED)))
    assert (found.primary.headline, found.primary.rule) == (headline, rule)
    assert found.answer().startswith("Yes:" if headline == "yes" else "No:")
    assert found.answer("zh")
