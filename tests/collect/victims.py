"""Files of somebody else's beside a study, which nothing that is done with the study may touch."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def contents(root: Path) -> dict[str, tuple[str, int]]:
    """Everything under a folder: what each path is or holds, and when it was changed."""
    found = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        held = str(path.readlink()) if path.is_symlink() else path.read_bytes().hex() if path.is_file() else "folder"
        found[str(path.relative_to(root))] = (hashlib.sha256(held.encode()).hexdigest(), status.st_mtime_ns)
    return found


@contextmanager
def untouched(root: Path) -> Iterator[Path]:
    """A folder with photos, notes and settings, as it was before when the context ends."""
    root.mkdir()
    for name in ("photo.jpg", "notes.txt", ".bashrc", "cells.csv", "trials.parquet", f"{'a' * 20}.json", "b" * 20):
        (root / name).write_bytes(f"precious {name}".encode())
    (root / "album").mkdir()
    (root / "album" / "photo.jpg").write_bytes(b"precious too")
    before = contents(root)
    yield root
    assert contents(root) == before
