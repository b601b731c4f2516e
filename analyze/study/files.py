"""Trials as anybody keeps them: a study's folder, files of the usual formats, or a folder of parts of one table."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from analyze.errors import InvalidTableError, StudyNotFoundError, UsageError, not_one_of
from analyze.findings import ACCURACY
from analyze.study import stored
from analyze.study.parts import Part, parts_of, typed, with_values
from collect import schema

#: Columns of labels, which stay codes.
LABELS = ("bn_mode", "eval_set", "kind", "split", "trial_id")

#: What stands for a missing value in a text file.
MISSING = ["", "NA", "N/A", "NaN", "nan", "NULL", "null", "<NA>"]

_ROW_NUMBERS = re.compile("__index_level_[0-9]+__")


@dataclass(frozen=True)
class Source:
    """A table of trials as it was read, and what is known of it by its place.

    `folder` takes the results; curves and layers lie in it where `study` says that it is a study's own. `typed` is
    what a user types to name it.
    """

    table: pa.Table
    path: Path
    folder: Path
    name: str
    study: bool
    typed: tuple[Path, ...] = ()


def opened(place: Path, *more: Path) -> Source:
    """The trials that lie there; those of several files are one table, in which column `file` names the file.

    Raises:
        StudyNotFoundError: there are none.
        InvalidTableError: a file cannot be read in the format that its name ends with, or files do not fit together.
        UsageError: its name ends with none that is known, or one of several is no file.
    """
    if not more:
        return _opened(place)
    for one in (place, *more):
        if (one / "trials.parquet").is_file():
            raise UsageError(f"{one} is a study of its own; name one study, or several files of trials")
    each = [_opened(one) for one in (place, *more)]
    marked = [
        source.table
        if "file" in source.table.column_names
        else source.table.append_column("file", pa.array([source.name] * len(source.table), pa.string()))
        for source in each
    ]
    path = Path(f"{place} and {len(more)} more")
    name = f"{each[0].name}+{len(more)}"
    return Source(_joined(marked, path), path, each[0].folder, name, study=False, typed=(place, *more))


def _opened(place: Path) -> Source:
    if place.name == "trials.parquet" and place.is_file():
        return replace(_opened(place.parent), typed=(place,))
    parts = parts_of(place, (*READERS, *(f"{one}.gz" for one in PACKED))) if place.is_dir() else []
    if place.is_dir() and not (parts and not stored.table_path(place, "trials").exists()):
        table = stored.read(place, "trials", None, LABELS)
        if table is None:
            raise StudyNotFoundError(_without_table(place))
        path, name = stored.table_path(place, "trials"), place.resolve().name
        return Source(table, path, place, name, study=True, typed=(place,))
    if not place.exists():
        raise StudyNotFoundError(f"there is no {place}; name a study's folder, or a file of trials")
    name = place.resolve().name
    for ending in reversed(place.suffixes):
        name = name.removesuffix(ending) if ending.lower() in ENDINGS else name
    table = _whole(parts, place) if parts else _read(place)
    return Source(table, place, place.parent, name, study=False, typed=(place,))


def _without_table(folder: Path) -> str:
    """Why a folder has no trials, and what to type."""
    if not (folder / "plan.parquet").is_file():
        known = next((one.suffix for one in sorted(folder.iterdir()) if one.suffix.lower() in READERS), None)
        cure = f"name the files in it: {folder}/*{known}" if known else "is it a study's folder?"
        return f"{folder} has no trials.parquet; {cure}"
    name = shlex.quote(str(folder))
    return (
        f"{folder} has no trials.parquet yet: collect writes it when a run ends. How far it is, says collect status "
        f"{name}; collect run {name} goes on, and collect compact {name} makes tables of the trials that have ended"
    )


def _read(path: Path) -> pa.Table:
    """The table in a file, by the end of its name."""
    kinds = [one.lower() for one in path.suffixes]
    kind = next((one for one in reversed(kinds) if one != ".gz"), "")
    if kind not in READERS or (kinds[-1] == ".gz" and kind not in PACKED):
        known = ", ".join(READERS)
        raise UsageError(f"{path} has none of the endings {known} (the texts with .gz too); convert it to one of them")
    try:
        with stored.regular(path) as file, schema.bounded_memory():
            stream = pa.CompressedInputStream(file, "gzip") if kinds[-1] == ".gz" else file
            table = READERS[kind](stream)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidTableError(f"{path} cannot be read as {kind[1:]}: {said}") from None
    require_one_of_each(table, path)
    return table


def require_one_of_each(table: pa.Table, path: Path) -> None:
    """Refuse a table with two columns of one name, or with one that is no text."""
    try:
        names = table.column_names
    except UnicodeDecodeError:
        raise InvalidTableError(f"{path} has a column whose name is not UTF-8; write the file in UTF-8") from None
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InvalidTableError(f"{path} has two columns {twice}; give them different names")


def _text(delimiter: str) -> Callable[[object], pa.Table]:
    """Reads a text with a header; an empty field is a missing value."""

    def read(stream: object) -> pa.Table:
        from pyarrow import csv  # noqa: PLC0415  # for texts alone

        return csv.read_csv(
            stream,
            csv.ReadOptions(use_threads=False),
            csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            csv.ConvertOptions(null_values=MISSING, strings_can_be_null=True),
        )

    return read


def _lines(stream: object) -> pa.Table:
    from pyarrow import json  # noqa: PLC0415  # for texts alone

    return json.read_json(stream, json.ReadOptions(use_threads=False))


def _feather(stream: object) -> pa.Table:
    from pyarrow import feather  # noqa: PLC0415  # for such files alone

    return feather.read_table(stream, use_threads=False, memory_map=False)


READERS: dict[str, Callable[[object], pa.Table]] = {
    ".csv": _text(","),
    ".tsv": _text("\t"),
    ".jsonl": _lines,
    ".parquet": schema.read_table,
    ".feather": _feather,
}
PACKED = (".csv", ".tsv", ".jsonl")
ENDINGS = (*READERS, ".gz")


def _whole(parts: list[Part], path: Path) -> pa.Table:
    """The table of these parts, with the columns that their folders name."""
    table = _joined([with_values(_read(part.path), part.values) for part in parts], path)
    for name in dict.fromkeys(name for part in parts for name in part.values):
        if pa.types.is_string(table[name].type):
            table = table.set_column(table.column_names.index(name), name, typed(table[name]))
    return table


def _joined(tables: list[pa.Table], path: Path) -> pa.Table:
    """Parts of one table, which have the same columns."""
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise InvalidTableError(f"the parts in {path} have columns of different types: {error}") from None


def named(source: Source, *, trial_id: str, seed: str, response: str) -> pa.Table:
    """The table with its trial_id and seed under these names; trials without an id are numbered.

    Row numbers that pandas keeps of its own accord are no column.

    Raises:
        UsageError: there is no column that was named.
        InvalidTableError: it has no seed, no accuracy where that is compared, or no rows.
    """
    table, path = source.table, source.path
    table = table.drop_columns([name for name in table.column_names if _ROW_NUMBERS.fullmatch(name)])
    for name, column, option in (("trial_id", trial_id, "--id"), ("seed", seed, "--seed")):
        if column != name:
            if column not in table.column_names:
                raise UsageError(not_one_of(option, column, table.column_names))
            table = table.drop_columns(name) if name in table.column_names else table
            table = table.rename_columns([name if one == column else one for one in table.column_names])
    missing = [name for name in ("seed",) if name not in table.column_names]
    counted = {"test_correct", "test_n"} <= {*table.column_names}
    if response == ACCURACY.name and response not in table.column_names and not counted:
        missing.append("test_accuracy (or test_correct and test_n)")
    if missing:
        cure = "; name the column of the seed with --seed" if "seed" in missing else ""
        cure += "" if missing == ["seed"] else "; name the column that is compared with --response"
        raise InvalidTableError(f"{path} lacks {', '.join(missing)}; it has {', '.join(table.column_names)}{cure}")
    if not len(table):
        raise InvalidTableError(f"{path} has no trials yet")
    if "trial_id" not in table.column_names:
        table = table.add_column(0, "trial_id", pa.array([str(row) for row in range(1, len(table) + 1)]))
    return table
