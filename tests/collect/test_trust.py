"""A study's folder may come from anybody: nothing outside it is written, moved or removed, whatever it holds."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collect import publishing
from collect.errors import StoreError
from collect.store import audit, checkpoints, keys, ledger, open_store
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from collect.study import study_file
from tests.collect.commands import COLLECT, collect
from tests.collect.store.test_store import part, planned, put
from tests.collect.victims import contents, untouched

COMMANDS = (("run",), ("status",), ("verify",), ("compact",))


@pytest.fixture
def done(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished study."""
    return Path(shutil.copytree(finished, tmp_path / "study"))


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Path]:
    """Somebody's files, beside the study."""
    with untouched(tmp_path / "victim") as folder:
        yield folder


def refuses(folder: Path, said: str, *commands: tuple[str, ...]) -> None:
    """Each command ends with one sentence, and nothing in the study is changed either."""
    before = contents(folder)
    for command in commands or COMMANDS:
        ran = collect(*command, str(folder), cwd=folder.parent)
        assert ran.returncode == 2, (command, ran.stdout, ran.stderr)
        assert said in ran.stderr
        assert len(ran.stderr.splitlines()) == 1
        assert contents(folder) == before


@pytest.mark.parametrize("name", keys.FOLDERS)
def test_a_subfolder_that_is_a_link_is_refused(done: Path, victim: Path, name: str) -> None:
    """Photos behind `checkpoints`, a home behind `quarantine`: no command follows, and none deletes."""
    shutil.rmtree(done / name, ignore_errors=True)
    (done / name).symlink_to(victim)
    refuses(done, f"{name} is a link")


def test_a_subfolder_that_is_a_file_is_refused(done: Path) -> None:
    """One sentence, where a traceback was."""
    shutil.rmtree(done / keys.TMP)
    (done / keys.TMP).write_text("in the way")
    refuses(done, "tmp is no folder")


def test_a_finished_study_keeps_what_others_put_beside_its_checkpoints(done: Path, study_file: Path) -> None:
    """`collect run` on a finished study removes its own checkpoints by name, and nothing else."""
    store, plan = FolderStore(done), plans.read(FolderStore(done))
    ours, theirs = list(plan.trials)[:2], ["f" * 20]
    for ids, digest in ((ours, "1" * 64), (theirs, "2" * 64)):
        header = {"trial_ids": ids, "environment": {}, "sha256": digest}
        store.replace(keys.checkpoint(checkpoints.name_of(ids)), json.dumps(header).encode())
        store.replace(keys.state(digest), b"state")
    store.replace(keys.state("3" * 64), b"left by a killed run")
    for name in ("photo.jpg", "notes.json", f"{'a' * 20}.json"):
        store.replace(f"{keys.CHECKPOINTS}/{name}", b"precious")
    assert collect("run", str(study_file), "--out", str(done), cwd=done.parent).returncode == 0
    left = {entry.name for entry in store.entries(keys.CHECKPOINTS)}
    kept = f"{checkpoints.name_of(theirs)}.json"
    assert left == {"photo.jpg", "notes.json", f"{'a' * 20}.json", kept, f"{'2' * 64}.state"}


def replanned(folder: Path, **columns: list[object]) -> None:
    """Put other values into a plan's columns."""
    table = pq.read_table(folder / keys.PLAN)
    for name, values in columns.items():
        number = table.column_names.index(name)
        given = [*values, *table[name].to_pylist()[len(values) :]]
        table = table.set_column(number, table.schema.field(name), pa.array(given, table.schema.field(name).type))
    pq.write_table(table, folder / keys.PLAN)


@pytest.mark.parametrize(
    "name", [".bashrc", "../victim/notes.txt", "/etc/passwd", "A" * 20, "0" * 19, "0" * 20 + "\n", ""]
)
def test_a_plan_whose_id_is_no_id_is_refused(done: Path, victim: Path, name: str) -> None:
    """An id names files, so a plan with anything else in its place is not read at all."""
    assert victim
    replanned(done, trial_id=[name])
    refuses(done, "20 hexadecimal digits")


