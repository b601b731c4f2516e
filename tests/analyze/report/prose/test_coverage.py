"""What stands before the answer: that a study is unfinished."""

from pathlib import Path

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.report import write
from analyze.report.prose.coverage import notes
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import load
from tests.analyze.commands import analyze
from tests.analyze.sample import sample
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


@pytest.mark.parametrize(("levels", "says"), [(400, None), (401, "401")])
def test_page_one_says_that_it_shows_a_selection(levels: int, says: str | None) -> None:
    """Above four hundred cells: how many there are, and how many rows of them a table has, in both languages."""
    found = sample()
    summary = found.study.model_copy(update={"factors": found.study.factors | {"tile": tuple(range(levels))}})
    question = found.question.model_copy(update={"moderators": ("tile",)})
    many = found.model_copy(update={"study": summary, "question": question})
    told = [[plain(one) for one in notes(many, catalogue(lang))] for lang in ("en", "zh")]
    assert [any(f"{says} cells" in one and "first 200 rows" in one for one in told[0])] == [says is not None]
    assert [any(f"{says} 个组合" in one and "前 200 行" in one for one in told[1])] == [says is not None]
