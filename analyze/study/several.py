"""Several responses of one study, the first of which decides: what is asked of each."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from analyze.errors import UsageError
from analyze.study.response import AskedResponse

T = TypeVar("T")

#: What a study file says of its responses: one value for all, or a list with one for each; and of the first alone.
OF_RESPONSES, OF_FIRST = ("response", "better", "unit", "scale"), ("bounds", "margin", "margin_ratio")


def each(
    study: Mapping[str, Any],
    *,
    response: str | Sequence[str] | None = None,
    better: str | Sequence[str | None] | None = None,
    unit: str | Sequence[str | None] | None = None,
    scale: str | Sequence[str | None] | None = None,
    margin: float | Sequence[float | None] | None = None,
) -> list[tuple[dict[str, Any], AskedResponse]]:
    """What the study says of every response, and what is asked of it; the first is the one that decides.

    Names and words may be joined by commas. One word is for all of the responses, one margin for the first alone, as it
    has its unit; an empty entry leaves what the study or the column says.

    Args:
        study: the part [analysis] of the resolved study.
        response: the columns that are compared; the study's own where none is named.
        better: which way each is better.
        unit: of each.
        scale: of each.
        margin: of each, in its unit; on the log scale a ratio above 1.

    Raises:
        UsageError: a response is named twice, or an option has as many entries as there are no responses.
    """
    own = _words(study.get("response"), 1)
    names: list[str | None] = [*(_words(response, 2) if response else own)] or [None]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"--response names {twice} twice; name each response once")
    count = len(names)
    margins: list[float | None] = [*margin] if isinstance(margin, Sequence) else [] if margin is None else [margin]
    of_each: dict[str, list[Any]] = {
        "better": _entries("--better", _words(better, count), count),
        "unit": _entries("--unit", _words(unit, count), count),
        "scale": _entries("--scale", _words(scale, count), count),
        "margin": _entries("--margin", [*margins, *[None] * (count - 1)] if len(margins) == 1 else margins, count),
    }
    return [
        (
            _said_of(study, own.index(name) if name in own else 0),
            AskedResponse(name if response else None, **{option: found[place] for option, found in of_each.items()}),
        )
        for place, name in enumerate(names)
    ]


def _said_of(study: Mapping[str, Any], place: int) -> dict[str, Any]:
    """What the study says of the response at this place; bounds and margin are those of the first."""
    own = {key: study[key] for key in OF_RESPONSES if isinstance(study.get(key), list | tuple)}
    left = dict.fromkeys(OF_FIRST) if place else {}
    return dict(study) | {key: value[place] for key, value in own.items()} | left


def _words(value: str | Sequence[str | None] | None, count: int) -> list[str | None]:
    """Words joined by commas as a list, where there may be several."""
    if isinstance(value, str) and count > 1:
        return [one.strip() or None for one in value.split(",")]
    return [] if value is None else [value] if isinstance(value, str) else [*value]


def _entries(option: str, given: list[T | None], count: int) -> list[T | None]:
    """One entry a response."""
    if len(given) not in (0, 1, count):
        raise UsageError(f"{option} has {len(given)} entries for {count} responses; give one, or one for each")
    return given * count if len(given) == 1 else given or [None] * count
