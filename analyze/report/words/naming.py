"""Names in a document: levels, cells and effects as Markup. What a user typed is quoted, never interpreted."""

from markupsafe import Markup

from analyze.findings import Cell, Level
from analyze.report.visible import spaced
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import data, shorten

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


def effect(term: str, words: Catalogue) -> Markup:
    """An effect of the model: its factors joined by a cross."""
    return Markup(" × ").join(factor(name, words) for name in term.split(":"))


def contrast(first: str, second: str) -> Markup:
    """A difference between two levels."""
    return Markup('<span class="stat">{} − {}</span>').format(level(first), level(second))


def said(text: str, words: Catalogue) -> Markup:
    """Text that findings bring along, in the reader's language where the catalogue knows it."""
    return _translated(text, words) or quoted(text)


def _translated(text: str, words: Catalogue) -> Markup | None:
    """The text in the reader's language, with what is inside translated in its turn or quoted."""
    if text in words.phrases:
        return Markup.escape(words.phrases[text])
    for pattern, template in words.patterns:
        found = pattern.fullmatch(text)
        if found:
            inside = {name: _listed(part, words) for name, part in found.groupdict().items()}
            return Markup.escape(template).format(**inside)
    return None


def _listed(text: str, words: Catalogue) -> Markup:
    """A text, or the items of a list, that stands inside another text."""
    if "; " in text:
        return words("list.semicolon").join(_listed(part, words) for part in text.split("; "))
    whole = _translated(text, words)
    if whole is None and ", " in text:  # a contrast may hold commas itself, so as a whole it comes first
        return words("list.comma").join(_listed(part, words) for part in text.split(", "))
    return quoted(text) if whole is None else whole


def quoted(text: str) -> Markup:
    """Text that findings bring along as it stands, in English."""
    return Markup('<span class="quoted" lang="en">{}</span>').format(spaced(text))


def fact(value: object) -> Markup:
    """A setting's value: a number marked as one, anything else quoted."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return data(value, f"{value:g}" if isinstance(value, float) else f"{value:,}")
    if isinstance(value, list | tuple):
        return Markup(", ").join(fact(one) for one in value)
    return Markup('<code class="quoted">{}</code>').format(spaced(str(value)))
