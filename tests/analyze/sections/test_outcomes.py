"""The article's own table against pandas, and published comparisons beside the cells they match."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.findings import Findings, because
from analyze.sections.published import known
from analyze.study.load import load
from tests.synthetic import write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two depths, and a level without BatchNorm."""
    return write_study(
        tmp_path_factory.mktemp("study"),
        np.random.default_rng(3),
        factors={"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4)},
        seeds=6,
    )


@pytest.fixture(scope="module")
def found(study: Path) -> Findings:
    """What the plan finds."""
    return analyse(load(study))


@pytest.mark.parametrize("response", ["test_accuracy", "train_accuracy", "train_loss", "test_loss"])
def test_means_and_deviations_are_those_of_the_runs(study: Path, found: Findings, response: str) -> None:
    """Every cell and level, levels outside the contrast too."""
    trials = pd.read_parquet(study / "trials.parquet")
    scale = 100 if response.endswith("accuracy") else 1
    expected = trials.groupby(["depth", "ordering"])[response].agg(["mean", "std", "count"])
    rows = [row for row in found.outcomes if row.response == response]
    assert len(rows) == len(expected) == 6
    for row in rows:
        mean, sd, n = expected.loc[(row.cell["depth"], row.level)]
        assert (row.mean, row.sd, row.n) == (pytest.approx(scale * mean), pytest.approx(scale * sd), n)


def test_times_are_within_the_budget_and_say_how_many_arrived(found: Findings) -> None:
    """A mean time is at most the budget; the share that arrived is of the runs of the row."""
    rows = [row for row in found.outcomes if row.response == "time_to_target"]
    assert len(rows) == 6
    longest = max(point.examples_seen for point in found.curves)
    for row in rows:
        assert 0 < row.mean <= longest
        assert row.reached is not None
        assert row.reached * row.n == pytest.approx(round(row.reached * row.n))


def test_only_the_same_data_set_and_activation_match(study: Path, found: Findings, tmp_path: Path) -> None:
    """Synthetic images match nothing; Fashion-MNIST with ReLU matches its published rows in every cell."""
    assert found.published == ()
    assert found.reasons["/published"].code == "nothing_published"
    trials = pd.read_parquet(study / "trials.parquet").assign(
        dataset="fashion_mnist", activation="relu", head="flatten"
    )
    folder = tmp_path / "fashion"
    folder.mkdir()
    trials.to_parquet(folder / "trials.parquet")
    rows = analyse(load(folder)).published
    assert len({row.source for row in rows}) == 2
    assert {row.cell["depth"] for row in rows} == {2, 4}
    told = [one for row in rows for one in row.differences]
    assert because("another_network", network="4 convolutions") in told
    assert because("another_setting", factor="head", theirs="gap", here="flatten") in told
    assert all(row.gap == pytest.approx(row.first - row.second) for row in rows)


def test_every_published_row_is_whole() -> None:
    """Accuracies are per cent, and whatever a row states has a name that settings have."""
    for row in known():
        assert 20 < row["act_bn"] < 100
        assert 20 < row["bn_act"] < 100
        assert {"source", "dataset", "activation"} <= row.keys()
        stated = {"head", "epochs", "optimizer", "learning_rate", "batch_size", "schedule", "width", "depth", "init"}
        assert row.get("settings", {}).keys() <= stated