def test_a_plan_whose_ids_are_others_than_its_settings_give_is_refused(done: Path) -> None:
    """A learning rate edited for a pending id would train one trial and call it another."""
    replanned(done, learning_rate=[0.5])
    refuses(done, "other settings than their ids")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"trial_id": ["0" * 20]}, "other settings than their ids"),
        ({"activation": ["tanh"]}, "other settings than their ids"),
        ({"seed": [77]}, "other settings than their ids"),
        ({"depth": [-3]}, "other settings than their ids"),
        ({"precision": ["fp64"] * 8}, "other data sets or arithmetic"),
    ],
)
def test_a_plan_that_was_edited_is_refused(done: Path, change: dict[str, list[object]], said: str) -> None:
    """Rows that are not those of the study the plan names are found when it is read."""
    replanned(done, **change)
    refuses(done, said, ("status",))


def test_a_plan_with_a_trial_twice_or_without_one_is_refused(done: Path) -> None:
    """Counts could not add up: planned is the number of rows."""
    whole = pq.read_table(done / keys.PLAN)
    for rows, said in (
        (whole.slice(0, 0), "plans no trial"),
        (pa.concat_tables([whole, whole]), "twice"),
        (whole[1:], "7"),
    ):
        pq.write_table(rows.replace_schema_metadata(whole.schema.metadata), done / keys.PLAN)
        refuses(done, said, ("status",), ("verify",))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("study", b"{}"),
        ("study", b"[" * 100_000),
        ("study", b"not json"),
        ("study", b"\xff\xfe"),
        ("recipe_version", b"two"),
        ("recipe_version", b"-1"),
        ("schema_version", b""),
    ],
)
def test_impossible_metadata_of_a_plan_are_a_sentence(done: Path, key: str, value: bytes) -> None:
    """Never a traceback, however deep or odd."""
    table = pq.read_table(done / keys.PLAN)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, key.encode(): value}), done / keys.PLAN)
    refuses(done, "plan.parquet", ("status",), ("verify",))


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (lambda study: study["analysis"].update(alpha=0), "alpha"),
        (lambda study: study["analysis"].update(margin_pp=1e9), "margin_pp"),
        (lambda study: study["analysis"].update(targets=[5]), "targets"),
        (lambda study: study.update(seeds=10**9), "seeds"),
        (lambda study: study.update(seeds=list(range(9))), "8 trials where its study has 36"),
        (lambda study: study.update(name="../../victim"), "name must be"),
        (lambda study: study["factors"].update(depth=[99]), "depth"),
    ],
)
def test_the_study_in_a_plan_has_legal_values(done: Path, alter, said: str) -> None:  # a change
    """Alpha 0, a margin of a thousand million, a target of 5: refused by name."""
    table = pq.read_table(done / keys.PLAN)
    study = json.loads(table.schema.metadata[b"study"])
    alter(study)
    metadata = {**table.schema.metadata, b"study": json.dumps(study).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), done / keys.PLAN)
    refuses(done, said, ("status",), ("run",))


def with_study(folder: Path, study: dict[str, object], **said: bytes) -> None:
    """Let a plan name another study."""
    table = pq.read_table(folder / keys.PLAN)
    metadata = {**table.schema.metadata, b"study": json.dumps(study).encode()}
    metadata |= {key.encode(): value for key, value in said.items()}
    pq.write_table(table.replace_schema_metadata(metadata), folder / keys.PLAN)


@pytest.mark.parametrize("study", [{"name": "x"}, {"name": "x", "factors": 5}, {"name": 7, "factors": {}}, {}])
def test_an_earlier_study_has_a_name_and_factors(done: Path, study: dict[str, object]) -> None:
    """What its settings were is not asked; without these nothing can be said of it."""
    with_study(done, study, recipe_version=b"1")
    with pytest.raises(StoreError, match=r"plan\.parquet names no study: (factors|name)"):
        plans.read(FolderStore(done))


