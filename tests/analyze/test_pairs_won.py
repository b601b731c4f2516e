"""Where a run has no value, pairs won decide: what is then said of cells and of the answer, in both languages."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analyze.findings import Findings
from analyze.report.write import render
from tests.analyze.test_analysis import unexplained
from tests.analyze.test_any_response import findings
from tests.analyze.test_contradictions import told


def table(gaps: dict[str, float], lost: set[tuple[str, str, int]]) -> Any:
    """Losses of ten seeds, of which higher is better.

    `gaps` are those of adam less sgd by rate; a run without a value is lost as (level, rate, seed).
    """
    draw = np.random.default_rng(3)
    rows = [
        {
            "glaze": level,
            "rate": rate,
            "seed": seed,
            "val_loss": np.nan
            if (level, rate, seed) in lost
            else 0.8 + gap * (level == "adam") + draw.normal(0, 0.003) + 0.001 * seed,
        }
        for rate, gap in gaps.items()
        for seed in range(10)
        for level in ("adam", "sgd")
    ]
    return pd.DataFrame(rows)


def found_in(folder: Path, gaps: dict[str, float], lost: set[tuple[str, str, int]]) -> Findings:
    """What is found in such a table, of which nothing is said that its findings do not have."""
    found = findings(folder, table(gaps, lost), response="val_loss", better="higher")
    assert unexplained(found) == []
    assert told(found) == []
    return found


def test_no_interval_or_p_of_one_is_read_as_the_other(tmp_path: Path) -> None:
    """The first level leads by far in the seven runs of `lo` that have a value and wins 7 of 10 pairs."""
    lost = {("adam", "lo", seed) for seed in range(3)} | {("adam", "hi", seed) for seed in range(8)}
    found = found_in(tmp_path, {"hi": 0.03, "lo": 0.04}, lost)
    low = next(row for row in found.simple_effects if row.cell == {"rate": "lo"})
    assert (low.decision, low.n) == ("undecided", 7)
    assert low.ci95 is not None
    assert low.ci95[0] > 0
    text = render(found, fmt="md", lang="en").decode()
    assert "The interval alone excludes zero" not in text
    largest = next(line for line in text.split("\n") if "The largest gap was in" in line)
    assert "sign-flip" not in largest
