"""A study in a bucket: the same promises as in a folder, whatever the network does."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from collect import cli, publishing
from collect.errors import NoRoomError, StoreError, UnansweredError, UnreadableError
from collect.store import keys, ledger, open_store, tables
from collect.store import plan as plans
from collect.store.place import bucket as buckets
from collect.store.place.bucket import ObjectStore
from collect.store.place.folder import FolderStore
from collect.store.place.interface import Store
from tests.collect import bucket
from tests.collect.commands import COLLECT, SECONDS
from tests.collect.store.test_store import part, study

ANALYZE = [sys.executable, "-c", "from analyze.cli import main; main()"]


@pytest.fixture
def proxy(s3: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[bucket.ProxyServer]:
    """A proxy before it that clients of this test use, and clients without patience."""
    with bucket.failing_before(s3, bucket.ProxyServer) as server:
        for name, value in bucket.environment(server.server_port).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(buckets, "CLIENT", {"allow_http": True, "connect_timeout": "2s", "timeout": "2s"})
        monkeypatch.setattr(buckets, "RETRIES", {"max_retries": 2})
        monkeypatch.setattr(buckets.time, "sleep", lambda _: None)
        buckets._connected.cache_clear()
        yield server
        buckets._connected.cache_clear()


def url() -> str:
    """A prefix that nobody has used."""
    return f"s3://{bucket.BUCKET}/{uuid.uuid4().hex}"


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store of either sort."""
    if request.param == "folder":
        folder = FolderStore(tmp_path / "store")
        folder.prepare()
        return folder
    request.getfixturevalue("proxy")
    return open_store(url())


def test_both_stores_keep_the_same_promises(store: Store) -> None:
    """Create-only, replaced whole, listed with a label that follows the content, moved, deleted."""
    assert store.read("parts/a") is None
    assert store.create("parts/a", b"one")
    assert not store.create("parts/a", b"two")
    assert store.read("parts/a") == b"one"
    store.create("parts/b", b"b")
    store.replace("top", b"t")
    [a, b] = sorted(store.entries("parts"))
    assert (a.name, b.name) == ("a", "b")
    assert [entry.name for entry in store.entries("") if entry.version] == ["top"]
    assert store.entries("nowhere") == []
    time.sleep(0.01)
    store.replace("parts/a", b"other")
    assert next(entry for entry in store.entries("parts") if entry.name == "a").version != a.version
    assert next(entry for entry in store.entries("parts") if entry.name == "b") == b
    assert list(store.read_all(["parts/a", "parts/x", "parts/b"])) == [b"other", None, b"b"]
    store.set_aside("parts/b")
    assert [entry.name for entry in store.entries(keys.QUARANTINE)] == ["b"]
    store.delete("parts/a")
    store.delete("parts/a")
    store.set_aside("parts/a")
    assert store.entries("parts") == []


def test_a_file_takes_its_place_whole_or_not_at_all(store: Store) -> None:
    """What is written and not finished is never seen, and what stood there before stays."""
    with store.writing("table") as draft:
        draft.file.write(b"first")
    assert [(entry.name, entry.version) for entry in store.entries("") if entry.version] == [("table", draft.version)]

    class PowerFailureError(Exception):
        pass

    def interrupted() -> None:
        with store.writing("table") as draft:
            draft.file.write(b"half")
            raise PowerFailureError

    with pytest.raises(PowerFailureError):
        interrupted()
    with store.opened("table") as file:
        assert file.read() == b"first"
        assert file.seek(1) == 1
    assert [entry.name for entry in store.entries("") if entry.version] == ["table"]


def test_sixteen_writers_leave_one_winner(store: Store) -> None:
    """All at once on one name: one is told that it won, and its bytes are there."""
    contents = [f"writer {number}".encode() * 1000 for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda content: store.create("parts/x", content), contents))
    assert sum(won) == 1
    assert store.read("parts/x") == contents[won.index(True)]


def test_sixteen_who_add_leave_out_nobody(store: Store) -> None:
    """All at once add a line to one object: who was overtaken is told, and reads again; no line is lost."""
    store.create("list", b"")

    def add(line: bytes) -> None:
        while not store.swap("list", old := store.read("list") or b"", old + line):
            time.sleep(0.01)

    lines = [b"%d\n" % number for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, lines))
    assert sorted((store.read("list") or b"").splitlines(keepends=True)) == sorted(lines)
    assert not store.swap("list", b"", b"nothing")
    assert not store.swap("absent", b"", b"nothing")


