"""Files of trials in any of the usual formats: the same study as in Parquet, or one sentence."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyze.analysis import analyse
from analyze.asked import place_of
from analyze.errors import AnalyzeError, InvalidTableError, StudyNotFoundError, UsageError
from analyze.options import Asked
from analyze.study import files
from analyze.study.load import load
from tests.analyze.commands import analyze
from tests.analyze.study.brought import loaded, table


def _parts(path: Path) -> None:
    """What Spark writes: parts beside a marker and checksums."""
    path.mkdir()
    (path / "_SUCCESS").touch()
    trials = table()
    for number, part in enumerate((trials[:30], trials[30:])):
        part.to_parquet(path / f"part-0000{number}-7d1c.snappy.parquet", index=False)
        (path / f".part-0000{number}-7d1c.snappy.parquet.crc").write_bytes(b"crc")


def _spark_csv(path: Path) -> None:
    """Spark's df.write.partitionBy("optimizer", "depth").csv, packed: values stand in the folders' names alone."""
    for (optimizer, depth), rows in table().groupby(["optimizer", "depth"]):
        folder = path / f"optimizer={optimizer}" / f"depth={depth}"
        folder.mkdir(parents=True)
        rows.drop(columns=["optimizer", "depth"]).to_csv(folder / "part-00000-7d1c.c000.csv.gz", index=False)
    (path / "_SUCCESS").touch()


def _duckdb(path: Path) -> None:
    """What DuckDB writes partitioned."""
    with duckdb.connect() as database:
        database.register("trials", table())
        database.sql(f"copy (select * from trials) to '{path}' (format csv, partition_by (depth, aug))")  # noqa: S608


FORMATS: dict[str, Callable[[Path], object]] = {
    "runs.csv": lambda path: table().to_csv(path, index=False),
    "runs.csv.gz": lambda path: table().to_csv(path, index=False),
    "runs.tsv": lambda path: table().to_csv(path, index=False, sep="\t"),
    "runs.jsonl": lambda path: table().to_json(path, orient="records", lines=True),
    "runs.jsonl.gz": lambda path: table().to_json(path, orient="records", lines=True),
    "runs.parquet": lambda path: table().set_index(["optimizer", "seed"]).to_parquet(path),
    "runs.feather": lambda path: table().to_feather(path),
    "a.b.CSV": lambda path: table().to_csv(path),
    "spark.parquet": _parts,
    "spark.csv": _spark_csv,
    "pandas.parquet": lambda path: table().to_parquet(path, partition_cols=["optimizer", "aug"]),
    "polars": lambda path: pl.from_pandas(table()).write_parquet(pl.PartitionBy(path, key=["depth"]), mkdir=True),
    "duckdb": _duckdb,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_a_study(tmp_path: Path, name: str) -> None:
    """The same answer as of trials.parquet, whose name the file's is; results go beside it."""
    FORMATS[name](tmp_path / name)
    found = load(tmp_path / name, factor="optimizer")
    assert found.design.factors == {"optimizer": ("adam", "sgd"), "depth": (2, 4), "aug": ("flip", "mixup")}
    assert found.file == found.name
    assert (found.name, found.folder, found.planned) == (
        name.rsplit(".", name.count(".") - (name[1] == "."))[0],
        tmp_path,
        80,
    )
    there = analyse(loaded(tmp_path / "plain", table())).primary
    assert analyse(found).primary.estimate == pytest.approx(there.estimate, abs=1e-6)


def test_folders_name_values_as_files_hold_them(tmp_path: Path) -> None:
    """Numbers, truth values, signs that a path cannot have, and no value; other folders and links are no part of it."""
    for number, (name, seed) in enumerate([("rate=1e-3", 1), ("rate=0.1", 2), ("rate=__HIVE_DEFAULT_PARTITION__", 3)]):
        folder = tmp_path / "runs" / name / f"on={number > 0!s}" / f"run%3Aname=a%20b{number}"
        folder.mkdir(parents=True)
        (folder / "0.csv").write_text(f"seed\n{seed}\n")
    for folder, name in (("_temporary", "part-0.csv"), ("other", "part-0.csv"), ("rate=1e-3", "notes.txt")):
        (tmp_path / "runs" / folder).mkdir(exist_ok=True)
        (tmp_path / "runs" / folder / name).write_text("seed\n9\n")
    (tmp_path / "runs" / "rate=7").symlink_to(tmp_path / "runs" / "rate=0.1", target_is_directory=True)
    found = files.opened(tmp_path / "runs").table.sort_by("seed").to_pydict()
    assert found == {
        "seed": [1, 2, 3],
        "rate": [1e-3, 0.1, None],
        "on": [False, True, True],
        "run:name": ["a b0", "a b1", "a b2"],
    }


