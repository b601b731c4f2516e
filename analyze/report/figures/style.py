"""How every figure looks: palette, sizes, panel letters; a figure becomes SVG here and nowhere else.

The colours differ in hue for the colour-blind (Okabe and Ito 2008) and in lightness on grey paper; markers and line
styles repeat the distinction. A level of the primary factor keeps its colour through the whole report.
"""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any
from unicodedata import bidirectional

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analyze.findings import Cell, Level
from analyze.report.figures.compact import compact
from analyze.report.figures.fonts import font_families
from analyze.report.figures.hover import with_titles
from analyze.report.figures.room import widest
from analyze.report.subject import Subject
from analyze.report.visible import guarded
from analyze.report.words.catalogue import Catalogue, Language
from analyze.report.words.display import MINUS, shorten

INK = "#1c1c1e"
SOFT = "#6b6b70"
RULE = "#d4d4d8"
BAND = "#e9e6da"
PAPER = "#fefefe"

#: Widths of a page in inches, of paper and most screens, and of a narrow screen: figures have the size of their text.
WIDE, NARROW = 6.7, 3.6

#: The height in inches that a sheet of paper has for a figure.
TALLEST = 9.0


@dataclass(frozen=True)
class Mark:
    """How one level of the primary factor is drawn; `glyph` is its marker as a character, for labels."""

    colour: str
    marker: str
    line: str
    glyph: str


MARKS = (
    Mark("#0a4f8a", "o", "-", "●"),
    Mark("#d98200", "s", "--", "■"),
    Mark("#7d7d82", "^", ":", "▲"),
    Mark("#00835f", "D", "-.", "◆"),
    Mark("#b0467f", "v", (0, (5, 1, 1, 1, 1, 1)), "▼"),  # type: ignore[arg-type]
    Mark("#5a3d1e", "P", (0, (1, 1)), "✚"),  # type: ignore[arg-type]
)

#: On screen the page's own palette takes over, so that figures follow it into the dark.
SCREEN_COLOURS = {
    INK: "--ink",
    SOFT: "--soft",
    RULE: "--rule",
    BAND: "--band",
    PAPER: "--paper",
    MARKS[0].colour: "--first",
    MARKS[1].colour: "--second",
    MARKS[2].colour: "--third",
    MARKS[3].colour: "--fourth",
}

#: Bidirectional classes that run from right to left, and what `isolated` has set apart of them.
LEFTWARD = {"R", "AL", "AN"}
ISOLATED = re.compile("\u2068([^\u2068\u2069<>]*)\u2069")

RC: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": SOFT,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 7.5,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 7.5,
    "axes.titleweight": "normal",
    "axes.titlecolor": INK,
    "axes.titlepad": 4,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "font.size": 7.5,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
    "path.simplify": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "ordering-effect",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": SOFT,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 7,
    "xtick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.color": SOFT,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 7,
    "ytick.major.width": 0.6,
}


@contextmanager
def drawing(lang: Language, width: float = WIDE) -> Iterator[None]:
    """The style, for as long as figures are made, and the width in inches of the page that they are made for."""
    page = {"font.family": font_families(lang), "figure.figsize": (width, TALLEST)}
    with warnings.catch_warnings(), mpl.rc_context(RC | page):  # type: ignore[arg-type]
        # SVG keeps text as text: whether a glyph exists is for the reader's fonts, and PDFs check it themselves.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


def page_width() -> float:
    """The width in inches of the page that figures are made for."""
    return float(mpl.rcParams["figure.figsize"][0])


def narrow() -> bool:
    """Whether that page is narrower than paper: it has no end, and what stood side by side stands one below another."""
    return page_width() < WIDE


def page(height: float, **layout: Any) -> Figure:
    """A figure as wide as the page, and no higher than a sheet of paper where it is made for one; in inches."""
    return Figure(figsize=(page_width(), height if narrow() else min(height, TALLEST)), **layout)


