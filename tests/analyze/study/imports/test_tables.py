"""Runs as tables: types, names, curves, and what is said of each column; and what is refused."""

import json
import math
import sys
from pathlib import Path

import pandas as pd
import pytest

from analyze.errors import InvalidTableError, MissingLibraryError, UsageError
from analyze.study.imports import tables
from analyze.study.imports.formats import FORMATS, format_of, runs_of
from analyze.study.imports.run import Point, Run, flat, from_folders
from tests.analyze.commands import analyze
from tests.analyze.study.brought import loaded, table


def _imported(*runs: Run) -> tables.Imported:
    return tables.imported(runs, "here")


def test_texts_become_what_they_mean() -> None:
    """Numbers and truth values that a tool logs as text; a column of both is text; a missing one is null."""
    found = _imported(
        Run("a", {"lr": "1e-3", "on": "True", "depth": "2", "act": "relu", "odd": 1, "seed": 1}, {"loss": 1}),
        Run("b", {"lr": "0.1", "on": "False", "depth": None, "act": "2", "odd": "x", "seed": 2}, {"loss": math.inf}),
    ).trials.to_pydict()
    assert found == {
        "trial_id": ["a", "b"],
        "status": ["completed", "completed"],
        "lr": [1e-3, 0.1],
        "on": [True, False],
        "depth": [2, None],
        "act": ["relu", "2"],
        "odd": ["1", "x"],
        "seed": [1, 2],
        "loss": [1.0, None],
    }


@pytest.mark.parametrize(
    ("names", "seed"),
    [
        (["seed", "fewshot_seed"], "seed"),
        (["trainer.seed", "lr"], "trainer.seed"),
        (["seed_everything"], "seed_everything"),
        (["random_state"], "random_state"),
        (["data/random_seed"], "data/random_seed"),
        (["seeds", "seedling"], None),
        (["a.seed", "b.seed"], None),
    ],
)
def test_the_seed_is_the_one_that_is_named_so(names: list[str], seed: str | None) -> None:
    """By its own name or the last word of a longer one; two of those are the user's to tell."""
    found = _imported(Run("a", {name: number for number, name in enumerate(names)}, {"test_accuracy": 0.5}))
    assert [one.name for one in found.columns if one.role == "seed"] == (["seed"] if seed else [])
    assert (tables.advice(found) is None) == (seed is not None)
    if seed:
        assert found.trials["seed"].to_pylist() == [names.index(seed)]


def test_a_name_that_is_taken_gets_another() -> None:
    """A setting called like a metric, or like a column of ours."""
    found = _imported(Run("a", {"loss": "mse", "status": "x", "seed": 1}, {"loss": 0.5}))
    assert found.trials.column_names == ["trial_id", "status", "loss", "status_", "seed", "loss_"]
    assert [one.why for one in found.columns if one.name == "loss_"] == ["in 1 of 1 runs, logged as loss"]


@pytest.mark.parametrize(
    ("metric", "split", "measure"),
    [
        ("val/loss", "validation", "loss"),
        ("valid_acc", "validation", "accuracy"),
        ("train_loss_epoch", "train", "loss"),
        ("accuracy/test", "test", "accuracy"),
    ],
)
def test_metrics_on_the_way_are_curves(metric: str, split: str, measure: str) -> None:
    """By the words of their names, in any order."""
    points = [Point(metric, step, 0.5, float(step)) for step in (1, 0)]
    found = _imported(Run("a", {}, {}, points=[*points, Point("lr", 0, 1.0), Point("test_f_loss", 0, 1.0)]))
    assert found.curves is not None
    assert found.curves.to_pydict() == {
        "trial_id": ["a", "a"],
        "step": [0, 1],
        "split": [split, split],
        "epoch": [0.0, 1.0],
        measure: [0.5, 0.5],
    }


def test_ends_are_no_curves() -> None:
    """One point a run is what came of it."""
    assert _imported(Run("a", {}, {}, points=[Point("test_loss", 9, 1.0), Point("val_loss", 9, 1.0)])).curves is None


def test_settings_in_folders_names_and_nested_ones() -> None:
    """Hydra's way of overriding, and plain levels."""
    assert from_folders(Path("lr=0.1,opt=adam/seed=3/x")) == {"lr": "0.1", "opt": "adam", "seed": "3", "folder_3": "x"}
    assert from_folders(Path("weight_decay=0__net=a")) == {"weight_decay": "0", "net": "a"}
    assert flat({"a": {"b": 1, "c": {"d": None}}, "e": [1, 2]}) == {"a.b": 1, "a.c.d": None, "e": "[1, 2]"}