def test_several_files_are_one_table(tmp_path: Path) -> None:
    """Of unlike formats too; `file` names the file, and may be the factor under test."""
    trials = table()[table()["aug"] == "flip"].set_index("optimizer").drop(columns="aug")
    trials.loc["adam"].to_csv(tmp_path / "adam.csv", index=False)
    trials.loc["sgd"].to_feather(tmp_path / "sgd.feather")
    ran = analyze("report", "adam.csv", "sgd.feather", "--factor", "file", "--format", "json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    found = json.loads((tmp_path / "adam+1.report.json").read_text())
    assert found["primary"]["contrast"] == "adam - sgd"
    assert found["study"]["command"] == "analyze report adam.csv sgd.feather --factor file"
    (tmp_path / "odd.csv").write_text("seed,depth,test_accuracy\n1,deep,0.5\n")
    with pytest.raises(InvalidTableError, match=r"the parts in .*adam.csv and 1 more have columns of different types"):
        files.opened(tmp_path / "adam.csv", tmp_path / "odd.csv")
    loaded(tmp_path / "study", table())
    with pytest.raises(UsageError, match="study is a study of its own; name one study, or several files"):
        files.opened(tmp_path / "adam.csv", tmp_path / "study")


def test_reports_of_two_files_do_not_replace_each_other(tmp_path: Path) -> None:
    """Each begins with its file's name, in either language; so do result tables; --out says otherwise."""
    trials = table(3)
    for name in ("one.csv", "two.csv"):
        trials.to_csv(tmp_path / name)
    study = load(tmp_path / "one.csv", factor="optimizer")
    for places, ending, name in (
        (("one.csv",), "report.pdf", "one.report.pdf"),
        (("a/two.csv",), "report.zh.pdf", "one.report.zh.pdf"),
        (("s3://bucket/x",), "tables", "one.tables"),
    ):
        where = place_of(Asked(places, {}), study, ending)
        assert where == (Path() if "://" in places[0] else tmp_path) / name
    assert place_of(Asked((), {}), loaded(tmp_path / "s", trials), "report.md") == tmp_path / "s" / "report.md"


def test_a_folder_of_files_says_how_to_name_them(tmp_path: Path) -> None:
    """Whoever names a folder of CSV files means them."""
    table().to_csv(tmp_path / "a.csv")
    with pytest.raises(StudyNotFoundError, match=r"has no trials.parquet; name the files in it: .*/\*\.csv"):
        load(tmp_path)


def test_curves_of_another_study_are_not_its_own(tmp_path: Path) -> None:
    """A file beside a study's tables has none of them; the study's own trials.parquet, named as a file, has."""
    trials = table(trial_id=[str(row) for row in range(80)])
    loaded(tmp_path, trials)
    points = pd.DataFrame({"trial_id": trials["trial_id"], "examples_seen": 100, "accuracy": 0.5})
    points.to_parquet(tmp_path / "curves.parquet")
    trials.to_csv(tmp_path / "runs.csv")
    assert load(tmp_path / "runs.csv", factor="optimizer").curves is None
    assert load(tmp_path / "trials.parquet", factor="optimizer").curves is not None


def test_an_empty_field_is_missing(tmp_path: Path) -> None:
    """In a text column as in one of numbers; the word None is a level."""
    trials = table()
    trials["aug"] = trials["aug"].map({"flip": None, "mixup": "None"})
    trials.loc[0, "test_accuracy"] = None
    trials.to_csv(tmp_path / "runs.csv", index=False)
    found = load(tmp_path / "runs.csv", factor="optimizer")
    assert found.design.factors["aug"] == ("None", "none given")
    assert found.count("failed") == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("runs.xlsx", b"PK", r"has none of the endings \.csv, .*; convert it"),
        ("runs", b"seed", "has none of the endings"),
        ("runs.parquet.gz", b"", "has none of the endings"),
        ("runs.csv", b"", "cannot be read as csv"),
        ("runs.csv", b"seed,test_accuracy\n1,0.5,3\n", "cannot be read as csv: .*Expected 2 columns, got 3"),
        ("runs.csv", b"seed,seed\n1,0.5\n", "has two columns seed; give them different names"),
        ("runs.csv", b"seed;test_accuracy\n1;0.5\n", "lacks seed, test_accuracy .*; it has seed;test_accuracy"),
        (
            "runs.csv",
            b"o,seed,test_accuracy\na,1,87.08%\n",
            'test_accuracy holds string, first "87.08%"; write it as num',
        ),
        ("runs.csv", b"o,seed,test_accuracy\na,1,\xff\n", "test_accuracy holds binary"),
        ("runs.csv", b"\xffo,seed,test_accuracy\na,1,0.5\n", "has a column whose name is not UTF-8; write the file in"),
        ("runs.csv", b"o,seed,test_accuracy\n", "has no trials yet"),
        ("runs.csv.gz", b"seed", "cannot be read as csv"),
        ("runs.csv.gz", gzip.compress(b"seed,test_accuracy\n1,0.5\n" * 100, mtime=0)[:40], "cannot be read as csv"),
        ("runs.jsonl", b"[1]", "cannot be read as jsonl"),
        ("runs.jsonl", b'{"seed": 1}\n{"seed": "a"}\n', "cannot be read as jsonl"),
        ("runs.feather", b"ARROW1", "cannot be read as feather"),
        ("runs.parquet", b"PAR1", "cannot be read as parquet"),
    ],
)
def test_what_is_no_table_of_trials_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """One sentence with the file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AnalyzeError, match=said) as caught:
        load(tmp_path / name, factor="o")
    assert "\n" not in str(caught.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    """A name without a file, and a folder of parts that do not fit together."""
    with pytest.raises(StudyNotFoundError, match=r"there is no .*runs\.csv; name a study's folder, or a file"):
        load(tmp_path / "runs.csv")
    _parts(tmp_path / "spark")
    pq.write_table(pa.table({"seed": [[1]]}), tmp_path / "spark" / "part-00002.parquet")
    with pytest.raises(InvalidTableError, match="have columns of different types"):
        load(tmp_path / "spark", factor="optimizer")


@pytest.mark.parametrize(
    "metadata", [{"schema_version": "1.0"}, {"study": "my study"}, {"schema_version": "2", "x": "y"}]
)
def test_metadata_of_other_tools_are_nothing_to_us(tmp_path: Path, metadata: dict[str, str]) -> None:
    """A schema version is no study of the collector's."""
    written = pa.Table.from_pandas(table()).replace_schema_metadata(metadata)
    pq.write_table(written, tmp_path / "trials.parquet")
    assert load(tmp_path, factor="optimizer").metadata is None


