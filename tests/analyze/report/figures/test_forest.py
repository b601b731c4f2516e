"""The forest shows each cell in both modes: filled with running, open with batch statistics."""

from analyze.report.figures.forest import data_of
from analyze.report.figures.gap_axis import Backdrop, Gap
from analyze.report.figures.style import INK, PAPER
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

EFFECTS = (
    made.effect(cell=cell(4, "relu"), gap=0.4, ci95=(0.3, 0.55)),
    made.effect(cell=cell(2, "tanh"), gap=-1.25, ci95=(-1.5, -1.125), bn_mode="batch"),
    made.effect(cell=cell(2, "relu"), gap=0.2, ci95=None, bn_mode="batch"),
    made.effect(cell=cell(2, "relu"), gap=1.5, ci95=(1.25, 1.75)),
    made.effect(cell=cell(2, "relu"), gap=7.0, ci95=(6.0, 7.5), scale="logit"),
    made.effect(cell=cell(4, "tanh"), gap=None, ci95=None),
)
FOUND = sample(gap=0.25, simple_effects=EFFECTS)


def test_cells_stand_in_the_order_of_the_design_in_both_modes() -> None:
    """Running above batch statistics where a cell has both; cells without a gap are left out."""
    data = data_of(FOUND)
    assert data is not None
    assert data.cells == (cell(2, "relu"), cell(2, "tanh"), cell(4, "relu"))
    assert data.gaps == (
        Gap(cell(2, "relu"), "running", 1.5, (1.25, 1.75), 10, row=2, shift=0.12),
        Gap(cell(2, "relu"), "batch", 0.2, None, 10, row=2, shift=-0.22),
        Gap(cell(2, "tanh"), "batch", -1.25, (-1.5, -1.125), 10, row=1, shift=-0.22),
        Gap(cell(4, "relu"), "running", 0.4, (0.3, 0.55), 10, row=0, shift=0.0),
    )
    assert data.backdrop == Backdrop(margin=0.1, mean=0.25)
    assert data.bend is None


def test_the_axis_bends_by_the_gaps_of_both_modes() -> None:
    """A far gap in the other mode squeezes this figure, not the headline; each caption says what its axis does."""
    from analyze.report.picture import pictures
    from analyze.report.words.catalogue import catalogue

    far = made.effect(cell=cell(4, "tanh"), gap=40.0, ci95=(39.0, 41.0), bn_mode="batch")
    found = sample(simple_effects=(*EFFECTS, far))
    words = catalogue("en")
    draw = pictures(found, words, lambda _: None)
    bent = {key: (shown := draw(key)) and words("cells.wide") in shown.caption for key in ("headline", "forest")}
    assert bent == {"headline": False, "forest": True}


def test_what_is_drawn_is_the_data() -> None:
    """Dots, intervals, digits and lines of reference stand where the data say, beside the name of their cell."""
    data = data_of(FOUND)
    assert data is not None
    (axes,) = read.draw("forest", data).axes
    upwards = data.gaps[::-1]
    drawn = [(one.places, one.fill == INK) for one in read.dots(axes)]
    assert drawn == [(((gap.gap, gap.row + gap.shift),), gap.bn_mode == "running") for gap in upwards]
    intervals = [tuple((end, gap.row + gap.shift) for end in gap.ci95) for gap in upwards if gap.ci95]
    assert [one.places for one in read.lines(axes)][2:] == intervals
    assert read.across(axes) == [0, 0.25]
    assert read.span(axes)[0] == (-0.1, 0.1)
    assert read.row_names(axes) == [(0, "depth 4, relu"), (1, "depth 2, tanh"), (2, "depth 2, relu")]
    assert [(text.get_text(), text.xy[1]) for text in axes.texts] == [  # type: ignore[attr-defined]
        ("+0.40 [0.30, 0.55]", 0),
        ("+1.50 [1.25, 1.75]", 2),
    ]
    assert axes.get_xlabel() == "gap act_bn − bn_act in test accuracy (pp)"


def test_the_legend_tells_the_modes() -> None:
    """Filled is running, open is batch; without batch statistics nothing needs telling."""
    data = data_of(FOUND)
    assert data is not None
    (axes,) = read.draw("forest", data).axes
    legend = axes.get_legend()
    assert legend is not None
    handles = zip(legend.get_texts(), legend.get_lines(), strict=True)
    assert [(text.get_text(), line.get_markerfacecolor()) for text, line in handles] == [
        ("running statistics", INK),
        ("batch statistics", PAPER),
    ]
    alone = data_of(sample(simple_effects=EFFECTS[:1]))
    assert read.draw("forest", alone).axes[0].get_legend() is None
