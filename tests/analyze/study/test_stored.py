"""Tables are read as they were written, and what they say of their study is checked before it is believed."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyze.analysis import analyse
from analyze.errors import InvalidTableError, UsageError
from analyze.report.json_twin import to_json
from analyze.study import stored
from analyze.study.load import load
from analyze.study.remote import fetch
from tests.analyze.commands import analyze
from tests.damage import write_equal_rows
from tests.synthetic import describe, write_study


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of 80 trials as the collector leaves it."""
    return write_study(tmp_path_factory.mktemp("whole") / "s", np.random.default_rng(1), seeds=10)


@pytest.fixture
def study(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; a changed table is not waited for."""
    monkeypatch.setattr(stored, "WAITS", (0.0,))
    return Path(shutil.copytree(whole, tmp_path / "s"))


def rewritten(folder: Path, name: str = "trials", *, described: bool = True, **metadata: object) -> None:
    """Give a table other metadata; None takes a key away."""
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    said = {key.decode(): value for key, value in table.schema.metadata.items()}
    said |= {key: value if isinstance(value, bytes) else json.dumps(value) for key, value in metadata.items()}
    pq.write_table(table.replace_schema_metadata({k: v for k, v in said.items() if v != "null"}), path)
    if described:
        describe(folder)


@pytest.mark.parametrize("name", ["trials", "curves"])
def test_a_changed_table_is_refused(study: Path, name: str) -> None:
    """One byte more, and there is a sentence with the cure instead of a report."""
    path = study / f"{name}.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InvalidTableError, match=f"{name}.parquet is not the file that was written.*collect compact"):
        analyse(load(study))


def test_single_flipped_bits_change_no_word(study: Path) -> None:
    """Forty bits of the two tables, one after the other: refused, or the same JSON."""
    right = to_json(analyse(load(study)))
    draw = np.random.default_rng(5)
    for name in ("trials", "curves"):
        path = study / f"{name}.parquet"
        content = path.read_bytes()
        for position in draw.integers(0, len(content), 20):
            damaged = bytearray(content)
            damaged[position] ^= 1 << int(draw.integers(8))
            path.write_bytes(damaged)
            try:
                assert to_json(analyse(load(study))) == right
            except InvalidTableError:
                pass
            else:
                pytest.fail("a flipped bit was not seen")
        path.write_bytes(content)
    assert to_json(analyse(load(study))) == right


def test_without_the_description_page_checksums_still_guard(study: Path) -> None:
    """Collected tables carry a checksum a page, so damage to their values is found without any digest."""
    (study / "datapackage.json").unlink()
    path = study / "trials.parquet"
    pq.write_table(pq.read_table(path), path, write_page_checksum=True, compression="none")
    content = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(0).column(0).data_page_offset
    content[start + 60] ^= 1
    path.write_bytes(content)
    with pytest.raises(InvalidTableError, match="cannot be read as Parquet"):
        load(study)


def test_a_table_that_is_gone_is_no_study_without_it(study: Path) -> None:
    """Curves that were written and are not there are missing, not "not in this study"."""
    (study / "curves.parquet").unlink()
    with pytest.raises(InvalidTableError, match=r"curves\.parquet is not the file that was written"):
        analyse(load(study))


def test_a_collector_at_work_is_waited_for(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a new table and its new description, a reader looks again."""
    path = study / "trials.parquet"
    before = (study / "datapackage.json").read_text(encoding="utf-8")
    pq.write_table(pq.read_table(path), path, compression="gzip")
    describe(study)
    after = (study / "datapackage.json").read_text(encoding="utf-8")
    (study / "datapackage.json").write_text(before, encoding="utf-8")
    monkeypatch.setattr(stored, "WAITS", (0.1, 0.1))
    monkeypatch.setattr(
        stored.time, "sleep", lambda _: (study / "datapackage.json").write_text(after, encoding="utf-8")
    )
    assert len(load(study).trials) == 80


def test_missing_rows_are_the_first_thing_said(study: Path) -> None:
    """Rows removed, metadata kept: on stderr, on page one before the answer in both languages, and in the JSON."""
    path = study / "trials.parquet"
    pq.write_table(pq.read_table(path).slice(0, 56), path)
    (study / "datapackage.json").unlink()
    said = {"en": "56 rows where the study has 80 trials that were run: 24 are missing", "zh": "缺 24 行"}
    for lang, sentence in said.items():
        ran = analyze("report", str(study), "--format", "md", "--lang", lang, cwd=study)
        assert ran.returncode == 0
        assert "24 are missing" in ran.stderr.splitlines()[0]
        page = Path(ran.stdout.splitlines()[-1]).read_text(encoding="utf-8")
        assert page.index(sentence) < 300
    twin = json.loads(to_json(analyse(load(study))))
    assert twin["study"]["notes"][0] == {
        "code": "rows_missing",
        "numbers": {"rows": 56, "expected": 80, "difference": 24},
    }
    assert "24 rows are missing" in " ".join(analyze("check", str(study), cwd=study).stdout.split())


def test_rows_too_many_are_said(study: Path) -> None:
    """More trials than were planned is as wrong as fewer."""
    rewritten(study, planned=79)
    [note] = load(study).notes
    assert (note.code, note.numbers["difference"]) == ("rows_extra", 1)


def test_tables_behind_their_parts_say_so(study: Path) -> None:
    """As after a run that was stopped at once: two trials more have their parts, which compact brings in."""
    (study / "parts").mkdir()
    for number in range(82):
        (study / "parts" / f"{number:020x}.parquet").touch()
    [note] = load(study).notes
    assert (note.code, note.numbers) == ("behind", {"parts": 2})
    assert "2 more trials have been finished" in " ".join(analyze("check", str(study), cwd=study).stderr.split())


def test_a_study_without_digests_is_read_with_a_sentence(study: Path) -> None:
    """What an earlier release wrote is analysed all the same."""
    (study / "datapackage.json").unlink()
    assert [note.code for note in load(study).notes] == ["no_digests"]


def test_another_recipe_is_named(study: Path) -> None:
    """Trials of another release are analysed, and it is said whose they are."""
    rewritten(study, recipe_version=1)
    [note] = load(study).notes
    assert (note.code, note.numbers["version"]) == ("other_recipe", 1)


def test_tables_of_somebody_else_have_no_notes(study: Path) -> None:
    """Without the collector's metadata there is nothing to add up."""
    (study / "datapackage.json").unlink()
    table = pd.read_parquet(study / "trials.parquet")
    table.to_parquet(study / "trials.parquet")
    assert load(study).notes == ()


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"planned": -5}, "planned"),
        ({"pending": 81}, "81 trials are pending of 80 planned"),
        ({"pending": -1}, "pending"),
        ({"planned": "many"}, "planned"),
        ({"planned": b"1e999"}, "planned"),
        ({"planned": None}, "planned"),
        ({"study": "my study"}, "study"),
        ({"study": b"[" * 100_000}, "study"),
        ({"study": b"\xff"}, "study"),
        ({"study": {}}, "study"),
        ({"environments": [1]}, "environments"),
        ({"schema_version": 99}, "newer release"),
        ({"schema_version": "new"}, "schema_version"),
    ],
)
def test_impossible_metadata_are_refused(study: Path, metadata: dict[str, object], said: str) -> None:
    """What a table says of its study goes through a model: one sentence names what is wrong."""
    rewritten(study, **metadata)
    with pytest.raises(InvalidTableError, match=said):
        load(study)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("alpha", 0),
        ("alpha", 1),
        ("alpha", "small"),
        ("margin_pp", 1e9),
        ("margin_pp", 0),
        ("targets", [5]),
        ("targets", []),
        ("targets", [0.5] * 101),
        ("alpha", 1e-40),
        ("alpha", 9e-6),
        ("alpha", 0.999),
        ("contrast", ["act_bn", "x" * 2000]),
        ("contrast", ["act_bn"]),
        ("contrast", [["act_bn"], "bn_act"]),
        ("factor", 3),
        ("claims", [""]),
        ("claims", "overfit"),
    ],
)
def test_an_impossible_question_is_refused(study: Path, key: str, value: object) -> None:
    """Alpha 0 ran without an end, a margin of a thousand million was believed."""
    said = json.loads(pq.read_schema(study / "trials.parquet").metadata[b"study"])
    said["analysis"][key] = value
    rewritten(study, study=said)
    with pytest.raises(InvalidTableError, match=f"study.analysis.{key}"):
        load(study)


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        ({"ordering": ["act_bn", "bn_act", "act_bn"]}, "factor ordering has a level twice"),
        ({"depth": [2, 4, 2.0]}, "factor depth has a level twice"),
        ({"correct_bits": ["a", "b"]}, "correct_bits is a result or an identity, and no factor"),
        ({"seed": [0, 1]}, "seed is a result or an identity, and no factor"),
    ],
)
def test_impossible_factors_are_refused(study: Path, factors: dict[str, list[object]], said: str) -> None:
    """A level that is there twice has no place among the others, and what was measured was not set."""
    told = json.loads(pq.read_schema(study / "trials.parquet").metadata[b"study"])
    told["factors"] |= factors
    rewritten(study, study=told)
    with pytest.raises(InvalidTableError, match=said):
        load(study)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000, b'{"resources": 3}', b"\xff\xfe"])
