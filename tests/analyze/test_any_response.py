"""A response that is no accuracy: what its report says, in both languages, is what its findings decide.

Every table is read back by the patterns of sentences.toml and held against the JSON, as simulated studies are.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report.json_twin import to_json
from analyze.report.write import render
from analyze.study.load import load
from tests.analyze.simulated import fewer_flips
from tests.analyze.test_analysis import unexplained
from tests.analyze.test_contradictions import told
from tests.synthetic import write_study

Run = Mapping[str, Any]

CELLS = [{"depth": depth, "width": width} for depth in (2, 4) for width in (64, 128)]


def table(gap: Callable[[Run], float], *, seeds: int = 10, sd: float = 0.1, base: float = 2.0, **columns: Any) -> Any:
    """Losses of two glazes in four cells; `gap` is that of adam less sgd."""
    draw = np.random.default_rng(7)
    rows = [
        {"glaze": one, **cell, "seed": seed, "val_loss": base + (one == "adam") * gap(cell) + draw.normal(0, sd)}
        for seed in range(seeds)
        for cell in CELLS
        for one in ("adam", "sgd")
    ]
    return pd.DataFrame(rows).assign(**columns)


def findings(folder: Path, trials: pd.DataFrame, **asked: Any) -> Findings:
    """What is found in this table."""
    trials.to_parquet(folder / "runs.parquet")
    options = {"factor": "glaze", "response": "val_loss", "better": "lower"} | asked
    with fewer_flips():
        return analyse(load(folder / "runs.parquet", **options))


def crossover(cell: Run) -> float:
    """One sign in the shallow cells, the other in the deep ones."""
    return 0.5 if cell["depth"] == 2 else -0.5


TRUTHS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "lower is better": (table(lambda _: -0.5), {}, "yes"),
    "higher is better": (table(lambda _: -0.5), {"better": "higher"}, "yes"),
    "neither is better": (table(lambda _: 0.5), {"better": "neither", "unit": "points"}, "yes"),
    "nothing shown, no margin": (table(lambda _: 0.0), {"unit": "nats"}, "undecided"),
    "nothing shown within a margin": (table(lambda _: 0.0, seeds=6, sd=0.5), {"margin": 0.1}, "undecided"),
    "equivalent": (table(lambda _: 0.0, sd=0.02), {"margin": 0.1, "unit": "nats"}, "no"),
    "equivalent on average": (
        table(lambda cell: 0.2 * crossover(cell), sd=0.02, seeds=12),
        {"margin": 0.2, "unit": "nats"},
        "no",
    ),
    "trivial": (table(lambda _: 0.04, sd=0.02), {"margin": 0.5}, "no"),
    "it depends": (table(crossover), {"unit": "nats"}, "depends"),
    "it depends in one direction": (table(lambda c: -0.5 * c["depth"], sd=0.05), {"unit": "nats"}, "yes"),
    "too few seeds": (table(lambda _: 0.5, seeds=4), {"unit": "nats"}, "no_answer"),
    "one seed": (table(lambda _: 0.5, seeds=1), {"unit": "nats"}, "no_answer"),
    "identical": (table(lambda _: 0.0, sd=0.0), {}, "identical"),
    "negative values": (table(lambda _: 0.5, base=-3.0), {"better": "higher"}, "yes"),
}


def with_failures(lost: Callable[[Run], bool], gap: float = -0.5, **options: Any) -> Any:
    """Losses of which some are not finite."""
    trials = table(lambda _: gap, **options)
    failed = [lost(row) for row in trials.to_dict("records")]
    return trials.assign(val_loss=trials["val_loss"].where(~np.array(failed)))


TRUTHS |= {
    "the worse level fails": (
        with_failures(lambda run: run["glaze"] == "sgd" and run["seed"] < 4 and run["depth"] == 2),
        {"unit": "nats"},
        "yes",
    ),
    "the better level fails": (
        with_failures(lambda run: run["glaze"] == "adam" and run["seed"] < 5, gap=-0.5),
        {"unit": "nats"},
        "undecided",
    ),
    "all runs of a level fail": (with_failures(lambda run: run["glaze"] == "adam"), {}, "yes"),
    "a run of either fails": (
        with_failures(lambda run: run["seed"] == 2, gap=0.5),
        {"better": "higher", "margin": 0.1},
        "yes",
    ),
    "few seeds and a failure": (with_failures(lambda run: run["seed"] == 1, seeds=4), {}, "no_answer"),
}


@pytest.mark.parametrize("name", TRUTHS)
def test_no_contradiction(tmp_path: Path, name: str) -> None:
    """Every headline, with and without a margin and a unit, whichever way is better."""
    trials, asked, headline = TRUTHS[name]
    found = findings(tmp_path, trials, **asked)
    assert found.primary.headline == headline
    assert unexplained(found) == []
    assert told(found) == []


def test_direction_says_who_wins_and_the_gap_stays(tmp_path: Path) -> None:
    """The gap is first minus second whatever is better; the winner turns with it, the decision does not."""
    trials = table(lambda _: -0.5)
    lower, higher, neither = (findings(tmp_path, trials, better=one) for one in ("lower", "higher", "neither"))
    assert lower.primary.estimate == higher.primary.estimate == neither.primary.estimate
    assert {one.primary.decision for one in (lower, higher, neither)} == {"second"}
    assert [one.primary.winner for one in (lower, higher, neither)] == ["adam", "sgd", None]
    assert neither.reasons["/primary/winner"].code == "neither_is_better"
    assert "adam</code> has the lower" in render(lower, fmt="html", lang="en").decode()


def test_no_margin_is_declared_but_that_of_an_accuracy(tmp_path: Path) -> None:
    """Without one nothing is equivalent, and the report says that it was not tested."""
    found = findings(tmp_path, table(lambda _: 0.0, sd=0.001))
    assert found.primary.headline == "undecided"
    assert found.primary.equivalence.model_dump() == {"margin": None, "unit": "", "margin_pp": None, "p": None}
    assert {found.reasons[f"/primary/equivalence/{name}"].code for name in ("margin", "p")} == {"no_margin"}
    assert {row.p_tost for row in found.simple_effects} == {None}
    page = render(found, fmt="md", lang="en").decode()
    assert "No margin was declared" in page
    assert (
        "TOST" not in page.partition("## Given")[2].partition("## How fast")[0]
    )  # no test is explained that was not made


def test_equivalence_is_in_the_unit_of_the_response(tmp_path: Path) -> None:
    """A declared margin decides, and is no percentage point."""
    found = findings(tmp_path, table(lambda _: 0.0, sd=0.02), margin=0.1, unit="nats")
    equivalence = found.primary.equivalence
    assert (equivalence.margin, equivalence.unit, equivalence.margin_pp) == (0.1, "nats", None)
    assert equivalence.p is not None
    assert equivalence.p < 0.05
    assert json.loads(to_json(found))["question"]["response"] == {
        "name": "val_loss",
        "better": "lower",
        "unit": "nats",
        "scale": "raw",
        "bounds": None,
        "margin": 0.1,
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_word_of_accuracy_is_said_of_a_loss(tmp_path: Path, lang: Any) -> None:
    """Neither of points nor of accuracy nor of plans, in text, tables, figures and captions."""
    found = findings(tmp_path, table(crossover), unit="nats")
    page = render(found, fmt="html", lang=lang).decode()
    body = re.sub(r'href="data:[^"]*"|<style>.*?</style>', "", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", body[: body.index("Not in this study" if lang == "en" else "未做的分析及原因")])
    for word in ("accura", "planned trials", " pp ", "percentage point", "准确率", "百分点", "计划训练"):
        assert word not in text, text[max(0, text.index(word) - 200) : text.index(word) + 100]
    assert "nats" in text


def test_log_effects_are_ratios(tmp_path: Path) -> None:
    """Tests are those of log ratios, by SciPy; printed are ratios, and the margin is one."""
    trials = table(lambda _: -0.4, sd=0.05)
    found = findings(tmp_path, trials, scale="log", margin=1.05, unit="nats")
    logs = np.log(trials.pivot_table(index="seed", columns=["glaze", "depth", "width"], values="val_loss"))
    seeds = (logs["adam"] - logs["sgd"]).mean(axis=1)
    test = stats.ttest_1samp(seeds, 0.0)
    primary = found.primary
    assert primary.estimate == pytest.approx(seeds.mean())
    assert (primary.t, primary.p_t) == pytest.approx((test.statistic, test.pvalue))
    assert primary.ci95 == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert (primary.unit, primary.equivalence.margin) == ("log ratio", pytest.approx(np.log(1.05)))
    text = render(found, fmt="md", lang="en").decode()
    ratio, low, high = (f"{np.exp(one):.4f}" for one in (seeds.mean(), *test.confidence_interval(0.95)))
    assert f"the ratio `adam` / `sgd` was {ratio}, 95% CI \\[{low}, {high}\\]" in text
    assert "Equivalence within a factor of 1.050" in text
    assert {row.scale for row in found.anova} == {"log", "raw"}


def test_an_interaction_holds_on_a_scale(tmp_path: Path) -> None:
    """Effects that multiply are an interaction of differences, none of ratios: the report says on which scale."""
    trials = table(lambda _: 0.0, sd=0.0)
    draw = np.random.default_rng(3)
    factor = np.where(trials["glaze"] == "adam", 0.5, 1.0) * np.where(trials["depth"] == 4, 8.0, 1.0)
    trials["val_loss"] = factor * np.exp(draw.normal(0, 0.1, len(trials)))
    for scale, other in (("raw", "logarithmic"), ("log", "raw")):
        found = findings(tmp_path, trials, scale=scale)
        text = render(found, fmt="md", lang="en").decode()
        assert f"On the {other} scale `glaze` × " in text
        assert (found.primary.depends_on == ()) == (scale == "log")


def test_the_loss_of_a_study_of_the_collector(tmp_path: Path) -> None:
    """Its accuracy is then a further response, its claims are not judged, and what deviates is said."""
    write_study(tmp_path / "s", np.random.default_rng(2), gap=0.5)
    study = load(tmp_path / "s", response="test_loss")
    vars(study)["curves"] = None
    with fewer_flips():
        found = analyse(study)
    assert found.question.response.model_dump(include={"name", "better", "unit"}) == {
        "name": "test_loss",
        "better": "lower",
        "unit": "nats",
    }
    assert "test_accuracy" in {row.response for row in found.responses}
    assert "test_loss" not in {row.response for row in found.responses}
    assert found.claims == ()
    assert found.study.deviations[0] == "response=test_loss (study: test_accuracy)"
    undeviating = found.study.model_copy(update={"deviations": ()})
    assert told(found.model_copy(update={"study": undeviating})) == []


def test_pairs_won_decide_where_a_run_failed(tmp_path: Path) -> None:
    """A failed run loses to every other and ties with another one; in one cell the test is the exact sign test."""
    trials = with_failures(lambda run: run["glaze"] == "sgd" and run["seed"] in (0, 1), gap=-0.1, sd=0.1)
    trials = trials[(trials["depth"] == 2) & (trials["width"] == 64)]
    trials.loc[trials["seed"] == 1, "val_loss"] = np.nan
    found = findings(tmp_path, trials, moderators=())
    (row,) = found.failures
    losses = trials.pivot_table(index="seed", columns="glaze", values="val_loss", dropna=False)
    won = int((losses["adam"] < losses["sgd"].fillna(np.inf)).sum())
    untied = 9
    assert (row.wins_first, row.wins_second, row.ties, row.n_seeds) == (won, untied - won, 1, 10)
    assert row.p_wins == pytest.approx(stats.binomtest(won, untied).pvalue)
    assert row.win_rate == pytest.approx((won + 0.5) / 10)
    assert (row.failed_first, row.failed_second) == (0.1, 0.2)
    assert found.primary.rule in ("wins", "wins_open")
    assert found.primary.n_seeds == 8
    assert found.primary.estimate == pytest.approx((losses["adam"] - losses["sgd"]).mean())


def test_a_failure_within_bounds_is_a_missing_run(tmp_path: Path) -> None:
    """A share has a worst value: nothing is decided by pairs won, as of accuracies."""
    trials = with_failures(lambda run: run["glaze"] == "sgd" and run["seed"] == 0, base=0.9, sd=0.01, gap=-0.2)
    found = findings(tmp_path, trials, unit="share", better="higher")
    assert found.failures == ()
    assert found.primary.rule == "both_tests"