@pytest.mark.parametrize("fault", [bucket.unavailable, bucket.lost_reply, bucket.told_it_exists, bucket.silent])
def test_a_swap_survives_what_the_network_does(proxy: bucket.ProxyServer, fault: bucket.Fault) -> None:
    """Nothing done, or done and not told: what is there in the end is what was to be put, and so it is said."""
    store = open_store(url())
    store.create("x", b"old")
    proxy.fail("PUT", fault)
    assert store.swap("x", b"old", b"new")
    assert store.read("x") == b"new"
    proxy.fail("PUT", fault)
    assert not store.swap("x", b"old", b"newer")
    assert store.read("x") == b"new"


@pytest.mark.parametrize("fault", [bucket.unavailable, bucket.lost_reply, bucket.told_it_exists])
def test_a_put_survives_what_the_network_does(proxy: bucket.ProxyServer, fault: bucket.Fault) -> None:
    """A 503, a lost reply to a PUT that succeeded, "exists" of our own object: we have won, and are told so."""
    store = open_store(url())
    proxy.fail("PUT", fault)
    assert store.create("parts/x", b"ours")
    assert store.read("parts/x") == b"ours"
    assert not store.create("parts/x", b"another's")


def test_a_lost_reply_does_not_make_anothers_object_ours(proxy: bucket.ProxyServer) -> None:
    """Where somebody else was first, no fault turns that into our success."""
    store = open_store(url())
    store.create("parts/x", b"theirs")
    for fault in (bucket.unavailable, bucket.lost_reply, bucket.silent):
        proxy.fail("PUT", fault)
        assert not store.create("parts/x", b"ours")
    assert store.read("parts/x") == b"theirs"


def test_reads_and_lists_survive_503s(proxy: bucket.ProxyServer) -> None:
    """They are repeated."""
    store = open_store(url())
    store.create("parts/x", b"x")
    proxy.fail("GET", bucket.unavailable, 2)
    assert store.read("parts/x") == b"x"
    proxy.fail("GET", bucket.unavailable, 2)
    assert [entry.name for entry in store.entries("parts")] == ["x"]


def test_what_is_replaced_survives_silence(proxy: bucket.ProxyServer) -> None:
    """Of a PUT that is not answered in time another is sent, for what replaces an object too."""
    store = open_store(url())
    proxy.fail("PUT", bucket.silent)
    store.replace("checkpoints/x", b"x")
    assert store.read("checkpoints/x") == b"x"


@pytest.mark.usefixtures("proxy")
def test_no_room_for_a_table_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables go through the local disk; where that is full, it is said so, both ways."""
    store = open_store(url())
    with store.writing("table") as draft:
        draft.file.write(b"x" * 1000)

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(buckets.tempfile, "TemporaryFile", lambda **_: Full())

    def write() -> None:
        with store.writing("table") as draft:
            draft.file.write(b"x")

    def read() -> None:
        with store.opened("table"):
            pass

    for way in (write, read):
        with pytest.raises(NoRoomError, match="no room left"):
            way()


def test_a_service_that_stays_away_is_said(proxy: bucket.ProxyServer) -> None:
    """After a bounded number of attempts, by its own error; nothing is taken for absent."""
    store = open_store(url())
    proxy.fail("GET", bucket.unavailable, 20)
    with pytest.raises(UnansweredError, match="does not answer"):
        store.read("parts/x")
    proxy.fail("PUT", bucket.unavailable, 30)
    with pytest.raises(UnansweredError, match="does not answer"):
        store.create("parts/x", b"x")


def test_a_killed_upload_leaves_nothing_that_is_read(proxy: bucket.ProxyServer) -> None:
    """SIGKILL in the middle of a part's PUT and of a table's upload in pieces: no object under either name."""
    where = url()
    code = f"""
from collect.store import open_store
store = open_store({where!r})
import sys
if sys.argv[1] == "part":
    store.create("parts/x", b"x" * 30_000_000)
else:
    with store.writing("trials.parquet") as draft:
        draft.file.write(b"x" * 60_000_000)