def test_a_damaged_description_is_refused(study: Path, content: bytes) -> None:
    """It would say nothing of the tables, in silence."""
    (study / "datapackage.json").write_bytes(content)
    with pytest.raises(InvalidTableError, match=r"datapackage\.json cannot be read"):
        load(study)


def test_somebody_elses_description_is_no_matter(study: Path) -> None:
    """A data package may carry other sums, or none."""
    for resource in ({"name": "trials"}, {"name": "trials", "hash": "d41d8cd98f00b204e9800998ecf8427e", "bytes": 3}):
        (study / "datapackage.json").write_text(json.dumps({"resources": [resource]}), encoding="utf-8")
        assert [note.code for note in load(study).notes] == ["no_digests"]


def test_a_table_that_unfolds_to_more_than_memory_holds_is_refused(study: Path) -> None:
    """Six hundred million equal rows fit into a small file: what its footer says is read before they are."""
    (study / "datapackage.json").unlink()
    write_equal_rows(study / "trials.parquet", 6 * 10**8)
    with pytest.raises(InvalidTableError, match="600,000,000 rows would take more than"):
        load(study)


def test_a_data_folder_is_named_by_its_name(study: Path) -> None:
    """A path that an earlier release wrote into the table is in no report."""
    table = pq.read_table(study / "trials.parquet")
    number = table.column_names.index("dataset")
    paths = pa.repeat("/home/somebody/images/flowers", len(table))
    pq.write_table(table.set_column(number, "dataset", paths), study / "trials.parquet")
    describe(study)
    written = to_json(analyse(load(study))).decode()
    assert "flowers" in written
    assert "somebody" not in written


