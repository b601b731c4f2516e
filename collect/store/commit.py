"""Puts whole files in place, or nothing. Who is first wins; nobody ever sees half a file.

A file is written aside under a name of its own, flushed to disk, then linked to its final name: `os.link` fails where
the name exists, so that two writers cannot both succeed. On an NFS mount the reply to a link that succeeded can be lost
and the repeated request be told "exists"; the link count of the temporary file tells the two apart. Where there are no
hard links, `os.replace` does: a part's name is a hash of its settings, so the trial still counts once.
"""

import errno
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from collect.errors import NoRoomError, StoreError


def create(path: Path, content: bytes, tmp: Path) -> bool:
    """Create a file that must not exist yet.

    Args:
        path: final name.
        content: all its bytes.
        tmp: folder for the temporary file, on the same file system.

    Returns:
        True if this call created it, False if it was there.

    Raises:
        NoRoomError: the disk is full.
        StoreError: the folder cannot be written.
    """
    return _place(path, content, tmp, _link)


def replace(path: Path, content: bytes, tmp: Path) -> None:
    """Create a file or replace it whole. Raises as `create` does."""
    _place(path, content, tmp, _rename)


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


def _place(path: Path, content: bytes, tmp: Path, put: Callable[[Path, Path], bool]) -> bool:
    aside = tmp / f"{path.name}.{uuid.uuid4().hex}"
    with disk_errors(path):
        try:
            tmp.mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(aside, content)
            won = put(aside, path)
            _flush_folder(path.parent)
        finally:
            with suppress(OSError):
                aside.unlink()
    return won


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


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
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
