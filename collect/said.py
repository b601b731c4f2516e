"""What the commands print: one line for people, in which no character of somebody else's text moves anything."""

import errno
import io
import os
import shlex
import shutil
import sys
import unicodedata
from typing import Any, TextIO

from collect.errors import NoRoomError

#: Characters of a line on stderr; the rest is left out.
MOST = 4000
#: The stream that carries results alone.
RESULTS = 1
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


class Steady:
    """A standard stream that nobody may be reading: what is said to nobody is lost, and nothing else is.

    A disk that is full is another matter where results are to go there.

    Args:
        number: its file descriptor.
        stream: as Python opened it; None where there is none.
    """

    def __init__(self, number: int, stream: TextIO | None) -> None:
        self._number = number
        self._stream = stream or io.StringIO()
        if isinstance(self._stream, io.TextIOWrapper):
            self._stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write, if anybody reads."""
        try:
            self._stream.write(text)
        except OSError as error:
            self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Likewise."""
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """Let what is still to be written go nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._number)
        os.close(nowhere)
        if self._number == RESULTS and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoomError("no room left for what was to be printed; make room and run again") from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def steady() -> None:
    """Let neither stream end a command."""
    sys.stdout, sys.stderr = Steady(1, sys.stdout), Steady(2, sys.stderr)


def warn(text: str) -> None:
    """One line on stderr, cut where it is long."""
    line = visible(text[: MOST + 1].replace("\n", " "))
    print(line if len(line) <= MOST else f"{line[:MOST]} …", file=sys.stderr)  # noqa: T201  # the line a user reads


def tell(text: str) -> None:
    """Lines of results on stdout."""
    print("\n".join(map(visible, text.split("\n"))))  # noqa: T201  # likewise


def update(text: str) -> None:
    """A line of results that the next one takes the place of, where a terminal shows it; elsewhere a line as any."""
    if not sys.stdout.isatty():
        tell(text)
        return
    line = visible(text)[: shutil.get_terminal_size().columns - 1]
    print(f"\r\x1b[2K{line}", end="", flush=True)  # noqa: T201  # likewise


def command(*words: object, program: str = "collect") -> str:
    """A command that can be copied to a shell, whatever the words hold."""
    return shlex.join([program, *map(str, words)])
