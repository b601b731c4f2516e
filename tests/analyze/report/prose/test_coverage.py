"""What stands before the answer: that a study is unfinished."""

from pathlib import Path

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.report import write
from analyze.report.words.catalogue import Language
from analyze.study.load import load
from tests.analyze.commands import analyze
from tests.synthetic import write_study


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight of ten seeds were run: 64 of 80 trials, one of which failed."""
    folder = tmp_path_factory.mktemp("interim") / "s"
    return write_study(
        folder,
        np.random.default_rng(1),
        missing=lambda row: row["seed"] >= 8,
        failed=lambda row: row["trial_id"] == "t000000",
        with_layers=False,
    )


SAID = {"en": "Interim: 64 of 80 planned trials have ended", "zh": "中期结果：计划的 80 次训练中已结束 64 次"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_of_an_unfinished_study_calls_itself_interim(unfinished: Path, lang: Language) -> None:
    """The first line under the title and its question, with how many of how many trials have ended."""
    title, _, first, *_ = filter(
        None, write.render(analyse(load(unfinished)), fmt="md", lang=lang).decode().splitlines()
    )
    assert title.startswith("# ")
    assert first.startswith(f"**{SAID[lang]}")


def test_the_terminal_says_so_too(unfinished: Path, tmp_path: Path) -> None:
    """Before the path of the report."""
    done = analyze("report", str(unfinished), "--format", "json", "--out", str(tmp_path / "r.json"), cwd=tmp_path)
    assert done.returncode == 0
    assert SAID["en"] in done.stderr.splitlines()[0]


def test_a_finished_study_does_not(tmp_path: Path) -> None:
    """A failed trial has ended."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1), failed=lambda row: row["trial_id"] == "t000000")
    assert load(folder).notes == ()