def to_svg(figure: Figure) -> bytes:
    """The figure as SVG without a date: text stays text, dense marks are pixels at 150 dpi."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", dpi=150, metadata={"Date": None, "Creator": None})
    # Matplotlib knows only the first face of that collection.
    drawn = within_tags(buffer.getvalue().decode(), {"Noto Sans CJK JP": "Noto Sans CJK SC"})
    drawn = ISOLATED.sub(r'<tspan style="unicode-bidi: isolate">\1</tspan>', drawn)
    return compact(guarded(with_titles(drawn))).encode()


def within_tags(svg: str, replaced: dict[str, str]) -> str:
    """Replace texts in the tags of a figure; what stands between tags stays, whatever it looks like."""
    either = re.compile("|".join([">[^<]+<", *map(re.escape, replaced)]))
    return either.sub(lambda found: replaced.get(found[0], found[0]), svg)


def mark(subject: Subject, level: Level) -> Mark:
    """How this level of the primary factor is drawn, the same in every figure."""
    return MARKS[subject.levels.index(level) % len(MARKS)]


def lettered(grid: Sequence[Axes]) -> None:
    """Bold letters before the titles of several panels, as far as the alphabet goes."""
    if 2 <= len(grid) <= len(ascii_lowercase):
        for axes, letter in zip(grid, ascii_lowercase, strict=False):
            above = 4 + 9 * axes.get_title(loc="left").count("\n")
            place = {"xytext": (-11, above), "xycoords": "axes fraction", "textcoords": "offset points"}
            axes.annotate(letter, (0, 1), weight="bold", **place)  # type: ignore[arg-type]


def level_legend(figure: Figure, subject: Subject, levels: tuple[Level, ...], *, outside: bool = False) -> None:
    """Name the levels once, above the panels; `outside` makes room for it in a constrained layout.

    In other layouts it takes `legend_height`.
    """
    handles = [
        Line2D([], [], color=m.colour, marker=m.marker, ls=m.line) for m in (mark(subject, one) for one in levels)
    ]
    place = {"loc": "outside upper left"} if outside else {"loc": "upper left", "bbox_to_anchor": (0.0, 1.0)}
    # Matplotlib would leave out a name that begins with an underscore, so names come when the legend is made.
    legend = figure.legend(handles, [str(one) for one in range(len(levels))], ncols=_columns(levels), **place)
    for text, level in zip(legend.get_texts(), levels, strict=True):
        text.set_text(shorten(level))


def legend_height(levels: tuple[Level, ...]) -> float:
    """The inches that the names of levels take above the panels."""
    return 0.04 + 0.16 * -(-len(levels) // _columns(levels))


def _columns(levels: tuple[Level, ...]) -> int:
    """How many names of levels stand side by side."""
    name = widest([shorten(level) for level in levels])
    return max(1, min(4, len(levels), int((page_width() + 0.2) / (name + 0.5))))


def cell_name(cell: Cell, words: Catalogue, *, width: int = 42, least: int = 9) -> str:
    """A cell's levels, the longest shortened first; without the names of their factors unless mere numbers.

    Args:
        cell: the levels by factor.
        words: the language.
        width: characters that there is room for.
        least: characters that are left of each level at least.
    """
    parts = [
        str(level)
        if isinstance(level, str)
        else f"{words.messages.get(f'factor.{name}', name)} {str(level).replace('-', MINUS)}"
        for name, level in cell.items()
    ]
    comma = words.text("list.comma")
    most = _shares([len(part) for part in parts], width - len(comma) * (len(parts) - 1))
    names = [isolated(shorten(part, max(least, share))) for part, share in zip(parts, most, strict=True)]
    return comma.join(names)


def _shares(lengths: Sequence[int], room: int) -> list[int]:
    """What room there is for each of these lengths: what short ones leave is for the long ones."""
    shares = [0] * len(lengths)
    for done, place in enumerate(sorted(range(len(lengths)), key=lengths.__getitem__)):
        shares[place] = min(lengths[place], max(0, room) // (len(lengths) - done))
        room -= shares[place]
    return shares


def isolated(text: str) -> str:
    """A piece of a label; what in it runs from right to left keeps to itself, so that no number turns with it."""
    kinds = [bidirectional(character) for character in text]
    first = next((place for place, kind in enumerate(kinds) if kind in LEFTWARD), None)
    if first is None:
        return text
    end = 1 + max(place for place, kind in enumerate(kinds) if kind in LEFTWARD | {"NSM"})
    return f"{text[:first]}\u2068{text[first:end]}\u2069{text[end:]}"  # an element, once the figure is SVG


def bare(axes: Axes, *, grid: str = "both") -> None:
    """Keep the grid of one axis only."""
    axes.grid(visible=False)
    if grid != "none":
        axes.grid(visible=True, axis=grid)  # type: ignore[arg-type]
