"""Spread between seeds and rates of failure, in pairs."""

from pathlib import Path

import numpy as np
import pytest

from analyze.findings import StabilityRow
from analyze.sections import stability
from analyze.study.load import load
from analyze.study.pairing import Arms
from tests.synthetic import write_study


def rows(folder: Path, **options: object) -> list[StabilityRow]:
    """Stability rows of a synthetic study."""
    return [row for row, _ in stability.rows(load(write_study(folder, np.random.default_rng(2), **options)))]


def test_deviations_by_hand() -> None:
    """|A − median A| − |B − median B|, a seed without its partner left out of both medians."""
    first, second = np.array([[1.0], [2.0], [6.0], [99.0]]), np.array([[5.0], [5.5], [7.0], [np.nan]])
    paired = Arms(first, second, (0, 1, 2, 3), (), ())
    assert stability.deviations(paired).ravel()[:3] == pytest.approx([1 - 0.5, 0 - 0.0, 4 - 1.5])
    assert np.isnan(stability.deviations(paired)[3, 0])


def test_spread_is_recovered(tmp_path: Path) -> None:
    """An arm four times as noisy: the ratio's interval holds four, and the flip finds it over all cells."""
    found = rows(
        tmp_path / "s",
        seeds=14,
        seed_sd=0.0,
        test_n=50_000,
        noise_sd=lambda s: 0.8 if s["ordering"] == "act_bn" else 0.2,
    )
    overall = next(row for row in found if row.kind == "spread" and row.cell == {} and row.bn_mode == "running")
    assert overall.ratio_ci95[0] < 4 < overall.ratio_ci95[1]
    assert overall.p_signflip < 0.01
    cells = [row for row in found if row.kind == "spread" and row.cell and row.bn_mode == "running"]
    assert len(cells) == 4
    for row in cells:
        assert row.ratio == pytest.approx(row.values["act_bn"] / row.values["bn_act"])
        assert row.p_holm >= row.p_signflip


def test_size_under_equal_spread() -> None:
    """Two hundred pairs of equally noisy, correlated arms: the flip of one cell rejects no more than it may."""
    from analyze.inference.signflip import flips, mean_flip_p

    generator = np.random.default_rng(3)
    rejected = 0
    for _ in range(400):
        shared = generator.normal(0, 1, (10, 1))
        paired = Arms(
            shared + generator.normal(0, 1, (10, 1)), shared + generator.normal(0, 1, (10, 1)), tuple(range(10)), (), ()
        )
        rejected += mean_flip_p(stability.deviations(paired)[:, 0], flips()) <= 0.05
    assert rejected / 400 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)


def test_failures_are_counted_by_kind(tmp_path: Path) -> None:
    """Diverged and stuck are different rates; both are tested by flipping seeds."""
    found = rows(
        tmp_path / "s",
        recipe={"dataset": "mnist"},
        diverged=lambda s: s["ordering"] == "act_bn" and s["depth"] == 4 and s["seed"] < 8,
        stuck=lambda s: s["ordering"] == "bn_act" and s["depth"] == 2 and s["seed"] == 0,
    )
    overall = {row.kind: row for row in found if row.cell == {} and row.kind != "spread"}
    assert overall["diverged"].values == pytest.approx({"act_bn": 0.4, "bn_act": 0.0})
    assert overall["diverged"].p_signflip == 2 / 2**8
    assert overall["stuck"].values == pytest.approx({"act_bn": 0.0, "bn_act": 0.05})
    assert overall["stuck"].p_signflip == 1.0
    assert not [row for row in found if row.kind == "stuck" and row.values["act_bn"]], "a diverged run is not stuck too"
