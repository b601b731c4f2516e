"""Studies that earlier releases left: read by every command, trained on by none where the recipe was another."""

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from collect.store import index, keys, ledger, tables
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from tests.analyze.commands import analyze
from tests.collect.commands import collect
from tests.collect.victims import contents

REFERENCE = Path(__file__).parents[2] / "reference"
RECIPE_1, SCHEMA_1 = REFERENCE / "recipe_version_1", REFERENCE / "schema_version_1"
#: What schema version 2 added.
ADDED = [("trials", "majority_share"), ("curves", "max_class_share")]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A study of four trials that recipe version 1 trained, as that release wrote it."""
    return Path(shutil.copytree(RECIPE_1, tmp_path / "old"))


def test_an_earlier_recipe_is_read_and_not_trained_on(old: Path, tmp_path: Path) -> None:
    """Status and verify answer with one sentence about it and write nothing; run refuses with both versions."""
    before = contents(old)
    for command, answer in (("status", "4 planned = 4 completed"), ("verify", "4 parts are sound, 0 damaged")):
        ran = collect(command, str(old), cwd=tmp_path)
        assert (ran.returncode, answer in ran.stdout) == (0, True)
        assert "planned by recipe version 1, this is version 3" in ran.stderr.splitlines()[0]
    ran = collect("run", str(old), cwd=tmp_path)
    assert ran.returncode == 2
    assert "planned by recipe version 1, this is version 3" in ran.stderr
    assert contents(old) == before


def test_an_earlier_recipe_is_analysed(old: Path, tmp_path: Path) -> None:
    """With one sentence, on stderr and first on the page."""
    ran = analyze("report", str(old), "--format", "json", "--format", "md", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "kept no digests" in ran.stderr
    twin = json.loads((old / "report.json").read_text(encoding="utf-8"))
    assert (twin["study"]["completed"], twin["study"]["notes"][0]["code"]) == (4, "no_digests")
    assert "kept no digests" in (old / "report.md").read_text(encoding="utf-8")[:300]


def test_an_earlier_recipe_s_tables_can_be_rebuilt(old: Path, tmp_path: Path) -> None:
    """The same rows, with digests, and the version in the metadata, which analyze then names."""
    before = pq.read_table(old / "trials.parquet")
    assert collect("compact", str(old), cwd=tmp_path).returncode == 0
    now = pq.read_table(old / "trials.parquet")
    shared = [name for name in now.column_names if name in before.column_names]
    assert now.select(shared).to_pylist() == before.select(shared).to_pylist()
    assert now.schema.metadata[b"recipe_version"] == b"1"
    assert collect("verify", str(old), cwd=tmp_path).returncode == 0
    ran = analyze("check", str(old), cwd=tmp_path)
    assert "recipe version 1; this one has 3" in ran.stderr


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A finished study of recipe version 2, its tables without the columns that came with schema version 2."""
    return Path(shutil.copytree(SCHEMA_1, tmp_path / "earlier"))


def values(folder: Path, table: str, column: str) -> list[object]:
    """A column of a table."""
    return list(pq.read_table(folder / f"{table}.parquet")[column].to_pylist())


def test_tables_of_an_earlier_schema_are_sound(earlier: Path, tmp_path: Path) -> None:
    """Status and verify find nothing amiss, say whose it is, and leave tables and description as they are."""
    files = [earlier / keys.DATAPACKAGE, *(earlier / keys.table(name) for name in tables.NAMES)]
    before = [file.read_bytes() for file in files]
    answers = {"status": "4 planned = 4 completed", "verify": "4 parts are sound, 0 damaged"}
    for command, answer in answers.items():
        ran = collect(command, str(earlier), cwd=tmp_path)
        assert (ran.returncode, answer in ran.stdout) == (0, True), ran.stderr
        [said] = ran.stderr.splitlines()
        assert "planned by recipe version 2, this is version 3" in said
    assert [file.read_bytes() for file in files] == before


