"""What the `analyze` command says beside its results: one line on stderr, and paths as their reader wants them."""

import os
import sys
from pathlib import Path

from analyze.report.visible import visible

#: A message of more characters is cut: a name may have any length.
MOST_SAID = 2000


def warn(message: str) -> None:
    """Say this on stderr."""
    said = message if len(message) <= MOST_SAID else f"{message[:MOST_SAID]} …"
    print("analyze:", visible(said), file=sys.stderr)  # noqa: T201  # the one line a user reads


def has_colours() -> bool:
    """Whether stdout is a terminal whose user wants more than plain text (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_path(path: Path) -> None:
    """A result's path: as it is for a program, as it can be read on a terminal."""
    print(visible(str(path)) if sys.stdout.isatty() else path)  # noqa: T201  # echo would cut colours out of a path