def test_a_named_pipe_is_no_table(tmp_path: Path) -> None:
    """It would be waited for without an end."""
    os.mkfifo(tmp_path / "trials.parquet")
    ran = analyze("report", str(tmp_path), cwd=tmp_path, timeout=120)
    assert (ran.returncode, "has no trials.parquet" in ran.stderr) == (2, True)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("what", ["pipe", "device", "folder", "endless"])
@pytest.mark.parametrize("name", ["trials", "curves", "layers"])
def test_a_described_table_that_is_no_file_of_its_size_is_refused_at_once(study: Path, name: str, what: str) -> None:
    """The description names it: a pipe and a device were read without an end, and so was a sparse file."""
    path = study / f"{name}.parquet"
    path.unlink()
    if what == "pipe":
        os.mkfifo(path)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "folder":
        path.mkdir()
    else:
        path.touch()
        os.truncate(path, 2**40)
    with pytest.raises(InvalidTableError, match=str(path)):
        getattr(load(study), name)


def test_a_table_of_another_size_is_not_hashed(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size alone says that it is not the one that was written."""
    with (study / "trials.parquet").open("ab") as file:
        file.write(b"more")
    monkeypatch.setattr(stored.hashlib, "file_digest", lambda *_: pytest.fail("it was read"))
    with pytest.raises(InvalidTableError, match="is not the file that was written"):
        load(study)


def test_a_sum_without_a_size_is_none(study: Path) -> None:
    """Half of what is promised of a file says nothing of it."""
    description = json.loads((study / "datapackage.json").read_text())
    for resource in description["resources"]:
        del resource["byteSize"]
    (study / "datapackage.json").write_text(json.dumps(description))
    assert [note.code for note in load(study).notes] == ["no_digests"]


def test_a_hint_can_be_typed(study: Path) -> None:
    """A folder's name is no command: it is quoted where a command is proposed."""
    folder = study.rename(study.parent / "x; touch PWNED")
    (folder / "trials.parquet").write_bytes(b"")
    with pytest.raises(InvalidTableError, match=r"collect compact '.*/x; touch PWNED'"):
        load(folder)


@pytest.mark.parametrize("url", ["file:///tmp/x", "http://127.0.0.1:1/study", "memory:///x", "s3://", "sftp://host/x"])
def test_only_buckets_have_urls(url: str) -> None:
    """A file:// URL was opened past every look at where its folders lead, a web server's answer had no bounds."""
    with pytest.raises(UsageError, match="is no URL of a bucket; write s3://"):
        fetch(url)


def test_a_long_name_does_not_fill_the_terminal(study: Path) -> None:
    """A level of megabytes is cut in what is said of it."""
    table = pq.read_table(study / "trials.parquet")
    long = pa.array(["x" * 10**6] * len(table))
    (study / "datapackage.json").unlink()
    pq.write_table(table.set_column(table.column_names.index("status"), "status", long), study / "trials.parquet")
    ran = analyze("check", str(study), cwd=study, timeout=60)
    assert ran.returncode == 2
    assert len(ran.stderr) < 3000


def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 in a folder's name become a sign of it, never an error."""
    folder = tmp_path / os.fsdecode(b"f_\xff")
    folder.mkdir()
    trials = pd.DataFrame({"ordering": ["act_bn", "bn_act"] * 6, "seed": [row // 2 for row in range(12)]})
    trials.assign(trial_id=range(12), test_accuracy=[0.9 + row / 1000 for row in range(12)]).to_parquet(
        tmp_path / "trials.parquet"
    )
    (tmp_path / "trials.parquet").rename(folder / "trials.parquet")
    found = load(folder)
    assert found.name == "f_\ufffd"
    assert json.loads(to_json(analyse(found)))["study"]["name"] == "f_\ufffd"


@pytest.mark.parametrize(
    "url", ["s3://KEY:hunter2@bucket/x", "gs://bucket/x?token=hunter2", "s3://[hunter2", "https://a:hunter2@host/b"]
)
@pytest.mark.parametrize("command", ["report", "tables", "check", "power"])
def test_a_secret_in_a_url_is_refused_and_not_repeated(tmp_path: Path, command: str, url: str) -> None:
    """Logs are read by others."""
    ran = analyze(command, url, cwd=tmp_path)
    assert ran.returncode == 2
    assert "hunter2" not in ran.stdout + ran.stderr
    assert len(ran.stderr.splitlines()) == 1
