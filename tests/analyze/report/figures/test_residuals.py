"""Residuals: differences within seed minus their cell's and their seed's mean."""

import math
from statistics import NormalDist

import pytest

from analyze.report.figures.residuals import data_of
from tests.analyze.report.figures import made, read
from tests.analyze.report.figures.made import cell
from tests.analyze.sample import sample

# Gaps (1, 2, 6) and (0, 3, 3); less their cells' means (-2, -1, 3) and (-2, 1, 1); less the seeds' means (-2, 0, 2).
FOUND = sample(
    cells=(
        made.seeds(cell(2, "tanh"), "act_bn", "running", 90.0, 93.0, 93.0),
        made.seeds(cell(2, "tanh"), "bn_act", "running", 90.0, 90.0, 90.0),
        made.seeds(cell(2, "relu"), "act_bn", "running", 91.0, 92.0, 96.0),
        made.seeds(cell(2, "relu"), "bn_act", "running", 90.0, 90.0, 90.0),
    )
)
BY_CELL = ((0.0, -1.0, 1.0), (0.0, 1.0, -1.0))


def test_residuals_by_hand() -> None:
    """By cell in the order of the design, and ranked against normal quantiles; the line has their deviation."""
    data = data_of(FOUND)
    assert data is not None
    assert data.cells == (cell(2, "relu"), cell(2, "tanh"))
    assert data.by_cell == BY_CELL
    quantiles = [NormalDist().inv_cdf((2 * rank - 1) / 12) for rank in range(1, 7)]
    assert data.ranked == tuple(zip(quantiles, (-1.0, -1.0, 0.0, 0.0, 1.0, 1.0), strict=True))
    deviation = math.sqrt(4 / 6)
    (left, low), (right, high) = data.line
    assert (left, right) == (quantiles[0], quantiles[-1])
    assert (low, high) == pytest.approx((deviation * left, deviation * right))


def test_one_cell_keeps_its_seeds_apart() -> None:
    """Without another cell a seed has no mean of its own to take away."""
    data = data_of(FOUND.model_copy(update={"cells": FOUND.cells[2:]}))
    assert data is not None
    assert data.by_cell == ((-2.0, -1.0, 3.0),)


def test_two_seeds_or_a_hole_leave_no_residuals() -> None:
    """Cells must have the same seeds, three at least."""
    short = made.seeds(cell(2, "relu"), "act_bn", "running", 91.0, 92.0)
    assert data_of(FOUND.model_copy(update={"cells": (*FOUND.cells[:2], short, FOUND.cells[3])})) is None
    assert data_of(FOUND.model_copy(update={"cells": (short, FOUND.cells[3])})) is None


def test_what_is_drawn_is_the_data() -> None:
    """Quantiles at the left with their line, cells below one another at the right about zero, named."""
    data = data_of(FOUND)
    assert data is not None
    left, right = read.draw("residuals", data).axes
    assert [one.places for one in read.dots(left)] == [data.ranked]
    assert [one.places for one in read.lines(left)] == [data.line]
    assert [one.places for one in read.dots(right)] == [
        ((0.0, 0), (1.0, 0), (-1.0, 0)),
        ((0.0, 1), (-1.0, 1), (1.0, 1)),
    ]
    assert read.row_names(right) == [(0, "depth 2, tanh"), (1, "depth 2, relu")]
    assert read.across(right) == [0]
