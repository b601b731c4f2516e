"""Keeps finished trials: committed whole and first-writer-wins, read back checked, put together into tidy tables."""

from pathlib import Path

from collect.store.interface import Store


def open_store(where: str) -> Store:
    """The store at a path, or at a URL such as s3://bucket/prefix."""
    if "://" in where:
        from collect.store.objects import ObjectStore  # noqa: PLC0415  # not every study is in a bucket

        return ObjectStore(where.rstrip("/"))
    from collect.store.folder import FolderStore  # noqa: PLC0415  # imported by none but who needs it

    return FolderStore(Path(where))
