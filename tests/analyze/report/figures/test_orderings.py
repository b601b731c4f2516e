"""Orderings: what stands in a block, from input to output."""

from markupsafe import Markup
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch

from analyze.report.figures.block_diagram import Block, in_words
from analyze.report.figures.orderings import data_of
from analyze.report.figures.style import MARKS, PAPER
from analyze.report.words.catalogue import catalogue
from tests.analyze.report.figures import read
from tests.analyze.sample import sample

FACTORS = {"ordering": ("bn_act", "bn_conv", "act_bn", "none", "mine"), "depth": (2, 4)}
BLOCKS = (
    Block("act_bn", ("conv", "act", "bn")),
    Block("bn_act", ("conv", "bn", "act")),
)


def test_blocks_as_the_networks_have_them() -> None:
    """The two that are compared, of however many; any other factor has no such drawing."""
    data = data_of(sample(factors=FACTORS))
    assert data is not None
    assert data.blocks == BLOCKS
    assert data_of(sample(factors={"position": ("bn_act", "act_bn")})) is None


def test_what_is_drawn_is_the_data() -> None:
    """Blocks side by side, each below its name, pieces from the left, BatchNorm in its ordering's colour."""
    drawn = read.draw("orderings", data_of(sample(factors=FACTORS))).axes
    texts = [text.get_text() for axes in drawn for text in axes.texts]
    said = {"conv": "convolution", "bn": "BatchNorm", "act": "activation"}
    names = ("Activation first (act_bn)", "BatchNorm first (bn_act)")
    shown = [
        word
        for name, block in zip(names, BLOCKS, strict=True)
        for word in (name, *(said[piece] for piece in block.pieces))
    ]
    assert texts == shown
    boxes = [patch for axes in drawn for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    assert [box.get_x() for box in boxes[:3]] == sorted(box.get_x() for box in boxes[:3])
    filled = [to_hex(box.get_facecolor()) for box in boxes]
    colours = dict(zip((block.level for block in BLOCKS), (one.colour for one in MARKS), strict=False))
    assert filled == [colours[block.level] if piece == "bn" else PAPER for block in BLOCKS for piece in block.pieces]


def test_a_name_has_no_space_before_a_chinese_mark() -> None:
    """The space that a level has within a Chinese sentence is none of its name."""
    data = data_of(sample(factors=FACTORS))
    assert data is not None
    assert [*in_words(data, catalogue("zh"))][1] == Markup("先 BN：卷积、BatchNorm、激活。")
