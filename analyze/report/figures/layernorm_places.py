"""A sublayer of a transformer with LayerNorm before it, or behind the sum with its input: what stands where."""

from analyze.findings import Findings, Level
from analyze.report.figures.block_diagram import SUM, Blocks, compared, draw, in_words
from analyze.report.figures.plot import Plot

#: What stands in a block, from its input to its output.
BLOCKS: dict[Level, tuple[str, ...]] = {
    "pre": ("layernorm", "sublayer", SUM),
    "post": ("sublayer", SUM, "layernorm"),
}


def data_of(findings: Findings) -> Blocks | None:
    """Both places, where they are what is compared."""
    return compared(findings, "norm", BLOCKS, "layernorm")


FIGURE = Plot(data_of, draw, part="blocks", in_words=in_words)
