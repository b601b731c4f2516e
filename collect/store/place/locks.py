"""Lock files: a process holds one while it trains a trial, so that another on this host does not train it too.

Locks only save work, so one that cannot be had stops nothing: a file of another user's, a link in its place, a file
system without locks. One that somebody holds for reading, as a backup may, is no collector's.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def held(path: Path, *, from_readers: bool = True) -> Iterator[bool]:
    """Hold a lock file while the context lasts; False where another process holds it.

    Args:
        path: the lock file.
        from_readers: whether it may be taken over from a reader. Who asks whether a reader has it may find it let go
            of, and holds nothing: that saves a trial from nothing worse than being trained twice.

    Raises:
        OSError: there is no room for the file.
    """
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield from_readers and not is_held(path)
        return
    except (OSError, NotImplementedError) as error:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        yield True
        return
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)  # while it is held: no one else can hold it
        lock.release()


def is_held(path: Path) -> bool:
    """Whether a process holds the lock file as collectors do, alone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def trouble(path: Path) -> str:
    """Why a lock file could not be taken if nobody trained its trial; empty where it could."""
    lock = FileLock(path, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return "" if is_held(path) else f"{path} is held by a reader"
    except (OSError, NotImplementedError) as error:
        return f"{path} cannot be locked: {getattr(error, 'strerror', None) or error}"
    path.unlink(missing_ok=True)
    lock.release()
    return ""
