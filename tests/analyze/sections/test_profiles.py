"""What figures draw: time-to-target as steps, probes by layer, and the power curve."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze.findings import PowerRow
from analyze.inference.power import smallest_detectable
from analyze.measures.time_to_target import convergence_curves
from analyze.sections.profiles import layer_profile, power_curve, survival
from analyze.study.load import StudyData, load
from tests.synthetic import write_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyData:
    """A small study with probes."""
    return load(write_study(tmp_path_factory.mktemp("study"), np.random.default_rng(2), seeds=5))


def test_survival_is_the_share_of_runs_still_below_the_target(study: StudyData) -> None:
    """Against the curves themselves, run by run, at every step of one cell and level."""
    curves = convergence_curves(study)
    assert curves is not None
    points = survival(study, curves)
    cell, level = points[0].cell, points[0].level
    table = pd.read_parquet(Path(study.folder) / "curves.parquet")
    here = table[
        (table["split"] == "test")
        & (table["eval_set"] == "subset")
        & (table["bn_mode"] == "batch")
        & (table["ordering"] == level)
    ]
    for name, value in cell.items():
        here = here[here[name] == value]
    for point in (p for p in points if p.cell == cell and p.level == level):
        seen = here[here["examples_seen"] <= point.examples_seen]
        reached = seen.groupby("seed")["accuracy"].max() >= point.target
        assert point.surviving == pytest.approx(1 - reached.mean())
        assert point.n == 5


def test_a_level_that_never_arrives_stays_at_the_top(tmp_path: Path) -> None:
    """Runs that never reach the target are a line of their own, not a gap in the figure."""
    folder = write_study(
        tmp_path, np.random.default_rng(4), seeds=3, accuracy=lambda s: 50.0 if s["ordering"] == "bn_act" else 97.0
    )
    study = load(folder)
    curves = convergence_curves(study)
    assert curves is not None
    slow = [p for p in survival(study, curves) if p.level == "bn_act"]
    assert {p.surviving for p in slow} == {1.0}
    assert len(slow) == 4


def test_survival_never_rises(study: StudyData) -> None:
    """Steps go down within every cell and level."""
    curves = convergence_curves(study)
    assert curves is not None
    table = pd.DataFrame([p.model_dump() | {"cell": str(p.cell)} for p in survival(study, curves)])
    for _, line in table.groupby(["cell", "level"]):
        assert line.sort_values("examples_seen")["surviving"].is_monotonic_decreasing


def test_probes_are_medians_over_seeds_at_the_last_step(study: StudyData) -> None:
    """One measure, cell, level and layer against pandas."""
    point = next(p for p in layer_profile(study) if p.measure == "grad_norm" and p.layer == 2)
    table = pd.read_parquet(Path(study.folder) / "layers.parquet")
    here = table[(table["step"] == table["step"].max()) & (table["layer"] == 2) & (table["ordering"] == point.level)]
    for name, value in point.cell.items():
        here = here[here[name] == value]
    assert point.n_seeds == len(here) == 5
    assert point.value == pytest.approx(here["grad_norm"].median())
    assert point.low == pytest.approx(here["grad_norm"].quantile(0.1))
    assert {p.layer for p in layer_profile(study) if p.cell["depth"] == 4} == {1, 2, 3, 4}


def test_the_power_curve_passes_through_the_table(study: StudyData) -> None:
    """At the study's own number of seeds the curve is the smallest detectable gap."""
    row = PowerRow(
        cell={"depth": 2}, sd=0.37, smallest_detectable=None, smallest_detectable_pp=None, seeds_for_margin=None
    )
    curve = {p.n_seeds: p.smallest_detectable for p in power_curve([row], 0.05)}
    assert curve[10] == pytest.approx(smallest_detectable(0.37, 10))
    assert list(curve.values()) == sorted(curve.values(), reverse=True)
    assert study.layers is not None
