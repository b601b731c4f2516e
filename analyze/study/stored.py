"""The tables in a study's folder, read as they were written: against the SHA-256 that datapackage.json has of each."""

import hashlib
import os
import shlex
import stat
import time
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path
from typing import Annotated, NamedTuple

import pyarrow as pa
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from analyze.errors import InvalidTableError, StudyNotFoundError
from collect import schema

DESCRIPTION = "datapackage.json"
#: Larger than any description of three tables.
MOST_BYTES = 2**24
#: Seconds to wait before each further look at a table that is not the one described: a collector may be at it.
WAITS = (0.3, 1.0, 0.0)

SHA256 = "sha256:"


class Sum(NamedTuple):
    """The SHA-256 of a file, and its size in bytes."""

    sha256: str
    bytes: int


def newest_study(data: Path = Path("data")) -> Path:
    """The study under `data` whose trials.parquet is newest.

    Raises:
        StudyNotFoundError: there is none.
    """
    tables = [path for path in data.glob("*/trials.parquet") if path.is_file()]
    found = sorted(tables, key=lambda path: path.stat().st_mtime)
    if not found:
        raise StudyNotFoundError(f"no study under {data}/; run `collect run` first, or name a study's folder")
    return found[-1].parent


class _Resource(BaseModel):
    """What datapackage.json says of a table."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    hash: str | None = None
    #: Data packages call it `bytes`, of which validators know nothing where a table is Parquet.
    size: Annotated[int | None, Field(ge=0, validation_alias=AliasChoices("byteSize", "bytes"))] = None


class _Package(BaseModel):
    """What is read of datapackage.json."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    resources: list[_Resource]


def table_path(folder: Path, name: str) -> Path:
    """Where a table of a study lies; the one place to change when studies live elsewhere."""
    return folder / f"{name}.parquet"


def sums(folder: Path) -> dict[str, Sum]:
    """What was written of each table, by its name; empty where nothing says so.

    Raises:
        InvalidTableError: datapackage.json is damaged.
    """
    path = folder / DESCRIPTION
    if not path.is_file():
        return {}
    try:
        with regular(path) as file:
            package = _Package.model_validate_json(file.read(MOST_BYTES))
    except (OSError, ValidationError):
        raise InvalidTableError(f"{path} cannot be read; rebuild it with {_compact(folder)}") from None
    return {
        resource.name: Sum(resource.hash.removeprefix(SHA256), resource.size)
        for resource in package.resources
        if resource.hash and resource.hash.startswith(SHA256) and resource.size is not None
    }


def read(folder: Path, name: str, columns: Sequence[str] | None = None, coded: Sequence[str] = ()) -> pa.Table | None:
    """A table of the study with the asked columns that exist; None where there is no such table.

    Args:
        folder: of the study.
        name: of the table.
        columns: to read; None is all.
        coded: columns of text that stay codes.

    Raises:
        InvalidTableError: the file cannot be read as Parquet, or is not the one that was written.
    """
    path = table_path(folder, name)
    for wait in WAITS:
        promised = sums(folder).get(name)
        if promised is None and not path.is_file():
            return None
        try:
            with regular(path) as file:
                if promised is None or _is_as_promised(file, promised):
                    return schema.read_table(file, columns, coded=coded, threads=True)
        except FileNotFoundError:
            pass
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InvalidTableError(f"{path} cannot be read as Parquet: {error}") from error
        time.sleep(wait)
    raise InvalidTableError(
        f"{path} is not the file that was written: its SHA-256 is not the one in {DESCRIPTION}. If it is "
        f"yours, move it to a folder of its own first; {_compact(folder)} puts the study's own back in its place"
    )


def regular(path: Path) -> BufferedReader:
    """A file opened without waiting for anybody: what is no file, and what is larger than is read, is refused.

    Raises:
        OSError: it is a pipe, a device or a folder, has more than schema.MOST_BYTES, or cannot be opened.
    """
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(number)
    if stat.S_ISREG(found.st_mode) and found.st_size <= schema.MOST_BYTES:
        return os.fdopen(number, "rb")
    os.close(number)
    if stat.S_ISREG(found.st_mode):
        raise OSError(f"it has {found.st_size:,} bytes; more than {schema.MOST_BYTES:,} are not read")
    raise OSError("it is no file")


def _is_as_promised(file: BufferedReader, promised: Sum) -> bool:
    """Whether the file is the one that was written; one of another size is not, and is not read to find out."""
    if os.fstat(file.fileno()).st_size != promised.bytes:
        return False
    return hashlib.file_digest(file, "sha256").hexdigest() == promised.sha256


def _compact(folder: Path) -> str:
    """The command that rebuilds the tables, as it can be typed."""
    return f"collect compact {shlex.quote(str(folder))}"
