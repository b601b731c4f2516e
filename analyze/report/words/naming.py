"""Names in a document: levels, cells and effects as Markup. What a user typed is quoted, never interpreted."""

from collections.abc import Callable, Iterable

from markupsafe import Markup

from analyze.findings import Cell, Level, Message, Value
from analyze.report.visible import spaced
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import data, points, shorten, significant

#: Longer names are cut in their middle; the table of factors in the methods has them whole.
WIDTH = 28


def level(name: Level) -> Markup:
    """A level: a number stands for itself, a name is set as code."""
    if isinstance(name, bool | str):
        text = spaced(str(name))
        shown = shorten(text, WIDTH)
        title = "" if shown == text else Markup(' title="{}"').format(text)
        return Markup("<code{}>{}</code>").format(title, shown)
    return data(name, str(name).replace("-", "−"))


def factor(name: str, words: Catalogue) -> Markup:
    """A factor by its name in the language, or by its own."""
    if f"factor.{name}" in words.messages:
        return words.name("factor", name)
    return Markup("<code>{}</code>").format(shorten(name, WIDTH))


def cell(levels: Cell, words: Catalogue) -> Markup:
    """A cell: its levels, each number with the name of its factor."""
    if not levels:
        return words("all_cells")
    parts = [
        level(one) if isinstance(one, str) else words("level_of", factor=factor(name, words), level=level(one))
        for name, one in levels.items()
    ]
    return Markup('<span class="cell">{}</span>').format(words("list.comma").join(parts))


def effect(factors: Iterable[str], words: Catalogue) -> Markup:
    """An effect of the model: its factors joined by a cross."""
    return Markup(" × ").join(factor(name, words) for name in factors)


def contrast(first: Level, second: Level, sign: str = "−") -> Markup:
    """A difference between two levels, or with another sign their ratio."""
    return Markup('<span class="stat">{} {} {}</span>').format(level(first), sign, level(second))


def said(message: Message, words: Catalogue) -> Markup:
    """A message of findings in the reader's language; a value is shown as what it is."""
    shown = {name: _value(name, value, words) for name, value in message.values.items()}
    return words(f"said.{message.code}", **shown)


def _value(name: str, value: Value, words: Catalogue) -> Markup:
    """A value of a message: a message, a list of them, a cell, a factor, an evaluation mode, or levels."""
    if isinstance(value, Message):
        return said(value, words)
    if isinstance(value, tuple):
        messages = [said(one, words) for one in value if isinstance(one, Message)]
        levels = [level(one) for one in value if not isinstance(one, Message)]
        return words("list.semicolon").join(messages) if messages else words.join(levels)
    if isinstance(value, dict):
        return cell(value, words)
    if isinstance(value, int | float) and name in NUMBERS:
        return NUMBERS[name](value)
    if name == "factor":
        return factor(str(value), words)
    return words.name("bn_mode", str(value)) if name == "mode" else level(value)


#: How numbers of a message are shown: those in percentage points, those of any other unit, and the 95 of "95% CI",
#: which is part of a name.
NUMBERS: dict[str, Callable[[float], Markup]] = (
    dict.fromkeys(("pp", "low_pp", "high_pp"), points)
    | dict.fromkeys(("estimate", "low", "high"), significant)
    | {"coverage": Markup("{:.0f}").format}
)


def quoted(text: str) -> Markup:
    """Text that findings bring along as it stands, in English."""
    return Markup('<span class="quoted" lang="en">{}</span>').format(spaced(text))


def setting(value: object, words: Catalogue) -> Markup:
    """A setting's value; whether something is done is said by a word, and of several each is named."""
    if isinstance(value, bool):
        return words.name("agrees", str(value))
    return facts(value, words) if isinstance(value, list | tuple) else fact(value)


def facts(values: Iterable[object], words: Catalogue) -> Markup:
    """Several values, as they are listed in the language."""
    return words("list.comma").join(map(fact, values))


def fact(value: object) -> Markup:
    """A value: a number marked as one, anything else quoted."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return data(value, f"{value:g}" if isinstance(value, float) else f"{value:,}")
    return Markup('<code class="quoted">{}</code>').format(spaced(str(value)))
