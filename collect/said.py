"""What the commands print: one line for people, in which no character of somebody else's text moves anything."""

import shlex
import sys
import unicodedata

#: Characters of a line on stderr; the rest is left out.
MOST = 4000
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
    """One line on stderr, cut where it is long."""
    line = visible(text[: MOST + 1].replace("\n", " "))
    print(line if len(line) <= MOST else f"{line[:MOST]} …", file=sys.stderr)  # noqa: T201  # the line a user reads


def tell(text: str) -> None:
    """Lines of results on stdout."""
    print("\n".join(map(visible, text.split("\n"))))  # noqa: T201  # likewise


def command(*words: object) -> str:
    """A `collect` command that can be copied to a shell, whatever the words hold."""
    return shlex.join(["collect", *map(str, words)])
