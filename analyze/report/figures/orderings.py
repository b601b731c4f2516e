"""One block of the network in both orderings of the contrast, side by side: what stands where."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from analyze.findings import Findings, Level
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import INK, PAPER, RULE, SOFT, mark, narrow, page, page_width
from analyze.report.subject import Subject, subject_of
from analyze.report.words import spoken
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import plain

#: What stands in a block, from its input to its output.
BLOCKS: dict[Level, tuple[str, ...]] = {
    "bn_act": ("conv", "bn", "act"),
    "act_bn": ("conv", "act", "bn"),
    "none": ("conv", "act"),
    "bn_conv": ("bn", "conv", "act"),
}

#: Inches: a block, the middle of its boxes from below, a box and an arrow between two.
HEIGHT, LINE, BOX, ARROW = 0.52, 0.15, 0.72, 0.24


@dataclass(frozen=True)
class Block:
    """One ordering, its pieces from input to output."""

    level: Level
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Orderings:
    """Blocks from left to right."""

    subject: Subject
    blocks: tuple[Block, ...]


def data_of(findings: Findings) -> Orderings | None:
    """The two orderings that are compared, where their blocks are known."""
    subject = subject_of(findings)
    compared = (subject.first, subject.second)
    if subject.factor != spoken.ORDERING or not {*compared} <= BLOCKS.keys():
        return None
    return Orderings(subject, tuple(Block(level, BLOCKS[level]) for level in compared))


def draw(data: Orderings, words: Catalogue) -> Figure:
    """Each block below its name: boxes joined by arrows, BatchNorm in the ordering's colour."""
    across = 1 if narrow() else len(data.blocks)
    height = HEIGHT * len(data.blocks) / across
    figure = page(height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, page_width())
    axes.set_ylim(0, height)
    axes.axis("off")
    for place, block in enumerate(data.blocks):
        left, line = place % across * page_width() / across, height - HEIGHT * (1 + place // across) + LINE
        colour = mark(data.subject, block.level).colour
        spoken_name = spoken.level(spoken.ORDERING, block.level, words)
        name = plain(spoken.capital(words("block.named", name=spoken_name, level=block.level)))
        axes.text(left, line + HEIGHT - LINE - 0.02, name, va="top", weight="bold", color=colour)
        _arrow(axes, left, line)
        for number, piece in enumerate(block.pieces):
            x = left + ARROW + number * (BOX + ARROW)
            _box(axes, x, line, words.text(f"block.{piece}"), colour if piece == "bn" else None)
            _arrow(axes, x + BOX, line)
    return figure


def in_words(data: Orderings, words: Catalogue) -> Iterable[Markup]:
    """Each block as a line of text."""
    return [
        words(
            "block.in_words",
            name=spoken.level(spoken.ORDERING, block.level, words),
            pieces=words("list.comma").join([words(f"block.{piece}") for piece in block.pieces]),
        )
        for block in data.blocks
    ]


def _box(axes: Axes, x: float, y: float, text: str, colour: str | None) -> None:
    """A piece of the block: filled where it has a colour."""
    shape = "round,pad=0,rounding_size=0.04"
    face, edge = colour or PAPER, colour or RULE
    axes.add_patch(FancyBboxPatch((x, y - 0.12), BOX, 0.24, boxstyle=shape, facecolor=face, edgecolor=edge, lw=0.9))
    axes.text(x + BOX / 2, y, text, size=7, ha="center", va="center", color=PAPER if colour else INK)


def _arrow(axes: Axes, x: float, y: float) -> None:
    """To the next piece."""
    axes.add_patch(
        FancyArrowPatch((x, y), (x + ARROW - 0.02, y), arrowstyle="-|>", mutation_scale=7, color=SOFT, lw=0.8)
    )


FIGURE = Plot(data_of, draw, part="blocks", in_words=in_words)
