"""A result is written aside and renamed into place: whole or not at all, and never through a link."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from analyze.errors import CannotWriteError

DEVICES = Path("/dev")


def replace(path: Path, content: bytes) -> None:
    """Write a file; its folder is created. A link of this name is replaced, what it points to stays as it was.

    Raises:
        CannotWriteError: the file cannot be written.
    """
    try:
        if path.parent.resolve() == DEVICES:
            raise CannotWriteError(f"{path} is a device, which renaming would replace; name a file")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".aside.")
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
    except OSError as error:
        raise CannotWriteError(f"{path} cannot be written: {error.strerror or error}") from error
