"""A study in an object store: S3, Google Cloud Storage or Azure Blob Storage, through obstore.

An object is put in place by one request that must not find the name taken (If-None-Match), or must find there what was
read (If-Match). The reply to a request that
succeeded can be lost, and a repeated one be told that the name is taken: then the object is read back, and if it holds
what was sent, it is ours. Only whole requests are sent; large tables go up in parts that the service joins at the end.
"""

import functools
import os
import re
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import obstore
from obstore import exceptions
from obstore.store import from_url

from collect.errors import StoreError, UnansweredError, UnreadableError
from collect.store import keys
from collect.store.place.folder import disk_errors
from collect.store.place.interface import Draft, Entry

if TYPE_CHECKING:
    from obstore import UpdateVersion
    from obstore.store import ClientConfig, RetryConfig

#: Requests are repeated by obstore after 5xx replies and broken connections, for this long and this often.
RETRIES: "RetryConfig" = {"max_retries": 6, "retry_timeout": timedelta(seconds=60)}
#: `http://` is for endpoints that a user names so; the services' own are https.
CLIENT: "ClientConfig" = {"allow_http": True, "connect_timeout": "5s", "read_timeout": "30s", "timeout": "300s"}
#: How often an object is put again whose fate is unknown, for obstore does not repeat a PUT that timed out.
ATTEMPTS = 3
READERS = 32

NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "bucket does not exist")
UNANSWERED = ("error sending request", "operation timed out", "error decoding response body", "503 Service Unavailable")
NO_CREDENTIALS = ("169.254.169.254", "metadata.google.internal", "MissingAccessKey", "must be specified")
PROFILE = (
    "no credentials were found; AWS_PROFILE is not read here, so set the keys that it stands for with: "
    'eval "$(aws configure export-credentials --format env)"'
)
#: Where a user may name another service than the cloud's own.
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
WEB = re.compile(r"https?://[^/\s]+(/\S*)?$")
#: What in an error's text points to which cause, and what would be right.
CAUSES = (
    (NO_BUCKET, "there is no such bucket; create it, or check the name and the region"),
    (
        NO_CREDENTIALS,
        (
            "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for s3://, "
            "GOOGLE_SERVICE_ACCOUNT for gs://, AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY for az://"
        ),
    ),
    (
        ("403 Forbidden", "AccessDenied"),
        "access is denied; these credentials need the rights to list, read, write and delete objects there",
    ),
    (("401 Unauthorized",), "these credentials are not accepted; check the keys, and whether they have expired"),
    (
        UNANSWERED,
        "the service cannot be reached or does not answer; check the network and the endpoint, then run again",
    ),
    (
        ("501 Not Implemented", "NotImplemented", "not implemented"),
        "the service does not know conditional writes (If-None-Match); use one that has them, or a folder",
    ),
    (
        ("Unable to recognise URL",),
        "this is no URL of a bucket; write s3://bucket/prefix, gs://bucket/prefix or az://container/prefix",
    ),
)


