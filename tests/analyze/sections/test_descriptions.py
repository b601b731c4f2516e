"""Stuck runs: what guessing scores is in the data, or is what diverged runs scored, or is unknown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analyze.analysis import analyse
from analyze.findings import Findings, because
from analyze.report.prose import sections
from analyze.report.prose.coverage import coverage
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain
from analyze.sections import descriptions
from analyze.study.load import load
from tests.synthetic import describe, write_study

FACTORS = {"ordering": ("bn_act", "act_bn")}


def study(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame] = lambda trials: trials, **options: Any) -> Path:
    """A study of six seeds whose trials are changed after they were written."""
    write_study(folder, np.random.default_rng(5), factors=FACTORS, seeds=6, **options)
    path = folder / "trials.parquet"
    table = pa.Table.from_pandas(change(pd.read_parquet(path)), preserve_index=False)
    pq.write_table(table.replace_schema_metadata(pq.read_schema(path).metadata), path)
    describe(folder)
    return folder


def of_an_earlier_release(trials: pd.DataFrame) -> pd.DataFrame:
    """One that did not say how frequent the most frequent class is."""
    return trials.drop(columns="majority_share")


def scoring(percent: float, guess: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The first trial scores this on 1000 images, where guessing scores the other."""

    def change(trials: pd.DataFrame) -> pd.DataFrame:
        trials.loc[0, ["test_correct", "test_accuracy"]] = 10 * percent, percent / 100
        return trials.assign(majority_share=guess)

    return change


@pytest.mark.parametrize(("percent", "stuck"), [(30.0, True), (34.3, True), (34.4, False), (97.0, False)])
def test_stuck_is_within_three_standard_errors_of_the_most_frequent_class(
    tmp_path: Path, percent: float, *, stuck: bool
) -> None:
    """Of 1000 images, 30 % of one class: 30 + 3 * 100 * sqrt(.3 * .7 / 1000) = 34.35 %."""
    found = descriptions.stuck(load(study(tmp_path / "s", scoring(percent, 0.3))))
    assert found is not None
    assert found.tolist() == [stuck] + [False] * 11


def test_failed_trials_need_no_guess(tmp_path: Path) -> None:
    """They have none, and those that completed are judged all the same."""
    folder = study(tmp_path / "s", failed=lambda s: s["seed"] == 0, stuck=lambda s: s["seed"] == 1)
    found = descriptions.stuck(load(folder))
    assert found is not None
    assert found.sum() == 2


def test_otherwise_guessing_is_what_diverged_trials_score(tmp_path: Path) -> None:
    """1/classes, whatever the data set is called."""
    options = {"diverged": lambda s: s["seed"] == 0, "stuck": lambda s: s["seed"] in {0, 1}}
    found = descriptions.stuck(load(study(tmp_path / "s", of_an_earlier_release, **options)))
    assert found is not None
    assert found.sum() == 2


def test_otherwise_it_is_unknown_with_its_reason(tmp_path: Path) -> None:
    """Also of a data set whose name is known: its test images may be others."""
    found = analyse(load(study(tmp_path / "s", of_an_earlier_release, recipe={"dataset": "mnist"})))
    assert found.study.stuck is None
    assert found.reasons["/study/stuck"] == because("guess_unknown")
    assert not [row for row in found.stability if row.kind == "stuck"]


def test_runs_that_all_end_alike_do_not_vary(tmp_path: Path) -> None:
    """Ten at 11.35 %, a network that never learns: zero, not the 2e-15 that floating point makes of them."""
    constant = {"test_correct": 1135, "test_accuracy": 0.1135}
    folder = study(tmp_path / "s", lambda trials: trials.assign(**constant), test_n=10_000)
    assert {row.sd for row in analyse(load(folder)).cells if row.bn_mode == "running"} == {0.0}


def said(found: Findings, lang: str) -> str:
    """What the page says of stuck runs."""
    words = catalogue(lang)  # type: ignore[arg-type]
    return " ".join(plain(one) for one in (coverage(found, words), *sections.stability(found, words)))


@pytest.mark.parametrize(
    ("lang", "none", "unknown"),
    [("en", "stayed at chance", "is unknown"), ("zh", "停在随机水平", "无从得知")],
)
def test_known_and_unknown_are_not_both_said(tmp_path: Path, lang: str, none: str, unknown: str) -> None:
    """Beside "whether any stayed at chance is unknown" nothing says that none did, and no dash stands for a number."""
    known, not_known = (
        said(analyse(load(study(tmp_path / name, change))), lang)
        for name, change in (("a", lambda trials: trials), ("b", of_an_earlier_release))
    )
    assert (known.count(none), unknown in known) == (2, False)
    assert (not_known.count(none), unknown in not_known, "–" in not_known.split("。")[0]) == (1, True, False)


@pytest.mark.parametrize("normalised", [True, False])
def test_settings_of_batchnorm_are_told_where_there_is_one(tmp_path: Path, *, normalised: bool) -> None:
    """A network of one's own that nothing evaluated by batch statistics has none for them to act on."""

    def own(trials: pd.DataFrame) -> pd.DataFrame:
        return trials.assign(
            network="vit.py:build", test_accuracy_batch=trials["test_accuracy"] if normalised else np.nan
        )

    told = descriptions.methods(load(study(tmp_path / "s", own)))
    assert ({"bn_momentum", "bn_eps"} <= told.keys()) == normalised
    assert {"epochs", "learning_rate"} <= told.keys()
