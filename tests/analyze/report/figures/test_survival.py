"""Survival: the share of runs that are still below the primary target, as steps."""

import pytest

from analyze.report.figures.style import MARKS
from analyze.report.figures.survival import Panel, Steps, data_of
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample


def step(where: dict[str, object], level: str, seen: int, share: float, target: float = 0.95) -> object:
    """The share after so many images."""
    return made.surviving(cell=where, level=level, examples_seen=seen, surviving=share, target=target, n=10)


RELU, TANH = cell(2, "relu"), cell(4, "tanh")
FOUND = sample(
    survival=(
        step(TANH, "act_bn", 1000, 0.5),
        step(RELU, "bn_act", 2000, 0.25),
        step(RELU, "bn_act", 500, 0.75),
        step(RELU, "act_bn", 100, 0.125),
        step(RELU, "act_bn", 50, 0.0, target=0.99),
        step(TANH, "bn_act", 8000, 0.0, target=0.99),
    )
)
PANELS = (
    Panel(
        RELU,
        (
            Steps("act_bn", ((70.0, 100.0), (100, 12.5), (2000, 12.5)), 10),
            Steps("bn_act", ((70.0, 100.0), (500, 75.0), (2000, 25.0), (2000, 25.0)), 10),
        ),
    ),
    Panel(TANH, (Steps("act_bn", ((70.0, 100.0), (1000, 50.0), (2000, 50.0)), 10),)),
)


def test_steps_of_the_first_target() -> None:
    """From all runs, a little before the first event, to the last event of any cell; other targets play no part."""
    data = data_of(FOUND)
    assert data is not None
    assert data.target == 0.95
    assert data.panels == PANELS
    assert PANELS[0].steps[0].places[0][0] == pytest.approx(0.7 * 100)
    assert data.levels == ("act_bn", "bn_act")


def test_a_target_that_no_run_reached_has_no_picture() -> None:
    """Every line would lie at the top."""
    never = [step(RELU, level, 2000, 1.0) for level in ("act_bn", "bn_act")]
    assert data_of(sample(survival=(*never, step(RELU, "act_bn", 50, 0.5, target=0.99)))) is None


def test_what_is_drawn_is_the_data() -> None:
    """Each level's steps in its colour; a share holds until the next event; the axis has all from 0 to 100."""
    data = data_of(FOUND)
    assert data is not None
    colours = {"act_bn": MARKS[0].colour, "bn_act": MARKS[1].colour}
    figure = read.draw("survival", data)
    for axes, panel in zip(figure.axes, data.panels, strict=True):
        assert [(one.places, one.colour) for one in read.lines(axes)] == [
            (steps.places, colours[str(steps.level)]) for steps in panel.steps
        ]
        assert {line.get_drawstyle() for line in axes.get_lines()} == {"steps-post"}
        assert axes.get_ylim() == (-4, 104)
        assert axes.get_xscale() == "log"
        assert axes.get_title(loc="left") == f"depth {panel.cell['depth']}, {panel.cell['activation']}"
    assert read.legend(figure) == list(colours.items())
