"""The multiverse: other estimates of the primary estimand by size, and the choices behind each."""

from analyze.report.figures.multiverse import Estimate, Option, data_of
from analyze.report.figures.style import MARKS, PAPER, RULE
from tests.analyze.report.figures import made, read
from tests.analyze.sample import sample


def row(estimate: float | None, *, agrees: bool | None, estimand: str = "gap", **choices: str) -> object:
    """One alternative."""
    return made.choice(estimand=estimand, choices=choices, estimate=estimate, agrees=agrees)


FOUND = sample(
    gap=0.25,
    multiverse=(
        row(0.75, agrees=True, test="t", scale="raw", rule="a"),
        row(-0.5, agrees=False, test="flip", scale="raw", rule="a"),
        row(9.0, agrees=False, estimand="spread", test="f", scale="raw"),
        row(0.125, agrees=None, test="t", scale="raw", rule="b"),
        row(None, agrees=None, test="x", scale="raw"),
    ),
)


def test_estimates_by_size_and_their_choices() -> None:
    """The first row's estimand; every option of a choice that differs; the plan's margin and the primary estimate."""
    data = data_of(FOUND)
    assert data is not None
    assert data.estimates == (
        Estimate(1, -0.5, agrees=False),
        Estimate(2, 0.125, agrees=None),
        Estimate(3, 0.75, agrees=True),
    )
    assert data.options == (
        Option("test", "flip", (1,)),
        Option("test", "t", (2, 3)),
        Option("rule", "a", (1, 3)),
        Option("rule", "b", (2,)),
    )
    assert (data.margin_pp, data.primary) == (0.1, 0.25)


def test_what_is_drawn_is_the_data() -> None:
    """Estimates at their rank, filled where they agree; margin and estimate; each option's ranks beside its name."""
    data = data_of(FOUND)
    assert data is not None
    upper, lower = read.draw("multiverse", data).axes
    assert [(one.places, one.fill) for one in read.dots(upper)] == [
        (((3, 0.75),), MARKS[0].colour),
        (((1, -0.5),), PAPER),
        (((2, 0.125),), RULE),
    ]
    legend = upper.get_legend()
    assert legend is not None
    handles = zip(legend.get_lines(), legend.get_texts(), strict=True)
    assert [(line.get_markerfacecolor(), text.get_text()) for line, text in handles] == [
        (MARKS[0].colour, "agrees"),
        (PAPER, "differs"),
        (RULE, "not judged"),
    ]
    assert read.across(upper) == [0, 0.25]
    assert read.span(upper)[1] == (-0.1, 0.1)
    assert [one.places for one in read.dots(lower)] == [((2, 0),), ((1, 1), (3, 1)), ((2, 2), (3, 2)), ((1, 3),)]
    assert [y for y, _ in read.row_names(lower)] == [0, 1, 2, 3]
    assert [name.partition(": ")[2] for _, name in read.row_names(lower)] == ["b", "a", "t", "flip"]
