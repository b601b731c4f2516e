"""Other choices, other estimands, and what counts as agreement."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.findings import Findings, MultiverseRow
from analyze.study.load import load
from tests.synthetic import describe, write_study


def findings(folder: Path, **options: object) -> Findings:
    """Findings of a synthetic study."""
    return analyse(load(write_study(folder, np.random.default_rng(2), **options)))


def chosen(found: Findings, estimand: str = "final accuracy", **choices: str) -> list[MultiverseRow]:
    """Rows of an estimand with these choices."""
    return [
        row
        for row in found.multiverse
        if row.estimand == estimand
        and all(row.choices.get(name.replace("_", " ")) == one for name, one in choices.items())
    ]


def test_the_primary_is_one_of_its_own_universes(tmp_path: Path) -> None:
    """The declared choices give the declared result, which agrees with itself."""
    found = findings(tmp_path / "s", gap=0.4)
    (row,) = chosen(found, scale="raw", failures="at chance", seeds="complete", test="t")
    assert row.estimate == pytest.approx(found.primary.estimate)
    assert row.p == pytest.approx(found.primary.p_t)
    assert row.agrees
    (flip,) = chosen(found, scale="raw", failures="at chance", seeds="complete", test="sign-flip")
    assert flip.p == found.primary.p_signflip


def test_a_level_left_out_is_no_choice_of_an_analyst(tmp_path: Path) -> None:
    """Leaving a level out asks another question; it has a table of its own and is not counted here."""
    found = findings(tmp_path / "s", gap=lambda s: 0.8 if s["depth"] == 4 else 0.0)
    assert found.leave_one_out
    assert all(set(row.choices) <= {"scale", "failures", "seeds", "test", "model"} for row in found.multiverse)


def test_loss_is_turned(tmp_path: Path) -> None:
    """A lower loss agrees with a higher accuracy."""
    found = findings(tmp_path / "s", gap=0.8)
    losses = chosen(found, "final test loss", test="t")
    assert losses[0].estimate < 0
    assert losses[0].agrees


def test_failed_pairs_and_missing_runs_have_universes(tmp_path: Path) -> None:
    """With diverged and missing runs, pairs that trained and all seeds' means are choices too."""
    found = findings(
        tmp_path / "s",
        gap=0.4,
        diverged=lambda s: (s["seed"], s["ordering"]) == (1, "act_bn"),
        missing=lambda s: (s["seed"], s["depth"]) == (2, 4),
    )
    (trained,) = chosen(found, scale="raw", failures="pairs that trained", seeds="complete", test="t")
    assert trained.estimate == pytest.approx(0.4, abs=0.2)
    assert not trained.agrees, "the primary scores the diverged runs at chance and finds nothing"
    (every,) = chosen(found, scale="raw", failures="at chance", seeds="all", test="t")
    assert every.estimate != pytest.approx(found.primary.estimate)


def test_a_choice_that_leaves_too_few_seeds_says_nothing(tmp_path: Path) -> None:
    """Where two of ten seeds remain, no exact test could agree: the row has no yes or no, but its reason."""
    found = findings(tmp_path / "s", gap=0.8, diverged=lambda s: s["seed"] > 1 and s["depth"] == 4, seeds=10)
    rows = chosen(found, scale="raw", failures="pairs that trained", seeds="complete")
    assert {row.agrees for row in rows} == {None}
    numbers = [number for number, row in enumerate(found.multiverse) if row in rows]
    reasons = {found.reasons[f"/multiverse/{number}/agrees"].code for number in numbers}
    assert reasons <= {"seeds_too_few", "no_p_to_compare"}
    assert "seeds_too_few" in reasons


def test_batch_statistics_are_another_estimand(tmp_path: Path) -> None:
    """BatchNorm's mode changes what is estimated and is never mixed with the choices."""
    found = findings(tmp_path / "s", gap=0.4)
    names = {row.estimand for row in found.multiverse}
    assert {"final accuracy", "final accuracy, batch statistics", "area under the learning curve"} <= names
    assert {tuple(sorted(row.choices)) for row in chosen(found)} == {("failures", "scale", "seeds", "test")}


@pytest.mark.parametrize("loss", [np.inf, np.nan, 0.4])
def test_a_loss_that_is_not_finite_is_said_to_be_left_out(tmp_path: Path, loss: float) -> None:
    """A completed run whose loss became infinite loses its seed, and the choice says so."""
    folder = write_study(tmp_path / "s", np.random.default_rng(2))
    trials = pd.read_parquet(folder / "trials.parquet")
    trials.loc[3, "test_loss"] = loss
    trials.to_parquet(folder / "trials.parquet")
    describe(folder)
    rows = chosen(analyse(load(folder)), "final test loss")
    assert {row.choices["failures"] for row in rows} == {"at chance" if loss == 0.4 else "finite losses only"}
    assert all(row.estimate is not None for row in rows)
