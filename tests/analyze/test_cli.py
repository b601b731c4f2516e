"""The command line: what it writes, where, and one sentence for every mistake."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from analyze import cli
from analyze.check import State
from analyze.report.words.catalogue import catalogue
from tests.analyze.commands import ANALYZE
from tests.analyze.sample import sample
from tests.synthetic import write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study."""
    return write_study(tmp_path_factory.mktemp("data") / "small", np.random.default_rng(1), seeds=6)


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The analysis is not what the test is about: its findings are ready."""
    monkeypatch.setattr("analyze.analysis.analyse", lambda _: sample())


def run(*arguments: object) -> int:
    """The exit code of `analyze` with these arguments."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(one) for one in arguments])
    return int(stopped.value.code or 0)


def test_report_goes_into_the_study(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is the answer and the report's path; stderr at most names the stage that takes long."""
    assert run("report", folder, "--format", "json") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-2:] == ["", str(folder / "report.json")]
    assert "Claims: " in out
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


@pytest.mark.usefixtures("analysed")
@pytest.mark.parametrize(
    ("name", "begins"), [("x.html", b"<!DOCTYPE html>"), ("x.json", b"{"), ("x.md", b"# "), ("x.PDF", b"%PDF-")]
)
def test_the_ending_of_out_decides_the_format(folder: Path, tmp_path: Path, name: str, begins: bytes) -> None:
    """Without --format, or with the same one."""
    same = ("--format", "html") if name == "x.html" else ()
    assert run("report", folder, "--out", tmp_path / name, *same) == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.usefixtures("analysed")
@pytest.mark.parametrize(("given", "begins"), [((), b"%PDF-"), (("--format", "json"), b"{\n")])
def test_out_to_stdout_is_the_report_alone(
    folder: Path, given: tuple[str, ...], begins: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The bytes of the report, no path and no answer with them."""
    assert run("report", folder, *given, "--out", "-") == 0
    out, _ = capfdbinary.readouterr()
    assert out.startswith(begins)
    assert out.rstrip().endswith((b"%%EOF", b"}"))
    assert b"report." not in out.splitlines()[-1]


def test_a_pdf_is_not_written_to_a_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would fill it with bytes; text may go there."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run("report", folder, "--out", "-") == 2
    out, err = capsys.readouterr()
    assert (out, "a PDF is nothing for a terminal" in err) == ("", True)


@pytest.mark.parametrize(
    ("terminal", "environment", "bold"),
    [(True, {}, True), (True, {"NO_COLOR": "1"}, False), (True, {"TERM": "dumb"}, False), (False, {}, False)],
)
@pytest.mark.usefixtures("analysed")
def test_bold_is_for_terminals_that_want_it(
    folder: Path,
    *,
    terminal: bool,
    environment: dict[str, str],
    bold: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing but text for a pipe, under NO_COLOR and on a terminal that knows no more."""
    for name, value in ({"TERM": "xterm", "NO_COLOR": "", "COLUMNS": "60"} | environment).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    assert run("report", folder, "--format", "json") == 0
    out = capsys.readouterr().out
    assert ("\x1b[" in out) == bold
    assert max(map(len, out.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()[:-1])) <= 60


@pytest.mark.usefixtures("analysed")
def test_several_formats_are_written_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By comma or repeated, each once; stdout ends with their paths."""
    assert run("report", folder, "--format", "json,html", "--format", "html") == 0
    ends = capsys.readouterr().out.splitlines()[-2:]
    assert ends == [str(folder / "report.json"), str(folder / "report.html")]


@pytest.mark.parametrize("place", ["--out", "default"])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder has the report's name: nothing is analysed for it, and nothing left behind."""
    study = write_study(tmp_path / "study", np.random.default_rng(1), seeds=2, with_layers=False)
    (study / "report.json").mkdir()
    before = sorted(study.iterdir())
    monkeypatch.setattr("analyze.analysis.analyse", lambda _: pytest.fail("analysed"))
    given = ("--out", study / "report.json") if place == "--out" else ("--format", "json")
    assert run("report", study, *given) == 2
    assert "report.json cannot be written: Is a directory" in capsys.readouterr().err
    assert sorted(study.iterdir()) == before


def test_a_file_that_nobody_may_write_is_not_replaced(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report made read-only is kept, though its folder would allow to replace it."""
    kept = tmp_path / "kept.json"
    kept.write_text("mine")
    monkeypatch.setattr(
        "analyze.report.files.os.access", lambda path, _: Path(path) != kept
    )  # for root all is writable
    assert run("report", folder, "--out", kept) == 2
    assert "Permission denied" in capsys.readouterr().err
    assert kept.read_text() == "mine"


@pytest.mark.usefixtures("analysed")
def test_a_full_disk_has_an_exit_code_of_its_own(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """3 and one sentence; no half a report and nothing beside it."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("analyze.report.files.Path.replace", full)
    assert run("report", folder, "--out", tmp_path / "x.json") == 3
    assert "x.json cannot be written: No space left on device" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("lang", "home"), [("en", "none"), ("zh", "fresh")])
def test_stderr_is_ours_alone(tmp_path: Path, lang: str, home: str) -> None:
    """Neither matplotlib, fontTools nor fontconfig says a word: without caches, without a home that can be written."""
    (tmp_path / "fonts.conf").write_text(
        "<fontconfig><dir>/usr/share/fonts</dir><cachedir>/proc/none</cachedir>"
        '<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>'
    )
    given = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "MPL", "HOME"))}
    given |= {
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "HOME": "/proc/none" if home == "none" else str(tmp_path),
    }
    small = {"factors": {"ordering": ("bn_act", "act_bn")}, "seeds": 6, "with_layers": False}
    study = write_study(tmp_path / "study", np.random.default_rng(1), **small)  # type: ignore[arg-type]
    arguments = ["report", str(study), "--lang", lang, "--out", str(tmp_path / "x.pdf")]
    ran = subprocess.run([*ANALYZE, *arguments], env=given, capture_output=True, text=True, check=True)
    ours = {catalogue(lang).text(f"stage.{one}") + " …" for one in ("analysis", "figures", "layout")}  # type: ignore[arg-type]
    assert set(ran.stderr.splitlines()) <= ours


