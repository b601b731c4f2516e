"""What the commands print: one line for people, in which no character of somebody else's text moves anything."""

import sys
import unicodedata

ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """Text in which control, format and direction characters are shown as escapes."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return character
    return ESCAPES.get(
        character, f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
    )


def warn(text: str) -> None:
    """One line on stderr."""
    print(visible(" ".join(text.split("\n"))), file=sys.stderr)  # noqa: T201  # the line a user reads


def tell(text: str) -> None:
    """Lines of results on stdout."""
    print("\n".join(map(visible, text.split("\n"))))  # noqa: T201  # likewise
