"""The response: declared by the study or by who asks, and nothing guessed."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyze.errors import AnalyzeError, UsageError
from analyze.findings import ACCURACY
from analyze.measures import response
from analyze.study.load import load
from analyze.study.response import AskedResponse, response_of
from tests.analyze.study.brought import loaded, table
from tests.synthetic import write_study

LOSS = {"response": "val_loss", "better": "lower"}


def losses(**columns: Any) -> Any:
    """The table of others with a loss of each run."""
    trials = table(**columns)
    return trials.assign(val_loss=2.0 - trials["test_accuracy"])


def test_nobody_asks_for_an_accuracy() -> None:
    """The response of whoever names none is test accuracy within 0.1 points."""
    assert response_of({}, AskedResponse()) == (ACCURACY, "share")


@pytest.mark.parametrize(
    ("study", "asked", "found"),
    [
        ({"margin_pp": 0.3}, {}, ("test_accuracy", "higher", "pp", "raw", 0.3)),
        ({"margin": 0.3, "margin_pp": 0.1}, {}, ("test_accuracy", "higher", "pp", "raw", 0.3)),
        ({"margin_pp": 0.3}, {"scale": "logit"}, ("test_accuracy", "higher", "pp", "logit", None)),
        ({"margin_pp": 0.3}, {"name": "test_loss"}, ("test_loss", "lower", "nats", "raw", None)),
        ({"response": "test_loss", "margin": 0.2}, {}, ("test_loss", "lower", "nats", "raw", 0.2)),
        (
            {"response": "test_loss", "margin": 0.2},
            {"name": "test_accuracy"},
            ("test_accuracy", "higher", "pp", "raw", 0.1),
        ),
        ({"response": "x", "better": "neither", "unit": "m"}, {}, ("x", "neither", "m", "raw", None)),
        ({"response": "x", "better": "lower"}, {"better": "higher"}, ("x", "higher", "", "raw", None)),
        (
            {"response": "x", "better": "lower", "scale": "log", "margin_ratio": 1.1},
            {},
            ("x", "lower", "", "log", math.log(1.1)),
        ),
        (
            {},
            {"name": "x", "better": "lower", "scale": "log", "margin": 1.05},
            ("x", "lower", "", "log", math.log(1.05)),
        ),
        ({}, {"name": "x", "better": "higher", "unit": "percent", "margin": 0.5}, ("x", "higher", "pp", "raw", 0.5)),
    ],
)
def test_what_is_asked_comes_before_what_is_declared(study: dict[str, Any], asked: dict[str, Any], found: Any) -> None:
    """A margin is that of its response and its scale; of another it is left out, and only an accuracy has one."""
    one, _ = response_of(study, AskedResponse(**asked))
    assert (one.name, one.better, one.unit, one.scale) == found[:4]
    assert one.margin == pytest.approx(found[4])


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"name": "reward"}, "--response reward needs --better higher, lower or neither"),
        ({"name": "reward", "better": "more"}, "--better more is not one of higher, lower, neither"),
        ({"scale": "lgo"}, "--scale lgo is not one of raw, log, logit, did you mean log"),
        ({"unit": "nats"}, "--unit nats: test_accuracy is written as share or percent"),
        ({"name": "reward", "better": "higher", "scale": "logit"}, "--scale logit is for test_accuracy"),
        ({"margin": -1.0}, "--margin -1 is not between 0 and 100"),
        ({"name": "reward", "better": "higher", "margin": 0.0}, "--margin 0 is not above 0"),
        ({"name": "reward", "better": "higher", "margin": math.nan}, "--margin nan is not above 0"),
        ({"name": "reward", "better": "higher", "scale": "log", "margin": 0.05}, "is no ratio above 1"),
    ],
)
def test_what_has_no_meaning_is_refused(asked: dict[str, Any], says: str) -> None:
    """Each in a sentence with the cure."""
    with pytest.raises(UsageError, match=says):
        response_of({}, AskedResponse(**asked))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"response": "val_los", "better": "lower"}, "--response val_los is not one of .*, did you mean val_loss"),
        ({"response": "optimizer", "better": "lower"}, "--response optimizer is a factor"),
        ({"response": "seed", "better": "lower"}, "--response seed is no result"),
        ({"response": "aug", "better": "lower"}, 'column aug holds (large_)?string, first "flip"; write it as numbers'),
        (LOSS | {"scale": "log"}, "val_loss must be above 0 for --scale log, found -1 in row 3"),
        (LOSS | {"unit": "share"}, "val_loss must be a share from 0 to 1"),
    ],
)
def test_a_table_without_such_a_response_is_refused(tmp_path: Path, asked: dict[str, Any], says: str) -> None:
    """The column, the first offending row and the cure."""
    trials = losses()
    trials.loc[2, "val_loss"] = -1.0
    with pytest.raises(AnalyzeError, match=says):
        loaded(tmp_path / "s", trials, **asked)


def test_a_response_is_no_factor_and_needs_no_accuracy(tmp_path: Path) -> None:
    """Whole numbers of few values are as good a response as any; an accuracy in per cent beside it hurts nobody."""
    draw = np.random.default_rng(0)
    trials = losses(wins=draw.integers(0, 5, 80), test_accuracy=90.0)
    found = loaded(tmp_path / "s", trials, response="wins", better="higher")
    assert found.design.moderators == ("depth", "aug")
    assert "wins" not in found.design.ignored
    assert response.values(found) == pytest.approx(trials["wins"])
    alone = loaded(tmp_path / "t", trials.drop(columns="test_accuracy"), response="wins", better="higher")
    assert response.values(alone) == pytest.approx(trials["wins"])


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf, 1e300])
def test_a_run_without_a_finite_response_failed(tmp_path: Path, lost: float) -> None:
    """NaN, infinity and what has an infinite square are failures, counted."""
    trials = losses(status="finished")
    trials.loc[5, "val_loss"] = lost
    found = loaded(tmp_path / "s", trials, **LOSS)
    assert (found.count("completed"), found.count("failed")) == (79, 1)
    assert np.isnan(response.values(found)[5])


def test_shares_and_per_cents_of_any_name_are_in_points(tmp_path: Path) -> None:
    """`--unit percent` divides, `share` does not, and both are the same."""
    trials = losses().rename(columns={"test_accuracy": "acc"})
    share = loaded(tmp_path / "a", trials, response="acc", better="higher", unit="share")
    percent = loaded(
        tmp_path / "b", trials.assign(acc=100 * trials["acc"]), response="acc", better="higher", unit="percent"
    )
    assert response.values(share) == pytest.approx(100 * trials["acc"])
    assert response.values(percent) == pytest.approx(response.values(share))
    assert (share.design.response.unit, share.design.response.bounds) == ("pp", (0.0, 100.0))


def test_the_log_of_an_accuracy_and_its_logit(tmp_path: Path) -> None:
    """Counts have a logit; both scales are those of the response, the raw one stands beside them."""
    write_study(tmp_path / "s", np.random.default_rng(1), seeds=3)
    for scale in ("log", "logit"):
        study = load(tmp_path / "s", scale=scale)
        first, *others = response.scales(study, "running")
        assert first == scale
        assert "raw" in others
        share = study.trials["test_correct"] / study.trials["test_n"]
        wanted = (
            np.log(100 * share)
            if scale == "log"
            else np.log(
                (study.trials["test_correct"] + 0.5) / (study.trials["test_n"] - study.trials["test_correct"] + 0.5)
            )
        )
        assert response.values(study) == pytest.approx(wanted)


def test_the_command_asks_the_same(tmp_path: Path) -> None:
    """The command line of the report has every option of the response."""
    found = loaded(tmp_path / "s", losses(), **LOSS, scale="log", margin=1.05, unit="nats")
    words = "--response val_loss --better lower --scale log --unit nats"
    assert words in found.command
    assert "--margin 1.05" in found.command
