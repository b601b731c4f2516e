"""A study that still trains: whatever has ended, its report says nothing that the rest of the plan would make false."""

from pathlib import Path

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.errors import InvalidTableError
from analyze.findings import Findings
from analyze.report.prose.in_plain_words import trained
from analyze.report.words.catalogue import Language, catalogue
from analyze.study.load import load
from tests.analyze.reading import text
from tests.analyze.test_contradictions import LANGUAGES, told
from tests.synthetic import Settings, write_study

FACTORS = {"ordering": ("bn_act", "act_bn"), "depth": (2, 8), "activation": ("relu", "tanh")}
SEEDS = 8


def interim(folder: Path, share: float, draw: int, *, in_order: bool) -> Findings:
    """Of a study's trials a share, at random, or seed after seed but for some that are late."""
    generator = np.random.default_rng((draw, round(100 * share)))

    def missing(run: Settings) -> bool:
        late = run["seed"] / SEEDS + 0.3 * generator.random() if in_order else generator.random()
        return bool(late > share)

    return analyse(
        load(write_study(folder, np.random.default_rng(draw), factors=FACTORS, seeds=SEEDS, missing=missing))
    )


@pytest.mark.parametrize(
    ("share", "draw", "in_order"),
    [
        *((share, 0, in_order) for share in (0.1, 0.2, 0.4, 0.6, 0.9) for in_order in (True, False)),
        (0.2, 1, True),
        (0.05, 13, False),  # one run of each level, of two seeds
    ],
)
def test_pairs_are_the_plans(tmp_path: Path, share: float, draw: int, in_order: bool) -> None:  # noqa: FBT001  # a parameter
    """Runs of a seed are pairs though only one has ended; and no sentence contradicts another or the findings."""
    found = interim(tmp_path / "study", share, draw, in_order=in_order)
    assert found.study.pending
    assert found.question.paired
    assert found.question.why.code in ("seeds_shared", "seeds_mostly_shared")
    assert told(found) == []


def test_one_level_alone_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    """Not as if the study were of another factor."""
    only = {"missing": lambda run: run["seed"] > 1 or run["ordering"] == "act_bn"}
    folder = write_study(tmp_path / "study", np.random.default_rng(0), factors=FACTORS, seeds=SEEDS, **only)
    with pytest.raises(InvalidTableError, match="every trial that has ended is of ordering bn_act: there is nothing"):
        load(folder)


def test_a_level_of_which_every_trial_failed_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    """In a sentence that says how many failed; no other level takes its place."""
    only = {"failed": lambda run: run["ordering"] == "act_bn"}
    folder = write_study(tmp_path / "study", np.random.default_rng(0), factors=FACTORS, seeds=SEEDS, **only)
    with pytest.raises(InvalidTableError, match="ordering act_bn has a result, and 32 of the study's failed"):
        analyse(load(folder))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_trained_is_said_to_be_so_until_now(tmp_path: Path, lang: Language) -> None:
    """Levels that have not run yet are not denied, and no cell is given more seeds than it has."""
    found = interim(tmp_path / "study", 0.4, 0, in_order=True)
    says = text(trained(found, catalogue(lang)), lang)
    so_far, up_to = {"en": ("has so far trained", "at most"), "zh": ("目前完成", "最多取")}[lang]
    assert so_far in says
    assert up_to in says
