"""A study in a folder.

A file is written aside under a name of its own, flushed to disk, then linked to its final name: `os.link` fails where
the name exists, so that two writers cannot both succeed. On an NFS mount the reply to a link that succeeded can be lost
and the repeated request be told "exists"; the link count of the temporary file tells the two apart. Where there are no
hard links, `os.replace` does: a part's name is a hash of its settings, so the trial still counts once.

The folder may come from anybody. Its subfolders must be folders, not links, so that nothing outside is ever written,
moved or removed, and what is no regular file is never read: a named pipe would be waited for without an end.
"""

import errno
import os
import stat
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from collect.errors import NoRoomError, StoreError, UnreadableError
from collect.store import keys
from collect.store.place import leftovers, locks
from collect.store.place.interface import Draft, Entry


@dataclass(frozen=True)
class FolderStore:
    """A study's folder. See `collect.store.place.interface.Store` for the methods."""

    root: Path

    def __str__(self) -> str:
        """The folder's path."""
        return str(self.root)

    @property
    def tmp(self) -> Path:
        """Files on their way, and locks; disposable."""
        return self.root / keys.TMP

    def require_own_folders(self) -> None:
        """Refuse a study that would lead its reader elsewhere."""
        for name in keys.FOLDERS:
            path = self.root / name
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StoreError(f"{path} cannot be read: {error.strerror}") from None
            if not stat.S_ISDIR(mode):
                kind = "a link" if stat.S_ISLNK(mode) else "no folder"
                raise StoreError(f"{path} is {kind}; a study has a folder of its own there, so nothing is done")

    def prepare(self) -> None:
        """Make the folder where there is none."""
        with disk_errors(self.root / keys.PLAN):
            _make(self.root)

    def create(self, key: str, content: bytes) -> bool:
        """Create a file that must not exist yet; False if it was there."""
        with self._placed(key, _link) as draft:
            draft.file.write(content)
        return bool(draft.version)

    def replace(self, key: str, content: bytes) -> None:
        """Create a file or replace it whole."""
        with self.writing(key) as draft:
            draft.file.write(content)

    def swap(self, key: str, old: bytes, new: bytes) -> bool:
        """Replace a file that holds this, under its lock; one that cannot be locked may be written over in between."""
        with locks.held(self._lock(key), from_readers=False) as mine:
            unchanged = mine and self.read(key) == old
            if unchanged:
                self.replace(key, new)
        return unchanged

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
                _make_within(self.tmp)
                _make_within(path.parent)
                with _new(aside) as file:
                    draft = Draft(file)
                    yield draft
                    file.flush()
                    _flush(file.fileno())
                written = aside.stat()
                if put(aside, path):
                    draft.version = _label(written)
                _flush_folder(path.parent)
            finally:
                with suppress(OSError):
                    aside.unlink()

    def read(self, key: str, most: int | None = None) -> bytes | None:
        """Everything in a file, or None where there is none."""
        try:
            with self.opened(key, most) as file:
                return file.read(os.fstat(file.fileno()).st_size)  # some of the system's files have more than they say
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self.root / key} cannot be read: {error.strerror}") from None

    def read_all(self, wanted: Sequence[str]) -> Iterator[bytes | None]:
        """`read` of many files."""
        return map(self.read, wanted)

    def entries(self, folder: str) -> list[Entry]:
        """Name, and size and time of change, of everything right under a folder."""
        try:
            with os.scandir(self.root / folder) as found:
                return [label for entry in found for label in _labelled(entry, folder)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise StoreError(f"{self.root / folder} cannot be read: {error.strerror}") from None

    def opened(self, key: str, most: int | None = None) -> AbstractContextManager[BinaryIO]:
        """An existing file."""
        return _regular(self.root / key, keys.most_bytes(key) if most is None else most)

    def set_aside(self, key: str) -> None:
        """Move a file to the quarantine, where it takes no other's place."""
        path = self.root / key
        with disk_errors(path):
            _make_within(self.root / keys.QUARANTINE)
            place = _free(self.root / keys.QUARANTINE, path.name, folder=path.is_dir() and not path.is_symlink())
            try:
                path.replace(place)
            except FileNotFoundError:  # another collector was faster
                place.unlink()

    def delete(self, key: str) -> None:
        """Remove a file."""
        with disk_errors(self.root / key):
            (self.root / key).unlink(missing_ok=True)

    @contextmanager
    def claim(self, name: str) -> Iterator[bool]:
        """Hold a lock file, unless another process on this host does; where it cannot be locked, do without."""
        with locks.held(self._lock(name)) as mine:
            yield mine

    def claimed(self, name: str) -> bool:
        """Whether a process on this host holds the lock file."""
        return locks.is_held(self._lock(name))

    def unlockable(self, names: Sequence[str]) -> list[str]:
        """What keeps these names from being claimed, a phrase a lock file."""
        probe = self._lock(f"probe-{uuid.uuid4().hex}")
        trouble = [locks.trouble(self._lock(name)) for name in names if os.path.lexists(self._lock(name))]
        return [phrase for phrase in (locks.trouble(probe), *trouble) if phrase]

    def _lock(self, name: str) -> Path:
        return self.scratch() / f"{name}.lock"

    def clear_scratch(self) -> None:
        """Remove the temporary files of killed runs."""
        leftovers.clear(self.scratch())

    def scratch(self) -> Path:
        """The folder for temporary files, which is on the study's own disk."""
        with disk_errors(self.tmp):
            _make_within(self.tmp)
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


def _regular(path: Path, most: int) -> BinaryIO:
    """Open a file to be read, if it is one: a pipe would be waited for, and a device read, without an end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= most:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISREG(status.st_mode):
        raise UnreadableError(f"{path} has {status.st_size:,} bytes; more than {most:,} are not read")
    raise UnreadableError(f"{path} is no regular file; move it away")


def _labelled(entry: os.DirEntry[str], folder: str) -> list[Entry]:
    """An entry with its label, the empty one where it is no file to be read; none where it has just been removed."""
    try:
        status = entry.stat()
    except FileNotFoundError:
        return [Entry(entry.name, "")] if os.path.lexists(entry.path) else []
    except OSError:
        if entry.is_symlink():  # in circles, or to where one may not look
            return [Entry(entry.name, "")]
        raise
    readable = stat.S_ISREG(status.st_mode) and status.st_size <= keys.most_bytes(f"{folder}/{entry.name}")
    return [Entry(entry.name, _label(status) if readable else "")]


def _label(status: os.stat_result) -> str:
    return f"{status.st_size}:{status.st_mtime_ns}"


def _new(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    return os.fdopen(descriptor, "wb")


def _free(within: Path, name: str, *, folder: bool) -> Path:
    """A new empty file or folder under this name, or under the first of `name.1`, `name.2` … that nothing has."""
    for place in (within / (f"{name}.{number}" if number else name) for number in count()):
        with suppress(FileExistsError):
            if folder:
                place.mkdir()
            else:
                _new(place).close()
            return place
    raise AssertionError("there is always a next number")


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


def _make(folder: Path) -> None:
    """Make a folder and what is missing above it; each new one's parent is flushed, or a crash could lose the study."""
    if folder.is_dir():
        return
    new = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in new:
        _flush_folder(path.parent)


def _make_within(folder: Path) -> None:
    """Make a folder of a study, which itself must be there: one that was moved away is not begun anew in its place."""
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _flush(descriptor)
    finally:
        os.close(descriptor)


def _flush(descriptor: int) -> None:
    """Bring to the disk what was written, where the file system can be asked for it."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