"""

    def killing(handler: bucket.Proxy, _: object) -> None:
        os.kill(upload.pid, signal.SIGKILL)
        handler.close_connection = True

    for what in ("part", "table"):
        proxy.fail("PUT", killing)
        upload = subprocess.Popen([sys.executable, "-c", code, what], env={**os.environ})
        assert upload.wait(60) == -signal.SIGKILL
    store = open_store(where)
    assert store.read("parts/x") is None
    assert store.entries("parts") == store.entries("") == []


SENTENCE = re.compile(r"collect: s3://\S+: [^\n]+\n")


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("wrong bucket", "there is no such bucket"),
        ("missing rights", "access is denied"),
        ("unreachable", "cannot be reached"),
        ("slow", "does not answer"),
    ],
)
@pytest.mark.parametrize("command", [["status"], ["verify"], ["compact"], ["run", "quick", "--out"]])
def test_every_mistake_costs_one_sentence(
    proxy: bucket.ProxyServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mistake: str,
    said: str,
    command: list[str],
) -> None:
    """A wrong bucket, missing rights, no endpoint, one that never answers: exit code 2, no traceback."""
    where = url()
    monkeypatch.setattr(buckets, "RETRIES", {"max_retries": 0})
    monkeypatch.setattr(buckets, "ATTEMPTS", 1)
    if mistake == "wrong bucket":
        where = where.replace(bucket.BUCKET, "nosuch")
    elif mistake == "unreachable":
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{bucket.free_port()}")
    else:
        fault = bucket.denied if mistake == "missing rights" else bucket.silent
        for method in ("GET", "PUT", "POST"):
            proxy.fail(method, fault, 9)
    with pytest.raises(SystemExit) as stopped:
        cli.main([*command, where])
    assert stopped.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert SENTENCE.fullmatch(told.err), told.err
    assert said in told.err


@pytest.mark.usefixtures("proxy")
def test_a_service_without_conditional_writes_is_said(
    proxy: bucket.ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the start of a run, in one sentence and not in XML."""
    monkeypatch.setattr(buckets, "RETRIES", {"max_retries": 0})
    proxy.fail("PUT", bucket.unconditional, 9)
    with pytest.raises(StoreError, match=r"^s3://\S+: the service does not know conditional writes"):
        ObjectStore(url()).prepare()


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AWS_ENDPOINT_URL_S3"])
@pytest.mark.parametrize("wrong", ["localhost:5055", "http://", "minio", "ftp://x:1", "me:secret@localhost:1"])
def test_an_endpoint_that_is_no_url_is_said(monkeypatch: pytest.MonkeyPatch, variable: str, wrong: str) -> None:
    """The client panics of it, which is no Exception."""
    for name in buckets.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, wrong)
    with pytest.raises(StoreError, match=f"^{variable} is no URL: write http://HOST:PORT") as refused:
        ObjectStore(url()).prepare()
    assert "secret" not in str(refused.value)


def test_a_panic_of_the_client_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else it panics of: a region that no host name can hold, say."""
    panic = type("PanicException", (BaseException,), {})

    def panics(*_: object, **__: object) -> None:
        raise panic("request valid: InvalidUri")

    monkeypatch.setattr(buckets.obstore, "put", panics)
    with pytest.raises(StoreError, match="broke off"):
        ObjectStore("s3://bucket/x").replace("key", b"x")


def test_a_profile_is_said_to_be_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are what the client takes."""
    monkeypatch.setenv("AWS_PROFILE", "lab")
    assert "export-credentials" in buckets._sentence("error at http://169.254.169.254/latest/api/token")


@pytest.mark.usefixtures("proxy")
def test_what_is_read_is_bounded() -> None:
    """An object larger than any of its name is none to be read, whatever the listing says of it."""
    store = open_store(url())
    store.create("x", b"four")
    assert store.read("x", 4) == b"four"
    with pytest.raises(UnreadableError, match="larger than any"):
        store.read("x", 3)
    with pytest.raises(UnreadableError, match="larger than any"), store.opened("x", 3):
        pass
    record = keys.failure("a" * 20, 1)
    store.create(record, bytes(keys.most_bytes(record) + 1))
    assert [entry.version for entry in store.entries(keys.FAILURES)] == [""]
    with pytest.raises(UnreadableError, match="larger than any"):
        store.read(record)


@pytest.mark.parametrize("wrong", ["s3:///prefix", "ftp://host/prefix", "s3://"])
def test_a_url_of_no_bucket_is_refused(wrong: str) -> None:
    """With the forms that are legal."""
    with pytest.raises(StoreError, match="s3://bucket/prefix"):
        open_store(wrong).read("x")


def run(command: list[str], cwd: Path, port: int, *, timeout: float = 200) -> subprocess.CompletedProcess[str]:
    """Run a command that talks to S3."""
    where = {**os.environ, **bucket.environment(port)}
    return subprocess.run(command, cwd=cwd, env=where, capture_output=True, text=True, check=False, timeout=timeout)


