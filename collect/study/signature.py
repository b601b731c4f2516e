"""The settings of a network of one's own, read off the signature of the function that builds it.

Its source is parsed and never run, so that a study of anybody's can be shown, checked and planned without harm. What is
understood: str, int, float, bool, Literal of these, Annotated with pydantic's Field, defaults that are plain values,
and names that the file gives to any of these.
"""

import ast
import functools
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from collect.errors import StudyError, closest
from collect.typed_columns import MOST_INT

PLAIN = {"str": str, "int": int, "float": float, "bool": bool}
#: A value is of its type as it stands, and a number is finite.
STRICT = ConfigDict(strict=True, allow_inf_nan=False)
#: What Field may say of a setting.
SAID = ("ge", "gt", "le", "lt", "min_length", "max_length", "description")
#: Parameters that every network is built from, before its settings.
GIVEN = ("image_shape", "classes")
#: Settings that a network may have, and times that a name may lead to another.
MOST_SETTINGS, MOST_NAMES = 100, 20


class _OddError(Exception):
    """An annotation or a default that is not understood; what it is."""


@functools.lru_cache(maxsize=16)
def settings_of(source: str, function: str, where: str) -> Mapping[str, FieldInfo]:
    """The settings of a network by name: type, legal values, default.

    Args:
        source: the text of a Python file.
        function: that builds the network.
        where: what the file is called.

    Raises:
        StudyError: it is no Python, has no such function, or the signature is none that can be read.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise StudyError(
            f"{where} is not valid Python: {getattr(error, 'msg', None) or type(error).__name__}"
            f"{f' (line {line})' if line else ''}"
        ) from None
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if function not in functions:
        hint = closest(function, functions) if functions else "it has none"
        raise StudyError(f"{where} has no function {function!r}: {hint}")
    named = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    }
    return _Signature(functions[function], named, f"{where}:{function}").settings()


class _Signature:
    def __init__(self, function: ast.FunctionDef, named: Mapping[str, ast.expr], where: str) -> None:
        self.arguments, self.named, self.where = function.args, named, where

    def settings(self) -> dict[str, FieldInfo]:
        """Those after what every network is given."""
        given = self.arguments
        by_place = [*given.posonlyargs, *given.args]
        if given.vararg or given.kwarg:
            raise StudyError(f"{self.where} takes *args or **kwargs; name its settings, so that they can be factors")
        if len(by_place) < len(GIVEN) or len(given.defaults) > len(by_place) - len(GIVEN):
            raise StudyError(
                f"{self.where} must take {' and '.join(GIVEN)} first, and then its settings by keyword: "
                f"def build({', '.join(GIVEN)}, *, depth: int = 4)"
            )
        absent: list[ast.expr | None] = [None] * (len(by_place) - len(given.defaults))
        pairs = list(zip(by_place, [*absent, *given.defaults], strict=True))[len(GIVEN) :]
        pairs += zip(given.kwonlyargs, given.kw_defaults, strict=True)
        if len(pairs) > MOST_SETTINGS:
            raise StudyError(f"{self.where} has {len(pairs)} settings, more than {MOST_SETTINGS}")
        return {argument.arg: self._field(argument, default) for argument, default in pairs}

    def _field(self, argument: ast.arg, default: ast.expr | None) -> FieldInfo:
        if argument.annotation is None:
            raise StudyError(f"{self.where}: {argument.arg} has no type; write for example {argument.arg}: int = 4")
        try:
            kind = self._type(argument.annotation)
            if default is None:
                return FieldInfo.from_annotation(kind)
            return FieldInfo.from_annotated_attribute(kind, self._legal(kind, self._value(default), argument))
        except _OddError as odd:
            raise StudyError(
                f"{self.where}: {argument.arg} (line {argument.lineno}): {odd} is not understood; a setting is a "
                "str, int, float, bool or Literal, its default a plain value"
            ) from None

    def _legal(self, kind: Any, value: Any, argument: ast.arg) -> Any:
        """A default as a value of its type: an int is a number where a float is asked for, in Python as in TOML."""
        try:
            return TypeAdapter(kind, config=STRICT).validate_python(value)
        except ValidationError as error:
            problem = error.errors()[0]["msg"].removeprefix("Input ")
            raise StudyError(
                f"{self.where}: {argument.arg} (line {argument.lineno}): its default {value!r} {problem}"
            ) from None

    def _type(self, node: ast.expr, names: int = 0) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and names < MOST_NAMES:
            return self._type(_parsed(node.value), names + 1)  # a forward reference
        name = _name(node)
        if name in PLAIN:
            return PLAIN[name]
        if name in self.named and names < MOST_NAMES:
            return self._type(self.named[name], names + 1)
        if isinstance(node, ast.Subscript) and _name(node.value) == "Literal":
            return Literal[tuple(self._levels(node.slice))]
        if isinstance(node, ast.Subscript) and _name(node.value) == "Annotated" and isinstance(node.slice, ast.Tuple):
            kind, *said = node.slice.elts
            return Annotated[(self._type(kind, names), *(field for one in said for field in self._said(one)))]
        raise _OddError(ast.unparse(node))

    def _levels(self, node: ast.expr) -> list[Any]:
        """Legal values, all of one type, for they are values of one column."""
        levels = [self._value(one) for one in (node.elts if isinstance(node, ast.Tuple) else [node])]
        if not levels or len({type(level) for level in levels}) > 1:
            raise _OddError(f"Literal[{ast.unparse(node)}], of several types,")
        return levels

    def _said(self, node: ast.expr) -> list[FieldInfo]:
        if not isinstance(node, ast.Call) or _name(node.func) != "Field":
            return []  # a note of somebody else's
        odd = [keyword.arg for keyword in node.keywords if keyword.arg not in SAID]
        if node.args or odd:
            raise _OddError(ast.unparse(node))
        said: dict[str, Any] = {str(keyword.arg): self._value(keyword.value) for keyword in node.keywords}
        field: FieldInfo = Field(**said)
        return [field]

    def _value(self, node: ast.expr, names: int = 0) -> Any:
        if isinstance(node, ast.Name) and node.id in self.named and names < MOST_NAMES:
            return self._value(self.named[node.id], names + 1)
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, RecursionError, MemoryError):
            raise _OddError(ast.unparse(node)) from None
        if type(value) not in PLAIN.values() or (type(value) is int and abs(value) > MOST_INT):
            raise _OddError(ast.unparse(node))
        return value


def _parsed(written: str) -> ast.expr:
    try:
        return ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _OddError(repr(written)) from None


def _name(node: ast.expr) -> str:
    """What stands there, without the module it is from."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
