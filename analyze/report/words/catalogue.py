"""The words of a report: one catalogue a language, the same keys in each."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from markupsafe import Markup

from analyze.report.words.display import plain

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Catalogue:
    """Messages of one language by dotted key; a message is Markup with {placeholders}."""

    lang: Language
    messages: dict[str, str]

    def __call__(self, key: str, **values: object) -> Markup:
        """The message with its values; a value that is not Markup is escaped.

        Raises:
            KeyError: there is no such message, or it asks for a value that is not given.
        """
        return Markup(self.messages[key]).format(**values)  # noqa: S704  our own catalogue, values are escaped

    def text(self, key: str, **values: object) -> str:
        """The message as plain text, for figures and alternative texts."""
        return plain(self(key, **values))

    def name(self, kind: str, identifier: str) -> Markup:
        """What a reader calls a thing that findings name by an identifier; unknown ones keep their own name."""
        message = self.messages.get(f"{kind}.{identifier}")
        return Markup.escape(identifier) if message is None else Markup(message)  # noqa: S704  likewise

    def join(self, parts: list[Markup]) -> Markup:
        """Parts of an enumeration: a, b and c."""
        if len(parts) < 2:
            return Markup("").join(parts)
        comma, conjunction = Markup(self.messages["list.comma"]), Markup(self.messages["list.and"])  # noqa: S704
        return comma.join(parts[:-1]) + conjunction + parts[-1]

    def sentences(self, parts: list[Markup]) -> Markup:
        """Sentences after one another, with the language's space between."""
        return Markup(self.messages["list.space"]).join(part for part in parts if part)  # noqa: S704


@cache
def catalogue(lang: Language) -> Catalogue:
    """The catalogue of this language, read once."""
    folder = resources.files("analyze.report.words") / "messages"
    return Catalogue(lang, dict(_flatten(tomllib.loads((folder / f"{lang}.toml").read_text("utf-8")))))


def _flatten(tree: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Nested tables as dotted keys."""
    flat: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            flat += _flatten(value, f"{prefix}{key}.")
        else:
            flat.append((prefix + key, str(value)))
    return flat
