"""How certain the headline is: other reasonable choices, and what the study could have seen."""

from typing import Annotated

from pydantic import PlainSerializer

from analyze.findings.values import Cell, Row, cell_text


def choices_text(choices: dict[str, str | Cell]) -> dict[str, str]:
    """Choices as JSON names them; a level left out is "depth=2"."""
    return {name: cell_text(one) if isinstance(one, dict) else one for name, one in choices.items()}


class MultiverseRow(Row):
    """The headline under another reasonable choice, within an estimand."""

    estimand: str
    """the quantity that the choices estimate"""
    choices: Annotated[dict[str, str | Cell], PlainSerializer(choices_text, return_type=dict[str, str])]
    """what the analyst chose"""
    estimate: float | None
    """the estimate under these choices"""
    p: float | None
    """its p"""
    agrees: bool | None
    """same sign and same side of alpha as the primary result; of the time to the target, as the time ratio"""


class PowerRow(Row):
    """What this study could have seen in one cell, or of the mean over cells (an empty cell), with power 80 %.

    A cell's gap is one that stands the correction over cells. `seeds_for_margin` shows equivalence if the gap is as it
    was found; it is planned on the upper 80 % limit of sd(D).
    """

    cell: Cell
    """level of this factor"""
    sd: float | None
    """standard deviation of the differences over seeds, in the unit of the headline"""
    smallest_detectable: float | None
    """gap found with power 80 % by as many seeds, in the unit of the headline"""
    smallest_detectable_pp: float | None
    """the same of an accuracy, percentage points"""
    seeds_for_margin: int | None
    """seeds that show equivalence with power 80 %, were the gap as it was found"""


class PowerPoint(Row):
    """The smallest gap detectable at 80 % power with so many seeds; `cell` None is the mean over cells."""

    cell: Cell | None
    """level of this factor"""
    n_seeds: int
    """seeds"""
    smallest_detectable: float
    """gap found with power 80 % by as many seeds, in the unit of the headline"""
