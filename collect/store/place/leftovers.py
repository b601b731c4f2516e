"""What killed runs leave in a study's folder for temporary files, and the sign of life by which others are known.

A run that lives touches what it uses. What nobody has touched for STALE_SECONDS by the clock of the file system is
nobody's: hosts have clocks of their own, and a file system need not have locks.
"""

import os
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STALE_SECONDS, TOUCH_SECONDS = 600.0, 60.0
#: How the folder of a run's data sets is called, and the files in it.
IMAGES, IMAGES_FILE = "images-", re.compile(r"[0-9]+")
#: Files on their way are called after what they are to be.
DRAFT = re.compile(r".+\.[0-9a-f]{32}")


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Touch a folder now and then, while the context lasts."""
    done = threading.Event()

    def touch() -> None:
        while not done.wait(TOUCH_SECONDS):
            with suppress(OSError):
                os.utime(folder)

    thread = threading.Thread(target=touch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def clear(folder: Path) -> None:
    """Remove the drafts and data sets of killed runs from a folder for temporary files; nothing else, and no link."""
    with suppress(OSError):
        now = _now(folder)
        for entry in list(os.scandir(folder)):
            with suppress(OSError):  # another run clears it too
                if now - entry.stat(follow_symlinks=False).st_mtime > STALE_SECONDS:
                    _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_file(follow_symlinks=False) and DRAFT.fullmatch(entry.name):
        Path(entry.path).unlink()
    elif entry.is_dir(follow_symlinks=False) and entry.name.startswith(IMAGES):
        for path in Path(entry.path).iterdir():
            if IMAGES_FILE.fullmatch(path.name):
                path.unlink()
        Path(entry.path).rmdir()


def _now(folder: Path) -> float:
    """The time by the clock of the file system."""
    probe = folder / f"probe.{uuid.uuid4().hex}"
    probe.touch()
    try:
        return probe.stat().st_mtime
    finally:
        probe.unlink()
