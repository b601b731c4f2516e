"""Train accuracy and the losses have what test accuracy has, and what is missing is counted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analyze.analysis import analyse
from analyze.findings import AnovaRow, Findings, ResponseRow, because
from analyze.inference.max_t import max_t
from analyze.inference.signflip import flips
from analyze.sections import responses
from analyze.study.load import StudyData, load
from analyze.study.pairing import arms
from analyze.study.scores import COLUMN
from tests.synthetic import describe, write_study

RECORDED = ["train_accuracy", "test_loss", "train_loss"]


def written(folder: Path, change: Callable[[pd.DataFrame], pd.DataFrame] = lambda t: t, **options: Any) -> StudyData:
    """A synthetic study whose table of trials is changed after it was written."""
    write_study(folder, np.random.default_rng(1), **options)
    path = folder / "trials.parquet"
    change(pd.read_parquet(path)).to_parquet(path, index=False)
    describe(folder)
    return load(folder)


def with_losses(trials: pd.DataFrame) -> pd.DataFrame:
    """Losses that tell: act_bn lower by .02 on train everywhere, on test at depth 2 alone, where it is higher."""
    draw = np.random.default_rng(2)
    first = trials["ordering"] == "act_bn"
    noise = draw.normal(0, 0.002, (2, len(trials)))
    return trials.assign(
        train_loss=0.1 - 0.02 * first + noise[0],
        test_loss=0.2 + 0.03 * (first & (trials["depth"] == 2)) + noise[1],
        train_accuracy=0.98 + 0.0144 * first + noise[0] / 10,
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyData:
    """Ten seeds, 2 x 2 cells, nothing lost."""
    return written(tmp_path_factory.mktemp("responses") / "s", with_losses)


@pytest.fixture(scope="module")
def found(study: StudyData) -> list[ResponseRow]:
    """Its rows."""
    return [row for row, _ in responses.rows(study)]


def of(rows: list[ResponseRow], name: str) -> tuple[ResponseRow, list[ResponseRow]]:
    """The mean over cells of a response, and its cells."""
    mean, *cells = [row for row in rows if row.response == name]
    return mean, cells


def test_every_response_has_the_mean_and_every_cell(found: list[ResponseRow]) -> None:
    """Three responses of one mean and four cells, each with its unit and its better direction."""
    assert [row.response for row in found] == [name for name in RECORDED for _ in range(5)]
    assert [row.cell is None for row in found] == [True, False, False, False, False] * 3
    units = {row.response: (row.unit, row.better) for row in found}
    assert units == {
        "train_accuracy": ("pp", "higher"),
        "test_loss": ("nats", "lower"),
        "train_loss": ("nats", "lower"),
    }


@pytest.mark.parametrize(("name", "unit"), [("train_accuracy", 100.0), ("test_loss", 1.0), ("train_loss", 1.0)])
def test_numbers_are_those_of_the_table(study: StudyData, found: list[ResponseRow], name: str, unit: float) -> None:
    """Means, deviations and gaps by a pivot of the trials, cell by cell and over the cells."""
    wide = study.trials.pivot_table(name, "seed", ["depth", "activation", "ordering"]) * unit
    mean, cells = of(found, name)
    for row in cells:
        assert row.cell is not None
        here = wide[row.cell["depth"], row.cell["activation"]]
        difference = here["act_bn"] - here["bn_act"]
        assert (row.mean_first, row.mean_second) == pytest.approx((here["act_bn"].mean(), here["bn_act"].mean()))
        assert (row.sd_first, row.sd_second) == pytest.approx((here["act_bn"].std(), here["bn_act"].std()))
        assert (row.gap, row.sd, row.n) == pytest.approx((difference.mean(), difference.std(), 10))
    by_seed = wide.T.groupby("ordering").mean().T
    difference = by_seed["act_bn"] - by_seed["bn_act"]
    assert (mean.mean_first, mean.sd_second) == pytest.approx((by_seed["act_bn"].mean(), by_seed["bn_act"].std()))
    assert (mean.gap, mean.sd, mean.n) == pytest.approx((difference.mean(), difference.std(), 10))
    assert mean.t == pytest.approx(difference.mean() / difference.sem())


def test_known_effects_are_decided_by_which_value_is_larger(found: list[ResponseRow]) -> None:
    """`first` where act_bn has the larger value, be it accuracy or loss."""
    for name, decision in (("train_accuracy", "first"), ("train_loss", "second")):
        mean, cells = of(found, name)
        assert [mean.decision, *(row.decision for row in cells)] == [decision] * 5
    _, cells = of(found, "test_loss")
    assert {(row.decision, row.cell["depth"]) for row in cells if row.cell} == {("first", 2), ("undecided", 4)}


def test_each_response_is_a_family_of_its_own(study: StudyData, found: list[ResponseRow]) -> None:
    """The p of the cells is max-T over the cells of that response alone."""
    for name in RECORDED:
        scale = 100.0 if name == "train_accuracy" else 1.0
        paired = arms(study.trials, scale * study.trials[name].to_numpy(), study.design)
        alone = max_t([paired.difference[:, [index]] for index in range(4)], flips())
        assert [row.p_max_t for row in of(found, name)[1]] == alone


def test_equivalence_is_declared_of_accuracies_alone(tmp_path: Path) -> None:
    """No difference on train, to a hundredth of a point: equivalent in accuracy, undecided in loss."""
    rows = [row for row, _ in responses.rows(written(tmp_path / "s", noise_sd=0.01))]
    mean, cells = of(rows, "train_accuracy")
    assert {mean.decision, *(row.decision for row in cells)} == {"equivalent"}
    assert mean.p_tost is not None
    losses = [row for row in rows if row.unit == "nats"]
    assert {row.decision for row in losses} == {"undecided"}
    assert {row.p_tost for row in losses} == {None}


def test_the_model_of_each_response(study: StudyData, found: list[ResponseRow]) -> None:
    """F of the ordering is t² of the mean, and the interaction that was put in is found in its response alone."""
    rows = [row for row, _ in responses.effects(study)]
    assert {(row.scale, row.bn_mode) for row in rows} == {("raw", "running")}
    for name in RECORDED:
        effects: dict[tuple[str, ...], AnovaRow] = {row.effect: row for row in rows if row.response == name}
        mean, _ = of(found, name)
        assert len(effects) == 7
        main = effects[("ordering",)]
        assert (main.F, main.p_max_t) == (pytest.approx(mean.t**2), mean.p_signflip)
        expected = "differs" if name == "test_loss" else "undecided"
        assert effects["ordering", "depth"].decision == expected
        assert effects["depth",].decision is None


def test_a_diverged_run_guesses_on_train_and_has_no_loss(tmp_path: Path) -> None:
    """Its accuracy is chance, recorded or not; its pair is missing for the losses and counted, by cell and over all."""

    def diverged(settings: Any) -> bool:
        return (settings["seed"], settings["depth"], settings["ordering"]) == (3, 4, "act_bn")

    def unrecorded(trials: pd.DataFrame) -> pd.DataFrame:
        return trials.assign(train_accuracy=trials["train_accuracy"].where(trials["status"] != "diverged"))

    rows = [row for row, _ in responses.rows(written(tmp_path / "s", unrecorded, diverged=diverged))]
    mean, cells = of(rows, "train_accuracy")
    assert (mean.n, mean.missing) == (10, 0)
    at_chance = [row for row in cells if row.cell and row.cell["depth"] == 4]
    assert all(row.mean_first == pytest.approx(0.9 * 97.5 + 0.1 * 10, abs=1) for row in at_chance)
    for name in ("test_loss", "train_loss"):
        mean, cells = of(rows, name)
        assert (mean.n, mean.missing) == (9, 2)
        assert [(row.n, row.missing) for row in cells] == [(10, 0), (10, 0), (9, 1), (9, 1)]


@pytest.mark.parametrize("odd", [np.inf, -np.inf, np.nan, 1e200])
def test_a_loss_that_is_none_is_a_missing_pair(tmp_path: Path, odd: float) -> None:
    """An infinite loss, or one that no network has, costs its pair, and the analysis goes through."""

    def change(trials: pd.DataFrame) -> pd.DataFrame:
        return trials.assign(test_loss=trials["test_loss"].where(trials["trial_id"] != "t000000", odd))

    result = analyse(written(tmp_path / "s", change))
    mean, cells = of(list(result.responses), "test_loss")
    assert (mean.n, mean.missing) == (9, 1)
    assert [row.missing for row in cells] == [1, 0, 0, 0]
    assert of(list(result.responses), "train_loss")[0].missing == 0
    assert result.primary.n_seeds == 10


def test_a_cell_that_too_few_seeds_completed_is_named(tmp_path: Path) -> None:
    """The mean leaves it out, as the headline would, and it has a decision of its own: none."""
    study = written(
        tmp_path / "s",
        diverged=lambda s: s["seed"] < 5 and (s["depth"], s["activation"], s["ordering"]) == (2, "relu", "bn_act"),
    )
    mean, cells = of([row for row, _ in responses.rows(study)], "test_loss")
    assert (mean.left_out, mean.n) == (({"depth": 2, "activation": "relu"},), 10)
    assert [row.decision for row in cells if row.cell in mean.left_out] == ["not_decidable"]


def test_a_response_that_one_arm_never_has_is_said(tmp_path: Path) -> None:
    """Every run of one level diverged: no loss can be compared, and the rows say how many pairs are missing."""
    rows = [row for row, _ in responses.rows(written(tmp_path / "s", diverged=lambda s: s["ordering"] == "act_bn"))]
    mean, cells = of(rows, "test_loss")
    assert (mean.n, mean.missing, mean.gap, mean.decision) == (0, 40, None, "not_decidable")
    assert [(row.n, row.missing) for row in cells] == [(0, 10)] * 4
    assert of(rows, "train_accuracy")[0].decision == "second"


def answered(found: Findings) -> dict[str, Any]:
    """What a study says of its test accuracy."""
    kept = found.model_dump(exclude={"responses", "anova", "reasons", "multiverse", "claims", "study"})
    of_it = {name: getattr(found, name) for name in ("anova", "outcomes")}
    return kept | {
        name: [row.model_dump() for row in rows if row.response in ("test_accuracy", "time_to_target")]
        for name, rows in of_it.items()
    }


def test_a_study_without_these_columns_has_the_same_answer(tmp_path: Path) -> None:
    """No rows, one reason, no model; headline, effects and cells of test accuracy are as with them."""
    full = analyse(written(tmp_path / "full"))
    bare = analyse(written(tmp_path / "bare", lambda trials: trials.drop(columns=RECORDED)))
    assert bare.responses == ()
    assert bare.reasons["/responses"] == because("no_further_responses")
    assert {row.response for row in bare.anova} == {"test_accuracy", "restricted_time"}
    assert {row.response for row in full.anova} == {"test_accuracy", *RECORDED, "restricted_time"}
    assert "/responses" not in full.reasons
    assert answered(full) == answered(bare)


def test_columns_of_nulls_are_not_recorded(tmp_path: Path) -> None:
    """A study that has the train accuracy alone has rows for it alone."""
    study = written(tmp_path / "s", lambda t: t.assign(train_loss=np.nan).drop(columns="test_loss"))
    assert {row.response for row, _ in responses.rows(study)} == {"train_accuracy"}


VALUES = st.floats(0, 8, width=16) | st.sampled_from([np.nan, 2.0])


@given(hnp.arrays(float, 80, elements=VALUES))
def test_of_any_losses(study: StudyData, losses: np.ndarray) -> None:
    """Nothing is null without a reason; gaps are differences of means; a swapped contrast swaps levels alone."""
    trials = study.trials[["trial_id", "ordering", "depth", "activation", "seed", "status", COLUMN["running"]]]
    one = replace(study, trials=trials.assign(test_loss=losses))
    other = replace(one, design=replace(study.design, contrast=study.design.contrast[::-1]))
    swapped = {"first": "second", "second": "first"}
    for (row, why), (turned, _) in zip(responses.rows(one), responses.rows(other), strict=True):
        nulls = {name for name, value in row.model_dump().items() if value is None} - {"cell"}
        assert nulls == {name for name in why if getattr(row, name) is None}
        assert row.n + row.missing == 10 or row.cell is None
        if row.gap is not None:
            assert row.gap == pytest.approx(row.mean_first - row.mean_second, abs=1e-12)
            assert turned.gap == pytest.approx(-row.gap, abs=1e-12)
        assert turned.decision == swapped.get(row.decision, row.decision)
        assert (turned.mean_first, turned.sd_second) == (row.mean_second, row.sd_first)
        assert (turned.p_max_t, turned.p_signflip) == (row.p_max_t, row.p_signflip)
        if row.decision in swapped:
            assert row.p_signflip <= 0.05
            assert (row.gap > 0) == (row.decision == "first")
