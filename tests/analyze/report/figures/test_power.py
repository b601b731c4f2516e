"""Power: the smallest detectable gap against the number of seeds, cells and their mean."""

from analyze.report.figures.power import Line, data_of
from analyze.report.figures.style import INK, SOFT
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

RELU = cell(2, "relu")
FOUND = sample(
    seeds=7,
    power_curve=tuple(
        made.detectable(cell=where, n_seeds=n, smallest_detectable=gap)
        for where, n, gap in ((RELU, 20, 0.5), (RELU, 3, 2.0), (None, 3, 1.5), (None, 20, 0.25))
    ),
)


def test_lines_by_cell_and_their_mean() -> None:
    """The mean is thick; this study's seeds, the plan's margin; ticks up to the most seeds."""
    data = data_of(FOUND)
    assert data is not None
    assert data.lines == (
        Line(RELU, thick=False, places=((3, 2.0), (20, 0.5))),
        Line(None, thick=True, places=((3, 1.5), (20, 0.25))),
    )
    assert (data.n_seeds, data.margin) == (7, 0.1)
    assert data.ticks == (3, 6, 10, 20)


def test_an_only_cell_is_thick() -> None:
    """With one cell there is no mean beside it."""
    data = data_of(FOUND.model_copy(update={"power_curve": FOUND.power_curve[:2]}))
    assert data is not None
    assert [line.thick for line in data.lines] == [True]


def test_what_is_drawn_is_the_data() -> None:
    """Lines, this study and the margin stand where the data say, on two logarithmic axes."""
    data = data_of(FOUND)
    assert data is not None
    (axes,) = read.draw("power", data).axes
    *drawn, margin, study = read.strokes(axes)
    assert [(one.places, one.colour) for one in drawn] == [
        (((3, 2.0), (20, 0.5)), SOFT),
        (((3, 1.5), (20, 0.25)), INK),
    ]
    assert margin.places == ((0, 0.1), (1, 0.1))
    assert study.places == ((7, 0), (7, 1))
    names = {"depth 2, relu", "mean over cells", "equivalence margin"}
    assert {text.replace("\u00a0", " ") for text in read.words_of(axes)} == names | {"this study: n = 7 seeds"}
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert list(axes.get_xticks()) == [3, 6, 10, 20]
