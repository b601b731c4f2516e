"""The gate: a table of anybody's -> columns whose types the analysis knows, or one sentence.

What a trial gave has the types of collect.schema. What it was set to may be a text, a whole or a decimal number or a
truth value, whatever the collector has under that name; columns of other types cannot be levels and are left out.
"""

from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from analyze.errors import InvalidTableError
from collect import schema

#: What is measured or tells rows apart, by table; everything else of `trials` is a setting or somebody's own.
MEASURED: dict[str, tuple[schema.Column, ...]] = {
    "trials": (*schema.IDENTITY, *schema.SEED, *schema.OUTCOME),
    "curves": (*schema.IDENTITY, *schema.POINT),
    "layers": (*schema.IDENTITY, *schema.LAYER),
}
SETTINGS = {column.name for column in schema.SETTINGS}

#: Outcomes whose names are those of anybody's settings: in a table of somebody else's they are columns of their own.
OWN = ("study", "reason", "steps", "train_seconds", "wall_seconds", "device", "precision", "stack_size", "train_n")

#: How the columns begin that the analysis adds to trials. Nobody types it.
ADDED = "\x1f"

#: How a column of each type is written.
WORDS = {pa.string(): "text", pa.int64(): "whole numbers", pa.float64(): "numbers", pa.binary(): "bytes"}

#: No set of test images is larger, and no training sees more.
MOST_IMAGES = 2**40

#: No cross-entropy in single precision is larger.
MOST_LOSS = 2.0**128

#: What numbers can be, from zero up.
LIMITS: dict[str, dict[str, int]] = {
    "trials": {"majority_share": 1},
    "curves": {"examples_seen": MOST_IMAGES, "step": MOST_IMAGES, "max_class_share": 1},
    "layers": {"step": MOST_IMAGES, "layer": 2**31},
}

#: Characters of a level, and of a value that a sentence shows.
MOST_LEVEL, MOST_SHOWN = 1000, 80


def tidy(
    table: pa.Table, name: str, path: Path, *, factors: Collection[str] = (), own: bool = False, response: str = ""
) -> pa.Table:
    """The table with the columns that can be used.

    Args:
        table: as it was read.
        name: trials, curves or layers.
        path: named in what is refused.
        factors: columns that must be usable as levels, besides the settings that the collector knows.
        own: whether the table is somebody else's, who may mean anything by the names in OWN.
        response: a column of numbers, whatever it is called.

    Raises:
        InvalidTableError: a measured column is of another type, or a factor cannot have levels.
    """
    measured = {column.name: column.type for column in MEASURED[name] if not (own and column.name in OWN)}
    measured |= {response: pa.float64()} if response else {}
    kept = {}
    for field, values in zip(table.schema, table.columns, strict=True):
        where = f"{path}: column {field.name}"
        values = _without_views(values)  # noqa: PLW2901  # few functions of Arrow know views
        if field.name == "seed":
            kept[field.name] = _seeds(values, where)
        elif field.name in measured:
            kept[field.name] = _measured(values, measured[field.name], where)
        elif name != "trials":
            continue  # settings are those of the trial
        elif field.name.startswith(ADDED):
            raise InvalidTableError(f"{where} has a name that the analysis gives to a column of its own; rename it")
        elif (fault := no_level(values)) is None:
            kept[field.name] = values
        elif field.name in factors or (field.name in SETTINGS and not pa.types.is_null(field.type)):
            raise InvalidTableError(f"{where} holds {fault}, which are no levels of a factor; write text or numbers")
    found = pa.table(kept).replace_schema_metadata(table.schema.metadata) if kept else table.select([])
    for column, most in LIMITS[name].items():
        _require_within(found, column, most, path)
    return _checked(found, path) if name == "trials" else found


