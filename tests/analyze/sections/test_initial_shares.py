"""Class shares of untrained networks, described by cell and level."""

from pathlib import Path

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.findings import because
from analyze.sections import initial_shares
from analyze.study.load import load
from tests.synthetic import describe, write_study


def share(s: object) -> float:
    """By level, depth and seed."""
    return {"bn_act": 0.5, "act_bn": 0.2}[s["ordering"]] + 0.02 * s["depth"] + 0.01 * s["seed"]  # type: ignore[index]


def test_median_and_central_four_fifths_over_seeds(tmp_path: Path) -> None:
    """For each cell and level, from the seeds that ran."""
    folder = write_study(
        tmp_path / "s", np.random.default_rng(2), initial_share=share, seeds=11, missing=lambda s: s["seed"] > 8
    )
    rows = initial_shares.rows(load(folder))
    assert len(rows) == 8
    for row in rows:
        seen = [share({"ordering": row.level, **row.cell, "seed": seed}) for seed in range(9)]
        assert (row.share, row.low, row.high) == pytest.approx(tuple(np.quantile(seen, [0.5, 0.1, 0.9])))
        assert row.n_seeds == 9


def test_a_study_without_them_says_so(tmp_path: Path) -> None:
    """One of somebody else's has no curves at all."""
    folder = write_study(tmp_path / "s", np.random.default_rng(2), seeds=3)
    (folder / "curves.parquet").unlink()
    describe(folder)
    found = analyse(load(folder))
    assert found.initial_shares == ()
    assert found.reasons["/initial_shares"] == because("no_initial_shares")
