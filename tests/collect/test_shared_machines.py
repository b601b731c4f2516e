"""Machines and services that others use too: locks, Ray's address, ignored conditions, names in messages."""

import errno
import fcntl
import getpass
import os
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from collect.anonymity import without_whereabouts
from collect.errors import StoreError
from collect.execute import ray
from collect.store import keys
from collect.store.place import locks
from collect.store.place.bucket import ObjectStore
from collect.store.place.folder import FolderStore
from tests.collect.commands import collect
from tests.collect.victims import untouched

NAME = "a" * 20


def link(path: Path, victim: Path) -> None:
    """A lock that is a link to somebody's file."""
    path.symlink_to(victim / "notes.txt")


def folder(path: Path, _: Path) -> None:
    """A folder where the lock file should be."""
    path.mkdir()


def pipe_folder(path: Path, _: Path) -> None:
    """A link that leads nowhere."""
    path.symlink_to("/nowhere/at/all")


@pytest.mark.parametrize("obstacle", [link, folder, pipe_folder])
def test_a_lock_that_cannot_be_opened_stops_nothing(tmp_path: Path, obstacle: Callable[[Path, Path], None]) -> None:
    """The trial trains without it, the user is told, and what the lock led to is as it was."""
    store = FolderStore(tmp_path / "study")
    store.prepare()
    with untouched(tmp_path / "victim") as victim:
        obstacle(store.scratch() / f"{NAME}.lock", victim)
        [said] = store.unlockable([NAME, "b" * 20])
        assert f"{NAME}.lock cannot be locked" in said
        with store.claim(NAME) as mine:
            assert mine
        assert not store.claimed(NAME)


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(37, "No locks"), NotImplementedError()]
)
def test_a_file_system_without_locks_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A lock file of another user's, a mount without locks, a system without the call: all that is saved is less."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(FileLock, "acquire", refuse)
    store = FolderStore(tmp_path)
    with store.claim(NAME) as mine:
        assert mine
    assert len(store.unlockable([])) == 1


@pytest.mark.parametrize("trouble", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO])
def test_a_mount_that_refuses_locks_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: int
) -> None:
    """As NFS without its lock daemon, Lustre and some container file systems do, whatever filelock makes of it."""

    def refuse(*_: object) -> None:
        raise OSError(trouble, os.strerror(trouble))

    monkeypatch.setattr(fcntl, "flock", refuse)
    store = FolderStore(tmp_path)
    assert len(store.unlockable([NAME, "b" * 20])) == 1
    for _ in range(2):
        with store.claim(NAME) as mine:
            assert mine
        assert not store.claimed(NAME)


@pytest.mark.parametrize("trouble", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_mount_that_flushes_nothing_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: int
) -> None:
    """Some network and user-space file systems refuse fsync, of folders or of anything."""

    def refuse(_: int) -> None:
        raise OSError(trouble, os.strerror(trouble))

    monkeypatch.setattr(os, "fsync", refuse)
    store = FolderStore(tmp_path / "study")
    store.prepare()
    assert store.create("parts/x", b"x")
    assert store.read("parts/x") == b"x"


def test_a_full_disk_is_still_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no matter of locks."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileLock, "acquire", full)
    with pytest.raises(OSError, match="No space"), locks.held(tmp_path / "x.lock"):
        pass


def test_a_lock_that_somebody_reads_is_no_collectors(tmp_path: Path) -> None:
    """A backup may hold it for reading as long as it likes; a collector, which holds it alone, is respected."""
    store = FolderStore(tmp_path)
    path = store.scratch() / f"{NAME}.lock"
    path.touch()
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        assert not store.claimed(NAME)
        with store.claim(NAME) as mine:
            assert mine
        assert "is held by a reader" in store.unlockable([NAME])[0]
    held, done = threading.Event(), threading.Event()

    def other() -> None:
        with locks.held(path) as mine:
            assert mine
            held.set()
            done.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    assert held.wait(10)
    assert store.claimed(NAME)
    with store.claim(NAME) as mine:
        assert not mine
    assert not store.unlockable([NAME])
    done.set()
    thread.join()


def test_a_run_beside_foreign_locks_ends_with_one_warning(study_file: Path) -> None:
    """Eight locks that cannot be had cost one line, and every trial counts once."""
    cwd = study_file.parent
    assert collect("run", str(study_file), "--set", "seeds=1", cwd=cwd).returncode == 0
    store = FolderStore(cwd / "data" / "tiny")
    for path in store.root.glob("parts/*"):
        path.unlink()
        (store.scratch() / f"{path.stem}.lock").mkdir()
    (store.root / keys.INDEX).unlink()
    ran = collect("run", str(study_file), "--set", "seeds=1", cwd=cwd)
    assert ran.returncode == 0, ran.stderr
    assert "4 completed" in ran.stdout
    assert len([line for line in ran.stderr.splitlines() if "cannot be locked" in line]) == 1
    assert "and 3 more" in ran.stderr


@pytest.mark.parametrize("whose", ["ours", "a link", "writable by all", "somebody's"])
def test_rays_address_is_believed_where_it_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str) -> None:
    """The file lies where every user of the machine can write: another's would get our code and data."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    noted = tmp_path / "ray" / "ray_current_cluster"
    noted.parent.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        if whose == "a link":
            (tmp_path / "elsewhere").write_text(address)
            noted.symlink_to(tmp_path / "elsewhere")
        else:
            noted.write_text(address)
            noted.chmod(0o666 if whose == "writable by all" else 0o644)
        if whose == "somebody's":
            monkeypatch.setattr(os, "getuid", lambda: 1234567)
        assert ray._running_here() == (address if whose == "ours" else "local")


class Careless(ObjectStore):
    """A service that puts whatever it is asked to put."""

    def create(self, key: str, content: bytes) -> bool:
        """Say that nothing was there."""
        assert key
        assert content
        return True

    def delete(self, key: str) -> None:
        """Remove nothing."""


def test_a_service_that_ignores_the_condition_is_found_out_at_the_start() -> None:
    """Before the first trial trains, in one sentence."""
    with pytest.raises(StoreError, match="ignores conditional writes"):
        Careless("s3://bucket/study").prepare()


def test_messages_say_nothing_of_whose_machine_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders, addresses, host and user leave the reason of a failure; what went wrong stays."""
    monkeypatch.setattr(socket, "gethostname", lambda: "gpu-7.lab")
    monkeypatch.setattr(getpass, "getuser", lambda: "alice")
    raw = (
        "OSError: '/home/alice/data/x.npz' of alice on gpu-7.lab (10.0.0.7:6379), "
        "C:\\Users\\bob\\y.py, s3://bucket/a/b 1/2"
    )
    assert without_whereabouts(raw) == (
        "OSError: '…/x.npz' of <user> on <host> (<address>:6379), …/y.py, s3://bucket/a/b 1/2"
    )
    assert without_whereabouts("out of memory: 3/4 of a/b") == "out of memory: 3/4 of a/b"
    monkeypatch.setattr(getpass, "getuser", lambda: "root")
    assert without_whereabouts("the image root is gone") == "the image root is gone"
