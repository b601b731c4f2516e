"""Where a run has no value, pairs won decide: what is then said of cells and of the answer, in both languages."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analyze.decide import decide, line
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


def found_in(folder: Path, gaps: dict[str, float], lost: set[tuple[str, str, int]], better: str = "higher") -> Findings:
    """What is found in such a table, of which nothing is said that its findings do not have."""
    found = findings(folder, table(gaps, lost), response="val_loss", better=better)
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


def test_one_lost_run_hides_no_reversal(tmp_path: Path) -> None:
    """A cell decided against the others: it depends, as it does with that run, in title, answer and `decide`."""
    gaps = {"hi": -0.03, "lo": 0.03, "mid": 0.03}
    whole, found = (found_in(tmp_path, gaps, lost) for lost in (set(), {("adam", "hi", 4)}))
    assert (whole.primary.rule, found.primary.rule) == ("interaction", "wins_unlike")
    assert whole.primary.headline == found.primary.headline == "depends"
    assert whole.primary.depends_on == found.primary.depends_on == ("rate",)
    assert found.primary.decision == "first"
    said = line(decide(found, "better"))
    assert said.startswith("better: adam ahead of sgd in 66.7% of pairs, sign-flip p = .002, 10 seeds, depends on rate")
    text = render(found, fmt="md", lang="en").decode()
    assert "# With `rate` `lo` or `mid`, `adam` comes out ahead; with `rate` `hi`, `sgd` comes out ahead\n" in text
    assert "**It depends on `rate`, counting a run that failed as worse than any other. `adam` comes out" in text
    assert "ahead in `lo`; `mid`. `sgd` comes out ahead in `hi`.**" in text
    assert "`adam` won 66.7% of the pairs, averaged over all cells (exact sign-flip" in text
    assert "Cells that they decide for different levels, corrected over the cells, make it depend." in text


def test_what_new_pairs_would_show_is_not_worked_out_of_those_that_trained(tmp_path: Path) -> None:
    """With a lost run the chances of new pairs are left out, with their reason; without one they are there."""
    whole, found = (found_in(tmp_path, {"lo": 0.03, "hi": 0.03}, lost) for lost in (set(), {("adam", "hi", 4)}))
    assert whole.repeatability
    assert not found.repeatability
    assert found.reasons["/repeatability"].code == "pairs_won_decide"
    text = render(found, fmt="md", lang="en").decode()
    assert "Would ten runs have told you?" not in text
    assert "what new pairs of runs would show is more than the gap of those that trained" in text


def test_cells_decided_both_ways_while_their_mean_is_open(tmp_path: Path) -> None:
    """It depends then too, lower being better or higher; every run of a level may be lost in a cell that has no gap."""
    lost = {("adam", "hi", seed) for seed in range(10)}
    for better, side in (("higher", "first"), ("lower", "second")):
        gaps = {"hi": 0.0, "lo": 0.03 if better == "higher" else -0.03}
        found = found_in(tmp_path, gaps, lost, better)
        assert (found.primary.rule, found.primary.decision) == ("wins_unlike", "undecided")
        assert found.simple_effects[1].cell == {"rate": "lo"}
        assert found.simple_effects[1].decision == side


def test_an_open_answer_names_the_cells_that_are_decided(tmp_path: Path) -> None:
    """As where gaps decide: one level wins every pair of a cell, and nothing is shown of the mean."""
    found = found_in(tmp_path, {"hi": -0.03, "lo": 0.001}, {("adam", "hi", 4)})
    assert found.primary.rule == "wins_open"
    assert {row.decision for row in found.simple_effects} == {"second", "undecided"}
    text = render(found, fmt="md", lang="en").decode()
    assert "; but with `rate` `hi`, `sgd` comes out ahead\n" in text
    assert "But in single cells: `sgd` comes out ahead in `hi`.**" in text
