"""A block of either network that is compared, side by side: what stands where, from input to output."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from analyze.findings import Findings, Level
from analyze.report.figures.style import INK, PAPER, RULE, SOFT, mark, narrow, page, page_width
from analyze.report.subject import Subject, subject_of
from analyze.report.words import spoken
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import plain

#: The piece that adds the block's input: a residual connection leads there.
SUM = "sum"
#: Inches: the figure, the middle of its boxes from below, a box and an arrow between two.
HEIGHT, LINE, BOX, ARROW = 0.52, 0.15, 0.72, 0.24
#: Of a sum its radius, how far above the boxes’ middle the residual connection runs, and by how much the figure grows.
RADIUS, OVER, ADDED = 0.08, 0.22, 0.12


@dataclass(frozen=True)
class Block:
    """What stands in a block of one level, from its input to its output."""

    level: Level
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Blocks:
    """Blocks from left to right, and the piece whose place differs."""

    subject: Subject
    blocks: tuple[Block, ...]
    moved: str


def compared(findings: Findings, factor: str, known: Mapping[Level, tuple[str, ...]], moved: str) -> Blocks | None:
    """The blocks of the two levels that are compared, where it is this factor's and both are known.

    Args:
        findings: of the study.
        factor: whose levels have these blocks.
        known: the pieces of a block by level.
        moved: the piece whose place differs.
    """
    subject = subject_of(findings)
    levels = (subject.first, subject.second)
    if subject.factor != factor or not {*levels} <= known.keys():
        return None
    return Blocks(subject, tuple(Block(level, known[level]) for level in levels), moved)


def draw(data: Blocks, words: Catalogue) -> Figure:
    """Each block below its name: boxes joined by arrows, the piece in question in the level's colour."""
    height = HEIGHT + ADDED * any(SUM in block.pieces for block in data.blocks)
    across = 1 if narrow() else len(data.blocks)
    rows = len(data.blocks) // across
    figure = page(height * rows)
    for place, block in enumerate(data.blocks):
        axes = figure.add_axes((place % across / across, 1 - (1 + place // across) / rows, 1 / across, 1 / rows))
        axes.set_xlim(0, page_width() / across)
        axes.set_ylim(0, height)
        axes.axis("off")
        colour = mark(data.subject, block.level).colour
        name = plain(spoken.capital(words("block.named", name=_name(data, block, words), level=block.level)))
        axes.text(0, height - 0.02, name, va="top", weight="bold", color=colour)
        x = _on(axes, 0)
        for piece in block.pieces:
            if piece == SUM:
                _sum(axes, ARROW / 3, x + RADIUS)
            else:
                _box(axes, x, LINE, words.text(f"block.{piece}"), colour if piece == data.moved else None)
            x = _on(axes, x + (2 * RADIUS if piece == SUM else BOX))
    return figure


def in_words(data: Blocks, words: Catalogue) -> Iterable[Markup]:
    """Each block as a line of text."""
    return [
        words(
            "block.in_words",
            name=_name(data, block, words),
            pieces=words("list.comma").join([words(f"block.{piece}") for piece in block.pieces]),
        )
        for block in data.blocks
    ]


def _name(data: Blocks, block: Block, words: Catalogue) -> Markup:
    """The name of a level by itself, without the space that it has in a sentence."""
    return spoken.level(data.subject.factor, block.level, words).strip()


def _box(axes: Axes, x: float, y: float, text: str, colour: str | None) -> None:
    """A piece of the block: filled where it has a colour."""
    shape = "round,pad=0,rounding_size=0.04"
    face, edge = colour or PAPER, colour or RULE
    axes.add_patch(FancyBboxPatch((x, y - 0.12), BOX, 0.24, boxstyle=shape, facecolor=face, edgecolor=edge, lw=0.9))
    axes.text(x + BOX / 2, y, text, size=7, ha="center", va="center", color=PAPER if colour else INK)


def _sum(axes: Axes, start: float, x: float) -> None:
    """A plus, to which a line leads from where the block begins, over its boxes."""
    axes.add_patch(Circle((x, LINE), RADIUS, facecolor=PAPER, edgecolor=RULE, lw=0.9))
    axes.text(x, LINE, "+", size=8, ha="center", va="center", color=INK)
    axes.plot([start, start, x], [LINE, LINE + OVER, LINE + OVER], color=SOFT, lw=0.8, solid_joinstyle="round")
    _arrow(axes, (x, LINE + OVER), (x, LINE + RADIUS))


def _on(axes: Axes, x: float) -> float:
    """An arrow from here to the next piece; where that begins."""
    _arrow(axes, (x, LINE), (x + ARROW - 0.02, LINE))
    return x + ARROW


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """To the next piece."""
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=7, color=SOFT, lw=0.8))