def test_libraries_log_nowhere() -> None:
    """A font that lacks a table, or a cache that takes long, is no line on stderr."""
    program = (
        "import logging; from analyze.report import libraries; libraries.keep_quiet()\n"
        "for name in ('matplotlib.font_manager', 'fontTools.subset'): logging.getLogger(name).warning('building')"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_without_pango_nothing_is_worked_out_for_a_pdf(folder: Path) -> None:
    """What to install, in one sentence and at once; HTML is written all the same."""
    program = (
        "import builtins, sys\n"
        "real = builtins.__import__\n"
        "def guarded(name, *rest, **named):\n"
        "    if name.startswith('weasyprint'): raise OSError('cannot load library libpango-1.0-0')\n"
        "    return real(name, *rest, **named)\n"
        "builtins.__import__ = guarded\n"
        "from analyze import analysis, cli\n"
        "from tests.analyze.sample import sample\n"
        "analysis.analyse = None if sys.argv[-1] == 'pdf' else lambda _: sample()\n"
        "cli.main()"
    )
    refused, written = (
        subprocess.run(
            [sys.executable, "-c", program, "report", str(folder), "--format", fmt],
            capture_output=True,
            text=True,
            check=False,
        )
        for fmt in ("pdf", "html")
    )
    assert (refused.returncode, written.returncode) == (2, 0)
    assert refused.stdout == ""
    (line,) = refused.stderr.splitlines()
    assert "apt install libpango-1.0-0" in line
    assert "--format html" in line


@pytest.mark.usefixtures("analysed")
def test_default_study_is_the_newest_under_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DIR the newest study under data/ is reported."""
    data = folder.parent.parent / "here"
    data.mkdir()
    (data / "data").symlink_to(folder.parent)
    monkeypatch.chdir(data)
    assert run("report", "--format", "json") == 0


@pytest.mark.usefixtures("analysed")
def test_a_study_that_cannot_be_written_is_reported_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The current folder takes the report of a read-only study."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("analyze.asked.os.access", lambda _, mode: mode != os.W_OK)
    assert run("report", folder, "--format", "json") == 0
    assert capsys.readouterr().out.endswith("\n\nreport.json\n")
    assert (tmp_path / "report.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["repot"], "report"),
        (["report", "--fromat", "pdf"], "--format"),
        (["report", "--format", "pfd"], "pdf"),
        (["report", "{tmp}"], "no trials.parquet; is it a study's folder?"),
        (["report", "{running}"], "no trials.parquet yet"),
        (["check", "{running}"], "collect status '{running}'; collect run '{running}' goes on"),
        (["report", "{folder}", "--factor", "dept", "--contrast", "2", "4"], "did you mean depth?"),
        (["report", "{folder}", "--factor", "status"], "--factor status is not one of"),
        (["report", "{folder}", "--margin", "0"], "--margin 0"),
        (["report", "{folder}", "--target", "97"], "--target 97 is not between 0 and 1"),
        (["report", "{folder}", "--format", "pdf", "--format", "html", "--out", "x.pdf"], "two formats"),
        (["report", "{folder}", "--format", "json", "--out", "/proc/none/report.json"], "cannot be written"),
        (["report", "{folder}", "--format", "pdf,html", "--out", "x.pdf"], "two formats"),
        (["report", "{folder}", "--format", "json", "--format", "md,pdf", "--out", "-"], "3 formats"),
        (["report", "{folder}", "--format", "html,pfd"], "pfd is not one of pdf, html, json, md"),
        (["report", "{folder}", "--out", "x.txt"], "x.txt says by its ending"),
        (["report", "{folder}", "--out", "report"], "one of .pdf, .html, .json, .md"),
        (["report", "{folder}", "--out", "x.html", "--format", "pdf"], "x.html says html by its ending"),
        (["report", "{folder}", "--full"], "--full is for Markdown"),
        (["report", "{folder}", "--out", "-", "--open"], "--open needs a file"),
        (["report", "{folder}", "--out", "{tmp}/none/x.pdf"], "there is no folder"),
        (["report", "{folder}", "--out", "{tmp}/no.pdf"], "no.pdf cannot be written: Is a directory"),
    ],
)
def test_a_mistake_is_one_sentence(
    folder: Path, tmp_path: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line on stderr that names what would be right, nothing on stdout."""
    (tmp_path / "no.pdf").mkdir()
    running = tmp_path / "it runs"
    running.mkdir()
    (running / "plan.parquet").touch()
    assert run(*[one.format(tmp=tmp_path, folder=folder, running=running) for one in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = [line for line in err.splitlines() if not line.endswith("…")]  # a slow stage is named before
    assert words.format(running=running) in line


def test_alone_it_prints_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    """What there is to type, as with --help."""
    assert run() == 0
    alone = capsys.readouterr().out
    assert run("--help") == 0
    assert alone == capsys.readouterr().out
    assert "Commands:" in alone


def test_the_levels_of_check_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Its help and the README name each of them and the exit code."""
    assert run("check", "--help") == 0
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for text in (capsys.readouterr().out, readme):
        (paragraph,) = [one for one in text.split("\n\n") if "fatal" in one]
        assert [state for state in get_args(State) if state not in paragraph] == []
        assert re.search(r"exit\s+code\s+1", paragraph, re.IGNORECASE)


def test_check_says_whether_the_design_can_answer(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 with six seeds; 1 with four, of which no test can be significant."""
    assert run("check", folder) == 0
    assert "all 24 pairs began with the same weights" in " ".join(capsys.readouterr().out.split())
    few = write_study(tmp_path / "few", np.random.default_rng(1), seeds=4)
    assert run("check", few) == 1
    assert "fatal" in capsys.readouterr().out


def test_check_fits_a_terminal_and_a_program(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No line is wider than 80 columns, and JSON has the same checks."""
    assert run("check", folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert run("check", folder, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["topic"] for one in found] == [line[7:19].strip() for line in lines if line[:1] != " "]
    assert " ".join(found[0]["says"].split()) in " ".join(" ".join(lines).split())


def test_power_prints_a_line_a_cell(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The mean over cells and each of the four cells, then the power and level that they are of."""
    assert run("power", folder, "--margin", "0.5") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("mean over cells")
    assert all(line.startswith("depth=") for line in lines[2:6])
    assert lines[6] == "power 80 %, two-sided at 0.05, cells corrected for their number; margin 0.500 pp"


def test_power_says_why_a_dash_is_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each reason of a column once, with the rows that it is of, as many as there are dashes."""
    for margin in ("0.001", "50"):
        assert run("power", folder, "--margin", margin) == 0
        printed = capsys.readouterr().out
        table, _, notes = printed.partition("power 80 %")
        said = re.findall(r"\((\d+) of 5 rows\)", " ".join(notes.split()))
        assert sum(map(int, said)) == table.count("–")
        assert ("seeds for the margin: " in notes) == (margin == "0.001")


def test_tables_prints_the_files(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout lists what was written."""
    assert run("tables", folder, "--out", tmp_path / "t", "--format", "parquet") == 0
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert all(path.is_file() and path.suffix == ".parquet" for path in paths)
    assert "dictionary" in {path.stem for path in paths}


@pytest.mark.usefixtures("analysed")
def test_report_speaks_json(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer that people get, and the files; nothing else on stdout."""
    assert run("report", folder, "--out", tmp_path / "x.md") == 0
    said = capsys.readouterr().out
    assert run("report", folder, "--out", tmp_path / "x.md", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["files"] == [str(tmp_path / "x.md")]
    assert found["answer"]
    assert said.split()[: len(found["answer"].split())] == found["answer"].split()
    assert run("report", folder, "--out", "-", "--format", "md", "--json") == 2
    assert "--json needs a file, and --out - writes none" in capsys.readouterr().err


def test_power_and_tables_speak_json(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row a cell, unrounded, and the files that were written: what is printed for people."""
    assert run("power", folder, "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert run("power", folder) == 0
    lines = capsys.readouterr().out.partition("\npower 80 %")[0].splitlines()
    assert len(rows) == len(lines) - 1
    assert rows[0].keys() >= {"cell", "sd", "smallest_detectable_pp", "seeds_for_margin"}
    assert f"{rows[0]['sd']:.3f}" in lines[1]
    assert run("tables", folder, "--out", tmp_path / "t", "--json") == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert sorted(files) == sorted(map(str, (tmp_path / "t").iterdir()))
