"""A study that is begun today goes on with the release that adds the next setting, every trial under the id it has."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import collect
from collect.study.trial import Settings
from tests.collect.commands import COLLECT
from tests.collect.commands import collect as today

#: What a release changes that adds a setting: the file, a line of it, and the line in its place.
ADDED = (
    ("schema/__init__.py", "SCHEMA_VERSION = 3\n", "SCHEMA_VERSION = 4\n"),
    (
        "schema/__init__.py",
        '    Column("validation", ',
        '    Column("smoothing", pa.float64(), "share", "of all labels", since=4),\n    Column("validation", ',
    ),
    (
        "study/trial.py",
        "    validation: ",
        "    smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0\n    validation: ",
    ),
)
#: The defaults of recipe version 3, which ids are made by.
DEFAULTS = {
    "ordering": "bn_act",
    "depth": 4,
    "activation": "relu",
    "dataset": "digits",
    "epochs": 3,
    "batch_size": 128,
    "learning_rate": 1e-3,
    "optimizer": "adam",
    "momentum": 0.9,
    "schedule": "constant",
    "warmup": 0,
    "weight_decay": 0.0,
    "decay_bn": True,
    "width": 1.0,
    "kernel": 3,
    "channels": "16-32-64",
    "pools": "between",
    "head": "flatten",
    "head_hidden": 0,
    "bn_momentum": 0.1,
    "bn_eps": 1e-5,
    "norm": "batch",
    "conv_bias": True,
    "dropout": 0.0,
    "dropout_place": "after",
    "augment": "none",
    "init": "torch",
    "validation": 0.0,
    "evaluations": 16,
}


@pytest.fixture(scope="module")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as it will be once it knows of label smoothing."""
    folder = tmp_path_factory.mktemp("next")
    package = Path(shutil.copytree(Path(collect.__file__).parent, folder / "collect"))
    for name, before, after in ADDED:
        text = (package / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, before
        (package / name).write_text(text.replace(before, after), encoding="utf-8")
    return folder


def later(release: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command of the next release."""
    path = {"PYTHONPATH": os.pathsep.join([str(release), os.environ.get("PYTHONPATH", "")])}
    return subprocess.run(
        [*COLLECT, *arguments], cwd=cwd, env=os.environ | path, capture_output=True, text=True, check=False, timeout=200
    )


def test_a_study_goes_on_when_a_setting_is_added(finished: Path, next_release: Path, tmp_path: Path) -> None:
    """Its plan is accepted, its parts are sound, a lost trial is trained under its id, and each has the default."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    before = pd.read_parquet(folder / "trials.parquet")
    assert later(next_release, "verify", str(folder), cwd=tmp_path).returncode == 0
    (folder / "parts" / f"{before.trial_id[1]}.parquet").unlink()
    ran = later(next_release, "run", str(folder), "--jobs", "1", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    now = pd.read_parquet(folder / "trials.parquet")
    assert set(now.pop("smoothing")) == {0.0}
    seconds = ["train_seconds", "wall_seconds"]
    pd.testing.assert_frame_equal(now.drop(columns=seconds), before.drop(columns=seconds))
    checked = later(next_release, "verify", str(folder), cwd=tmp_path)
    assert (checked.returncode, "8 parts are sound" in checked.stdout) == (0, True), checked.stderr


def test_it_can_be_extended_by_the_new_setting(finished: Path, next_release: Path, tmp_path: Path) -> None:
    """Levels of it are new trials beside the old ones."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    asked = ("run", str(folder), "--set", "factors.smoothing=[0.0, 0.5]", "--extend", "--jobs", "1")
    ran = later(next_release, *asked, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    levels = pd.read_parquet(folder / "trials.parquet").groupby("smoothing").trial_id.apply(set)
    assert levels[0.0] == {path.stem for path in finished.glob("parts/*")}
    assert len(levels[0.5]) == 8


def test_this_release_refuses_what_it_cannot_know(finished: Path, next_release: Path, tmp_path: Path) -> None:
    """A plan of the next release is refused by name, never read with a column dropped."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    asked = ("run", str(folder), "--set", "factors.smoothing=[0.0, 0.5]", "--extend", "--jobs", "1")
    assert later(next_release, *asked, cwd=tmp_path).returncode == 0
    for command in ("run", "status", "verify"):
        ran = today(command, str(folder), cwd=tmp_path)
        assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)


def test_the_defaults_are_those_of_the_recipe_version() -> None:
    """Ids leave them out, so that a setting with another default would take the ids of other trials."""
    now = {name: field.default for name, field in Settings.model_fields.items() if name in DEFAULTS}
    assert now == DEFAULTS, "raise schema.RECIPE_VERSION, and then change this list"


def test_the_interpreter_is_that_of_the_tests() -> None:
    """The next release runs on what is installed here."""
    assert COLLECT[0] == sys.executable
