"""A result is written aside and renamed into place: whole or not at all, and never through a link."""

import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from analyze.errors import CannotWriteError, NoRoomError

DEVICES = Path("/dev")

#: What a user calls stdout.
STDOUT = Path("-")


def require_writable(path: Path) -> None:
    """Refuse a place that no result can be written to, before any is worked out; its folder has to be there.

    Raises:
        CannotWriteError: the file cannot be written; the message says why.
    """
    with _refusing(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not path.parent.is_dir():
            raise CannotWriteError(f"{path} cannot be written: there is no folder {path.parent}")
        if path.is_file() and not path.is_symlink() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        handle, aside = _aside(path)
        os.close(handle)
        Path(aside).unlink()


def replace(path: Path, content: bytes) -> None:
    """Write a file; its folder is created. A link of this name is replaced, what it points to stays as it was.

    Raises:
        CannotWriteError: the file cannot be written.
        NoRoomError: the disk is full.
    """
    with _refusing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = _aside(path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            umask = os.umask(0)
            os.umask(umask)
            Path(aside).chmod(0o666 & ~umask)
            Path(aside).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(aside).unlink()
            raise


def pour(content: bytes) -> None:
    """Write bytes to stdout.

    Raises:
        CannotWriteError: stdout cannot be written.
        BrokenPipeError: the reader has seen enough, as `head`; typer ends the program for it in silence.
    """
    with _refusing(Path("stdout")):
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def _aside(path: Path) -> tuple[int, str]:
    """A new file beside the one that it will become: its handle and its name."""
    if path.parent.resolve() == DEVICES:
        raise CannotWriteError(f"{path} is a device, which renaming would replace; name a file, or - for stdout")
    return tempfile.mkstemp(dir=path.parent, prefix=".aside.")


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Errors of the system become one sentence."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        kind = NoRoomError if error.errno in (errno.ENOSPC, errno.EDQUOT) else CannotWriteError
        raise kind(f"{path} cannot be written: {error.strerror or error}") from error
