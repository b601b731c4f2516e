"""Values on hover: a mark carries its text into the SVG, where a browser shows it; no script."""

import re
from collections.abc import Sequence

from matplotlib.artist import Artist

#: What stands before the texts of an artist and between them, in the identifier by which it reaches the SVG.
BEGINNING, BETWEEN = "\ue000", "\ue001"

ISOLATES = {0x2068: None, 0x2069: None}

TITLED = re.compile(f'<g id="{BEGINNING}([^"]*)">')
USE = re.compile(r"<use [^>]*/>")


def titled(artist: Artist, *texts: str) -> None:
    """Show this text beside the artist, or one for each of its marks, in their order.

    Isolates, which labels have about names that run from right to left, become elements, and a title has none.
    """
    artist.set_gid(BEGINNING + BETWEEN.join(texts).translate(ISOLATES))


def with_titles(svg: str) -> str:
    """The SVG with a <title> in the place of each identifier that `titled` gave."""
    head, *rest = TITLED.split(svg)
    parts = [head]
    for texts, inside in zip(rest[::2], rest[1::2], strict=True):
        parts.append(_in_group(texts.split(BETWEEN), inside))
    return "".join(parts)


def untitled(svg: str) -> str:
    """The SVG without those texts and their groups, for where nothing hovers."""
    svg = re.sub(r"<g><title>[^<]*</title>(<use [^>]*/>)</g>", r"\1", svg)
    return re.sub(r"<title>[^<]*</title>", "", svg)


def _in_group(texts: Sequence[str], inside: str) -> str:
    """The group up to whatever follows it: one title for all, or one a mark; none where marks lie out of sight."""
    if len(texts) == 1:
        return f"<g><title>{texts[0]}</title>{inside}"
    if len(USE.findall(inside.partition("<g id=")[0])) != len(texts):
        return f"<g>{inside}"
    remaining = iter(texts)
    marked = USE.sub(lambda use: f"<g><title>{next(remaining)}</title>{use[0]}</g>", inside, count=len(texts))
    return f"<g>{marked}"
