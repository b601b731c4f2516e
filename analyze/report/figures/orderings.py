"""One block of the network in each ordering: convolution, BatchNorm and activation as they follow one another."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from analyze.findings import Findings, Level
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import INK, PAPER, RULE, SOFT, WIDTH, mark
from analyze.report.subject import Subject, subject_of
from analyze.report.words.catalogue import Catalogue

#: What stands in a block, from its input to its output.
BLOCKS: dict[Level, tuple[str, ...]] = {
    "bn_act": ("conv", "bn", "act"),
    "act_bn": ("conv", "act", "bn"),
    "none": ("conv", "act"),
    "bn_conv": ("bn", "conv", "act"),
}


@dataclass(frozen=True)
class Block:
    """One ordering, its pieces from input to output."""

    level: Level
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Orderings:
    """Blocks from top to bottom."""

    subject: Subject
    blocks: tuple[Block, ...]


def data_of(findings: Findings) -> Orderings | None:
    """The orderings of the study whose blocks are known."""
    subject = subject_of(findings)
    blocks = tuple(Block(level, BLOCKS[level]) for level in subject.levels if level in BLOCKS)
    return Orderings(subject, blocks) if subject.factor == "ordering" and blocks else None


def draw(data: Orderings, words: Catalogue) -> Figure:
    """A row an ordering, boxes joined by arrows, BatchNorm in the ordering's colour."""
    height = 0.42 * len(data.blocks) + 0.1
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, height)
    axes.axis("off")
    for row, block in enumerate(data.blocks):
        y, colour = height - 0.05 - 0.42 * (row + 0.5), mark(data.subject, block.level).colour
        axes.text(0.05, y, str(block.level), va="center", weight="bold", color=colour)
        x = 1.0
        _arrow(axes, x, y)
        for piece in block.pieces:
            x += 0.42
            _box(axes, x, y, words.text(f"block.{piece}"), colour if piece == "bn" else None)
            x += 1.1
            _arrow(axes, x, y)
    return figure


def _box(axes: Axes, x: float, y: float, text: str, colour: str | None) -> None:
    """A piece of the block: filled where it has a colour."""
    shape = "round,pad=0,rounding_size=0.04"
    face, edge = colour or PAPER, colour or RULE
    axes.add_patch(FancyBboxPatch((x, y - 0.13), 1.1, 0.26, boxstyle=shape, facecolor=face, edgecolor=edge, lw=0.9))
    axes.text(x + 0.55, y, text, ha="center", va="center", color=PAPER if colour else INK)


def _arrow(axes: Axes, x: float, y: float) -> None:
    """To the next piece."""
    axes.add_patch(FancyArrowPatch((x, y), (x + 0.4, y), arrowstyle="-|>", mutation_scale=7, color=SOFT, lw=0.8))


FIGURE = Plot(data_of, draw, part="methods")
