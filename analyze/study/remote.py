"""A study in a bucket: its tables, fetched. The collector's own view of buckets is not the analysis' affair."""

import atexit
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from analyze.errors import InvalidTableError, StudyNotFoundError, UsageError
from analyze.study import stored
from collect import schema

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

SCHEMES = ("s3", "gs", "az")
FORMS = "write s3://bucket/prefix, gs://bucket/prefix or az://container/prefix, or the path of a folder"
FILES = ("trials.parquet", "curves.parquet", "layers.parquet", stored.DESCRIPTION)
RETRIES: "RetryConfig" = {"max_retries": 6}
CLIENT: "ClientConfig" = {"allow_http": True, "connect_timeout": "5s", "read_timeout": "30s", "timeout": "300s"}

CAUSES = (
    (("NoSuchBucket", "ContainerNotFound", "bucket does not exist"), "there is no such bucket; check name and region"),
    (
        ("169.254.169.254", "metadata.google.internal", "must be specified"),
        "no credentials were found; set the environment variables that the service asks for, as for the collector",
    ),
    (("403 Forbidden", "401 Unauthorized"), "access is denied; these credentials must be allowed to read there"),
    (("error sending request", "timed out", "503 Service"), "the service does not answer; check network and endpoint"),
)


def fetch(url: str) -> Path:
    """A folder with the tables under a URL, removed when the process ends.

    Raises:
        UsageError: the URL holds a password, or is none of a bucket.
        InvalidTableError: a table is too large to be read, or larger than the service lists it.
        StudyNotFoundError: there is no trials.parquet, or the service refuses; the message says why.
    """
    import obstore  # noqa: PLC0415  # for studies in buckets alone
    from obstore import exceptions  # noqa: PLC0415
    from obstore.store import from_url  # noqa: PLC0415

    _require_bucket(url)
    scratch = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    name = url.rstrip("/").rsplit("/", 1)[-1]
    folder = scratch / (name if name.strip(".") else "study")
    folder.mkdir()
    try:
        bucket = from_url(url, client_options=CLIENT, retry_config=RETRIES)
        found = {meta["path"]: meta["size"] for meta in obstore.list_with_delimiter(bucket)["objects"]}
        for name in FILES:
            size = found.get(name, 0)
            if size > schema.MOST_BYTES:
                raise InvalidTableError(
                    f"{url}/{name} has {size:,} bytes; more than {schema.MOST_BYTES:,} are not read"
                )
            if name in found:
                with (folder / name).open("wb") as file:
                    for chunk in obstore.get(bucket, name).stream():
                        file.write(chunk)
                        if file.tell() > size:
                            raise InvalidTableError(f"{url}/{name} has more bytes than the {size:,} it is listed with")
    except (exceptions.BaseError, OSError) as error:
        said = str(error)
        causes = (cause for signs, cause in CAUSES if any(sign in said for sign in signs))
        raise StudyNotFoundError(f"{url}: {next(causes, said.splitlines()[0])}") from None
    if FILES[0] not in found:
        raise StudyNotFoundError(f"{url} has no trials.parquet; is it a study's URL?")
    return folder


def _require_bucket(url: str) -> None:
    """Refuse a URL with credentials in it, and do not repeat it; and one of anything but a bucket."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UsageError(f"this is no URL of a bucket; {FORMS}") from None
    if "@" in parts.netloc or parts.query:
        raise UsageError(
            f"the {parts.scheme}:// URL holds a key or a password; give it by environment variables, as for the "
            "collector, and name the bucket alone"
        )
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise UsageError(f"{url} is no URL of a bucket; {FORMS}")
