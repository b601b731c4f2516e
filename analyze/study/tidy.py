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

#: What is measured or tells rows apart, by table; everything else of `trials` is a setting.
MEASURED = {
    "trials": (*schema.IDENTITY, *schema.SEED, *schema.OUTCOME),
    "curves": (*schema.IDENTITY, *schema.POINT),
    "layers": (*schema.IDENTITY, *schema.LAYER),
}

#: No set of test images is larger, and no training sees more.
MOST_IMAGES = 2**40

#: What a curve's numbers can be, from zero up.
LIMITS = {"examples_seen": MOST_IMAGES, "step": MOST_IMAGES, "layer": 2**31, "accuracy": 1}


def tidy(table: pa.Table, name: str, path: Path, *, factors: Collection[str] = ()) -> pa.Table:
    """The table with the columns that can be used.

    Args:
        table: as it was read.
        name: trials, curves or layers.
        path: named in what is refused.
        factors: columns that must be usable as levels.

    Raises:
        InvalidTableError: a measured column is of another type, or a factor cannot have levels.
    """
    measured = {column.name: column.type for column in MEASURED[name]}
    kept = {}
    for field, values in zip(table.schema, table.columns, strict=True):
        if field.name in measured:
            kept[field.name] = _measured(values, measured[field.name], field.name, path)
        elif _is_level(field.type):
            kept[field.name] = values
        elif field.name in factors:
            raise InvalidTableError(
                f"{path}: column {field.name} holds {field.type}, which are no levels of a factor; write them as text "
                "or numbers"
            )
    found = pa.table(kept).replace_schema_metadata(table.schema.metadata) if kept else table.select([])
    if name == "trials":
        return _checked(found, path)
    for column, most in LIMITS.items():
        _require_within(found, column, most, path)
    return found


def _measured(values: pa.ChunkedArray, wanted: pa.DataType, name: str, path: Path) -> pa.ChunkedArray:
    """The values in the type that the schema has for them; numbers stay whole where they are."""
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_binary(wanted):
        fits, to = pa.types.is_binary(kind) or pa.types.is_large_binary(kind), wanted
    elif pa.types.is_string(wanted):
        fits, to = _is_text(kind) or pa.types.is_integer(kind), values.type if _is_text(kind) else wanted
    else:
        fits, to = _is_number(kind), values.type if pa.types.is_integer(kind) else pa.float64()
    if not (fits or pa.types.is_null(kind)):
        raise InvalidTableError(f"{path}: column {name} holds {values.type}, not {wanted}")
    try:
        found = values.cast(wanted if pa.types.is_null(kind) else to)
    except pa.ArrowException as error:
        raise InvalidTableError(f"{path}: column {name} cannot be read as {wanted}: {error}") from None
    # JSON has no infinity: an infinite loss is a missing one.
    return pc.if_else(pc.is_finite(found), found, None) if name.endswith("loss") else found


def _checked(trials: pa.Table, path: Path) -> pa.Table:
    """Trials with ids of their own and possible numbers of test images, as many as there are outcomes."""
    if "trial_id" in trials.column_names:
        ids = trials["trial_id"].cast(pa.string())
        if ids.null_count:
            raise InvalidTableError(f"{path}: trial_id is missing in {ids.null_count} rows")
        if pc.count_distinct(ids).as_py() < len(ids):
            counts = pc.value_counts(ids).to_pylist()
            twice = next(one["values"] for one in counts if one["counts"] > 1)
            raise InvalidTableError(f"{path}: trial_id {twice} is there more than once")
    if "test_n" not in trials.column_names:
        return trials
    images = trials["test_n"]
    if images.null_count == len(images):
        return trials.drop_columns(["test_n"])
    least, most = pc.min_max(images).as_py().values()
    if not 1 <= least <= most <= MOST_IMAGES:
        raise InvalidTableError(f"{path}: test_n must be a number of images, found {least if least < 1 else most}")
    if "correct_bits" in trials.column_names:
        bits = pc.multiply(pc.binary_length(trials["correct_bits"]).cast(pa.int64()), 8)
        if pc.any(pc.less(bits.cast(pa.float64()), images.cast(pa.float64()))).as_py():
            raise InvalidTableError(f"{path}: correct_bits has fewer bits than test_n has images")
    return trials


def _require_within(table: pa.Table, name: str, most: float, path: Path) -> None:
    """Refuse a column with a number, or something that is none, outside zero to `most`."""
    if name not in table.column_names:
        return
    values = table[name]
    wrong = values.filter(pc.or_(pc.less(values, 0), pc.greater(values, most)))  # neither holds of a missing number
    if len(wrong):
        raise InvalidTableError(f"{path}: {name} must be from 0 to {most:,}, found {wrong[0].as_py():g}")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_level(kind: pa.DataType) -> bool:
    """Whether values may be levels: a half-precision float or a time is none that anybody typed."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    plain = _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    return bool(plain or (pa.types.is_floating(kind) and not pa.types.is_float16(kind)))