def test_tables_of_an_earlier_schema_can_be_rebuilt(earlier: Path, tmp_path: Path) -> None:
    """The same rows, and null where the parts know nothing of a column."""
    before = {name: pq.read_table(earlier / f"{name}.parquet") for name in tables.NAMES}
    assert collect("compact", str(earlier), cwd=tmp_path).returncode == 0
    for name, table in before.items():
        now = pq.read_table(earlier / f"{name}.parquet")
        assert now.select(table.column_names).to_pylist() == table.to_pylist()
    assert [set(values(earlier, *added)) for added in ADDED] == [{None}, {None}]
    assert collect("verify", str(earlier), cwd=tmp_path).returncode == 0


def test_a_half_done_study_of_recipe_version_2_is_refused(earlier: Path, tmp_path: Path) -> None:
    """Its ids were made of every setting: one sentence with what can be done, and nothing written."""
    lost = values(earlier, "trials", "trial_id")[1]
    (earlier / keys.part(lost)).unlink()
    before = contents(earlier)
    for extend in ([], ["--extend", "--set", "seeds=9"]):
        ran = collect("run", str(earlier), *extend, cwd=tmp_path)
        assert (ran.returncode, ran.stdout) == (2, "")
        [said] = ran.stderr.splitlines()
        assert "planned by recipe version 2, this is version 3; choose another --out, or go on with the release" in said
    assert contents(earlier) == before


def test_a_study_of_an_earlier_schema_is_analysed(earlier: Path, tmp_path: Path) -> None:
    """What it does not know is null, with the reason."""
    ran = analyze("report", str(earlier), "--format", "json", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    twin = json.loads((earlier / "report.json").read_text(encoding="utf-8"))
    assert twin["study"]["stuck"] is None
    assert twin["reasons"]["/study/stuck"] == "the study does not say how often guessing is right"


def test_a_study_without_digests_gets_them_when_it_is_run(finished: Path, study_file: Path, tmp_path: Path) -> None:
    """The release before this one kept none: nothing is trained anew, and the next reader can check."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    store = FolderStore(folder)
    table = pq.read_table(folder / keys.INDEX)
    old = {b"digest": b"x", b"factors": b"[]", b"table:trials": b"1:1"}
    pq.write_table(table.replace_schema_metadata(old), folder / keys.INDEX)
    package = json.loads((folder / keys.DATAPACKAGE).read_text(encoding="utf-8"))
    for resource in package["resources"]:
        del resource["hash"], resource["byteSize"]
    (folder / keys.DATAPACKAGE).write_text(json.dumps(package), encoding="utf-8")
    assert collect("verify", str(folder), cwd=tmp_path).returncode == 0
    ran = collect("run", str(study_file), "--out", str(folder), cwd=tmp_path)
    assert "nothing to do" in ran.stdout
    assert set(index.read(store, 8).tables) == set(tables.NAMES)
    assert tables.current(store, ledger.read(store, plans.read(store).trials))
    assert all("hash" in r for r in json.loads((folder / keys.DATAPACKAGE).read_text(encoding="utf-8"))["resources"])


def test_a_plan_that_names_a_folder_by_its_path_goes_on(finished: Path, study_file: Path, tmp_path: Path) -> None:
    """Earlier plans held the path of a data set; its content decides, and the name stays as it was."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    plan = pq.read_table(folder / keys.PLAN)
    study = json.loads(plan.schema.metadata[b"study"])
    study["dataset"] = "/somewhere/else/blobs"
    number = plan.column_names.index("dataset")
    paths = ["/somewhere/else/blobs"] * len(plan)
    renamed = plan.set_column(number, plan.schema.field("dataset"), [paths])
    metadata = {**plan.schema.metadata, b"study": json.dumps(study).encode()}
    pq.write_table(renamed.replace_schema_metadata(metadata), folder / keys.PLAN)
    for path in [*folder.glob("parts/*"), folder / keys.INDEX]:
        path.unlink()
    ran = collect("run", str(study_file), "--out", str(folder), cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert set(pq.read_table(folder / "trials.parquet")["dataset"].to_pylist()) == {"/somewhere/else/blobs"}