def test_every_command_takes_a_file(tmp_path: Path) -> None:
    """And per cent, names of columns, moderators and what to ignore."""
    trials = table(acc=1.0).rename(columns={"seed": "rng"})
    trials["test_accuracy"] *= 100
    trials.to_csv(tmp_path / "runs.csv", index=False)
    asked = (
        "--factor",
        "optimizer",
        "--seed",
        "rng",
        "--unit",
        "percent",
        "--moderators",
        "depth, aug",
        "--ignore",
        "acc",
    )
    for command, written in (
        ("report", "runs.report.json"),
        ("check", None),
        ("power", None),
        ("tables", "runs.tables/cells.csv"),
    ):
        more = ("--format", "json") if command == "report" else ()
        ran = analyze(command, "runs.csv", *asked, *more, cwd=tmp_path)
        assert (ran.returncode, ran.stderr.replace("analysing the study …\n", "")) == (0, "")
        assert written is None or (tmp_path / written).is_file()
    assert "no factors: acc (left out as asked)" in analyze("check", "runs.csv", *asked, cwd=tmp_path).stdout
    with pytest.raises(UsageError, match=r"--moderators depht is not one of .* did you mean depth"):
        load(tmp_path / "runs.csv", factor="optimizer", seed="rng", unit="percent", moderators=["depht"])
