"""A study in a folder.

A file is written aside under a name of its own, flushed to disk, then linked to its final name: `os.link` fails where
the name exists, so that two writers cannot both succeed. On an NFS mount the reply to a link that succeeded can be lost
and the repeated request be told "exists"; the link count of the temporary file tells the two apart. Where there are no
hard links, `os.replace` does: a part's name is a hash of its settings, so the trial still counts once.
"""

import errno
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from collect.errors import NoRoomError, StoreError
from collect.store import keys
from collect.store.interface import Draft, Entry


@dataclass(frozen=True)
class FolderStore:
    """A study's folder. See `collect.store.interface.Store` for the methods."""

    root: Path

    def __str__(self) -> str:
        """The folder's path."""
        return str(self.root)

    @property
    def tmp(self) -> Path:
        """Files on their way, and locks; disposable."""
        return self.root / "tmp"

    def create(self, key: str, content: bytes) -> bool:
        """Create a file that must not exist yet; False if it was there."""
        with self._placed(key, _link) as draft:
            draft.file.write(content)
        return bool(draft.version)

    def replace(self, key: str, content: bytes) -> None:
        """Create a file or replace it whole."""
        with self.writing(key) as draft:
            draft.file.write(content)

    def writing(self, key: str) -> AbstractContextManager[Draft]:
        """A draft that takes the file's place when the context ends without an error."""
        return self._placed(key, _rename)

    @contextmanager
    def _placed(self, key: str, put: Callable[[Path, Path], bool]) -> Iterator[Draft]:
        """A draft, written aside and then put in place."""
        path = self.root / key
        aside = self.tmp / f"{path.name}.{uuid.uuid4().hex}"
        with disk_errors(path):
            try:
                self.tmp.mkdir(parents=True, exist_ok=True)
                path.parent.mkdir(parents=True, exist_ok=True)
                with _new(aside) as file:
                    draft = Draft(file)
                    yield draft
                    file.flush()
                    os.fsync(file.fileno())
                written = aside.stat()
                if put(aside, path):
                    draft.version = _label(written)
                _flush_folder(path.parent)
            finally:
                with suppress(OSError):
                    aside.unlink()

    def read(self, key: str) -> bytes | None:
        """Everything in a file, or None where there is none."""
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.root / key} cannot be read: {error.strerror}") from None

    def read_all(self, wanted: Sequence[str]) -> Iterator[bytes | None]:
        """`read` of many files."""
        return map(self.read, wanted)

    def entries(self, folder: str) -> list[Entry]:
        """Name, and size and time of change, of every file right under a folder."""
        try:
            with os.scandir(self.root / folder) as found:
                return [label for entry in found for label in _labelled(entry)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise StoreError(f"{self.root / folder} cannot be read: {error.strerror}") from None

    @contextmanager
    def opened(self, key: str) -> Iterator[BinaryIO]:
        """An existing file."""
        with (self.root / key).open("rb") as file:
            yield file

    def set_aside(self, key: str) -> None:
        """Move a file to the quarantine."""
        path = self.root / key
        with disk_errors(path):
            (self.root / keys.QUARANTINE).mkdir(exist_ok=True)
            with suppress(FileNotFoundError):  # another collector was faster
                path.replace(self.root / keys.QUARANTINE / path.name)

    def delete(self, key: str) -> None:
        """Remove a file."""
        with disk_errors(self.root / key):
            (self.root / key).unlink(missing_ok=True)

    @contextmanager
    def claim(self, name: str) -> Iterator[bool]:
        """Hold a lock file, unless another process on this host does."""
        path = self.scratch() / f"{name}.lock"
        lock = FileLock(path)
        with disk_errors(path), suppress(Timeout):
            lock.acquire(timeout=0)
        try:
            yield lock.is_locked
        finally:
            if lock.is_locked:
                path.unlink(missing_ok=True)  # while it is held: no one else can hold it
                lock.release()

    def claimed(self, name: str) -> bool:
        """Whether a process on this host holds the lock file."""
        try:
            with FileLock(self.tmp / f"{name}.lock", timeout=0):
                return False
        except Timeout:
            return True

    def scratch(self) -> Path:
        """The folder for temporary files, which is on the study's own disk."""
        with disk_errors(self.tmp):
            self.tmp.mkdir(parents=True, exist_ok=True)
        return self.tmp


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the operating system says into one sentence.

    Raises:
        NoRoomError: the disk is full.
        StoreError: anything else that keeps `path` from being written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoomError(f"no room left on the disk of {path.parent}; make room and run again") from None
        raise StoreError(f"{path} cannot be written: {error.strerror}") from None


def _labelled(entry: os.DirEntry[str]) -> list[Entry]:
    """A file with its label; none where another process has just removed it."""
    try:
        return [Entry(entry.name, _label(entry.stat()))] if entry.is_file() else []
    except FileNotFoundError:
        return []


def _label(status: os.stat_result) -> str:
    return f"{status.st_size}:{status.st_mtime_ns}"


def _new(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    return os.fdopen(descriptor, "wb")


def _link(aside: Path, path: Path) -> bool:
    try:
        os.link(aside, path)
    except FileExistsError:
        return aside.stat().st_nlink == 2
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        return _rename(aside, path)
    return True


def _rename(aside: Path, path: Path) -> bool:
    aside.replace(path)
    return True


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
