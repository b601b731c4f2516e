"""KEY=VALUE as a shell passes it: what it changes in a study, and the right form of what the shell took apart."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from collect.errors import StudyError, closest
from collect.study.study import Analysis
from collect.study.trial import Settings

SECTIONS = ("factors", "recipe", "analysis")
TOP_KEYS = ("name", "network", "dataset", "seeds", *SECTIONS)
#: Keys that stand in no table.
TOP = ("name", "network", "seeds")
#: The keys that need no table before them on the command line.
KEYS = (*TOP, *Settings.model_fields, *Analysis.model_fields)

#: The time that TOML takes grows with the square of the parts of a dotted key, of which a study's have two.
MOST_DOTS = 2000
#: Characters of a key or a value that are shown in a mistake.
MOST_SHOWN = 80

CHANGE = re.compile(r"[A-Za-z_][\w.-]*\s*=")
#: What lists have in TOML and in shells, and do not need.
LOST = re.compile(r"[]\[{}\"'\s]")
NUMBER = re.compile(r"[+-]?(\d+\.|\.\d+|\d+\.\d*)(e[+-]?\d+)?", re.IGNORECASE)


def loads(text: str) -> dict[str, Any]:
    """What TOML says, if it is none that would take minutes to read.

    Raises:
        ValueError, RecursionError: it is no TOML.
    """
    if text.count(".") > MOST_DOTS:
        raise ValueError(f"it has more than {MOST_DOTS:,} dots")
    return tomllib.loads(text)


def shown(value: object) -> str:
    """A value as it was written, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1]}…"


def told_apart(words: Sequence[str], default: str) -> tuple[str, list[str]]:
    """The study and the changes among the words of a command line.

    Raises:
        StudyError: a word is neither, with what would be right.
    """
    _require_whole(words)
    studies = [word for word in words if not CHANGE.match(word) or os.path.lexists(word)]
    _require_one(studies, words)
    return (studies or [default])[0], [word for word in words if word not in studies]


def _require_whole(words: Sequence[str]) -> None:
    """Refuse what the shell took apart at a space, as in `depth = 3` and `activation=[gelu, relu]`."""
    groups: list[list[str]] = []
    for word in words:
        before = "".join(groups[-1]) if groups else ""
        parted = before.endswith(("=", ",")) or before.count("[") > before.count("]") or word[:1] in "=,]"
        if before and parted and not CHANGE.match(word):
            groups[-1].append(word)
        else:
            groups.append([word])
    for group in groups:
        if len(group) > 1:
            raise StudyError(
                f"the shell passed {_several(group)}; write {_right_form(''.join(group))}, without a space"
            )


def _require_one(studies: Sequence[str], words: Sequence[str]) -> None:
    if len(studies) < 2:
        return
    for key in (word for word in studies if word in KEYS):
        value = next(iter(words[words.index(key) + 1 :]), "VALUE")
        raise StudyError(f"{key!r} is a setting without a value; write {key}={value}")
    raise StudyError(f"a command takes one study, not {_several(studies)}; several levels are written depth=2,8")


def _right_form(change: str) -> str:
    """What was probably meant, as every shell passes it."""
    key, _, value = change.partition("=")
    return f"{key.strip()}={LOST.sub('', value).strip(',')}"


def _several(words: Sequence[str]) -> str:
    return f"{', '.join(map(shown, words[:-1]))} and {shown(words[-1])}"


def apply(
    raw: dict[str, Any], changes: Sequence[str], settings: Mapping[str, FieldInfo] = Settings.model_fields
) -> list[str]:
    """Change the plain values of a study of a network with these settings; what cannot be read, a sentence each."""
    mistakes = []
    given: dict[str, str] = {}
    for change in changes:
        try:
            _apply(raw, change, given, settings)
        except StudyError as error:
            mistakes.append(str(error))
    return mistakes


