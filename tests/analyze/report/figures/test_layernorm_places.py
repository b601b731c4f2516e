"""Places of LayerNorm: what stands in a block, and where its residual connection leads."""

import pytest
from matplotlib.patches import Circle, FancyBboxPatch

from analyze.report.figures.block_diagram import Block
from analyze.report.figures.layernorm_places import data_of
from analyze.report.figures.style import MARKS, PAPER
from tests.analyze.report.figures import read
from tests.analyze.sample import sample

FACTORS = {"norm": ("pre", "post"), "depth": (2, 12)}
BLOCKS = (Block("pre", ("layernorm", "sublayer", "sum")), Block("post", ("sublayer", "sum", "layernorm")))


def test_blocks_as_the_networks_have_them() -> None:
    """Within the residual branch, and behind the sum; other levels of a norm have no such drawing."""
    data = data_of(sample(factors=FACTORS, contrast=("pre", "post")))
    assert data is not None
    assert data.blocks == BLOCKS
    assert data_of(sample(factors={"norm": ("batch", "layer")}, contrast=("batch", "layer"))) is None
    assert data_of(sample()) is None


def test_what_is_drawn_is_the_data() -> None:
    """Pieces from the left, LayerNorm filled, and a line from before the first piece to each sum."""
    drawn = read.draw("layernorm_places", data_of(sample(factors=FACTORS, contrast=("pre", "post")))).axes
    shown = ["Pre-LN (pre)", "LayerNorm", "sublayer", "+", "Post-LN (post)", "sublayer", "+", "LayerNorm"]
    assert [text.get_text() for axes in drawn for text in axes.texts] == shown
    boxes = [patch for axes in drawn for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    assert [tuple(box.get_facecolor()[:3]) != tuple(box.get_edgecolor()[:3]) for box in boxes] == [
        False,
        True,
        True,
        False,
    ]
    assert len({MARKS[0].colour, MARKS[1].colour, PAPER}) == 3
    sums = [patch for axes in drawn for patch in axes.patches if isinstance(patch, Circle)]
    lines = [line for axes in drawn for line in axes.lines]
    assert len(sums) == len(lines) == 2
    for line, one, first in zip(lines, sums, (boxes[0], boxes[2]), strict=True):
        assert line.get_xdata()[0] < first.get_x()
        assert line.get_xdata()[-1] == pytest.approx(one.center[0])
