"""Whatever the bytes of a study file, a data set or anything in a study's folder: data, or one sentence.

Every reader gets the bytes that it expects, damaged (tests.damage), and may raise a CollectError, nothing else. Memory
and time are bounded for all of them in a process of its own, at the end.
"""

import gzip
import hashlib
import io
import json
import resource
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collect.engine.checkpoint import Checkpoint, UnusableError
from collect.engine.training import set_up
from collect.errors import CollectError
from collect.images import idx, npz
from collect.images.on_device import ResidentImages
from collect.store import checkpoints, index, keys, ledger, parts, tidy
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from collect.study import study_file as studies
from collect.study.study import Study
from tests.collect.conftest import trial
from tests.collect.images.test_images import idx_bytes
from tests.collect.store.test_audit import sealed
from tests.collect.store.test_store import part, planned
from tests.collect.store.test_tables import grown
from tests.damage import damaged, write_equal_rows

thorough = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

PRESET = studies.presets()["confounds"]
WORDS = [
    "[",
    "]",
    "=",
    "{",
    "}",
    '"',
    "\n",
    "factors",
    "recipe",
    "seeds",
    "depth",
    "1e999",
    "nan",
    "9" * 5000,
    "true",
    "'",
]


def refused_or_read(read: Callable[[], object]) -> object:
    """What a reader gives, or the one kind of error that it may raise."""
    with suppress(CollectError):
        return read()
    return None


@thorough
@given(st.one_of(damaged(PRESET.encode()), st.lists(st.sampled_from(WORDS)).map("".join).map(str.encode)))
@example(b"a = " + b"[" * 100_000)
@example(b"seeds = 2000000000")
@example(b"seeds = [" + b"9" * 6000 + b"]")
@example(b"seeds = [[[[[[1]]]]]]\nname = 5\nrecipe = 5\nfactors = 3")
def test_study_files(content: bytes) -> None:
    """TOML of any kind: a study, or what is wrong with it."""
    text = content.decode(errors="replace")
    found = refused_or_read(lambda: studies.parse(text, "x.toml"))
    if isinstance(found, Study):
        assert studies.parse(found.to_toml(), "x.toml") == found
        assert tomllib.loads(found.to_toml())


@thorough
@given(st.text(max_size=40))
@example("recipe.epochs=" + "[" * 100_000)
@example("=")
@example("factors.=1")
@example("analysis.targets=nan")
def test_changes(change: str) -> None:
    """Anything after --set: a changed study, or a sentence."""
    refused_or_read(lambda: studies.read("quick", [change]))


ARRAY = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
PLAIN, PACKED = idx_bytes(ARRAY), gzip.compress(idx_bytes(ARRAY), mtime=0)


@thorough
@given(st.one_of(damaged(PLAIN), damaged(PACKED)))
@example(bytes([0, 0, 8, 65]) + b"\xff" * 260)
@example(bytes([0, 0, 8, 3]) + b"\xff" * 12)
@example(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 9]) + bytes(10**8)))
@example(b"\x1f\x8b")
def test_idx_files(content: bytes) -> None:
    """Gzipped or not: an array that accounts for every byte, or a sentence, and never more than was promised."""

    def read() -> int:
        unpacked = idx.unpacked(content, "x", 10**6)
        assert len(unpacked) <= max(len(content), 10**6 + 21)
        return idx.parse(unpacked, "x", 10**6).size

    refused_or_read(read)


@cache
def archive() -> bytes:
    """The bytes of a small images.npz."""
    sink = io.BytesIO()
    np.savez(sink, **{name: np.arange(12, dtype=np.uint8) for name in npz.NAMES})
    return sink.getvalue()


@thorough
@given(damaged(archive()))
@example(b"")
@example(b"<html></html>")
@example(b"PK\x05\x06" + bytes(18))
def test_npz_files(tmp_path: Path, content: bytes) -> None:
    """Four arrays, or a sentence."""
    (tmp_path / "images.npz").write_bytes(content)
    refused_or_read(lambda: npz.read(tmp_path / "images.npz", 10**6))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    """A study of sixteen trials, finished and tabulated, and checked."""
    return grown(tmp_path_factory.mktemp("study"), [range(16)])


def with_content(store: FolderStore, key: str, content: bytes, read: Callable[[], object]) -> object:
    """What a reader makes of a study in which one object is damaged."""
    whole = (store.root / key).read_bytes()
    (store.root / key).write_bytes(content)
    try:
        return refused_or_read(read)
    finally:
        (store.root / key).write_bytes(whole)


@thorough
@given(data=st.data())
def test_plans(study: FolderStore, data: st.DataObject) -> None:
    """The plan as it was, or a sentence: no other."""
    content = (study.root / keys.PLAN).read_bytes()
    right = plans.read(study)
    found = with_content(study, keys.PLAN, data.draw(damaged(content)), lambda: plans.read(study))
    if isinstance(found, plans.Plan):
        assert found.trials.table.equals(right.trials.table)


@thorough
@given(data=st.data())
def test_indices(study: FolderStore, data: st.DataObject) -> None:
    """An index that cannot be read is none; one that can names parts by id."""
    content = (study.root / keys.INDEX).read_bytes()
    found = with_content(study, keys.INDEX, data.draw(damaged(content)), lambda: index.read(study, 16))
    assert isinstance(found, index.Index)
    refused_or_read(lambda: ledger.read(study, plans.read(study).trials).counts)


