"""Which columns of somebody's table are factors: those of the design, and every other with its reason."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.errors import InvalidTableError, UsageError
from analyze.report.json_twin import to_json
from analyze.report.prose.coverage import coverage
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain
from tests.analyze.study.brought import loaded, table

ROWS = len(table())
DRAW = np.random.default_rng(2)
FACTORS = {"optimizer": ("adam", "sgd"), "depth": (2, 4), "aug": ("flip", "mixup")}


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("host", DRAW.choice(["n1", "n2"], ROWS), "ignored_run"),
        ("host", [f"n{row % 3}" for row in range(ROWS)], "ignored_run"),
        ("commit", ["old"] * 37 + ["new"] * (ROWS - 37), "ignored_run"),
        ("best_epoch", DRAW.integers(1, 6, ROWS), "ignored_run"),
        ("running", DRAW.integers(1, 3, ROWS), "ignored_run"),
        ("wall", DRAW.uniform(10, 20, ROWS), "ignored_levels"),
        ("started", [f"2026-01-01 00:{row}" for row in range(ROWS)], "ignored_levels"),
        ("n_params", table()["optimizer"].map({"adam": 5000, "sgd": 7000}), "ignored_alias"),
        ("layers", table()["depth"] * 2, "ignored_alias"),
        ("fold", table()["seed"] % 2, "ignored_seed"),
        ("val_loss", np.round(DRAW.uniform(0.1, 0.12, ROWS), 2), "ignored_result"),
        ("f1", np.round(DRAW.uniform(0.8, 0.82, ROWS), 2), "ignored_result"),
        ("top1", np.round(DRAW.uniform(0.8, 0.82, ROWS), 2), "ignored_run"),
        ("tags", [[1]] * ROWS, "ignored_type"),
        ("when", pd.Timestamp("2026-01-01"), "ignored_type"),
        ("took", pd.Timedelta("3s"), "ignored_type"),
    ],
)
def test_a_column_beside_the_design_changes_nothing(tmp_path: Path, name: str, values: Any, reason: str) -> None:
    """The factors are those of the design, the column is ignored with its reason, the answer is the same."""
    found = loaded(tmp_path / "a", table(**{name: values}))
    assert found.design.factors == FACTORS
    assert {one: why.code for one, why in found.design.ignored.items()} == {name: reason}
    there, plainly = analyse(found), analyse(loaded(tmp_path / "b", table()))
    assert there.primary == plainly.primary
    said = json.loads(to_json(there))["question"]["ignored"]
    assert said.keys() == {name}
    for lang in ("en", "zh"):
        assert name in plain(coverage(there, catalogue(lang)))  # type: ignore[arg-type]


def test_accuracies_that_repeat_make_no_factor(tmp_path: Path) -> None:
    """On a small test set every accuracy occurs with several seeds: a column of ours became a factor."""
    found = loaded(tmp_path / "a", table(test_accuracy=np.round(table()["test_accuracy"], 2)))
    assert found.design.factors == FACTORS
    assert found.design.ignored == {}


@pytest.mark.parametrize("name", ["batch", "running", "cell", "n", "gap", "model", "kind", "level", "trial", "self"])
def test_names_of_ours_are_theirs(tmp_path: Path, name: str) -> None:
    """A setting keeps its name and its values, whatever the analysis calls its own."""
    found = loaded(tmp_path / "a", table().rename(columns={"depth": name}))
    assert found.design.factors[name] == (2, 4)
    estimate = analyse(found).primary.estimate
    gaps = table().pivot_table(index="seed", columns="optimizer", values="test_accuracy")
    assert estimate == pytest.approx(100 * (gaps["adam"] - gaps["sgd"]).mean())


@pytest.mark.parametrize("name", ["precision", "device", "steps", "stack_size", "train_n", "study", "reason"])
def test_outcomes_of_the_collector_may_be_settings_of_others(tmp_path: Path, name: str) -> None:
    """A moderator or the primary factor called as one of our outcomes does not vanish."""
    for column, levels in (("depth", (2, 4)), ("optimizer", ("adam", "sgd"))):
        trials = table().rename(columns={column: name})
        found = loaded(tmp_path / column, trials, factor=name if column == "optimizer" else "optimizer")
        assert found.design.factors[name] == levels


def test_a_level_of_one_seed_loses_its_cells(tmp_path: Path) -> None:
    """The factor stays, and so do the ten seeds of its other levels."""
    trials = table()
    more = trials[(trials["seed"] == 0) & (trials["depth"] == 2)].assign(depth=8)
    found = loaded(tmp_path / "a", pd.concat([trials, more], ignore_index=True))
    assert found.design.factors["depth"] == (2, 4, 8)
    assert analyse(found).primary.n_seeds == 10


def test_declared_moderators_are_the_only_ones(tmp_path: Path) -> None:
    """A column may be forced in, or out; what would leave two runs that nothing tells apart is refused."""
    host = DRAW.choice(["n1", "n2"], ROWS)
    trials = table(host=host)
    assert set(loaded(tmp_path / "a", trials, moderators=["depth", "aug", "host"]).design.factors) == {*FACTORS, "host"}
    with pytest.raises(InvalidTableError, match=r"first .* in rows 1 and 3; column depth tells them apart"):
        loaded(tmp_path / "a", trials.drop(columns="host"), moderators=["aug"])
    one = trials[trials["depth"] == 2]
    found = loaded(tmp_path / "a", one.assign(cluster="a100"), ignore=["host"])
    assert {name: why.code for name, why in found.design.ignored.items()} == {"host": "ignored_asked"}
    assert found.design.shared == {"depth": 2, "cluster": "a100"}
    methods = analyse(found).methods
    assert (methods["depth"], methods["shared_settings"]) == (2, ["cluster=a100"])
    with pytest.raises(UsageError, match=r"--ignore hots is not one of .* did you mean host"):
        loaded(tmp_path / "a", trials, ignore=["hots"])


@pytest.mark.parametrize("seeds", [[f"run-{one}" for one in range(10)], [float(one) for one in range(10)], range(10)])
def test_seeds_are_numbers_or_names(tmp_path: Path, seeds: Any) -> None:
    """Whole numbers, whole decimals and texts; the answer does not depend on what they are called."""
    trials = table()
    trials["seed"] = [seeds[one] for one in trials["seed"]]
    found = loaded(tmp_path / "a", trials)
    assert found.seeds == tuple(sorted(seeds))
    assert analyse(found).primary == analyse(loaded(tmp_path / "b", table())).primary
    assert to_json(analyse(found))


def test_texts_of_whole_numbers_are_numbers(tmp_path: Path) -> None:
    """Ten seeds written as text stand in the order of numbers."""
    assert loaded(tmp_path / "a", table(seed=table()["seed"].astype(str))).seeds == tuple(range(10))


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    """--id and --seed name columns; trials without an id are numbered from one."""
    trials = table().rename(columns={"seed": "rng"}).assign(name=[f"run{row}" for row in range(ROWS)])
    found = loaded(tmp_path / "a", trials, seed="rng", trial_id="name")
    assert found.trials["trial_id"].iloc[0] == "run0"
    assert loaded(tmp_path / "b", table()).trials["trial_id"].tolist() == [str(row + 1) for row in range(ROWS)]
    with pytest.raises(UsageError, match=r"--seed rgn is not one of .* did you mean rng"):
        loaded(tmp_path / "a", trials, seed="rgn")
    with pytest.raises(InvalidTableError, match=r"lacks seed; it has .* name the column of the seed with --seed"):
        loaded(tmp_path / "a", trials)


def test_two_levels_are_a_contrast(tmp_path: Path) -> None:
    """With two levels the first less the second; with three of seeds of their own the question must be put."""
    assert loaded(tmp_path / "a", table()).design.contrast == ("adam", "sgd")
    third = table().assign(optimizer=lambda t: t["optimizer"].where(t["seed"] > 4, "lion"), seed=range(ROWS))
    with pytest.raises(UsageError, match=r"--factor optimizer needs --contrast A B, two of its levels adam, lion, sgd"):
        loaded(tmp_path / "a", third)
