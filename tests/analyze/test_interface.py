"""The Python interface: what a notebook does, on what a notebook holds."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Unpack, get_type_hints

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import analyze
from analyze.options import Asked, asking
from analyze.study.load import load
from analyze.study.options import Options
from tests.analyze.study.brought import loaded, table
from tests.synthetic import write_study

ROOT = Path(__file__).parents[2]

NOTEBOOK = """
import sys
import analyze

assert not {"pandas", "numpy", "pyarrow", "scipy", "pydantic", "typer"} & {*sys.modules}

from tests.analyze.study.brought import table

study = analyze.read(table(), factor="optimizer", contrast=("sgd", "adam"))
findings = analyze.analyse(study)
print(findings.answer())
print(findings.answer(lang="zh"))
analyze.write(findings, "report.html")
analyze.write(findings, "brief.md", lang="zh")
analyze.write(findings, "found.json")
assert not {"torch", "typer"} & {*sys.modules}
"""


def test_a_notebook_asks_and_writes(tmp_path: Path) -> None:
    """`import analyze` brings nothing slow; answers in both languages and reports by their ending; torch never."""
    started = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{NOTEBOOK}"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", started], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    english, chinese = ran.stdout.splitlines()
    assert "sgd − adam in test accuracy was −1." in english
    assert "adam 领先" in chinese
    assert "**重要：" in (tmp_path / "brief.md").read_text("utf-8")
    call = "analyze.analyse(analyze.read(frame, factor='optimizer', contrast=('sgd', 'adam')))"
    assert f'"command": "{call}"' in (tmp_path / "found.json").read_text("utf-8")
    assert (tmp_path / "report.html").read_bytes().startswith(b"<!DOCTYPE html>")


KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda trials: trials,
    "an index": lambda trials: trials.set_index(["seed", "optimizer"]),
    "a named range": lambda trials: (
        trials.drop(columns="seed")
        .set_index(pd.RangeIndex(len(trials), name="row"))
        .assign(seed=trials["seed"].to_numpy())
    ),
    "names that are no text": lambda trials: trials.assign(**{"9": 1}).rename(columns={"9": 9}),
    "polars": pl.from_pandas,
    "polars categories": lambda trials: pl.from_pandas(trials).with_columns(
        pl.col("optimizer").cast(pl.Categorical), pl.col("aug").cast(pl.Enum(["mixup", "flip"]))
    ),
    "Arrow": pa.Table.from_pandas,
    "a reader": lambda trials: pa.Table.from_pandas(trials).to_reader(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_table_in_memory_is_a_study(tmp_path: Path, kind: str) -> None:
    """The same trials as in a file, and the same numbers."""
    there = loaded(tmp_path / "s", table())
    found = analyze.read(KINDS[kind](table()), factor="optimizer")
    assert {name: set(levels) for name, levels in found.design.factors.items()} == {
        name: set(levels) for name, levels in there.design.factors.items()
    }
    keys = ["optimizer", "depth", "aug", "seed"]
    accuracies = [one.trials.set_index(keys)["test_accuracy"].to_dict() for one in (found, there)]
    assert accuracies[0] == accuracies[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (3, "takes a path, or a table of pandas, polars or Arrow, and not int"),
        (pl.from_pandas(table()).lazy(), "and not LazyFrame"),
        (pd.concat([table(), table()[["seed"]]], axis=1), "frame has two columns seed; give them different names"),
        (table()["seed"], "frame cannot be read as a table|and not Series"),
        (table().assign(seed=[[]] * 80), "frame: column seed holds list"),
        (table().assign(seed=[object()] * 80), "frame: column seed holds struct"),
        (pd.DataFrame(), "frame lacks seed, test_accuracy"),
        (table().assign(test_accuracy=90.0), "frame: test_accuracy must be a share .* row 1; .* --unit percent"),
        ("nowhere.csv", r"there is no nowhere\.csv"),
    ],
)
def test_what_is_no_table_of_trials_is_one_sentence(given: Any, said: str) -> None:
    """An AnalyzeError, which a notebook can catch, and nothing else."""
    with pytest.raises(analyze.AnalyzeError, match=said) as caught:
        analyze.read(given, factor="optimizer")
    assert "\n" not in str(caught.value)


def test_whatever_a_notebook_holds_is_a_level_or_ignored() -> None:
    """Unlike numbers and texts are levels; objects, sets, periods and complex numbers are left out with a reason."""
    given = table(
        mixed=[place % 2 or "auto" for place in range(80)],
        category=pd.Categorical([place % 2 or "auto" for place in range(80)]),
        sparse=pd.arrays.SparseArray(np.arange(80) % 2),
        large=[place % 2 or 2**70 for place in range(80)],
        model=[object() for _ in range(80)],
        parts=[{1}] * 80,
        day=pd.period_range("2020", periods=80),
        root=np.arange(80) * 1j,
    )
    found = analyze.read(given, factor="optimizer")
    assert {name for name, why in found.design.ignored.items() if why.code == "ignored_type"} == {
        *("model", "parts", "day", "root")
    }
    assert set(found.trials["sparse"]) == {0, 1}
    assert set(found.trials["mixed"]) == set(found.trials["category"]) == {"1", "auto"}
    assert set(found.trials["large"]) == {"1", str(2**70)}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"factr": "optimizer"}, "option factr is not one of factor, .* did you mean factor"),
        ({"contrast": ["adam"]}, "contrast needs two levels, first minus second, and not 1"),
        ({"contrast": "adam"}, "contrast needs two levels, first minus second, and not 1"),
        ({"contrast": ("adam", "sgdd")}, "did you mean sgd"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_sentence(asked: Any, said: str) -> None:
    """Of a name, or of a number of levels."""
    with pytest.raises(analyze.AnalyzeError, match=said):
        analyze.read(table(), **({"factor": "optimizer"} | asked))


def test_one_name_is_a_list_of_one() -> None:
    """A text where names are asked for is a name, not its letters."""
    flipped = table(note="x").query("aug == 'flip'")
    found = analyze.read(flipped, factor="optimizer", moderators="depth", ignore="note").design
    assert found.moderators == ("depth",)
    assert found.ignored["note"].code == "ignored_asked"


def test_a_study_of_the_collectors_has_its_own_question(tmp_path: Path) -> None:
    """Its folder as text or path; an option that differs is a deviation."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1), seeds=6, with_layers=False, with_bits=False)
    assert analyze.read(str(folder)).deviations == ()
    assert analyze.read(folder, margin=0.3).deviations == ("margin_pp=0.3 (study: 0.1)",)


def test_a_report_goes_where_it_was_asked_for_or_nowhere(tmp_path: Path) -> None:
    """Refused before anything is made: another ending, a folder that is not there."""
    findings = analyze.analyse(loaded(tmp_path / "s", table(3)))
    with pytest.raises(analyze.AnalyzeError, match=r"must be one of \.pdf"):
        analyze.write(findings, tmp_path / "report.docx")
    with pytest.raises(analyze.AnalyzeError, match="there is no folder"):
        analyze.write(findings, tmp_path / "none" / "report.md")


def test_what_may_be_asked_is_what_the_commands_take() -> None:
    """The keywords of Python are the options of every command, and `load` takes them."""
    asked = list[Asked]()

    def kept(given: Asked) -> None:
        asked.append(given)

    command = asking(kept)
    command(**{name: one.default for name, one in inspect.signature(command).parameters.items()})
    assert asked[0].options.keys() == get_type_hints(Options).keys()
    assert inspect.signature(load).parameters["question"].annotation == Unpack[Options]
