"""The interaction shows the mean accuracy of each level along the moderator with most levels."""

from analyze.report.figures.interaction import Line, Mean, Panel, data_of
from analyze.report.figures.style import MARKS
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

FACTORS = {"ordering": ("bn_act", "act_bn"), "depth": (2, 4), "activation": ("relu", "tanh", "elu")}
FOUND = sample(
    factors=FACTORS,
    cells=(
        made.summary(cell=cell(4, "tanh"), level="bn_act", accuracy=88.0, sd=2.0),
        made.summary(cell=cell(2, "elu"), level="act_bn", accuracy=96.5, sd=None),
        made.summary(cell=cell(2, "relu"), level="bn_act", accuracy=91.25, sd=0.5),
        made.summary(cell=cell(2, "relu"), level="act_bn", accuracy=93.125, sd=0.25),
        made.summary(cell=cell(2, "relu"), level="act_bn", accuracy=55.0, bn_mode="batch"),
    ),
)
PANELS = (
    Panel(
        {"depth": 2},
        (
            Line("act_bn", (Mean(-0.09, 93.125, 0.25), Mean(2 - 0.09, 96.5, 0.0))),
            Line("bn_act", (Mean(0.09, 91.25, 0.5),)),
        ),
    ),
    Panel({"depth": 4}, (Line("bn_act", (Mean(1.09, 88.0, 2.0),)),)),
)


def test_means_stand_along_the_longest_moderator() -> None:
    """Levels of the contrast first, side by side; a panel a depth; the mode of the primary result alone."""
    data = data_of(FOUND)
    assert data is not None
    assert data.ticks == ("relu", "tanh", "elu")
    assert data.panels == PANELS
    assert data.omitted == 0


def test_the_mode_is_that_of_the_primary_result() -> None:
    """With batch statistics as the plan's mode, the other means are not shown."""
    data = data_of(made.in_mode(FOUND, "batch"))
    assert data is not None
    assert [mean.accuracy for panel in data.panels for line in panel.lines for mean in line.means] == [55.0]


def test_panels_that_do_not_fit_are_counted() -> None:
    """Twelve combinations are shown, and the caption says that there are more."""
    from analyze.report.figures import FIGURES

    data = data_of(sample(factors={"ordering": ("bn_act", "act_bn"), "a": tuple(range(14)), "b": tuple(range(13))}))
    assert data is not None
    assert (len(data.panels), data.omitted) == (12, 1)
    assert FIGURES["interaction"].remarks(data) == ["cells.limited"]


def test_what_is_drawn_is_the_data() -> None:
    """Each level's means in its colour, bars of one standard deviation on either side."""
    data = data_of(FOUND)
    assert data is not None
    colours = {"act_bn": MARKS[0].colour, "bn_act": MARKS[1].colour}
    figure = read.draw("interaction", data)
    for axes, panel in zip(figure.axes, data.panels, strict=True):
        drawn = [(one.places, one.colour) for one in read.strokes(axes)]
        assert drawn == [
            (tuple((mean.x, mean.accuracy) for mean in line.means), colours[str(line.level)]) for line in panel.lines
        ]
        assert read.bars(axes) == [
            [((mean.x, mean.accuracy - mean.sd), (mean.x, mean.accuracy + mean.sd)) for mean in line.means]
            for line in panel.lines
        ]
        assert axes.get_title(loc="left") == f"depth {panel.common['depth']}"
        assert [label.get_text() for label in axes.get_xticklabels()] == ["relu", "tanh", "elu"]
        assert list(axes.get_xticks()) == [0, 1, 2]
    assert read.legend(figure) == list(colours.items())
