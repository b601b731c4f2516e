"""The decision for programs: what is said of the contrast, and the exit code of what was expected."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analyze.analysis import analyse
from analyze.decide import decide, line
from analyze.errors import UsageError
from analyze.findings import Findings
from analyze.study.files import opened
from analyze.study.load import load
from tests.analyze.commands import analyze
from tests.analyze.sample import sample
from tests.analyze.study.brought import table

#: decision of the mean, its 90 % interval (margin .1 pp), and the exit code for better, equivalent and not-worse.
CASES = [
    ("first", (0.2, 0.4), (0, 1, 0)),
    ("first", (0.01, 0.08), (0, 0, 0)),
    ("second", (-0.4, -0.2), (1, 1, 1)),
    ("second", (-0.08, -0.01), (1, 0, 0)),
    ("second", (-0.15, -0.01), (1, 4, 4)),
    ("equivalent", (-0.05, 0.05), (1, 0, 0)),
    ("identical", None, (1, 0, 0)),
    ("undecided", (-0.2, 0.2), (4, 4, 4)),
    ("undecided", (-0.05, 0.4), (4, 4, 0)),
    ("undecided", (-0.4, 0.05), (4, 4, 4)),
    ("undecided", (-0.05, 0.05), (4, 4, 0)),
    ("not_decidable", (0.2, 0.4), (4, 4, 4)),
]


def found(decision: str, ci90: tuple[float, float] | None, *, better: str = "higher", **more: Any) -> Findings:
    """Findings of this decision, margin .1 pp, ten seeds."""
    findings = sample()
    response = findings.question.response.model_copy(update={"better": better})
    changes = {"decision": decision, "ci90": ci90, "df": 9, "n_seeds": 10, "depends_on": (), **more}
    return findings.model_copy(
        update={
            "question": findings.question.model_copy(update={"response": response}),
            "primary": findings.primary.model_copy(update=changes),
        }
    )


@pytest.mark.parametrize(("decision", "ci90", "codes"), CASES)
def test_what_is_expected_has_its_exit_code(
    decision: str, ci90: tuple[float, float] | None, codes: tuple[int, int, int]
) -> None:
    """By the decision and the interval at twice alpha; where lower is better, by both turned around."""
    turned = {"first": "second", "second": "first"}.get(decision, decision)
    for findings in (
        found(decision, ci90),
        found(turned, ci90 and (-ci90[1], -ci90[0]), better="lower"),
    ):
        for expect, code in zip(("better", "equivalent", "not-worse"), codes, strict=True):
            assert decide(findings, expect).exit_code == code, expect  # type: ignore[arg-type]
        assert decide(findings).exit_code == (4 if decision in ("undecided", "not_decidable") else 0)


@pytest.mark.parametrize(("better", "said"), [("higher", "better"), ("lower", "worse"), ("neither", "higher")])
def test_the_direction_is_that_of_the_response(better: str, said: str) -> None:
    """The first level has the larger value; whether that is better is declared."""
    assert decide(found("first", (0.2, 0.4), better=better)).decision == said


def test_an_expectation_needs_what_it_is_held_against() -> None:
    """A direction for better and not-worse, a margin for equivalent and not-worse."""
    nothing = found("first", (0.2, 0.4), better="neither")
    for expect in ("better", "not-worse"):
        with pytest.raises(UsageError, match="needs to know which way"):
            decide(nothing, expect)  # type: ignore[arg-type]
    assert decide(nothing, "equivalent").holds is False


def test_without_a_margin_nothing_is_equivalent() -> None:
    """Where none is declared, as of a loss: what needs one is a mistake, and the decision has none."""
    findings = found("first", (0.2, 0.4))
    equivalence = findings.primary.equivalence.model_copy(update={"margin": None})
    primary = findings.primary.model_copy(update={"equivalence": equivalence})
    findings = findings.model_copy(update={"primary": primary})
    for expect in ("equivalent", "not-worse"):
        with pytest.raises(UsageError, match="needs a margin, and none is declared; add --margin"):
            decide(findings, expect)  # type: ignore[arg-type]
    assert (decide(findings, "better").holds, decide(findings).margin) == (True, None)


def test_the_interval_is_at_twice_alpha() -> None:
    """At alpha .01 the bound is that of a 98 % interval: t(9) has 2.821 there where it has 1.833 at .95."""
    findings = found("undecided", (-0.05, 0.15))
    stricter = findings.model_copy(update={"methods": findings.methods | {"alpha": 0.01}})
    assert decide(findings, "not-worse").holds is True
    found_there = decide(stricter, "not-worse")
    assert found_there.interval == pytest.approx((0.05 - 0.1 * 2.8214 / 1.8331, 0.05 + 0.1 * 2.8214 / 1.8331), abs=1e-4)
    assert (found_there.level, found_there.holds) == (0.98, None)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        (
            found("first", (0.2, 0.4), estimate=0.3, ci95=(0.18, 0.42), depends_on=("depth",)),
            "better: act_bn − bn_act +0.30 pp, 95% CI [0.18, 0.42], 10 seeds, depends on depth",
        ),
        (
            found("equivalent", (-0.05, 0.05), estimate=0.0),
            "equivalent: act_bn − bn_act 0.00 pp, 90% CI [−0.05, 0.05] within ±0.10 pp, 10 seeds",
        ),
        (
            found("undecided", (-0.2, 0.2), estimate=0.01, ci95=(-0.3, 0.3), seeds_to_decide=34),
            "undecided: act_bn − bn_act +0.01 pp, 95% CI [−0.30, 0.30], 10 seeds (about 34 would decide)",
        ),
        (
            found("not_decidable", None, estimate=None, ci95=None, n_seeds=1),
            "not decidable: act_bn − bn_act unknown, 1 seed",
        ),
    ],
)
def test_the_line_says_what_by_how_much_and_how_sure(findings: Findings, said: str) -> None:
    """With what would decide it, and what it depends on."""
    assert line(decide(findings)) == said


def test_the_interval_of_an_open_decision_is_the_one_that_left_it_open(tmp_path: Path) -> None:
    """Where twice alpha tells the levels apart and alpha does not, the interval of alpha is printed."""
    trials = table()
    noise = trials["seed"].map(lambda seed: (0.002, -0.003, 0.001, 0.004)[seed % 4])
    for gap in np.arange(0.001, 0.01, 0.0005):
        better = trials["optimizer"] == "adam"
        trials.assign(test_accuracy=0.9 + better * (gap + noise)).to_csv(tmp_path / "runs.csv", index=False)
        found = decide(analyse(load(opened(tmp_path / "runs.csv"), factor="optimizer")))
        if found.decision == "undecided" and found.interval and found.interval[0] > 0:
            break
    else:
        pytest.fail("no gap leaves it open between the two intervals")
    assert found.deciding_interval is not None
    low, high = found.deciding_interval
    assert low < 0 < high
    assert f"95% CI at every look [{low:.2f}, {high:.2f}]".replace("-", "−") in line(found)


def test_a_loss_on_the_log_scale_is_decided_as_a_ratio(tmp_path: Path) -> None:
    """Lower is better, the margin is a ratio, and so is the gap that is printed."""
    trials = table()
    trials["loss"] = 2.0 - trials["test_accuracy"]
    trials.to_csv(tmp_path / "runs.csv", index=False)
    asked = ("--factor", "optimizer", "--response", "loss", "--better", "lower", "--scale", "log", "--margin", "1.05")
    ran = analyze("decide", "runs.csv", *asked, "--expect", "equivalent", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    bounds = "[0.986, 0.998] within a factor of 1.05"
    said = f"equivalent: adam / sgd 0.991, 90% CI at every look {bounds}, 10 seeds, equivalent holds\n"
    assert ran.stdout == said
    apart = trials.assign(loss=trials["loss"].map(math.log)).pivot_table("loss", "seed", "optimizer")
    assert math.exp((apart["adam"] - apart["sgd"]).mean()) == pytest.approx(0.991, abs=5e-4)


def test_the_command_prints_a_line_or_json_and_ends_with_the_code(tmp_path: Path) -> None:
    """On a file: better of itself, worse turned around; a mistake is 2."""
    trials = table()
    trials["test_accuracy"] += 0.01 * (trials["optimizer"] == "adam")
    trials.to_csv(tmp_path / "runs.csv", index=False)
    asked = ("decide", "runs.csv", "--factor", "optimizer")
    ran = analyze(*asked, "--expect", "better", "--json", cwd=tmp_path)
    said = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr, said["decision"], said["holds"]) == (0, "", "better", True)
    ran = analyze(*asked, "--contrast", "sgd", "adam", "--expect", "not-worse", cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stdout.startswith("worse: sgd − adam −2.")
    assert ran.stdout.endswith("10 seeds, not-worse does not hold\n")
    assert ran.stdout.count("\n") == 1
    assert analyze(*asked, "--expect", "best", cwd=tmp_path).returncode == 2


def test_where_pairs_won_decide_the_share_of_them_is_printed_and_no_gap(tmp_path: Path) -> None:
    """The gap of the runs that have a value may point the other way: nothing is held against it."""
    trials = table()[["optimizer", "seed"]].drop_duplicates()
    first, lost = trials["optimizer"] == "adam", trials["seed"].isin([0, 1, 2, 3, 4, 5, 6, 7, 8])
    trials["score"] = (1.0 + 0.5 * first + 0.01 * trials["seed"]).where(~(first & lost))
    trials.to_csv(tmp_path / "runs.csv", index=False)
    asked = ("decide", "runs.csv", "--factor", "optimizer", "--response", "score", "--better", "higher")
    ran = analyze(*asked, "--margin", "0.1", "--expect", "not-worse", "--json", cwd=tmp_path)
    said = json.loads(ran.stdout)
    low, high = stats.binomtest(1, 10).proportion_ci(method="exact")
    assert (ran.returncode, said["decision"], said["holds"], said["n_seeds"]) == (4, "worse", None, 10)
    assert [said[name] for name in ("estimate", "ci95", "interval")] == [None] * 3
    assert (said["win_rate"], said["p_wins"]) == (0.1, pytest.approx(stats.binomtest(1, 10).pvalue))
    assert said["win_rate_ci95"] == pytest.approx([low, high])
    shown = (
        f"worse: adam ahead of sgd in 10% of pairs, 95% CI [{100 * low:.1f}%, {100 * high:.1f}%], sign-flip p = .021"
    )
    assert analyze(*asked, cwd=tmp_path).stdout == f"{shown}, 10 seeds\n"
