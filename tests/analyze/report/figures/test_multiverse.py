"""The multiverse: every estimate on the axis of its unit, and how many of its tests agree with the headline."""

from analyze.report.figures.multiverse import Estimate, Panel, data_of
from analyze.report.figures.style import INK, PAPER, RULE, to_svg
from tests.analyze.report.figures import made, read
from tests.analyze.sample import sample


def row(estimand: str, estimate: float | None, *, agrees: bool | None = True, **choices: str) -> object:
    """One alternative."""
    return made.choice(estimand=estimand, choices=choices, estimate=estimate, agrees=agrees)


FINAL, TIME = "final accuracy", "time to the target"
FOUND = sample(
    multiverse=(
        row(FINAL, 0.75, test="t", scale="raw", seeds="complete"),
        row(FINAL, 0.75, test="Wilcoxon", scale="raw", seeds="complete", agrees=False),
        row(FINAL, -0.5, test="t", scale="raw", seeds="all"),
        row(FINAL, 0.125, test="t", scale="logit", seeds="complete"),
        row(FINAL, None, test="x", scale="raw", seeds="none"),
        row("final test loss", -0.25, test="t", seeds="complete", agrees=False),
        row(TIME, 0.8, test="t over seeds as clusters", model="least squares", agrees=None),
        row("gap in standard deviations of its cell", 0.5, test="t"),
        row("area under the learning curve", 3.0, test="t"),
    ),
)
COMPLETE, ALL = (("seeds", "complete"),), (("seeds", "all"),)


def test_an_axis_holds_one_unit() -> None:
    """No logit stands on an axis of percentage points, nor a loss or a ratio; tests of one estimate are counted."""
    data = data_of(FOUND)
    assert data is not None
    assert data.panels == (
        Panel(
            "pp",
            (
                Estimate(FINAL, COMPLETE, 0.75, 1, 2),
                Estimate(FINAL, ALL, -0.5, 1, 1),
                Estimate("area under the learning curve", (), 3.0, 1, 1),
            ),
        ),
        Panel("log_odds", (Estimate(FINAL, COMPLETE, 0.125, 1, 1),)),
        Panel("sd", (Estimate("gap in standard deviations of its cell", (), 0.5, 1, 1),)),
        Panel("nats", (Estimate("final test loss", (), -0.25, 0, 1),)),
        Panel("ratio", (Estimate(TIME, (), 0.8, 0, 0),)),
    )
    assert (data.margin, data.omitted) == (0.1, 0)
    assert data_of(FOUND.model_copy(update={"multiverse": FOUND.multiverse[:2]})) is None


def test_what_is_drawn_is_the_data() -> None:
    """Filled where all tests agree, open where one does not, grey where none was judged; axes named by their unit."""
    data = data_of(FOUND)
    assert data is not None
    figure = read.draw("multiverse", data)
    drawn = [[(one.places, one.fill) for one in read.dots(axes)] for axes in figure.axes]
    assert drawn == [
        [(((3.0, 0),), INK), (((-0.5, 1),), INK), (((0.75, 2),), PAPER)],
        [(((0.125, 0),), INK)],
        [(((0.5, 0),), INK)],
        [(((-0.25, 0),), PAPER)],
        [(((0.8, 0),), RULE)],
    ]
    units = ["percentage points", "log odds", "standard deviations", "nats", "ratio (logarithmic; one: no difference)"]
    assert [axes.get_xlabel() for axes in figure.axes] == units
    assert [read.across(axes) for axes in figure.axes] == [[0], [0], [0], [0], [1]]
    assert read.span(figure.axes[0])[0] == (-0.1, 0.1)
    assert all(not axes.patches for axes in figure.axes[1:])
    assert read.row_names(figure.axes[0]) == [
        (0, "area under the learning curve"),
        (1, "final accuracy; seeds: all"),
        (2, "final accuracy; seeds: complete"),
    ]
    assert read.words_of(figure.axes[0]) == ["1 of 1 tests agree", "1 of 1 tests agree", "1 of 2 tests agree"]
    assert read.words_of(figure.axes[-1]) == ["not judged"]
    assert "<title>final test loss: −0.25</title>" in to_svg(figure).decode()
