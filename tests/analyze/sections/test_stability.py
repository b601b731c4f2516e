"""Spread between seeds and rates of failure, in pairs."""

from pathlib import Path

import numpy as np
import pytest

from analyze.findings import StabilityRow, because
from analyze.inference.max_t import max_t
from analyze.inference.signflip import flips, mean_flip_p
from analyze.measures import response
from analyze.sections import descriptions, stability
from analyze.study.load import load
from analyze.study.pairing import Arms, arms
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


def test_an_arm_that_is_constant_but_for_rounding_has_no_ratio() -> None:
    """Ten runs at 11.35 % have a standard deviation of 2e-15 in floating point, and a log ratio of -32."""
    constant, varied = np.full((10, 1), 11.35), np.random.default_rng(1).normal(97, 0.2, (10, 1))
    assert constant.std(ddof=1) > 0
    assert stability.mean_log_ratio(Arms(constant, varied, tuple(range(10)), (), ())) == "arm_constant_in_a_cell"


def test_size_under_equal_spread() -> None:
    """Two hundred pairs of equally noisy, correlated arms: the flip of one cell rejects no more than it may."""
    generator = np.random.default_rng(3)
    rejected = 0
    for _ in range(400):
        shared = generator.normal(0, 1, (10, 1))
        paired = Arms(
            shared + generator.normal(0, 1, (10, 1)), shared + generator.normal(0, 1, (10, 1)), tuple(range(10)), (), ()
        )
        rejected += mean_flip_p(stability.deviations(paired)[:, 0], flips()) <= 0.05
    assert rejected / 400 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)


def detectable(folder: Path, seeds: int, cells: int) -> dict[str, object]:
    """What the methods of a study of so many seeds and cells say of the detectable ratio: nothing, or its value."""
    factors = {"ordering": ("bn_act", "act_bn"), "depth": tuple(range(1, cells + 1))}
    options = {"factors": factors, "seeds": seeds, "with_bits": False, "with_layers": False}
    facts = descriptions.methods(load(write_study(folder / f"{seeds} {cells}", np.random.default_rng(4), **options)))
    return {name: value for name, value in facts.items() if name == "detectable_sd_ratio"}


@pytest.mark.parametrize("cells", [1, 2, 4])
def test_the_detectable_ratio_is_that_of_the_corrected_rule(tmp_path: Path, cells: int) -> None:
    """A cell of this ratio is found in about four of five of 200 studies by max-T over cells; uncorrected, in half."""
    ratio = detectable(tmp_path, 10, cells)["detectable_sd_ratio"]
    generator, found = np.random.default_rng(5), 0
    for _ in range(200):
        first, second = generator.normal(size=(2, 10, cells)) * np.where(np.arange(cells) == 0, [[[ratio]], [[1]]], 1)
        scores = stability.deviations(Arms(first, second, tuple(range(10)), (), ()))
        found += (max_t([scores[:, [cell]] for cell in range(cells)], flips())[0] or 1.0) <= 0.05
    assert found / 200 == pytest.approx(0.8, abs=4 * np.sqrt(0.8 * 0.2 / 200))


def test_no_ratio_is_detectable_in_many_cells_and_none_is_asked_for_below_six_seeds(tmp_path: Path) -> None:
    """Six cells hide any ratio from ten seeds; five seeds have no exact test at all."""
    assert detectable(tmp_path, 10, 6) == {"detectable_sd_ratio": None}
    assert detectable(tmp_path, 5, 1) == {}


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


def test_a_cell_without_the_seeds_for_alpha_leaves_its_family(tmp_path: Path) -> None:
    """Of ten seeds one cell has five: it has no corrected p, with its reason, and the others' count three cells."""
    thin = {"depth": 2, "activation": "relu"}
    ran = {
        "seeds": 10,
        "noise_sd": lambda s: 0.8 if s["ordering"] == "act_bn" else 0.2,
        "missing": lambda s: {name: s[name] for name in thin} == thin and s["seed"] >= 5,
    }
    study = load(write_study(tmp_path / "s", np.random.default_rng(2), **ran))
    for kind in ("spread", "diverged"):
        for row, why in stability.rows(study):
            if row.kind == kind and row.cell == thin:
                assert (row.p_max_t, why["p_max_t"]) == (None, because("seeds_too_few", count=6))
    spread = [row for row, _ in stability.rows(study) if row.kind == "spread" and row.bn_mode == "running"]
    paired = arms(study.trials, response.values(study), study.design)
    scores = stability.deviations(paired)
    full = [scores[:, [index]] for index, cell in enumerate(paired.cells) if cell != thin]
    assert [row.p_max_t for row in spread if row.cell and row.cell != thin] == max_t(full, flips())
