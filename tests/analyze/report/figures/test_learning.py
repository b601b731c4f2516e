"""Learning curves: the median over seeds of each cell and level, with the central four fifths."""

import pytest

from analyze.report.figures.bands import Band, Median, Panel
from analyze.report.figures.learning import data_of
from analyze.report.figures.panels import whole
from analyze.report.figures.style import MARKS, to_svg
from analyze.report.words.catalogue import Language, catalogue
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import THREE, sample


def point(where: dict[str, object], level: str, seen: int, accuracy: float, **changes: object) -> object:
    """A point whose band reaches 3 below and 1 above."""
    ends = {"low": accuracy - 3, "high": accuracy + 1, "n_seeds": 10}
    return made.on_curve(cell=where, level=level, examples_seen=seen, accuracy=accuracy, **(ends | changes))


RELU, TANH = cell(2, "relu"), cell(4, "tanh")
FOUND = sample(
    factors=THREE,
    curves=(
        point(TANH, "none", 100, 15.0, bn_mode="running"),
        point(RELU, "bn_act", 400, 60.0),
        point(RELU, "bn_act", 100, 20.0),
        point(RELU, "act_bn", 100, 30.0),
        point(RELU, "act_bn", 100, 12.0, bn_mode="running"),
        point(RELU, "act_bn", 100, 99.0, eval_set="test"),
        point(RELU, "act_bn", 400, 90.0),
    ),
)
PANELS = (
    Panel(
        RELU,
        (
            Band("act_bn", (Median(100, 30.0, 27.0, 31.0, 10), Median(400, 90.0, 87.0, 91.0, 10))),
            Band("bn_act", (Median(100, 20.0, 17.0, 21.0, 10), Median(400, 60.0, 57.0, 61.0, 10))),
        ),
    ),
    Panel(TANH, (Band("none", (Median(100, 15.0, 12.0, 16.0, 10),)),)),
)


def test_one_curve_a_cell_and_level() -> None:
    """On the test subset; with batch statistics, or running ones where there is nothing else (`none`)."""
    data = data_of(FOUND)
    assert data is not None
    assert data.panels == PANELS
    assert data.levels == ("act_bn", "bn_act", "none")


def test_what_is_drawn_is_the_data() -> None:
    """Each median in its level's colour, the band between its ends, on one scale of images and one of accuracy."""
    data = data_of(FOUND)
    assert data is not None
    figure = read.draw("learning", data)
    check_bands(figure, data.panels)
    assert {axes.get_xscale() for axes in figure.axes} == {"log"}
    assert {axes.get_yscale() for axes in figure.axes} == {"function"}
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes}) == 1
    assert read.letters(figure) == ["a", "b"]


def test_values_are_shown_on_hover() -> None:
    """Every mark has its level, place, median and band; in a figure of very many panels a line has its level."""
    data = data_of(FOUND)
    assert data is not None
    drawn = to_svg(read.draw("learning", data)).decode()
    assert drawn.count("<title>") == 5
    assert "<title>bn_act, 400: 60 [57, 61]</title>" in drawn


@pytest.mark.parametrize(("lang", "shown"), [("en", ["1,000", "12,500"]), ("zh", ["1000", "12\u2009500"])])
def test_images_are_written_as_in_the_text(lang: Language, shown: list[str]) -> None:
    """Thousands stand on an axis and on hover as they do in a table of the same language."""
    words = catalogue(lang)
    assert [whole(images, words) for images in (1000, 12_500)] == shown


def check_bands(figure: read.Figure, panels: tuple[Panel, ...]) -> None:
    """Lines and bands of these panels, for this figure and for that of gradients."""
    colours = dict(zip(("act_bn", "bn_act", "none"), (one.colour for one in MARKS), strict=False))
    for axes, panel in zip(figure.axes, panels, strict=True):
        drawn = [(one.places, one.colour) for one in read.strokes(axes)]
        assert drawn == [
            (tuple((one.x, one.median) for one in band.medians), colours[str(band.level)]) for band in panel.bands
        ]
        assert read.outlines(axes) == [
            {(one.x, end) for one in band.medians for end in (one.low, one.high)} for band in panel.bands
        ]
        assert axes.get_title(loc="left") == f"depth {panel.cell['depth']}, {panel.cell['activation']}"
    drawn_levels = {str(band.level) for panel in panels for band in panel.bands}
    assert read.names_beside(figure) == {(level, colour) for level, colour in colours.items() if level in drawn_levels}
