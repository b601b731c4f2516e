"""What the parametric tests assume, as rows."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from analyze.sections.diagnostics import rows
from analyze.study.pairing import Arms

LEVELS = ((2, 4), ("relu", "tanh", "gelu"))


def arms(seeds: int = 9) -> Arms:
    """Two moderators, one of three levels."""
    draw = np.random.default_rng(6)
    return Arms(
        draw.normal(97, 1, (seeds, 6)), draw.normal(97, 1, (seeds, 6)), tuple(range(seeds)), ("depth", "act"), LEVELS
    )


def test_every_cell_and_every_effect_of_more_than_one_df() -> None:
    """Normality of the mean and of six cells, sphericity of the four effects with the factor of three levels."""
    paired = arms()
    found = [row for row, why in rows(paired, "ordering", 0.05) if not why]
    normal, spherical = found[:7], found[7:]
    cells = [{}, *({"depth": d, "act": a} for d, a in product(*LEVELS))]
    assert [row.cell for row in normal] == cells
    assert [row.effect for row in spherical] == [
        ("act",),
        ("ordering", "act"),
        ("depth", "act"),
        ("ordering", "depth", "act"),
    ]
    assert (normal[0].statistic, normal[0].p) == pytest.approx(tuple(stats.shapiro(paired.difference.mean(axis=1))))
    assert (normal[4].statistic, normal[4].p) == pytest.approx(tuple(stats.shapiro(paired.difference[:, 3])))
    assert {row.n for row in found} == {9}


def test_a_missing_pair_and_a_missing_cell() -> None:
    """A cell counts its own seeds; without a cell, or with few seeds, sphericity has its reason."""
    paired = arms()
    paired.first[0, 3] = np.nan
    found = [row for row, _ in rows(paired, "ordering", 0.05)]
    assert [row.n for row in found] == [8, 9, 9, 9, 8, 9, 9, 8, 8, 8, 8]
    paired.first[:, 3] = np.nan
    found = rows(paired, "ordering", 0.05)
    assert {why["p"].code for row, why in found if row.assumption == "sphericity"} == {"cell_without_pair"}
    few = [(row, why["p"].code) for row, why in rows(arms(2), "ordering", 0.05)]
    assert {(row.assumption, code) for row, code in few} == {
        ("normality", "four_values"),
        ("sphericity", "sphericity_needs_seeds"),
    }


def test_runs_lost_here_and_there_until_no_seed_is_complete() -> None:
    """Every cell has pairs and no seed has them all: sphericity has its reason, as with few seeds."""
    paired = arms()
    paired.first[np.arange(9), np.arange(9) % 6] = np.nan
    spherical = [(row, why) for row, why in rows(paired, "ordering", 0.05) if row.assumption == "sphericity"]
    assert {(row.n, why["p"].code) for row, why in spherical} == {(0, "sphericity_needs_seeds")}
