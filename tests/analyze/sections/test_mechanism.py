"""What the probes say: one number a trial from many layers, then the paired contrast."""

from pathlib import Path

import numpy as np
import pytest

from analyze.measures import probes
from analyze.sections import mechanism, profiles
from analyze.study.load import StudyData, load
from tests.synthetic import describe, write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyData:
    """A study at depths 2 and 4."""
    return load(write_study(tmp_path_factory.mktemp("m") / "s", np.random.default_rng(2)))


def test_slope_is_least_squares_over_convolutions(study: StudyData) -> None:
    """Every trial's slope is NumPy's polynomial fit of the log gradient norms, and depth 2 has none."""
    slopes = probes.measures(study)["gradient_slope"]
    table = study.layers
    for number, trial in enumerate(study.trials.to_dict("records")):
        rows = table[(table["trial_id"] == trial["trial_id"]) & (table["kind"] == "conv") & (table["step"] > 0)]
        if trial["depth"] == 2:
            assert np.isnan(slopes[number])
        else:
            expected = np.polyfit(rows["layer"], np.log(rows["grad_norm"]), 1)[0]
            assert slopes[number] == pytest.approx(expected)


def test_numbers_too_large_to_be_added_have_no_mean(tmp_path: Path) -> None:
    """Nor a warning of numpy's to whoever analyses a table that holds them."""
    study = load(write_study(tmp_path / "s", np.random.default_rng(2)))
    vars(study)["layers"] = study.layers.assign(saturation=1e308)
    assert "saturation" not in probes.measures(study)


def test_final_means(study: StudyData) -> None:
    """Dead channels are averaged over convolutions at the last probe, not at initialisation."""
    dead = probes.measures(study)["dead_fraction"]
    table = study.layers
    trial = study.trials.iloc[5]
    rows = table[(table["trial_id"] == trial["trial_id"]) & (table["kind"] == "conv")]
    assert dead[5] == pytest.approx(rows[rows["step"] == rows["step"].max()]["dead_fraction"].mean())


def test_rows(study: StudyData) -> None:
    """Every measure over all cells and in each that has it; the overall row is an empty cell."""
    found = [row for row, _ in mechanism.rows(study)]
    slope = [row for row in found if row.measure == "gradient_slope"]
    assert [row.cell for row in slope] == [{}, {"depth": 4, "activation": "relu"}, {"depth": 4, "activation": "tanh"}]
    assert len([row for row in found if row.measure == "dead_fraction"]) == 5


def test_a_network_without_convolutions(tmp_path: Path) -> None:
    """Its layers are all that have weights, but the last, which classifies; a convolution that is last is none."""
    norms = {"factors": {"norm": ("pre", "post"), "depth": (4,)}, "primary": "norm", "contrast": ("pre", "post")}
    study = load(write_study(tmp_path / "s", np.random.default_rng(2), network="vit.py:build", **norms))
    table, level = study.layers, probes.measures(study)["gradient_level"]
    assert set(table["kind"]) == {"linear"}
    assert {point.layer for point in profiles.layer_profile(study)} == {1, 2, 3, 4}
    rows = table[(table["trial_id"] == study.trials["trial_id"][3]) & (table["step"] > 0)]
    assert level[3] == pytest.approx(np.log(rows["grad_norm"])[rows["layer"] < 5].mean())
    vars(study)["layers"] = table.assign(kind="conv")
    assert probes.measures(study)["gradient_level"][3] == pytest.approx(np.log(rows["grad_norm"]).mean())


def test_dead_gradients_are_not_infinite(tmp_path: Path) -> None:
    """A gradient norm of zero has no logarithm: its layer is left out rather than dragging the slope to −∞."""
    import pandas as pd

    folder = write_study(tmp_path / "s", np.random.default_rng(2))
    layers = pd.read_parquet(folder / "layers.parquet")
    layers.loc[layers["layer"] == 1, "grad_norm"] = 0.0
    layers.to_parquet(folder / "layers.parquet")
    describe(folder)
    slopes = probes.measures(load(folder))["gradient_slope"]
    assert np.isfinite(slopes).sum() == 40
