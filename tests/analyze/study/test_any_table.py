"""Whatever a table holds: findings whose headline is that of ten lines of pandas, or one sentence."""

import json
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyze import check
from analyze.analysis import analyse
from analyze.report.json_twin import to_json
from analyze.study.columns import RESULTS
from analyze.study.load import load
from analyze.study.tidy import ADDED

OURS = ["n", "gap", "sd", "cell", "level", "model", "kind", "trial", "batch", "running", "scale", "contrast", "bn_mode"]
HARD = ["params:m", "a - b", "−1", "a\nb", "ü 学习率", "x" * 300, "", "C(x)", "np.log", "self", "factor_n", "index"]
NAMES = st.sampled_from([*OURS, *HARD]) | st.text(min_size=1, max_size=6).filter(
    lambda t: t not in RESULTS and t[0] != ADDED
)
LEVELS: dict[str, list[Any]] = {
    "text": ["b", "a", "ü: x", "−"],
    "whole": [16, -2, 0, 2**40],
    "decimal": [1e-3, 0.5, -1e-9, 3.0],
    "single": list(np.array([1e-3, 0.1, 3, -7], np.float32)),
    "truth": [True, False],
    "gaps": ["mixup", None],
    "holes": [2, None],
}


def noise(draw: st.DrawFn, rows: int) -> Any:
    """A column beside the design, of any kind."""
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    kinds: dict[str, Any] = {
        "host": random.choice(["n1", "n2"], rows),
        "metric": random.normal(size=rows),
        "coarse": np.round(random.uniform(0, 0.02, rows), 2),
        "constant": 7,
        "empty": None,
        "lists": [[1, 2]] * rows,
        "structs": [{"a": 1}] * rows,
        "dates": pd.Timestamp("2026-01-01").date(),
        "times": pd.Timestamp("2026-01-01", tz="UTC"),
        "took": pd.Timedelta("1h"),
        "infinite": random.choice([np.inf, 1.0], rows),
        "bytes": b"\xff",
    }
    return kinds[draw(st.sampled_from(sorted(kinds)))]


@st.composite
def designs(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, str, list[str]]:
    """A crossed design under any names, with lost runs and columns beside it.

    The table, its arm and cell as text, the primary factor and the moderators.
    """
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    levels = [LEVELS[draw(st.sampled_from(sorted(LEVELS)))] for _ in names]
    levels = [own[: 2 if place == 0 else draw(st.integers(2, len(own)))] for place, own in enumerate(levels)]
    seeds = draw(st.sampled_from([range(6), range(7), ["a", "b", "c", "d", "e", "f"], [1.0, 2.0, 3.0]]))
    rows = [dict(zip(["seed", *names], row, strict=True)) for row in product(seeds, *levels)]
    trials = pd.DataFrame({name: [row[name] for row in rows] for name in ["seed", *names]})
    for name, own in zip(names, levels, strict=True):
        if isinstance(own[0], np.float32):
            trials[name] = trials[name].astype(np.float32)
    random = np.random.default_rng(draw(st.integers(0, 2**16)))
    trials["test_accuracy"] = np.clip(random.normal(0.9, 0.03, len(trials)), 0, 1)
    lost = draw(st.sampled_from([0, 0, 1, 3]))
    trials.loc[random.choice(len(trials), lost, replace=False), "test_accuracy"] = draw(
        st.sampled_from([np.nan, np.inf, -np.inf])
    )
    for _ in range(draw(st.integers(0, 3))):
        name = draw(NAMES)
        if name not in trials:
            trials[name] = noise(draw, len(trials))
    texts = [[label(one) for one in row[1:]] for row in map(list, map(dict.values, rows))]
    plain = pd.DataFrame({"arm": [row[0] for row in texts], "cell": ["|".join(row[1:]) for row in texts]})
    order = random.permutation(len(trials))
    return trials.iloc[order].reset_index(drop=True), plain.iloc[order].reset_index(drop=True), names[0], names[1:]


def label(level: Any) -> str:
    """A level as the report names it."""
    return "none given" if level is None else str(level)


def recomputed(trials: pd.DataFrame, plain: pd.DataFrame, contrast: tuple[Any, Any]) -> float:
    """The mean over cells and complete seeds of the contrast, in points; cells need six pairs for a place in it."""
    score = trials["test_accuracy"].where(np.isfinite(trials["test_accuracy"]))
    runs = plain.assign(seed=trials["seed"].astype(str), score=score).set_index(["seed", "cell", "arm"])["score"]
    arms = runs.unstack()  # noqa: PD010
    gaps = (100 * (arms[label(contrast[0])] - arms[label(contrast[1])])).unstack()  # noqa: PD010
    enough = gaps.notna().sum() >= 6
    kept = gaps.loc[:, enough if enough.any() else gaps.notna().any()]
    return float(kept.mean(axis=1, skipna=False).mean())


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(design=designs())
def test_the_headline_of_any_table(
    tmp_path_factory: pytest.TempPathFactory, design: tuple[pd.DataFrame, pd.DataFrame, str, list[str]]
) -> None:
    """No traceback, no NaN, no vanished factor; the estimate is the mean gap over seeds and cells."""
    trials, plain, primary, moderators = design
    folder = tmp_path_factory.mktemp("any")
    trials.to_parquet(folder / "trials.parquet")
    study = load(folder, factor=primary)
    assert set(study.design.factors) == {primary, *moderators}
    check.examine(study)
    found = analyse(study)
    json.loads(to_json(found), parse_constant=pytest.fail)
    expected = recomputed(trials, plain, study.design.contrast)
    if np.isnan(expected):
        assert found.primary.estimate is None
    else:
        assert found.primary.estimate == pytest.approx(expected, abs=1e-9)
