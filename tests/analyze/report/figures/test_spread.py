"""Spread: the standard deviation between seeds of each level and mode, cell by cell."""

from analyze.report.figures.spread import Deviation, data_of
from analyze.report.figures.style import MARKS, PAPER
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import THREE, sample

FOUND = sample(
    factors=THREE,
    cells=(
        made.summary(cell=cell(4, "relu"), level="bn_act", sd=0.5),
        made.summary(cell=cell(4, "relu"), level="act_bn", sd=0.25, bn_mode="batch"),
        made.summary(cell=cell(2, "tanh"), level="none", sd=2.0),
        made.summary(cell=cell(2, "tanh"), level="act_bn", sd=0.0),
        made.summary(cell=cell(2, "relu"), level="act_bn", sd=None),
    ),
)


def test_deviations_by_cell_level_and_mode() -> None:
    """First level uppermost in its cell; a deviation of zero has no place on a logarithmic axis."""
    data = data_of(FOUND)
    assert data is not None
    assert data.cells == (cell(2, "tanh"), cell(4, "relu"))
    assert data.deviations == (
        Deviation(cell(4, "relu"), "bn_act", "running", 0.5, 10, 0.0),
        Deviation(cell(4, "relu"), "act_bn", "batch", 0.25, 10, 0.13),
        Deviation(cell(2, "tanh"), "none", "running", 2.0, 10, 1 - 0.13),
    )


def test_what_is_drawn_is_the_data() -> None:
    """Each mark at its deviation in its level's colour, open with batch statistics, beside the name of its cell."""
    data = data_of(FOUND)
    assert data is not None
    figure = read.draw("spread", data)
    (axes,) = figure.axes
    first, second, third = (one.colour for one in MARKS[:3])
    assert [(one.places, one.colour, one.fill) for one in read.dots(axes)] == [
        (((0.5, 0.0),), second, second),
        (((0.25, 0.13),), first, PAPER),
        (((2.0, 0.87),), third, third),
    ]
    assert read.row_names(axes) == [(0, "depth 4, relu"), (1, "depth 2, tanh")]
    assert axes.get_xscale() == "log"
    assert read.legend(figure) == [("act_bn", first), ("bn_act", second), ("none", third)]