@thorough
@given(data=st.data())
def test_parts(study: FolderStore, data: st.DataObject) -> None:
    """Damaged and sealed anew, so that the digest is right: never another trial's rows, nor an exception of Arrow's."""
    plan = plans.read(study)
    trial_id = next(iter(plan.trials))
    content = data.draw(damaged(part(plan, trial_id)))
    try:
        content = sealed(content)
    except ValueError:
        return
    state = ledger.Ledger(16)

    def read() -> None:
        found = parts.check(content, "x", trial_id)
        state.finished[trial_id] = ledger.Indexed("1", *found)
        table = tidy._decoded(study, plan, state, {trial_id: content})
        assert table["trial_id"].to_pylist() == [trial_id]

    refused_or_read(read)


@thorough
@given(st.one_of(damaged(b'{"trial_id": "x", "reason": "lost", "time": "now"}'), st.binary(max_size=30)))
@example(b"[" * 100_000)
@example(json.dumps({"reason": "x" * 200_000}).encode())
def test_failures(tmp_path: Path, content: bytes) -> None:
    """A failure's record gives its reason, or counts as one whose reason is unknown."""
    store, plan = planned(tmp_path / "s")
    trial_id = next(iter(plan.trials))
    store.replace(keys.failure(trial_id, 1), content)
    assert len(ledger.read(store, plan.trials).failed[trial_id]) <= 100_000


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, resident: ResidentImages) -> tuple[Checkpoint, bytes, bytes]:
    """A checkpoint after the first epoch, its header and its state."""
    store = FolderStore(tmp_path_factory.mktemp("kept"))
    stepper, recorder, _ = set_up([trial()], resident)
    step = max(recorder.points)
    kept = Checkpoint(store, ["first"], {"versions": 1})
    kept.save(stepper, recorder, step, (1.0, 2.0))
    header = store.read(kept.key)
    assert header
    state = store.read(keys.state(json.loads(header)["sha256"]))
    assert state
    return kept, header, state


@thorough
@given(data=st.data())
def test_checkpoint_headers(kept: tuple[Checkpoint, bytes, bytes], data: st.DataObject) -> None:
    """A header that is damaged is none."""
    checkpoint, header, _ = kept
    (checkpoint.store.root / checkpoint.key).write_bytes(data.draw(damaged(header)))  # type: ignore[attr-defined]
    checkpoints.stacks(checkpoint.store)
    checkpoints.read(checkpoint.store, checkpoint.key)


@thorough
@given(data=st.data())
def test_checkpoint_states(
    kept: tuple[Checkpoint, bytes, bytes], resident: ResidentImages, data: st.DataObject
) -> None:
    """A state that is damaged, under a digest that is right, is restored or is none: nothing else is raised."""
    checkpoint, header, state = kept
    content = data.draw(damaged(state))
    digest = hashlib.sha256(content).hexdigest()
    checkpoint.store.replace(keys.state(digest), content)
    checkpoint.store.replace(checkpoint.key, json.dumps({**json.loads(header), "sha256": digest}).encode())
    stepper, recorder, _ = set_up([trial()], resident)
    try:
        step, _ = checkpoint.restore(stepper, recorder)
    except UnusableError:
        return
    finally:
        checkpoint.store.delete(keys.state(digest))
    assert step in (0, *recorder.points)
    assert recorder.alive() is not None
    assert torch.is_tensor(stepper.diverged_at)


BOMBS = """
import sys
from pathlib import Path
from collect.errors import CollectError
from collect import images
from collect.store import open_store, plan as plans, ledger
where, kind = Path(sys.argv[1]), sys.argv[2]
try:
    if kind == "images":
        images.load(str(where), Path())
    else:
        store = open_store(str(where))
        print(ledger.read(store, plans.read(store).trials).counts)
except CollectError as error:
    print("refused:", error)
"""


def bomb(folder: Path, kind: str) -> str:
    """Write a small file that unpacks, or says that it does, to thousands of millions of bytes; what reads it."""
    folder.mkdir()
    if kind == "rows":
        write_equal_rows(folder / keys.PLAN, 6 * 10**8)
        return "plan"
    if kind == "gz":
        first = gzip.compress(bytes([0, 0, 8, 3]) + b"\x00\x00\x00\x09" * 3)
        zeros = gzip.compress(bytes(10**8), compresslevel=1)
        (folder / "train-images-idx3-ubyte.gz").write_bytes(first + zeros * 40)
        for name in ("train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
            (folder / name).write_bytes(idx_bytes(ARRAY))
        return "images"
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (10000000000,), }"
    with zipfile.ZipFile(folder / "images.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in npz.NAMES:
            archive.writestr(f"{name}.npy", header.ljust(127) + b"\n" + bytes(10**6))
    return "images"


@pytest.mark.parametrize("kind", ["gz", "zip", "rows"])
def test_bombs_cost_little(tmp_path: Path, kind: str) -> None:
    """Files of some megabytes that hold, or promise, thousands of millions of bytes are refused within 2 GiB."""
    reads = bomb(tmp_path / kind, kind)
    ran = subprocess.run(
        [sys.executable, "-c", BOMBS, str(tmp_path / kind), reads],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30)),
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("refused:"), ran.stdout
