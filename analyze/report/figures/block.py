"""A drawing of one block of the network in each ordering."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from analyze.findings import Findings
from analyze.report.figures.style import INK, PAPER, RULE, SOFT, WIDTH, mark
from analyze.report.subject import subject_of
from analyze.report.words.catalogue import Catalogue

#: What stands in a block, from its input to its output.
BLOCKS = {
    "bn_act": ("conv", "bn", "act"),
    "act_bn": ("conv", "act", "bn"),
    "none": ("conv", "act"),
    "bn_conv": ("bn", "conv", "act"),
}


def orderings(findings: Findings, words: Catalogue) -> Figure | None:
    """One row an ordering: convolution, BatchNorm and activation as they follow one another."""
    subject = subject_of(findings)
    levels = [level for level in subject.levels if level in BLOCKS]
    if subject.factor != "ordering" or not levels:
        return None
    height = 0.42 * len(levels) + 0.1
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, height)
    axes.axis("off")
    for row, level in enumerate(levels):
        y = height - 0.05 - 0.42 * (row + 0.5)
        axes.text(0.05, y, level, va="center", weight="bold", color=mark(subject, level).colour)
        x = 1.0
        axes.add_patch(FancyArrowPatch((x, y), (x + 0.4, y), arrowstyle="-|>", mutation_scale=7, color=SOFT, lw=0.8))
        for piece in BLOCKS[level]:
            x += 0.42
            normal = piece == "bn"
            axes.add_patch(
                FancyBboxPatch(
                    (x, y - 0.13),
                    1.1,
                    0.26,
                    boxstyle="round,pad=0,rounding_size=0.04",
                    facecolor=mark(subject, level).colour if normal else PAPER,
                    edgecolor=mark(subject, level).colour if normal else RULE,
                    lw=0.9,
                )
            )
            axes.text(
                x + 0.55, y, words.text(f"block.{piece}"), ha="center", va="center", color=PAPER if normal else INK
            )
            x += 1.1
            end = (x + 0.4, y)
            axes.add_patch(FancyArrowPatch((x, y), end, arrowstyle="-|>", mutation_scale=7, color=SOFT, lw=0.8))
    return figure
