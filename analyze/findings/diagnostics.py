"""What the parametric tests assume, looked at in the data."""

from typing import Literal

from analyze.findings.values import Cell, Effect, Row


class DiagnosticRow(Row):
    """One assumption of the parametric tests, in the mode and on the scale of the headline. It decides nothing.

    Normality is that of the contrast in one cell, or of its mean over cells (an empty cell); sphericity is that of an
    effect of more than one degree of freedom, and has no cell.
    """

    assumption: Literal["normality", "sphericity"]
    """what is assumed: normality of the differences, by Shapiro-Wilk, or sphericity of an effect, by Mauchly"""
    cell: Cell
    """level of this factor"""
    effect: Effect
    """factors of the effect, joined by colons; empty for normality"""
    statistic: float | None
    """W of the test"""
    p: float | None
    """p of the test; small where the data speak against the assumption"""
    n: int
    """seeds"""
