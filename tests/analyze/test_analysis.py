"""The plan from a folder to Findings: known effects are found, lost runs are said, nothing is null without a reason."""

import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel

from analyze.analysis import analyse
from analyze.findings import Findings, because, token
from analyze.inference import anova
from analyze.report.json_twin import to_json
from analyze.study.load import load
from tests import reference
from tests.synthetic import describe, write_study

RESULTS = reference.results()


def findings(folder: Path, seed: int = 1, **options: object) -> Findings:
    """Findings of a synthetic study."""
    return analyse(load(write_study(folder, np.random.default_rng(seed), **options)))


def nulls(value: object, path: str = "") -> list[str]:
    """JSON Pointers of every null in a document."""
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in nulls(inner, f"{path}/{token(key)}")]
    if isinstance(value, list):
        return [found for index, inner in enumerate(value) for found in nulls(inner, f"{path}/{index}")]
    return [path] if value is None else []


#: None is a value there, not a missing number: no condition on the headline, a row over all cells or of no target.
MEANINGFUL = (
    "/least_p_signflip",
    "/detectable_sd_ratio",
    "/cell",
    "/target",
    "/parts_digest",
    "/p_holm",
)


def unexplained(found: Findings) -> list[str]:
    """Nulls without a reason; the findings of a further response have reasons of their own."""
    document = json.loads(to_json(found))
    reasons, _ = document.pop("reasons"), document.pop("further")
    return [path for path in nulls(document) if path not in reasons and not path.endswith(MEANINGFUL)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """A complete study with a gap of half a point at depth 4 only."""
    return findings(tmp_path_factory.mktemp("plain") / "s", gap=lambda s: 0.5 if s["depth"] == 4 else 0.0)


def test_headline_is_the_main_effect_of_the_anova(plain: Findings) -> None:
    """T on the seed means squared is F of the ordering effect, and both flips agree."""
    row = next(row for row in plain.anova if (row.effect, row.scale, row.bn_mode) == (("ordering",), "raw", "running"))
    assert plain.primary.t**2 == pytest.approx(row.F, rel=1e-9)
    assert plain.primary.p_t == pytest.approx(row.p_gg, rel=1e-9)
    assert plain.primary.p_signflip == row.p_signflip
    assert plain.primary.n_seeds == 10


def test_headline_and_simple_effects_as_emmeans_gives_them() -> None:
    """Estimate, standard error and p of the contrast, overall and in each of 15 cells, from afex and emmeans."""
    from analyze.sections.cells import Pair, simple_effects
    from analyze.sections.mean import mean_over_cells
    from analyze.study.pairing import Arms

    table = reference.table("within_three").sort_values(["seed", "ordering", "depth", "activation"])
    responses = table["response"].to_numpy().reshape(10, 2, 15)
    levels = ((1, 2, 3), (1, 2, 3, 4, 5))
    paired = Arms(responses[:, 1], responses[:, 0], tuple(range(10)), ("depth", "activation"), levels)
    (theirs,) = RESULTS["emmeans_headline"]
    found = mean_over_cells(paired, margin=0.1).comparison
    assert (found.gap, found.t, found.p_t) == pytest.approx(
        (theirs["estimate"], theirs["t.ratio"], theirs["p.value"]), rel=1e-9
    )
    rows = simple_effects([Pair((2, 1), paired)], "running", "raw", 0.1, 0.05)
    cells = {(row.cell["depth"], row.cell["activation"]): row for row, _ in rows}
    for case in RESULTS["emmeans_cells"]:
        row = cells[int(str(case["depth"]).strip("X")), int(str(case["activation"]).strip("X"))]
        assert (row.gap, row.t, row.p_t) == pytest.approx(
            (case["estimate"], case["t.ratio"], case["p.value"]), rel=1e-9
        )


def test_known_gap_is_found_where_it_is(plain: Findings) -> None:
    """The interaction with depth is found, and the gap at depth 4 alone."""
    effects = {row.effect: row for row in plain.anova if row.scale == "raw" and row.bn_mode == "running"}
    assert effects["ordering", "depth"].decision == "differs"
    assert effects["ordering", "activation"].decision == "undecided"
    running = [row for row in plain.simple_effects if row.bn_mode == "running" and row.scale == "raw"]
    assert {row.cell["depth"] for row in running if row.decision == "first"} == {4}
    assert plain.primary.headline == "depends"
    assert plain.primary.depends_on == ("depth",)


def test_holm_family_is_every_effect_with_the_primary_factor(plain: Findings) -> None:
    """Other effects are described: they have F and no flip p, and do not enter the family."""
    for row in plain.anova:
        assert (row.p_holm is None) == (row.p_max_t is None) == (row.decision is None) == ("ordering" not in row.effect)


def test_nothing_is_null_without_a_reason(plain: Findings, tmp_path: Path) -> None:
    """Every null of a complete study and of one with every kind of loss has its reason."""
    assert unexplained(plain) == []
    broken = findings(
        tmp_path / "broken",
        missing=lambda s: s["seed"] == 9,
        failed=lambda s: s["seed"] == 1 and s["depth"] == 2,
        diverged=lambda s: s["seed"] == 2 and s["ordering"] == "act_bn",
        accuracy=lambda s: 100.0 if s["depth"] == 2 else 80.0,
        noise_sd=0.0,
        seed_sd=0.0,
        with_layers=False,
    )
    assert unexplained(broken) == []


def test_lost_runs_leave_their_seed_out_and_are_counted(tmp_path: Path) -> None:
    """One failed run: effects over all cells lose that seed, the other cells keep it, the count says so."""
    found = findings(
        tmp_path / "s",
        failed=lambda s: (s["seed"], s["depth"], s["activation"], s["ordering"]) == (4, 2, "relu", "bn_act"),
    )
    assert (found.study.planned, found.study.completed, found.study.failed) == (80, 79, 1)
    assert found.primary.n_seeds == 9
    assert {row.n_seeds for row in found.anova} == {9}
    assert sorted({row.n for row in found.simple_effects}) == [9, 10]


def test_a_different_seed_lost_in_every_cell(tmp_path: Path) -> None:
    """Balance of the cells is not completeness of the seeds: four seeds are lost, not one."""
    cells = [(2, "relu"), (2, "tanh"), (4, "relu"), (4, "tanh")]
    found = findings(
        tmp_path / "s",
        missing=lambda s: (s["depth"], s["activation"]) == cells[s["seed"] % 4] and s["seed"] < 4,
    )
    assert found.primary.n_seeds == 6
    assert {row.df_den for row in found.anova if row.effect == ("ordering",)} == {5}


def test_a_lost_cell_is_never_averaged_over(tmp_path: Path) -> None:
    """A cell that was never run: no F for any effect, with the cell named."""
    found = findings(tmp_path / "s", missing=lambda s: s["depth"] == 4 and s["activation"] == "tanh")
    assert all(row.F is None for row in found.anova)
    assert found.reasons["/anova/0/F"] == because("no_pair_in_cell", cell={"depth": 4, "activation": "tanh"})
    assert unexplained(found) == []


def test_one_diverged_run_is_scored_at_chance(tmp_path: Path) -> None:
    """A diverged run stays in its pair: the cell's mean falls by a tenth of the distance to chance."""
    options = {"gap": 0.0, "noise_sd": 0.0, "seed_sd": 0.0}
    found = findings(
        tmp_path / "s", diverged=lambda s: s["seed"] == 0 and s["depth"] == 2 and s["activation"] == "relu", **options
    )
    assert found.study.diverged == 2
    one = findings(
        tmp_path / "t",
        diverged=lambda s: (s["seed"], s["depth"], s["activation"], s["ordering"]) == (0, 2, "relu", "act_bn"),
        **options,
    )
    cell = next(row for row in one.simple_effects if row.cell == {"depth": 2, "activation": "relu"})
    assert cell.n == 10
    assert cell.gap == pytest.approx(-8.7)


def test_other_levels_have_rows_of_their_own(tmp_path: Path) -> None:
    """A third ordering is compared with both levels of the contrast and never enters the core."""
    factors = {"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4)}
    with_none = findings(tmp_path / "s", factors=factors, accuracy=lambda s: 90.0 if s["ordering"] == "none" else 97.0)
    assert {row.contrast for row in with_none.orderings} == {("none", "act_bn"), ("none", "bn_act")}
    assert {row.contrast for row in with_none.simple_effects} == {("act_bn", "bn_act")}
    assert all(row.gap < -6 for row in with_none.orderings)
    assert all(row.df_num == 1 for row in with_none.anova)


def test_conditional_headline(tmp_path: Path) -> None:
    """Where one activation carries the gap, the headline names factor and cell; a gap everywhere is no condition."""
    factors = {"ordering": ("bn_act", "act_bn"), "activation": ("relu", "tanh", "sigmoid")}
    found = findings(tmp_path / "s", factors=factors, gap=lambda s: 5.0 if s["activation"] == "sigmoid" else 0.0)
    assert found.primary.conditional_on == "activation"
    assert next(row.cell["activation"] for row in found.simple_effects if row.decision == "first") == "sigmoid"
    assert findings(tmp_path / "t", factors=factors, gap=0.5).primary.conditional_on is None


def test_opposed_level(tmp_path: Path) -> None:
    """Where one activation goes the other way, it depends, and that cell is decided the other way."""
    factors = {"ordering": ("bn_act", "act_bn"), "activation": ("relu", "elu", "tanh", "sigmoid")}
    found = findings(tmp_path / "s", factors=factors, gap=lambda s: -0.5 if s["activation"] == "sigmoid" else 1.0)
    assert json.loads(to_json(found))["primary"]["conditional_on"] == "activation"
    sides = {row.cell["activation"]: row.decision for row in found.simple_effects if row.scale == "raw"}
    assert sides == {"relu": "first", "elu": "first", "tanh": "first", "sigmoid": "second"}


def test_somebody_elses_trials(tmp_path: Path) -> None:
    """Four columns and another primary factor: the same analysis, and reasons for what is not in the study."""
    import pandas as pd

    generator = np.random.default_rng(5)
    table = pd.DataFrame(
        [
            {"trial_id": f"{norm}{blocks}{seed}", "norm": norm, "blocks": blocks, "seed": seed}
            for norm in ("layer", "group")
            for blocks in (2, 3)
            for seed in range(8)
        ]
    )
    table["test_accuracy"] = 0.9 + 0.01 * (table["norm"] == "group") + generator.normal(0, 0.001, len(table))
    (tmp_path / "own").mkdir()
    table.to_parquet(tmp_path / "own" / "trials.parquet")
    found = analyse(load(tmp_path / "own", factor="norm", contrast=("group", "layer")))
    assert found.primary.estimate == pytest.approx(1.0, abs=0.1)
    assert {row.effect for row in found.anova} == {("norm",), ("blocks",), ("norm", "blocks")}
    assert (found.claims, found.convergence, found.mechanism) == ((), (), ())
    assert {"/claims", "/convergence", "/mechanism", "/curves"} <= set(found.reasons)
    assert unexplained(found) == []


def test_se_crossed_from_bits(tmp_path: Path) -> None:
    """The two-way formula, written out as mean squares over a long table of seed x image differences."""
    study = load(write_study(tmp_path / "s", np.random.default_rng(3), seeds=5, test_n=200, noise_sd=2.0))
    bits = {
        (row["seed"], row["ordering"], row["depth"], row["activation"]): np.unpackbits(
            np.frombuffer(row["correct_bits"], np.uint8), count=200
        )
        for row in study.trials.to_dict("records")
    }
    cells = [(depth, activation) for depth in (2, 4) for activation in ("relu", "tanh")]
    table = np.array(
        [
            np.mean([bits[s, "act_bn", *c].astype(float) - bits[s, "bn_act", *c] for c in cells], axis=0)
            for s in study.seeds
        ]
    )
    seeds, images = table.shape
    rows, columns, error = (
        images * table.mean(1).var(ddof=1),
        seeds * table.mean(0).var(ddof=1),
        (table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()).ravel(),
    )
    ms_error = (error**2).sum() / ((seeds - 1) * (images - 1))
    expected = 100 * np.sqrt((rows + columns - ms_error) / (seeds * images))
    assert analyse(study).primary.se_crossed == pytest.approx(expected, rel=1e-12)


def test_byte_identical_json(tmp_path: Path) -> None:
    """Same input, same options: the same bytes, and rows of the file may stand in any order."""
    import pandas as pd
    import pyarrow.parquet as pq

    folder = write_study(tmp_path / "s", np.random.default_rng(1), seeds=18)
    first = to_json(analyse(load(folder)))
    assert to_json(analyse(load(folder))) == first
    for name in ("trials", "curves", "layers"):
        table = pq.read_table(folder / f"{name}.parquet")
        order = np.random.default_rng(0).permutation(len(table))
        pq.write_table(table.take(order), folder / f"{name}.parquet")
    describe(folder)
    assert to_json(analyse(load(folder))) == first
    assert isinstance(json.loads(first), dict)
    assert pd.read_parquet(folder / "trials.parquet")["trial_id"].iloc[0] != "t000000"


def test_findings_are_frozen(plain: Findings) -> None:
    """No later stage can change a number."""
    assert isinstance(plain, BaseModel)
    with pytest.raises(ValueError, match="frozen"):
        plain.primary.estimate = 0.0
    assert anova.effects is not None