@dataclass(frozen=True)
class ObjectStore:
    """Everything under one URL. See `collect.store.place.interface.Store` for the methods."""

    url: str

    def __str__(self) -> str:
        """The URL."""
        return self.url

    @property
    def _bucket(self) -> Any:
        with self._request():
            return _connected(self.url)

    def prepare(self) -> None:
        """Find out whether the service refuses to put over an object where it is asked to; some do not.

        Raises:
            StoreError: it does not, so that two collectors could count one trial twice.
        """
        probe = f"{keys.TMP}/probe-{uuid.uuid4().hex}"
        try:
            heeded = self.create(probe, b"first") and not self.create(probe, b"second")
        finally:
            self.delete(probe)
        if not heeded:
            raise StoreError(
                f"{self.url}: the service ignores conditional writes (If-None-Match), so two collectors could "
                "overwrite each other's trials; use a service that has them, or a folder"
            )

    def create(self, key: str, content: bytes) -> bool:
        """Put an object that must not exist yet; False if another's was there."""
        try:
            self._put(key, content, "create")
        except exceptions.AlreadyExistsError:
            return self.read(key) == content
        return True

    def replace(self, key: str, content: bytes) -> None:
        """Put an object, over another if need be."""
        self._put(key, content, "overwrite")

    def swap(self, key: str, old: bytes, new: bytes) -> bool:
        """Put an object over the one that holds this, by If-Match; False if another's is there."""
        with suppress(FileNotFoundError, exceptions.PreconditionError):
            with self._request():
                found = obstore.head(self._bucket, key)
            if self.read(key) == old:
                known: Any = {name: found[name] for name in ("e_tag", "version") if found[name]}
                self._put(key, new, known)
                return True
        return self.read(key) == new

    def _put(self, key: str, content: bytes, mode: 'Literal["create", "overwrite"] | UpdateVersion') -> None:
        """Put an object, again where no answer came: it may have arrived all the same, and to put it again tells."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._request():
                    obstore.put(self._bucket, key, content, mode=mode)
            except UnansweredError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(attempt)
            else:
                return

    @contextmanager
    def writing(self, key: str) -> Iterator[Draft]:
        """A local file that is put when the context ends without an error."""
        with _local_disk(), tempfile.TemporaryFile() as file:
            draft = Draft(file)
            yield draft
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            with self._request():
                put = obstore.put(self._bucket, key, file)
            draft.version = _label(size, put["e_tag"])

    def read(self, key: str, most: int | None = None) -> bytes | None:
        """Everything in an object, or None where there is none."""
        try:
            return b"".join(self._chunks(key, most))
        except FileNotFoundError:
            return None

    def read_all(self, wanted: Sequence[str]) -> Iterator[bytes | None]:
        """`read` of many objects, several at a time, for each waits mostly for the network."""
        with ThreadPoolExecutor(READERS) as pool:
            for start in range(0, len(wanted), 4 * READERS):
                yield from pool.map(self.read, wanted[start : start + 4 * READERS])

    def entries(self, folder: str) -> list[Entry]:
        """Name and entity tag of every object right under a folder."""
        with self._request():
            found = obstore.list_with_delimiter(self._bucket, folder or None)["objects"]
        sized = [(meta["path"].rsplit("/", 1)[-1], meta["size"], meta["e_tag"]) for meta in found]
        return [
            Entry(name, _label(size, tag) if size <= keys.most_bytes(f"{folder}/{name}") else "")
            for name, size, tag in sized
        ]

    @contextmanager
    def opened(self, key: str, most: int | None = None) -> Iterator[BinaryIO]:
        """An existing object, fetched into a local file."""
        with tempfile.TemporaryFile() as file:
            for chunk in self._chunks(key, most):
                with _local_disk():
                    file.write(chunk)
            with _local_disk():
                file.seek(0)  # writes what is still buffered
            yield file

    def _chunks(self, key: str, most: int | None) -> Iterator[bytes]:
        """An object, piece by piece; the service's errors are told from those of whoever takes the pieces."""
        left = keys.most_bytes(key) if most is None else most
        with self._request():
            stream = iter(obstore.get(self._bucket, key).stream())
        while True:
            with self._request():
                chunk = next(stream, None)
            if chunk is None:
                return
            left -= len(chunk)
            if left < 0:
                raise UnreadableError(f"{self.url}/{key} is larger than any object of its name, and is not read")
            yield bytes(chunk)

    def set_aside(self, key: str) -> None:
        """Move an object to the quarantine."""
        content = self.read(key)
        if content is not None:
            place = f"{keys.QUARANTINE}/{key.rsplit('/', 1)[-1]}"
            names = (f"{place}.{number}" if number else place for number in count())
            next(name for name in names if self.create(name, content))
            self.delete(key)

    def delete(self, key: str) -> None:
        """Remove an object."""
        with suppress(FileNotFoundError), self._request():
            obstore.delete(self._bucket, key)

    @contextmanager
    def claim(self, name: str) -> Iterator[bool]:
        """Always granted: nothing is locked here."""
        assert name
        yield True

    def claimed(self, name: str) -> bool:
        """Never: nothing is locked here."""
        assert name
        return False

    def unlockable(self, names: Sequence[str]) -> list[str]:
        """Nothing: nothing is locked here."""
        assert names is not None
        return []

    def clear_scratch(self) -> None:
        """Nothing: what lies in the system's own folder is the system's to clear."""

    def scratch(self) -> None:
        """No local folder belongs to the study."""

    @contextmanager
    def _request(self) -> Iterator[None]:
        """Turn what the service says into one sentence; an object that is absent or there already passes through."""
        try:
            yield
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            raise
        except (FileNotFoundError, exceptions.BaseError, OSError) as error:
            said = str(error)
            if isinstance(error, FileNotFoundError) and not any(code in said for code in NO_BUCKET):
                raise
            unanswered = any(sign in said for sign in UNANSWERED)
            raise (UnansweredError if unanswered else StoreError)(f"{self.url}: {_sentence(said)}") from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # which is no Exception
                raise
            raise StoreError(f"{self.url}: the client of the service broke off ({_sentence(str(error))})") from None


@functools.cache
def _connected(url: str) -> Any:
    _require_endpoints()
    return from_url(url, client_options=CLIENT, retry_config=RETRIES)


def _require_endpoints() -> None:
    """Refuse an endpoint that is no URL, of which the client below would panic.

    Raises:
        StoreError: a variable of the environment holds one.
    """
    for name in ENDPOINTS:
        value = os.environ.get(name)
        if value and not WEB.match(value):
            shown = value.rpartition("@")[2]  # no password is repeated
            raise StoreError(f"{name} is no URL: write http://HOST:PORT or https://HOST:PORT, not {shown!r}")


def _local_disk() -> AbstractContextManager[None]:
    return disk_errors(Path(tempfile.gettempdir(), "tables"))


def _label(size: int, tag: str | None) -> str:
    return f"{size}:{tag}"


def _sentence(said: str) -> str:
    """What is wrong and what would be right, from an error's text."""
    if "AWS_PROFILE" in os.environ and any(sign in said for sign in NO_CREDENTIALS):
        return PROFILE
    return next((sentence for signs, sentence in CAUSES if any(sign in said for sign in signs)), said.splitlines()[0])
