"""`analyze tables`: every section as a flat table, with a dictionary of every column."""

import csv
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze import cli
from analyze.analysis import analyse
from analyze.errors import CannotWriteError
from analyze.findings import FailureRow, Findings
from analyze.report import result_tables, write
from analyze.study.load import load
from tests.analyze.sample import rich, sample
from tests.synthetic import write_study

FACTORS = {"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4), "activation": ("relu", "tanh")}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """A study with every section filled."""
    folder = write_study(tmp_path_factory.mktemp("t") / "s", np.random.default_rng(1), factors=FACTORS)
    lost = FailureRow(
        cell={"depth": 2, "activation": "relu"},
        n_seeds=10,
        failed_first=0.1,
        failed_second=0.0,
        p_failed=1.0,
        wins_first=6,
        wins_second=4,
        ties=0,
        win_rate=0.6,
        win_rate_ci95=(0.26, 0.88),
        p_wins=0.75,
        decision="undecided",
    )
    return analyse(load(folder)).model_copy(update={"published": rich().published, "failures": (lost,)})


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_files_hold_the_findings(findings: Findings, tmp_path: Path, fmt: str) -> None:
    """Both formats have every row and the unrounded numbers."""
    paths = result_tables.write(findings, tmp_path / "out", fmt=fmt)
    read = {path.stem: pd.read_csv(path) if fmt == "csv" else pd.read_parquet(path) for path in paths}
    for name in result_tables.SECTIONS:
        assert len(read[name]) == len(getattr(findings, name)) > 0, name
    gaps = [row.gap for row in findings.simple_effects]
    assert read["simple_effects"]["gap"].tolist() == pytest.approx(gaps, rel=1e-15)
    assert read["primary"]["ci95_low"].item() == pytest.approx(findings.primary.ci95[0], rel=1e-15)
    assert set(read["simple_effects"]["depth"].astype(int)) == {2, 4}


def test_every_column_has_a_meaning(findings: Findings) -> None:
    """The dictionary explains each column; only factors fall to the general meaning."""
    found = result_tables.tables(findings)
    explained = result_tables.dictionary(found)
    assert set(map(tuple, explained[["table", "column"]].to_numpy())) == {
        (name, column) for name, table in found.items() for column in table
    }
    assert set(explained.loc[explained["meaning"] == "level of this factor", "column"]) <= set(FACTORS)
    assert explained["meaning"].str.len().min() > 0


#: Texts as they are in a study, and as a CSV file has them.
FORMULAS = {
    "=HYPERLINK(0)": "'=HYPERLINK(0)",
    "+1": "'+1",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": r"'\t=1",
    "\r=1": r"'\u000d=1",
    "＝1": "'＝1",
    "－1": "'－1",
    "a=1": "a=1",
    'a\rb\n,"c': r'a\u000db\n,"c',
    "\x1b[31m\u202e": r"\u001b[31m\u202e",
}


def test_csv_holds_text_where_others_wrote_formulas(tmp_path: Path) -> None:
    """An apostrophe before what a spreadsheet would calculate, in cells and headings, and never before a number."""
    factors = {"ordering": ("bn_act", "act_bn"), "=activation": tuple(FORMULAS), "depth": (-2, 4)}
    found = sample(factors=factors, gap=-0.5)
    paths = {path.stem: path for path in result_tables.write(found, tmp_path, fmt="csv")}
    with paths["simple_effects"].open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["'=activation"] for row in rows[::4]] == list(FORMULAS.values())
    assert {row["depth"] for row in rows} == {"-2", "4"}
    assert [float(row["gap"]) for row in rows] == [row.gap for row in found.simple_effects]
    assert min(row["gap"] for row in rows)[0] == "-"
    assert "'=activation" in set(pd.read_csv(paths["dictionary"])["column"])


def test_parquet_holds_text_as_it_is(tmp_path: Path) -> None:
    """Parquet is data: no apostrophe, no escape."""
    found = sample(factors={"ordering": ("bn_act", "act_bn"), "=activation": tuple(FORMULAS)})
    result_tables.write(found, tmp_path, fmt="parquet")
    assert list(pd.read_parquet(tmp_path / "cells.parquet")["=activation"].unique()) == list(FORMULAS)


def test_csv_of_mixed_levels_keeps_numbers(tmp_path: Path) -> None:
    """A factor with the levels 2 and "gap": whole numbers stay whole."""
    found = sample(factors={"ordering": ("bn_act", "act_bn"), "depth": (2, "gap")})
    result_tables.write(found, tmp_path, fmt="csv")
    assert list(pd.read_csv(tmp_path / "cells.csv", dtype=str)["depth"].unique()) == ["2", "gap"]


def snapshot(folder: Path) -> dict[str, str]:
    """Every file below a folder with its digest, links as what they are."""
    return {
        str(path.relative_to(folder)): f"-> {path.readlink()}"
        if path.is_symlink()
        else sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Somebody's own files, outside the study."""
    folder = tmp_path / "home"
    (folder / "photos").mkdir(parents=True)
    (folder / ".bashrc").write_text("export PATH")
    (folder / "photos" / "cells.csv").write_text("mine")
    return folder


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_tables_write_through_no_link(tmp_path: Path, victim: Path, fmt: str) -> None:
    """A link or a hard link of a table's name is replaced; what it led to stays as it was."""
    before = snapshot(victim)
    folder = tmp_path / "study" / "tables"
    folder.mkdir(parents=True)
    (folder / f"cells.{fmt}").symlink_to(victim / ".bashrc")
    (folder / f"primary.{fmt}").symlink_to(victim / "new")
    (folder / f"study.{fmt}").hardlink_to(victim / "photos" / "cells.csv")
    paths = result_tables.write(sample(), folder, fmt=fmt)  # type: ignore[arg-type]
    assert snapshot(victim) == before
    assert all(path.is_file() and not path.is_symlink() for path in paths)
    assert sorted(folder.iterdir()) == sorted(paths)


def test_the_report_writes_through_no_link(tmp_path: Path, victim: Path) -> None:
    """The same for the report's own file."""
    before = snapshot(victim)
    for name, lead in (("soft.json", Path.symlink_to), ("hard.json", Path.hardlink_to)):
        lead(tmp_path / name, victim / ".bashrc")
        write.write(sample(), tmp_path / name, fmt="json", lang="en")
        assert (tmp_path / name).read_bytes() == write.render(sample(), fmt="json", lang="en")
    assert snapshot(victim) == before


def test_a_linked_folder_of_a_study_is_refused(
    tmp_path: Path, victim: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`tables` that leads out of the study takes no file; a link that the user names is their choice."""
    study = write_study(tmp_path / "s", np.random.default_rng(1), seeds=6, with_layers=False)
    (study / "tables").symlink_to(victim / "photos", target_is_directory=True)
    before = snapshot(victim)
    with pytest.raises(SystemExit, match="2"):
        cli.main(["tables", str(study)])
    assert f"{study / 'tables'} is a link out of the study" in capsys.readouterr().err
    assert snapshot(victim) == before
    mine = tmp_path / "mine"
    mine.symlink_to(victim / "photos", target_is_directory=True)
    (victim / "photos" / "study.csv").symlink_to(victim / ".bashrc")
    result_tables.write(sample(), mine, fmt="csv")
    assert (victim / "photos" / "study.csv").read_text() != (victim / ".bashrc").read_text() == "export PATH"


def test_tables_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    """The path and the reason, and no file half written."""
    (tmp_path / "cells.csv").mkdir()
    with pytest.raises(CannotWriteError, match=r"cells\.csv cannot be written: Is a directory"):
        result_tables.write(sample(), tmp_path, fmt="csv")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
