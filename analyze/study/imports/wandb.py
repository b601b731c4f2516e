"""Weights & Biases: offline run folders (run-….wandb in each), and the runs table exported as CSV.

A .wandb file is a log in LevelDB's format, of records that the package wandb describes.
"""

import ast
import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyze.errors import InvalidTableError
from analyze.study import files, stored
from analyze.study.columns import named_like_a_result
from analyze.study.imports.run import Point, Run, Setting, flat, missing

if TYPE_CHECKING:
    from wandb.proto.wandb_internal_pb2 import Record

NAME = "Weights & Biases"

LOG = "run-*.wandb"

#: Columns of an exported table that say how a run went; `summary` and `config` are those of the export by script.
BOOKKEEPING = frozenset(
    [
        *("Name", "Notes", "User", "Tags", "Created", "Updated", "End Time", "Runtime", "Sweep", "Group", "Job Type"),
        *("ID", "Description", "Entity", "Project", "Hostname", "Commit", "GitHub", "GPU Count", "GPU Type"),
        "CPU Count",
    ]
)

#: The log's blocks, the header of the file and of each chunk: checksum, length, kind (whole, first, middle, last).
BLOCK, FILE_HEADER, CHUNK_HEADER = 32768, 7, struct.Struct("<IHB")
WHOLE, FIRST, LAST = 1, 2, 4


def recognises(source: str) -> bool:
    """Whether it is a folder of runs, or a table with the columns of an export."""
    path = Path(source)
    if path.is_dir():
        return next(path.rglob(LOG), None) is not None
    return path.suffix == ".csv" and bool(
        {"Name", "State"} <= (columns := _columns_of(path)) or {"summary", "config"} <= columns
    )


def read(source: str) -> Iterator[Run]:
    """The runs: configuration is their settings, the summary their metrics.

    Raises:
        MissingLibraryError: wandb is not installed, and there are .wandb files.
        InvalidTableError: a file cannot be read.
    """
    path = Path(source)
    if path.is_file():
        yield from _exported(path)
    for log in sorted(path.rglob(LOG)) if path.is_dir() else ():
        yield _offline(log)


def _columns_of(path: Path) -> set[str]:
    """The header of a table; nothing where it is none."""
    try:
        return set(files.opened(path).table.column_names)
    except InvalidTableError:
        return set()


def _exported(path: Path) -> Iterator[Run]:
    """A run a row. The export by script has dictionaries; the one by hand mixes configuration and summary."""
    for number, row in enumerate(files.opened(path).table.to_pylist(), start=1):
        if isinstance(row.get("config"), str) and isinstance(row.get("summary"), str):
            settings, measured = flat(_dictionary(row["config"], path)), flat(_dictionary(row["summary"], path))
            yield Run(str(row.get("name") or number), settings, _numbers(measured))
            continue
        told = {name: str(value) for name, value in row.items() if name in BOOKKEEPING and value is not None}
        rest = {name: one for name, one in row.items() if name not in BOOKKEEPING | {"State"} and not _internal(name)}
        measured = {name: one for name, one in rest.items() if named_like_a_result(name) and not isinstance(one, str)}
        settings = {name: one for name, one in rest.items() if name not in measured}
        yield Run(str(row.get("ID") or number), settings, _numbers(measured), str(row.get("State")), bookkeeping=told)


def _dictionary(text: str, path: Path) -> dict[str, Any]:
    """What Python prints of a dictionary; numbers that are not finite have no literal."""
    try:
        found = ast.literal_eval(re.sub(r"(?<=[\s:\[,-])(nan|inf)(?=[,}\]])", "None", text))
    except (ValueError, SyntaxError):
        raise InvalidTableError(f"{path}: {text[:60]} is no dictionary, as the export by script writes it") from None
    return {name: one for name, one in dict(found).items() if not _internal(name)}


def _internal(name: str) -> bool:
    return str(name).startswith("_")


def _numbers(values: Mapping[str, Setting]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _offline(path: Path) -> Run:
    """The run in a log."""
    try:
        from wandb.proto.wandb_internal_pb2 import Record  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise missing(NAME, "wandb") from None
    settings: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    points: list[Point] = []
    status, told = "running", {}
    for content in _chunks(path):
        record = Record.FromString(content)
        kind = record.WhichOneof("record_type")
        if kind == "run":
            told = {"run_name": record.run.display_name}
            settings |= _items(record.run.config.update)
        elif kind == "config":
            settings |= _items(record.config.update)
        elif kind == "summary":
            summary |= _items(record.summary.update)
        elif kind == "history":
            points += _points(record)
        elif kind == "exit":
            status = "failed" if record.exit.exit_code else "finished"
    last = {point.metric: point.value for point in points}
    return Run(
        id=path.stem.removeprefix("run-"),
        settings={name: one for name, one in flat(settings).items() if not _internal(name)},
        metrics=last | {name: one for name, one in _numbers(flat(summary)).items() if not _internal(name)},
        status=status,
        points=points,
        bookkeeping=told,
    )


def _points(record: "Record") -> list[Point]:
    """What was logged at one step."""
    values = _items(record.history.item)
    step = int(values.get("_step", record.history.step.num))
    epoch = values.get("epoch")
    return [
        Point(name, step, value, epoch if isinstance(epoch, int | float) else None)
        for name, value in _numbers(flat(values)).items()
        if not _internal(name) and name != "epoch"
    ]


def _items(items: Iterable[Any]) -> dict[str, Any]:
    """Keys with their values, which are JSON; a nested key is dotted."""
    return {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in items}


def _chunks(path: Path) -> Iterator[bytes]:
    """The records of a log; one that was cut off in its middle ends it."""
    with stored.regular(path) as file:
        content = file.read()
    if not content.startswith(b":W&B"):
        raise InvalidTableError(f"{path} is no log of Weights & Biases")
    place, held = FILE_HEADER, b""
    while place + CHUNK_HEADER.size <= len(content):
        if (left := BLOCK - place % BLOCK) < CHUNK_HEADER.size:
            place += left
            continue
        _, length, kind = CHUNK_HEADER.unpack_from(content, place)
        place += CHUNK_HEADER.size
        if kind == 0 or place + length > len(content):
            return
        held = content[place : place + length] if kind in (WHOLE, FIRST) else held + content[place : place + length]
        place += length
        if kind in (WHOLE, LAST):
            yield held
