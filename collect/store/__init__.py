"""Keeps finished trials: committed whole and first-writer-wins, read back checked, put together into tidy tables.

May import: study, schema, errors. What a trial gave (`outcome`) and bytes in a place (`place`) know nothing of plans.
"""

from pathlib import Path
from urllib.parse import urlsplit

from collect.errors import StoreError
from collect.store.place.interface import Store

SCHEMES = ("s3", "gs", "az")


def open_store(where: str) -> Store:
    """The store at a path, or at a URL such as s3://bucket/prefix.

    Raises:
        StoreError: a folder of the study leads elsewhere, or the URL holds a password or is none of a bucket.
    """
    if "://" in where:
        _require_bucket(where)
        from collect.store.place.bucket import ObjectStore  # noqa: PLC0415  # not every study is in a bucket

        return ObjectStore(where.rstrip("/"))
    from collect.store.place.folder import FolderStore  # noqa: PLC0415  # imported by none but who needs it

    store = FolderStore(Path(where))
    store.require_own_folders()
    return store


def _require_bucket(url: str) -> None:
    """Refuse a URL with credentials in it, and do not repeat it: it would stand in logs and in the resume line.

    Those of files are refused too: a folder is opened by its path alone, which looks where its subfolders lead.
    """
    forms = "write s3://bucket/prefix, gs://bucket/prefix or az://container/prefix, or the path of a folder"
    try:
        split = urlsplit(url)
    except ValueError:
        raise StoreError(f"this is no URL of a bucket; {forms}") from None
    if "@" in split.netloc or split.query:
        raise StoreError(
            f"the {split.scheme}:// URL holds a key or a password; give it by environment variables "
            "(AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for s3://) and name the bucket alone"
        )
    if split.scheme not in SCHEMES or not split.netloc:
        raise StoreError(f"{url} is no URL of a bucket; {forms}")
