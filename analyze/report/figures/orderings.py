"""One block of the network in both orderings of the contrast, side by side: what stands where."""

from analyze.findings import Findings, Level
from analyze.report.figures.block_diagram import Blocks, compared, draw, in_words
from analyze.report.figures.plot import Plot
from analyze.report.words import spoken

#: What stands in a block, from its input to its output.
BLOCKS: dict[Level, tuple[str, ...]] = {
    "bn_act": ("conv", "bn", "act"),
    "act_bn": ("conv", "act", "bn"),
    "none": ("conv", "act"),
    "bn_conv": ("bn", "conv", "act"),
}


def data_of(findings: Findings) -> Blocks | None:
    """The two orderings that are compared, where their blocks are known."""
    return compared(findings, spoken.ORDERING, BLOCKS, "bn")


FIGURE = Plot(data_of, draw, part="blocks", in_words=in_words)