def test_what_an_import_wrote_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    """A second import is the newer one; a study, or a table of somebody's, stays."""
    point = [Point("test_loss", step, 1.0) for step in range(2)]
    tables.write(_imported(Run("a", {}, {}, points=point)), tmp_path / "s", "X")
    assert tables.write(_imported(Run("b", {}, {})), tmp_path / "s", "X") == [tmp_path / "s" / "trials.parquet"]
    assert not (tmp_path / "s" / "curves.parquet").exists()
    assert pd.read_parquet(tmp_path / "s" / "trials.parquet")["trial_id"].tolist() == ["b"]
    loaded(tmp_path / "own", table())
    with pytest.raises(UsageError, match="own holds a study of its own, which is not replaced"):
        tables.write(_imported(Run("a", {}, {})), tmp_path / "own", "X")
    with pytest.raises(InvalidTableError, match="here holds no runs"):
        _imported()


def test_what_no_tool_wrote_is_refused(tmp_path: Path) -> None:
    """One sentence with the formats; a password in an address is not repeated."""
    (tmp_path / "runs.csv").write_text("seed,test_accuracy\n1,0.5\n")
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))
    (tmp_path / "empty").mkdir()
    for name in ("runs.csv", "x.bin", "empty"):
        ran = analyze("import", name, "--out", "out", cwd=tmp_path)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert f"{name} is nothing that {', '.join(one.NAME for one in FORMATS)} wrote" in ran.stderr
    assert "there is no nowhere" in analyze("import", "nowhere", "--out", "out", cwd=tmp_path).stderr
    with pytest.raises(UsageError, match="the address holds a password") as caught:
        format_of("postgresql://me:secret@host/optuna")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("MLflow", "mlflow", "mlflow"),
        ("Optuna", "optuna", "optuna"),
        ("TensorBoard", "tensorboard", "tensorboard"),
        ("Weights & Biases", "wandb.proto.wandb_internal_pb2", "wandb"),
        ("inspect", "inspect_ai.log", "inspect"),
        ("Hydra", "yaml", "hydra"),
        ("Lightning", "yaml", "lightning"),
    ],
)
def test_a_library_that_is_not_there_is_named(
    tmp_path: Path, name: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to type; everything else of analyze works without it."""
    for path in ("runs.db", "run-a.wandb", "events.out.tfevents.1", "x.eval", "metrics.csv", "hparams.yaml"):
        (tmp_path / path).write_text("step,loss\n1,1\n")
    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "config.yaml").write_text("seed: 1\n")
    for one in [one for one in sys.modules if one.split(".")[0] == module.split(".", maxsplit=1)[0]]:
        monkeypatch.delitem(sys.modules, one)
    monkeypatch.setitem(sys.modules, module, None)
    [reader] = [one for one in FORMATS if name == one.NAME]
    with pytest.raises(MissingLibraryError, match=rf"pip install 'ordering-effect\[{extra}\]'"):
        list(reader.read(str(tmp_path)))


def test_what_is_damaged_is_one_sentence(tmp_path: Path) -> None:
    """Whatever a tool's library raises: the file's place, the tool, and what the library said first."""
    (tmp_path / "metrics.csv").write_text("step,loss\n1.5x,1\n")
    (tmp_path / "hparams.yaml").write_text("seed: 1\n")
    with pytest.raises(InvalidTableError, match=r"what Lightning wrote cannot be read: ValueError: invalid literal"):
        runs_of(format_of(str(tmp_path)), str(tmp_path))


def test_each_column_is_told_at_80_columns_and_as_json(tmp_path: Path) -> None:
    """Role, name and why, whatever a name holds."""
    job = tmp_path / "multirun" / "0"
    (job / ".hydra").mkdir(parents=True)
    (job / ".hydra" / "config.yaml").write_text(f"seed: 1\n{'n' * 60}: {'v' * 70}\n")
    (job / "results.json").write_text('{"test_accuracy": 0.5}')
    ran = analyze("import", "multirun", "--out", "out", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0] == "Hydra: 1 run"
    assert max(map(len, ran.stdout.splitlines())) <= 80
    told = json.loads(analyze("import", "multirun", "--out", "out", "--json", cwd=tmp_path).stdout)
    assert [(one["name"], one["role"]) for one in told] == [
        ("trial_id", "id"),
        ("seed", "seed"),
        ("n" * 60, "shared"),
        ("test_accuracy", "metric"),
    ]
