"""The command line: what it writes, where, and one sentence for every mistake."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from analyze import cli
from tests.synthetic import write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study."""
    return write_study(tmp_path_factory.mktemp("data") / "small", np.random.default_rng(1), seeds=6)


def run(*arguments: object) -> int:
    """The exit code of `analyze` with these arguments."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(one) for one in arguments])
    return int(stopped.value.code or 0)


def test_report_goes_into_the_study(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is the path of the report and nothing else; stderr at most names the stage that takes long."""
    assert run("report", folder, "--format", "json") == 0
    out, err = capsys.readouterr()
    assert out == f"{folder / 'report.json'}\n"
    assert all(line.endswith("…") for line in err.splitlines())
    assert json.loads((folder / "report.json").read_text())["study"]["name"] == "synthetic"


def test_out_and_options(folder: Path, tmp_path: Path) -> None:
    """--out names the file; margin, targets and another factor reach the findings as deviations."""
    out = tmp_path / "mine.json"
    options = ("--margin", 0.3, "--target", 0.8, "--factor", "depth", "--contrast", 4, 2)
    assert run("report", folder, "--format", "json", "--out", out, *options) == 0
    found = json.loads(out.read_text())
    assert found["primary"]["contrast"] == "4 - 2"
    assert found["primary"]["equivalence"]["margin_pp"] == 0.3
    assert {row["target"] for row in found["convergence"] if row["model"] == "aft"} == {0.8}
    assert len(found["study"]["deviations"]) == 3


def test_default_study_is_the_newest_under_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DIR the newest study under data/ is reported."""
    data = folder.parent.parent / "here"
    data.mkdir()
    (data / "data").symlink_to(folder.parent)
    monkeypatch.chdir(data)
    assert run("report", "--format", "json") == 0


def test_a_study_that_cannot_be_written_is_reported_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The current folder takes the report of a read-only study."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("analyze.cli.os.access", lambda _, mode: mode != os.W_OK)
    assert run("report", folder, "--format", "json") == 0
    assert capsys.readouterr().out == "report.json\n"
    assert (tmp_path / "report.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["repot"], "report"),
        (["report", "--fromat", "pdf"], "--format"),
        (["report", "--format", "pfd"], "pdf"),
        (["report", "{tmp}"], "no trials.parquet"),
        (["report", "{folder}", "--factor", "dept", "--contrast", "2", "4"], "did you mean depth?"),
        (["report", "{folder}", "--factor", "depth"], "--contrast A B"),
        (["report", "{folder}", "--margin", "0"], "--margin 0"),
        (["report", "{folder}", "--target", "97"], "--target 97 is not between 0 and 1"),
        (["report", "{folder}", "--format", "pdf", "--format", "html", "--out", "x.pdf"], "two formats"),
        (["report", "{folder}", "--format", "json", "--out", "/proc/none/report.json"], "cannot be written"),
    ],
)
def test_a_mistake_is_one_sentence(
    folder: Path, tmp_path: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line on stderr that names what would be right, nothing on stdout."""
    assert run(*[one.format(tmp=tmp_path, folder=folder) for one in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = [line for line in err.splitlines() if not line.endswith("…")]  # a slow stage is named before
    assert words in line


def test_check_says_whether_the_design_can_answer(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 with six seeds; 1 with four, of which no test can be significant."""
    assert run("check", folder) == 0
    assert "all 24 pairs began with the same weights" in capsys.readouterr().out
    few = write_study(tmp_path / "few", np.random.default_rng(1), seeds=4)
    assert run("check", few) == 1
    assert "fatal" in capsys.readouterr().out


def test_power_prints_a_line_a_cell(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The mean over cells and each of the four cells."""
    assert run("power", folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[1].startswith("mean over cells")


def test_tables_prints_the_files(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout lists what was written."""
    assert run("tables", folder, "--out", tmp_path / "t", "--format", "parquet") == 0
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert all(path.is_file() and path.suffix == ".parquet" for path in paths)
    assert "dictionary" in {path.stem for path in paths}