def _without_views(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts as texts of Arrow's older type, codes of texts likewise."""
    if pa.types.is_string_view(values.type):
        return values.cast(pa.string())
    if pa.types.is_dictionary(values.type) and pa.types.is_string_view(values.type.value_type):
        texts = [
            pa.DictionaryArray.from_arrays(
                chunk.indices.cast(pa.int32()), chunk.dictionary.cast(pa.string()), ordered=values.type.ordered
            )
            for chunk in values.chunks
        ]
        return pa.chunked_array(texts, pa.dictionary(pa.int32(), pa.string(), ordered=values.type.ordered))
    return values


def _measured(values: pa.ChunkedArray, wanted: pa.DataType, where: str) -> pa.ChunkedArray:
    """The values in the type that the schema has for them; text may stay codes."""
    kind = _kind(values.type)
    if pa.types.is_string(wanted) and _is_text(kind):
        return values
    if pa.types.is_dictionary(values.type):
        values = values.cast(kind)
    if pa.types.is_null(kind):
        return values.cast(wanted)
    if pa.types.is_binary(wanted):
        fits = _is_bytes(kind)
    else:
        fits = pa.types.is_integer(kind) if pa.types.is_string(wanted) else _is_number(kind)
    if not fits:
        shown = cut(str(values.type))
        raise InvalidTableError(f"{where} holds {shown}, first {_first(values)}; write it as {WORDS[wanted]}")
    if pa.types.is_integer(wanted):
        return _whole(values, where)
    found = values.cast(wanted, safe=not pa.types.is_floating(wanted))
    # JSON has no infinity: an infinite loss is a missing one, and so is one whose square is infinite.
    return pc.if_else(pc.less_equal(pc.abs(found), MOST_LOSS), found, None) if where.endswith("loss") else found


def _seeds(values: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """Seeds as whole numbers, or as text where any is none."""
    kind = _kind(values.type)
    if not _is_text(kind):
        return _measured(values, pa.int64(), where)
    values = values.cast(pa.string())
    if (longest := pc.max(pc.binary_length(values)).as_py() or 0) > MOST_LEVEL:
        raise InvalidTableError(f"{where} holds a text of {longest:,} bytes; write a number or a short name")
    whole = pc.match_substring_regex(values, "^-?(0|[1-9][0-9]{0,17})$")
    return values.cast(pa.int64()) if pc.all(whole).as_py() and len(values) else values


def _whole(numbers: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """Numbers that are whole, whatever they were written as; NaN is a missing one."""
    if not pa.types.is_integer(numbers.type):
        numbers = numbers.cast(pa.float64())
        numbers = pc.if_else(pc.is_nan(numbers), None, numbers)
        odd = pc.or_(pc.not_equal(numbers, pc.trunc(numbers)), pc.greater_equal(pc.abs(numbers), 2.0**63))
    elif pa.types.is_uint64(numbers.type):
        odd = pc.greater(numbers, pa.scalar(2**63 - 1, pa.uint64()))
    else:
        return numbers.cast(pa.int64())
    if pc.any(odd).as_py():
        raise InvalidTableError(f"{where} must be a whole number of 64 bits, found {_first(numbers.filter(odd))}")
    return numbers.cast(pa.int64())


def _checked(trials: pa.Table, path: Path) -> pa.Table:
    """Trials with ids and seeds, possible numbers of test images, and outcomes of as many images."""
    for name in {"trial_id", "seed"} & {*trials.column_names}:
        if missing := trials[name].null_count:
            row = pc.index(trials[name].is_valid(), False).as_py() + 1
            raise InvalidTableError(f"{path}: {name} is missing in {missing} rows, first in row {row}")
    if "trial_id" in trials.column_names:
        ids = trials["trial_id"].cast(pa.string())
        if pc.count_distinct(ids).as_py() < len(ids):
            counts = pc.value_counts(ids).to_pylist()
            twice = next(one["values"] for one in counts if one["counts"] > 1)
            raise InvalidTableError(f"{path}: trial_id {cut(twice)} is there more than once")
    if "test_n" not in trials.column_names or trials["test_n"].null_count == len(trials):
        return trials.select([name for name in trials.column_names if name not in ("test_n", "correct_bits")])
    images = trials["test_n"]
    least, most = pc.min_max(images).as_py().values()
    if not 1 <= least <= most <= MOST_IMAGES:
        raise InvalidTableError(f"{path}: test_n must be a number of images, found {least if least < 1 else most}")
    if "correct_bits" in trials.column_names:
        needed = pc.divide(pc.add(images.fill_null(most), 7), 8)  # one without a number was on as many as the others
        held = pc.binary_length(trials["correct_bits"]).cast(pa.int64())
        odd = pc.not_equal(held, needed)
        if pc.any(odd).as_py():
            held, needed = held.filter(odd)[0], needed.filter(odd)[0]
            raise InvalidTableError(f"{path}: correct_bits has {held} bytes where test_n images need {needed}")
    return trials


def _require_within(table: pa.Table, name: str, most: int, path: Path) -> None:
    """Refuse a column with a number outside zero to `most`."""
    if name not in table.column_names:
        return
    values = table[name]
    wrong = values.filter(pc.or_(pc.less(values, 0), pc.greater(values, most)))  # neither holds of a missing number
    if len(wrong):
        sort = "a share " if most == 1 else ""
        raise InvalidTableError(f"{path}: {name} must be {sort}from 0 to {most:,}, found {wrong[0].as_py():g}")


def no_level(values: pa.ChunkedArray) -> str | None:
    """What of the values cannot be a level; None where all can. A half-precision float or a time nobody types."""
    kind = _kind(values.type)
    values = values.cast(kind) if kind != values.type else values
    if _is_text(kind):
        longest = pc.max(pc.binary_length(values)).as_py() or 0
        return f"a text of {longest:,} bytes" if longest > MOST_LEVEL else None
    if pa.types.is_floating(kind) and not pa.types.is_float16(kind):
        return "infinite numbers" if pc.any(pc.is_inf(values)).as_py() else None
    return None if pa.types.is_integer(kind) or pa.types.is_boolean(kind) else cut(str(values.type))


def _first(values: pa.ChunkedArray) -> str:
    """The first value that is there. Arrow prints it: Python has not all of its dates."""
    place = pc.index(values.is_valid(), True).as_py()
    if place < 0:
        return "null"
    return cut(" ".join(values.slice(place, 1).combine_chunks().to_string().split()).strip("[] "))


def cut(text: str) -> str:
    """Somebody's text in a sentence, which has to end."""
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _kind(held: pa.DataType) -> pa.DataType:
    """The type of values, whether or not they are codes."""
    return held.value_type if pa.types.is_dictionary(held) else held


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view, pa.types.is_fixed_size_binary)
    return any(test(kind) for test in tests)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
