"""The analysis of variance of restricted time, as afex has it."""

from pathlib import Path

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.measures.curve_shape import restricted_times
from analyze.sections.effects import anova_rows
from analyze.study.load import load
from analyze.study.pairing import arms
from tests import reference
from tests.analyze.sections.reference_times import reference_crossings
from tests.synthetic import write_study


def test_every_effect_is_that_of_afex(tmp_path: Path) -> None:
    """F, p and partial eta squared of the middle of each interval, the budget where it was not reached."""
    loaded, found = reference_crossings(tmp_path, crossed=True)
    paired = arms(loaded.trials, restricted_times(found).middle, loaded.design)
    rows = anova_rows(paired, "ordering", 0.05, response="restricted_time", scale="raw", mode="running")
    theirs = {row["effect"]: row for row in reference.results()["restricted_time"]}
    assert {":".join(row.effect) for row, _ in rows} == set(theirs)
    for row, _ in rows:
        other = theirs[":".join(row.effect)]
        assert pytest.approx((other["F"], other["p_uncorrected"])) == (row.F, row.p_uncorrected)
        assert row.partial_eta_sq == pytest.approx(other["partial_eta_sq"])


def test_it_stands_where_no_regression_can(tmp_path: Path) -> None:
    """One arm of a cell never reaches the target: the cell leaves the regression, restricted time has every effect."""
    folder = write_study(
        tmp_path / "s",
        np.random.default_rng(4),
        accuracy=lambda s: 80.0 if (s["depth"], s["ordering"]) == (4, "bn_act") else 97.0,
    )
    found = analyse(load(folder))
    rows = [row for row in found.anova if row.response == "restricted_time"]
    assert {row.effect for row in rows} == {row.effect for row in found.anova if row.response == "test_accuracy"}
    assert {row.bn_mode for row in rows} == {"batch"}
    assert next(row for row in rows if row.effect == ("ordering", "depth")).p_signflip == pytest.approx(2 / 2**10)
    coefficients = [row for row in found.convergence if row.model == "aft_regression"]
    assert {name for row in coefficients for name in row.at} == {"ordering", "activation"}