@pytest.mark.usefixtures("proxy")
def test_the_whole_path_in_a_bucket(s3: int, study_file: Path, finished: Path) -> None:
    """Collect, resume, status, verify, compact and report by URL; the rows are those of a local run, bit for bit."""
    where, cwd = url(), study_file.parent
    trained = run([*COLLECT, "run", str(study_file), "--out", where, "--jobs", "2"], cwd, s3)
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout == f"{where}: 8 planned = 8 completed + 0 diverged + 0 failed + 0 pending\n"
    assert run([*COLLECT, "run", where], cwd, s3).stdout.startswith(f"{where}: nothing to do")
    assert json.loads(run([*COLLECT, "status", "--json", where], cwd, s3).stdout)["completed"] == 8
    assert run([*COLLECT, "verify", where], cwd, s3).stdout == f"{where}: 8 parts are sound, 0 damaged\n"
    assert run([*COLLECT, "compact", where], cwd, s3).returncode == 0
    for name in tables.NAMES:
        with open_store(where).opened(keys.table(name)) as file:
            ours = pd.read_parquet(file).drop(columns=SECONDS, errors="ignore")
        pd.testing.assert_frame_equal(
            ours, pd.read_parquet(finished / f"{name}.parquet").drop(columns=SECONDS, errors="ignore")
        )
    reported = run([*ANALYZE, "report", where, "--format", "html", "--format", "json"], cwd, s3)
    assert reported.returncode == 0, reported.stderr
    assert reported.stdout.splitlines()[-2:] == ["report.html", "report.json"]
    assert json.loads((cwd / "report.json").read_text(encoding="utf-8"))["study"]["planned"] == 8
    written = run([*ANALYZE, "tables", where], cwd, s3)
    assert written.returncode == 0, written.stderr
    assert all(line.startswith("tables/") for line in written.stdout.split())


@pytest.mark.usefixtures("proxy")
def test_damage_in_a_bucket_is_set_aside_and_run_again(s3: int, study_file: Path) -> None:
    """A truncated part and another's: verify says so, run mends it."""
    where, cwd = url(), study_file.parent
    assert run([*COLLECT, "run", str(study_file), "--out", where], cwd, s3).returncode == 0
    store = open_store(where)
    first, second = (f"{keys.PARTS}/{entry.name}" for entry in store.entries(keys.PARTS)[:2])
    content = store.read(first) or b""
    store.replace(first, content[:-7])
    store.replace(second, content)
    checked = run([*COLLECT, "verify", where], cwd, s3)
    assert checked.returncode == 1
    assert checked.stdout == f"{where}: 6 parts are sound, 2 damaged\n"
    mended = run([*COLLECT, "run", where], cwd, s3)
    assert mended.returncode == 0, mended.stderr
    assert "8 completed" in mended.stdout
    assert run([*COLLECT, "verify", where], cwd, s3).returncode == 0


def test_tables_grow_in_a_bucket(proxy: bucket.ProxyServer) -> None:
    """Old batches are fetched, new parts merged, and no part is read twice."""
    store = ObjectStore(url())
    plans.write(store, study(), plans.Plan.of(study(), {"digits": "d"}, "fp32"))
    plan = plans.read(store)
    ids = list(plan.trials)
    for group in (ids[1::2], ids[::2]):
        for trial_id in group:
            store.create(keys.part(trial_id), part(plan, trial_id))
        proxy.seen.clear()
        publishing.publish(store)
        assert sum("/parts/" in seen and seen.startswith("GET") for seen in proxy.seen) == 2 * len(group)
    assert ledger.read(store, plan.trials).counts["completed"] == 16
    with store.opened("trials.parquet") as file:
        assert pd.read_parquet(file)["trial_id"].tolist() == ids


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("wrong bucket", "no such bucket"),
        ("missing rights", "access is denied"),
        ("nothing there", "no trials.parquet"),
    ],
)
def test_analyze_says_what_is_wrong_with_a_url(
    proxy: bucket.ProxyServer, capsys: pytest.CaptureFixture[str], mistake: str, said: str
) -> None:
    """One sentence, exit code 2."""
    from analyze.cli import main

    where = url().replace(bucket.BUCKET, "nosuch") if mistake == "wrong bucket" else url()
    if mistake == "missing rights":
        proxy.fail("GET", bucket.denied, 9)
    with pytest.raises(SystemExit) as stopped:
        main(["check", where])
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1