def _apply(raw: dict[str, Any], change: str, given: dict[str, str], settings: Mapping[str, FieldInfo]) -> None:
    key, equals, text = change.partition("=")
    table, dot, name = key.strip().rpartition(".")
    if not equals:
        raise StudyError(f"{shown(change)} is not KEY=VALUE; write for example epochs=1")
    if name in given:
        both = _right_form(f"{name}={given[name]},{text}")
        raise StudyError(f"{name} is given twice, as {shown(given[name])} and {shown(text)}; for both write {both}")
    given[name] = text
    if dot and table not in SECTIONS:
        raise StudyError(f"{shown(key)}: there is no table {table!r}; {closest(table, SECTIONS)}")
    known = (*TOP, *settings, *Analysis.model_fields)
    if not dot and name not in (*known, *KEYS, *SECTIONS):
        raise StudyError(f"unknown key {shown(name)}, {closest(name, known)}")
    if not text.strip():
        raise StudyError(f"{shown(change)} has no value; write for example {key.strip()}={_example(name, settings)}")
    value = _value(text, name, settings)
    _put(raw, name, *((table, value) if dot else _place(name, value, settings)))


def _put(raw: dict[str, Any], name: str, table: str, value: object) -> None:
    """Give a key its value, taking away the one that it has elsewhere."""
    if not table:
        raw[name] = value
        return
    if not isinstance(raw.setdefault(table, {}), dict):
        raise StudyError(f"{name}: {table} is {shown(raw[table])} in the study file, and no table [{table}]")
    if table in ("factors", "recipe"):
        for other in ("factors", "recipe"):
            if isinstance(raw.get(other), dict):
                raw[other].pop(name, None)
        if name == "dataset":
            raw.pop(name, None)
    raw[table][name] = value


def _place(name: str, value: object, settings: Mapping[str, FieldInfo]) -> tuple[str, object]:
    """The table where a key stands that was given without one, and its value there."""
    if name in settings or name in Settings.model_fields:  # whether the network has it is said where tables are read
        return ("factors" if isinstance(value, list) else "recipe"), value
    if name in Analysis.model_fields:
        one_of_several = get_origin(Analysis.model_fields[name].annotation) is list and not isinstance(value, list)
        return "analysis", [value] if one_of_several else value
    return "", value


def _example(name: str, settings: Mapping[str, FieldInfo]) -> object:
    """A value that a key can have."""
    field = {**Analysis.model_fields, **settings}.get(name)
    value = "vit.py:build" if name == "network" else 8 if field is None else field.default
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _value(text: str, name: str, settings: Mapping[str, FieldInfo]) -> object:
    """A value as it was typed: TOML, or bare words, which commas make a list with brackets or without."""
    text = text.strip()
    one = _text if name in ("name", "network") or _is_text(name, settings) else _scalar
    if text[:1] not in "\"'[{":
        return [one(piece) for piece in text.split(",") if piece.strip()] if "," in text else one(text)
    try:
        return loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return [one(piece) for piece in text[1:-1].split(",") if piece.strip()] if _in_brackets(text) else text


def _in_brackets(text: str) -> bool:
    """Whether it is one list of words that lost their quotes on the way, or braces that a shell left as they are."""
    return text[:1] + text[-1:] in ("[]", "{}") and not set("[]{}=") & set(text[1:-1])


def _text(piece: str) -> object:
    """A word as it stands, unless it has quotes."""
    piece = piece.strip()
    return _toml(piece, lambda: piece) if piece[:1] in {'"', "'"} else piece


def _scalar(piece: str) -> object:
    """A number, true, false or a word."""
    piece = piece.strip()
    if piece in ("True", "False"):
        return piece == "True"
    return float(piece) if NUMBER.fullmatch(piece) else _toml(piece, lambda: piece)


def _toml(piece: str, otherwise: Callable[[], object]) -> object:
    try:
        return loads(f"value = {piece}")["value"]
    except (ValueError, RecursionError):
        return otherwise()


def _is_text(name: str, settings: Mapping[str, FieldInfo]) -> bool:
    """Whether the values of a setting are words."""
    if name not in settings:
        return False
    kind = settings[name].annotation
    return kind is str or (get_origin(kind) is Literal and isinstance(get_args(kind)[0], str))