def test_a_study_that_leaves_out_its_defaults_is_resolved(tmp_path: Path) -> None:
    """A plan may name a study without factors; every command sees what it comes to."""
    asked = study_file.resolve({"name": "x", "seeds": 2}, "x")
    store = FolderStore(tmp_path)
    plans.write(store, asked, plans.Plan.of(asked, {"digits": "d"}, "fp32"))
    with_study(tmp_path, {"name": "x", "seeds": 2})
    plan = plans.read(store)
    assert (plan.name, plan.factors, plan.study) == ("x", (), {**asked.to_dict(), "extended": False})
    put(store, plan, *plan.trials)
    assert publishing.compact(store).counts["completed"] == 2
    assert list(audit.findings(store, plan, ledger.read(store, plan.trials, trust=False))) == []


@pytest.mark.parametrize("digest", ["../../victim/notes", "../../../etc/passwd", "1" * 63, ""])
def test_a_checkpoint_that_names_no_state_of_ours_is_none(tmp_path: Path, digest: str) -> None:
    """Its state is removed with it, so what is removed must be a state."""
    store, ids = FolderStore(tmp_path), ["a" * 20]
    header = {"trial_ids": ids, "environment": {}, "sha256": digest}
    store.replace(keys.checkpoint(checkpoints.name_of(ids)), json.dumps(header).encode())
    assert checkpoints.kept(store) == []


@pytest.mark.parametrize("key", ["recipe_version", "schema_version"])
def test_a_newer_release_s_plan_is_refused_by_name(done: Path, key: str) -> None:
    """Columns that this release does not know are not dropped in silence."""
    table = pq.read_table(done / keys.PLAN)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, key.encode(): b"99"}), done / keys.PLAN)
    refuses(done, "written by a newer release")


def test_a_named_pipe_in_place_of_the_plan_is_no_plan(done: Path) -> None:
    """It would be waited for without an end."""
    (done / keys.PLAN).unlink()
    os.mkfifo(done / keys.PLAN)
    for command in COMMANDS:
        ran = collect(*command, str(done), cwd=done, timeout=30)
        assert (ran.returncode, "is no regular file" in ran.stderr) == (2, True)


@pytest.mark.parametrize("kind", ["dangling", "pipe", "link to nothing of ours"])
def test_a_part_that_is_no_file_is_set_aside_and_run_again(done: Path, victim: Path, kind: str) -> None:
    """It is damage: said by verify, pending in status, trained again by run; what it led to is as it was."""
    path = min(done.glob("parts/*"))
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(victim / ("nothing" if kind == "dangling" else "notes.txt"))
    assert json.loads(collect("status", "--json", str(done), cwd=done, timeout=30).stdout)["pending"] == 1
    checked = collect("verify", str(done), cwd=done, timeout=60)
    assert (checked.returncode, path.name in checked.stderr) == (1, True)
    again = collect("run", str(done), cwd=done)
    assert again.returncode == 0, again.stderr
    assert "8 completed" in again.stdout
    assert path.is_file()
    assert not path.is_symlink()


def test_the_quarantine_replaces_nothing(tmp_path: Path) -> None:
    """What is set aside twice under one name lies there twice, beside what somebody put there."""
    store, plan = planned(tmp_path)
    trial_id = next(iter(plan.trials))
    name = f"{trial_id}.parquet"
    store.replace(f"{keys.QUARANTINE}/{name}", b"precious")
    for content in (b"first", b"second"):
        store.create(keys.part(trial_id), content)
        store.set_aside(keys.part(trial_id))
    store.set_aside(keys.part(trial_id))  # gone already
    held = {path.name: path.read_bytes() for path in (tmp_path / keys.QUARANTINE).iterdir()}
    assert held == {name: b"precious", f"{name}.1": b"first", f"{name}.2": b"second"}


