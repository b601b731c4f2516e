"""Numbers along the moderator with most levels: lines, bars and names where the data say."""

from itertools import combinations, product

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analyze.report.figures import NARROW, WIDE
from analyze.report.figures.moderated import Line, Panel, Summary, draw_moderated, limited, moderated
from analyze.report.figures.style import MARKS, cell_name, drawing, to_svg
from analyze.report.subject import subject_of
from analyze.report.words.catalogue import catalogue
from tests.analyze.report.figures import read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

FACTORS = {"ordering": ("bn_act", "act_bn"), "depth": (2, 4), "activation": ("relu", "tanh", "elu")}
SUBJECT = subject_of(sample(factors=FACTORS))
BN_4 = Summary(cell(4, "tanh"), "bn_act", 88.0, 86.0, 90.0, 10)
ACT_ELU = Summary(cell(2, "elu"), "act_bn", 96.5, 96.5, 96.5, 9)
BN_RELU = Summary(cell(2, "relu"), "bn_act", 91.25, 90.75, 91.75, 10)
ACT_RELU = Summary(cell(2, "relu"), "act_bn", 93.125, 92.875, 93.375, 10)
PANELS = (
    Panel({"depth": 2}, (Line("act_bn", ((-0.05, ACT_RELU), (2 - 0.05, ACT_ELU))), Line("bn_act", ((0.05, BN_RELU),)))),
    Panel({"depth": 4}, (Line("bn_act", ((1.05, BN_4),)),)),
)


def test_numbers_stand_along_the_longest_moderator() -> None:
    """Levels of the contrast first, side by side; a panel a depth."""
    data = moderated([BN_4, ACT_ELU, BN_RELU, ACT_RELU], SUBJECT)
    assert data is not None
    assert (data.axis, data.ticks) == ("activation", ("relu", "tanh", "elu"))
    assert data.panels == PANELS
    assert limited(data, catalogue("en")) == []
    assert moderated([], SUBJECT) is None


def test_numbers_come_before_names_on_the_axis() -> None:
    """Of two moderators with as many levels, the one of numbers is the axis: its levels have an order."""
    factors = {"ordering": ("bn_act", "act_bn"), "activation": ("relu", "tanh"), "depth": (2, 4)}
    data = moderated([BN_4], subject_of(sample(factors=factors)))
    assert data is not None
    assert data.axis == "depth"


def test_what_is_drawn_is_the_data() -> None:
    """Each level's numbers in its colour, its bars, one scale, the factor below, levels named once, values on hover."""
    data = moderated([BN_4, ACT_ELU, BN_RELU, ACT_RELU], SUBJECT)
    assert data is not None
    words = catalogue("en")
    with drawing("en"):
        figure = draw_moderated(
            data, words, scale=lambda grid: [axes.set_ylim(80, 100) for axes in grid] and None, y="y (%)", unit="%"
        )
    colours = {"act_bn": MARKS[0].colour, "bn_act": MARKS[1].colour}
    for axes, panel in zip(figure.axes, data.panels, strict=True):
        drawn = [(one.places, one.colour) for one in read.strokes(axes) if one.marker != "None"]
        assert drawn == [
            (tuple((x, one.value) for x, one in line.summaries), colours[str(line.level)]) for line in panel.lines
        ]
        assert {one.places for one in read.lines(axes)} == {
            ((x, one.low), (x, one.high)) for line in panel.lines for x, one in line.summaries
        }
        assert axes.get_title(loc="left") == f"depth {panel.common['depth']}"
        assert [label.get_text() for label in axes.get_xticklabels()] == ["relu", "tanh", "elu"]
    assert (figure.get_supxlabel(), figure.get_supylabel()) == ("activation", "y (%)")
    assert read.names_beside(figure) == set(colours.items())
    assert read.letters(figure) == ["a", "b"]
    assert "<title>bn_act: 88.00% [86.00, 90.00]</title>" in to_svg(figure).decode()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_titles_of_panels_stand_apart(width: float) -> None:
    """Of long names fewer panels stand in a row; no title reaches the next one's letter."""
    factors = {"norm": ("pre", "post"), "depth": (2, 8, 12), "warmup": (0, 100), "learning_rate": (0.001, 0.003)}
    cells = product(*list(factors.values())[1:])
    found = [
        Summary(dict(zip(("depth", "warmup", "learning_rate"), one, strict=True)), level, 90.0, 89.0, 91.0, 8)
        for one in cells
        for level in ("pre", "post")
    ]
    data = moderated(found, subject_of(sample(factors=factors, contrast=("pre", "post"))))
    assert data is not None
    with drawing("en", width):
        figure = draw_moderated(data, catalogue("en"), scale=lambda _: None, y="y (%)", unit="%")
        FigureCanvasAgg(figure).draw()
        boxes = [text.get_window_extent() for axes in figure.axes for text in (axes._left_title, axes.title)]
    assert [(a, b) for a, b in combinations([box for box in boxes if box.width], 2) if a.overlaps(b)] == []


def test_a_long_level_is_shortened_before_a_short_one() -> None:
    """What short levels leave of the room is for the long one."""
    words, name = catalogue("en"), {"depth": 2, "warmup": 0, "learning_rate": 0.001}
    assert cell_name(name, words) == "depth 2, warm-up 0, learning rate 0.001"
    assert cell_name(name, words, width=34) == "depth 2, warm-up 0, learnin… 0.001"
