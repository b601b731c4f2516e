"""Classes of values held against their columns in `collect.schema`, so that no field is lost when it is written."""

import inspect
from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin

import pyarrow as pa

from collect.schema import Column

#: What columns of Python's values are made of.
ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), bytes: pa.binary()}
#: The largest whole number, of either sign, that a column of them holds.
MOST_INT = 2**63 - 1


def require_columns(values: type, columns: Sequence[Column]) -> None:
    """Hold a class of values against their columns: the same names in the same order, of the same types.

    A field without a column would be lost in silence when it is written, and take its default when it is read.

    Raises:
        TypeError: saying what differs.
    """
    fields = [(name, str(arrow_type(hint))) for name, hint in inspect.get_annotations(values).items()]
    expected = [(column.name, str(column.type)) for column in columns]
    if fields != expected:
        odd = ", ".join(sorted({" ".join(odd) for odd in {*fields} ^ {*expected}})) or "their order"
        raise TypeError(f"{values.__name__} and its columns in collect.schema differ in {odd}")


def arrow_type(hint: Any) -> pa.DataType:
    """The column type of what is annotated so; a value that may be None has the type that it has otherwise."""
    if get_origin(hint) is Annotated:
        return arrow_type(get_args(hint)[0])
    if get_origin(hint) is Literal:
        return ARROW[type(get_args(hint)[0])]
    if isinstance(hint, UnionType):
        [hint] = [kind for kind in get_args(hint) if kind is not NoneType]
    return ARROW[hint]