def test_a_snapshot_made_of_hard_links_stays_as_it_was(done: Path, tmp_path: Path, study_file: Path) -> None:
    """Everything is written aside and renamed: no file is changed in place by any command."""
    snapshot = tmp_path / "snapshot"
    shutil.copytree(done, snapshot, copy_function=os.link)
    before = contents(snapshot)
    min(done.glob("parts/*")).unlink()
    grow = ("run", str(study_file), "--set", "seeds=3", "--extend", "--out", str(done))
    for command in (grow, ("compact", str(done)), ("verify", str(done))):
        ran = collect(*command, cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
    assert contents(snapshot) == before


def test_tables_that_are_links_are_replaced_not_followed(done: Path, victim: Path) -> None:
    """Compact puts a file in a link's place; what the link led to is as it was."""
    for name in ("trials.parquet", "index.parquet", "datapackage.json"):
        (done / name).unlink()
        (done / name).symlink_to(victim / "notes.txt")
    ran = collect("compact", str(done), cwd=done)
    assert ran.returncode == 0, ran.stderr
    assert not (done / "trials.parquet").is_symlink()


@pytest.mark.parametrize(
    "url", ["s3://KEY:hunter2@bucket/x", "s3://hunter2@bucket", "gs://bucket/x?token=hunter2", "s3://[hunter2"]
)
def test_a_secret_in_a_url_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    """Neither on stdout nor on stderr, by any command."""
    for command in (("run", url), ("run", "quick", "--out", url), ("status", url), ("verify", url), ("compact", url)):
        ran = collect(*command, cwd=tmp_path)
        assert ran.returncode == 2
        assert "hunter2" not in ran.stdout + ran.stderr
        assert len(ran.stderr.splitlines()) == 1


def test_new_folders_are_flushed_into_their_parents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash the study is there: each folder that was made is an entry that reached the disk."""
    flushed: list[str] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    store = FolderStore(tmp_path / "a" / "b" / "study")
    store.prepare()
    store.create("parts/x", b"content")
    made = [tmp_path, tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "study"]
    assert {str(folder) for folder in made} <= set(flushed)


def test_a_file_system_that_does_not_flush_folders_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some answer EINVAL to the flush of a folder."""
    fsync = os.fsync

    def refusing(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112  # a descriptor
            raise OSError(22, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refusing)
    assert FolderStore(tmp_path).create("parts/x", b"content")


def test_no_copy_of_the_images_is_left_by_sigterm(study_file: Path) -> None:
    """Whenever the signal comes, also while the copy is being made, the study's tmp holds no images afterwards."""
    tmp = study_file.parent / "data" / "tiny" / "tmp"
    for wait in (0.0, 0.05, 0.2, 0.8):
        run = subprocess.Popen(
            [*COLLECT, "run", str(study_file), "--jobs", "1", "--set", "recipe.epochs=20"],
            cwd=study_file.parent,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while not tmp.is_dir() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(wait)
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 143
        assert not [path for path in tmp.iterdir() if path.is_dir()]
        shutil.rmtree(study_file.parent / "data")


def test_a_folder_of_images_is_known_by_its_own_name(done: Path, dataset: Path) -> None:
    """Tables travel: no path of this machine, nor the name of its user or host, is in them or in the plan."""
    written = b"".join((done / name).read_bytes() for name in ("plan.parquet", "datapackage.json"))
    for name in ("trials", "curves", "layers"):
        table = pq.read_table(done / f"{name}.parquet")
        written += repr(table.to_pylist()).encode() + repr(table.schema.metadata).encode()
    assert set(pq.read_table(done / "trials.parquet")["dataset"].to_pylist()) == {dataset.name}
    assert str(dataset).encode() not in written
    assert os.uname().nodename.encode() not in written


def test_a_study_opens_where_its_folders_are_links_above_it(done: Path, tmp_path: Path) -> None:
    """The study itself may lie behind a link: that is its owner's own doing."""
    (tmp_path / "link").symlink_to(done)
    assert collect("status", str(tmp_path / "link"), cwd=tmp_path).returncode == 0
    assert open_store(str(tmp_path / "link")).read(keys.PLAN)


def test_a_part_of_another_study_is_not_ours(tmp_path: Path) -> None:
    """A file beside the parts that lacks their ending stands for no trial, and a folder is no file."""
    store, plan = planned(tmp_path)
    trial_id = next(iter(plan.trials))
    put(store, plan, trial_id)
    store.create(f"{keys.PARTS}/{trial_id}", part(plan, trial_id))
    state = ledger.read(store, plan.trials)
    assert state.counts["completed"] == 1
    with pytest.raises(StoreError, match="parts is no regular file"):
        store.read(keys.PARTS)
