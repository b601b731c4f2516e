"""Levels, cells and numbers as a sentence without statistics names them: activation first, 2 layers, ten seeds."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from analyze.findings import Cell, Level
from analyze.report.subject import Subject, cell_key
from analyze.report.words import amounts, display, naming
from analyze.report.words.catalogue import Catalogue

#: Where BatchNorm stands.
ORDERING = "ordering"

#: Factors whose levels need no word of explanation: relu, activation first.
OF_THEMSELVES = (ORDERING, "activation")

#: More levels than these are not listed one by one.
MOST_LEVELS = 20


def level(factor: str, name: Level, words: Catalogue) -> Markup:
    """A level of a factor: activation first, 2 layers, tanh, learning rate 0.01."""
    if _has_name(factor, name, words):
        return words(f"spoken.{factor}.{name}")
    if factor == "depth" and isinstance(name, int):
        return words("spoken.layer" if name == 1 else "spoken.layers", n=naming.level(name))
    if isinstance(name, str):
        return words("spoken.name", name=naming.level(name))
    return words("spoken.name", name=words("level_of", factor=naming.factor(factor, words), level=naming.level(name)))


def levels(factor: str, names: Sequence[Level], words: Catalogue) -> Markup:
    """One of several levels: relu or tanh; what numbers share is said once, as in 2 or 4 layers."""
    if len(names) == 1 or factor in OF_THEMSELVES or all(_has_name(factor, name, words) for name in names):
        return _either([_of(factor, name, words) for name in names], words)
    parts = [naming.level(name) for name in names]
    if factor == "depth" and len(names) > MOST_LEVELS:
        return _listed([*parts[:-1], words("spoken.layers", n=parts[-1])], words)
    listed = _listed(parts, words)
    if factor == "depth":
        return words("spoken.layers", n=listed)
    return words("spoken.name", name=words("level_of", factor=naming.factor(factor, words), level=listed))


def _of(factor: str, name: Level, words: Catalogue) -> Markup:
    """A level with the name of its factor, unless it says that by itself."""
    if factor in OF_THEMSELVES or not isinstance(name, str) or _has_name(factor, name, words):
        return level(factor, name, words)
    return words("spoken.name", name=words("level_of", factor=naming.factor(factor, words), level=naming.level(name)))


def _has_name(factor: str, name: Level, words: Catalogue) -> bool:
    """Whether the catalogues have a name for this level of this factor."""
    return f"spoken.{factor}.{name}" in words.messages


def _listed(parts: Sequence[Markup], words: Catalogue) -> Markup:
    """One of several, or of very many the first, the last and how many there are."""
    if len(parts) <= MOST_LEVELS:
        return _either(parts, words)
    return words("spoken.from_to", first=parts[0], last=parts[-1], count=display.count(len(parts)))


def _either(parts: Sequence[Markup], words: Catalogue) -> Markup:
    """One of several: a, b or c."""
    *first, last = parts
    return words("spoken.or", first=words("list.comma").join(first), last=last) if first else last


def where(cells: Sequence[Cell], subject: Subject, words: Catalogue, *, other: bool = False) -> Markup:
    """A set of cells as a place: with 2 layers and tanh, with tanh, in three (other) set-ups, in every set-up."""
    if len(cells) == len(subject.cells):
        return words("spoken.everywhere")
    networks = subject.moderators.keys() <= {"depth", "activation"}
    key = "spoken.with_network" if networks else "spoken.with_set_up"
    common = _common(cells, subject)
    if common:
        return words(key, cell=levels(*common, words))
    if len(cells) == 1:
        *first, last = (_of(name, one, words) for name, one in cells[0].items())
        both, comma = ("spoken.both", "spoken.comma") if networks else ("spoken.both_named", "list.comma")
        return words(key, cell=words(both, first=words(comma).join(first), last=last) if first else last)
    return words("spoken.others" if other else "spoken.count", count=number(len(cells), words))


def _common(cells: Sequence[Cell], subject: Subject) -> tuple[str, list[Level]] | None:
    """The moderator, and those of its levels, that give exactly these cells."""
    wanted = {cell_key(cell) for cell in cells}
    for name, every in subject.moderators.items():
        there = [one for one in every if any(cell[name] == one for cell in cells)]
        if len(there) < len(every) and wanted == {cell_key(one) for one in subject.cells if one[name] in there}:
            return name, there
    return None


def number(count: int, words: Catalogue) -> Markup:
    """A number of things: in words up to twelve."""
    if f"number.{count}" in words.messages:
        return words(f"number.{count}")
    return words("number.more", n=display.count(count))


def size(key: str, value: float, words: Catalogue) -> Markup:
    """How large a gap is: of an accuracy so many of a thousand, else itself without a sign, or as a factor."""
    if words.response.is_accuracy:
        return of_a_thousand(key, value, words)
    if words.response.scale == "log":
        return amounts.times(value, words) if key == "more" else amounts.factor(value, words)
    return amounts.gap(abs(value), words, signed=False)


def of_a_thousand(key: str, value: float, words: Catalogue) -> Markup:
    """Percentage points as a natural frequency, without a sign: about 18 more of every 1000."""
    count = round(10 * abs(value))
    text = words.text(f"thousand.{key}" if count else f"thousand_less.{key}", count=max(1, count), of=1000)
    return display.data(value, text)


def capital(sentence: Markup) -> Markup:
    """The sentence as it stands on a page: with a capital, and without spaces at Chinese punctuation."""
    tidy = re.sub(r"^\s+| +(?=[，。；：、）])|(?<=[，。；：、（]) +|(?<= ) +", "", str(sentence))
    return Markup(re.sub(r"^[a-z]", lambda first: first[0].upper(), tidy))  # noqa: S704  was Markup
