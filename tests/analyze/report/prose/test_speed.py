"""Sentences of speed, read back: what they say is what was decided, in both languages."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.findings import ConvergenceRow, Findings, because
from analyze.report.prose.speed import speed
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import load
from tests.analyze.sample import ratio_row, sample
from tests.synthetic import write_study

LANGUAGES: tuple[Language, ...] = ("en", "zh")

#: What a verdict on a time ratio looks like; of act_bn, the contrast's first level.
PACE = {
    "en": {
        "second": "): act_bn was faster.",
        "first": "): act_bn was slower.",
        "equivalent": "): the two are equally fast within a factor of 1.25.",
        "undecided": "): it is not shown which of the two is faster, nor that they are equally fast.",
        "not_decidable": "): too few seeds for a verdict; the interval and p rest on normal errors.",
    },
    "zh": {
        "second": "），act_bn 学得较快。",
        "first": "），act_bn 学得较慢。",
        "equivalent": "），判为同样快（时间比在 1.25 及其倒数之间）。",
        "undecided": "），既不能判定孰快孰慢，也不能判定两者一样快。",
        "not_decidable": "），种子太少，无法判定；区间与 p 值以误差呈正态分布为前提。",
    },
}

#: Likewise on restricted time.
IMAGES = {
    "en": {
        "second": "act_bn needed fewer.",
        "first": "act_bn needed more.",
        "identical": "no seed shows any difference.",
        "undecided": "no difference is shown, nor that there is none.",
        "not_decidable": "too few complete seeds for an exact test.",
    },
    "zh": {
        "second": "act_bn 所需图像较少。",
        "first": "act_bn 所需图像较多。",
        "identical": "每个种子都毫无差别。",
        "undecided": "未检出差异（未检出不等于没有差异）。",
        "not_decidable": "数据完整的种子太少，精确检验无法判定。",
    },
}

#: And on how a ratio changes.
CHANGE = {
    "en": {
        "differs": "shown to differ",
        "equivalent": "equal within a factor of 1.25",
        "undecided": "no difference is shown, nor equality",
        "not_decidable": "too few seeds for a verdict",
    },
    "zh": {
        "differs": "判定有差异",
        "equivalent": "判定在 1.25 及其倒数之间等效",
        "undecided": "既不能判定不同，也不能判定等效",
        "not_decidable": "种子太少，无法判定",
    },
}


def with_rows(*rows: ConvergenceRow, **changes: Any) -> Findings:
    """The sample with these rows of speed alone."""
    return sample().model_copy(update={"convergence": rows, **changes})


def told(findings: Findings, lang: Language) -> str:
    """The paragraphs of speed as text."""
    return "\n".join(plain(paragraph).replace("\u00a0", " ") for paragraph in speed(findings, catalogue(lang)))


def read(text: str, phrases: dict[str, str]) -> set[str]:
    """Decisions that a text speaks of."""
    return {decision for decision, phrase in phrases.items() if phrase in text}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("decision", ["first", "second", "equivalent", "undecided", "not_decidable"])
def test_a_ratio_says_what_was_decided_and_nothing_else(lang: Language, decision: str) -> None:
    """Whatever the estimate and its p: a level is faster only where that was decided."""
    said = told(with_rows(ratio_row(0.7, decision=decision)), lang)
    assert read(said, PACE[lang]) == {decision}
    assert "0.700" in said
    assert "95%" in said
    assert ("90% CI" in said) == (decision == "equivalent")
    assert ("95% CI" in said) == (decision != "equivalent")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_faster_by_less_than_the_margin_shows_the_interval_of_the_equivalence(lang: Language) -> None:
    """Both are said: the direction, and the 90 % interval within the margin."""
    said = told(with_rows(ratio_row(0.95, trivial=True)), lang)
    assert {"en": "act_bn was faster, but by less than a factor of 1.25", "zh": "act_bn 学得较快，但时间比在"}[
        lang
    ] in said
    assert "90% CI [0.874, 1.026]" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_second_target_shows_its_corrected_p(lang: Language) -> None:
    """Of three targets the last two are a family: the p is Holm's, and said to be, of the largest too."""
    rows = [
        ratio_row(0.7, p=0.01),
        *(ratio_row(0.8, target=t, p=p, p_holm=0.04) for t, p in ((0.96, 0.02), (0.97, 0.04))),
    ]
    said = told(with_rows(*rows), lang)
    assert said.count("p = .040") == 2
    assert "p = .020" not in said
    assert (
        said.count(
            {"en": "correction over the targets beyond the first", "zh": "在主要目标以外的各目标之间作 Holm 校正"}[lang]
        )
        == 2
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_ratio_without_p_names_the_reason_and_decides_nothing(lang: Language) -> None:
    """No estimate, or no interval."""
    reason = {"/convergence/0/estimate": because("no_run_tells_times"), "/convergence/1/p": because("three_seeds")}
    none = {"ci95": None, "ci90": None, "p": None, "decision": "undecided"}
    rows = (ratio_row(1, **none).model_copy(update={"estimate": None}), ratio_row(0.7, target=0.97, **none))
    said = told(with_rows(*rows, reasons=reason), lang)
    assert read(said, PACE[lang]) == set()
    for code in ("no_run_tells_times", "three_seeds"):
        assert catalogue(lang).text(f"said.{code}") in said
    assert "–" not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cells_stand_under_what_was_decided_of_them(lang: Language) -> None:
    """Each once, with its corrected p, equivalent ones with the interval that decided; those without one say so."""
    decisions = {2: "second", 3: "first", 4: "equivalent", 5: "undecided", 6: "not_decidable"}
    cells = [ratio_row(0.7, cell={"depth": depth}, decision=one, p_holm=0.03) for depth, one in decisions.items()]
    bare = ratio_row(1, cell={"depth": 7}, ci95=None, ci90=None, p=None, decision="undecided")
    said = told(with_rows(ratio_row(0.7), *cells, bare), lang)
    starts = {
        "en": (
            *("act_bn was faster in ", "act_bn was slower in ", "Equally fast", "Neither a", "Too few seeds"),
            "The ratio has no interval",
        ),
        "zh": (
            *("act_bn 学得较快的组合", "act_bn 学得较慢的组合", "判为同样快", "既不能判定孰快孰慢、", "种子太少、"),
            "时间比求不出区间的组合",
        ),
    }[lang]
    word = {"en": "depth ", "zh": "深度 "}[lang]
    for start, depth in zip(starts, (*decisions, 7), strict=True):
        sentence = re.split(r"(?<=[)）\d])[.。](?!\d)", said[said.index(start) :])[0]
        assert re.findall(rf"{word}(\d)", sentence) == [str(depth)]
    assert said.count("p = .030") == len(decisions) - 1
    assert said.count("90% CI") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_images_of_cells_stand_under_what_was_decided_of_them(lang: Language) -> None:
    """Each once; a difference in images only beside a cell in which flips decided it."""
    whole = [row for row in sample().convergence if row.model == "rmst" and row.cell is None]
    decisions = {2: "second", 3: "first", 4: "identical", 5: "undecided", 6: "not_decidable"}
    cells = [
        whole[0].model_copy(update={"cell": {"depth": depth}, "decision": one, "estimate": 100.0 * depth})
        for depth, one in decisions.items()
    ]
    said = told(with_rows(ratio_row(0.7), *whole, *cells), lang)
    starts = {
        "en": ("needed fewer images in", "needed more images in", "No seed shows any", "No difference in", "Too few"),
        "zh": (
            "所需图像较少的组合",
            "所需图像较多的组合",
            "两个水平在每个种子下所需图像数都相同",
            "未检出所需图像数有差异",
            "数据完整的种子太少、",
        ),
    }[lang]
    for start, depth in zip(starts, decisions, strict=True):
        sentence = re.split(r"(?<=[)）\d])[.。](?!\d)", said[said.index(start) :])[0]
        assert re.findall(rf"{ {'en': 'depth ', 'zh': '深度 '}[lang] }(\d)", sentence) == [str(depth)]
        assert (f"+{100 * depth}" in sentence) == (depth in (2, 3))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("decision", ["first", "second", "undecided", "identical", "not_decidable"])
def test_restricted_time_says_what_was_decided(lang: Language, decision: str) -> None:
    """More or fewer images only where flips decided it; the bounds and the unit stand beside."""
    whole, *ends = [row for row in sample().convergence if row.model == "rmst"]
    said = told(with_rows(ratio_row(0.7), whole.model_copy(update={"decision": decision}), *ends), lang)
    assert read(said, IMAGES[lang]) == {decision}
    for number in ("−900", "−1,500", "−310", "p = .002"):
        assert number in said
    unlike = {"en": "Ratio and difference are decided differently", "zh": "时间比与差值的判定不同"}[lang]
    assert (unlike in said) == (decision != "second")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("decision", ["differs", "equivalent", "undecided", "not_decidable"])
def test_an_interaction_differs_only_where_that_was_decided(lang: Language, decision: str) -> None:
    """One sentence an effect, with the level, what it is compared with, and Holm's p."""
    at, against = {"ordering": "act_bn", "depth": 4}, {"ordering": "bn_act", "depth": 2}
    row = ratio_row(1.3, model="aft_regression", at=at, against=against, p_holm=0.042, decision=decision)
    main = ratio_row(
        0.7, model="aft_regression", at={"ordering": "act_bn"}, against={"ordering": "bn_act"}, p_holm=0.03
    )
    said = told(with_rows(ratio_row(0.7), main, row), lang)
    assert read(said, CHANGE[lang]) == {decision}
    assert read(said, PACE[lang]) == {"second"}
    assert ("p = .042" in said) == (decision != "equivalent")
    change = {
        "en": "the time ratio is 1.30 times as large at depth 4 as at depth 2",
        "zh": "深度 4 时的时间比是 深度 2 时的 1.30 倍",
    }
    assert change[lang] in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_three_way_interaction_is_a_ratio_of_ratios(lang: Language) -> None:
    """It compares two ratios of time ratios, never the time ratios of opposite corners."""
    at = {"ordering": "act_bn", "depth": 4, "activation": "tanh"}
    against = {"ordering": "bn_act", "depth": 2, "activation": "relu"}
    said = told(
        with_rows(ratio_row(0.7), ratio_row(1.38, model="aft_regression", at=at, against=against, decision="differs")),
        lang,
    )
    change = {
        "en": "the time ratio at tanh over the one at relu is 1.38 times as large at depth 4 as at depth 2",
        "zh": "时间比之比（tanh 比 relu）在 深度 4 时是 深度 2 时的 1.38 倍",
    }
    assert change[lang] in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("decision", ["differs", "undecided", "not_decidable"])
def test_a_regression_without_p_hands_over_to_what_decides(lang: Language, decision: str) -> None:
    """Its estimates stand, nothing is decided of them; restricted time decides only where it did decide something."""
    none: dict[str, Any] = {"model": "aft_regression", "ci95": None, "ci90": None, "p": None, "decision": "undecided"}
    main = ratio_row(0.72, at={"ordering": "act_bn"}, against={"ordering": "bn_act"}, **none)
    way = ratio_row(1.3, at={"ordering": "act_bn", "depth": 4}, against={"ordering": "bn_act", "depth": 2}, **none)
    reason = because("cell_silent_without_a_seed", cell={"depth": 4})
    effect = sample().anova[-1].model_copy(update={"response": "restricted_time", "decision": decision})
    rows = with_rows(ratio_row(0.7), main, way, reasons={"/convergence/1/p": reason}, anova=(effect,))
    said = told(rows, lang)
    assert read(said, CHANGE[lang]) == set()
    assert "0.720" in said
    assert "1.30" in said
    hands_over = {"en": "The analysis of variance of restricted time does.", "zh": "可改看达标所需图像数"}[lang]
    assert (hands_over in said) == (decision == "differs")
    assert {"en": "without one of the seeds, the cell depth 4 says nothing", "zh": "去掉某个种子后，组合 深度 4 不再"}[
        lang
    ] in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_lead_names_unit_images_mode_and_window(lang: Language) -> None:
    """Training images, which test images, which statistics, and up to which budget."""
    rows = (ratio_row(0.7, eval_set="full", bn_mode="running"),)
    words = {
        "en": ("training images", "all test images", "running statistics", "the shorter of their budgets"),
        "zh": ("训练图像数", "全部测试图像", "滑动统计量", "较短的训练预算"),
    }[lang]
    assert all(word in told(with_rows(*rows), lang).split("\n")[0] for word in words)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cells_that_are_left_out_are_named(lang: Language) -> None:
    """Of the ratio, of the regression and of restricted time, each with its reason."""
    left = ({"depth": 8},)
    whole, *ends = [row for row in sample().convergence if row.model == "rmst"]
    main = ratio_row(0.72, model="aft_regression", at={"ordering": "act_bn"}, against={}, left_out=left)
    rows = (ratio_row(0.7, left_out=left), whole.model_copy(update={"left_out": left}), *ends, main)
    said = told(with_rows(*rows), lang)
    assert said.count({"en": "Left out", "zh": "未计入"}[lang]) == 3
    assert said.count({"en": "depth 8", "zh": "深度 8"}[lang]) == 3


STUDIES: dict[str, dict[str, Any]] = {
    "no effect": {"seeds": 8},
    "twice as fast": {"seeds": 8, "examples_to_learn": lambda s: 800.0 if s["ordering"] == "act_bn" else 1600.0},
    "crossed": {
        "seeds": 8,
        "examples_to_learn": lambda s: 800.0 if (s["ordering"] == "act_bn") == (s["depth"] == 2) else 1600.0,
    },
    "five seeds": {"seeds": 5, "examples_to_learn": lambda s: 800.0 if s["ordering"] == "act_bn" else 1600.0},
    "an arm that diverges": {"seeds": 7, "diverged": lambda s: s["ordering"] == "act_bn"},
    "a silent cell": {"seeds": 7, "accuracy": lambda s: 60.0 if s["depth"] == 4 else 97.0},
    "one cell": {"seeds": 7, "factors": {"ordering": ("bn_act", "act_bn")}},
}


@pytest.mark.parametrize("name", STUDIES)
def test_whole_studies_say_what_their_findings_hold(tmp_path: Path, name: str) -> None:
    """Every verdict in the text is one of the rows it is about, and no warning escapes."""
    folder = write_study(tmp_path / "s", np.random.default_rng(5), targets=(0.9,), points=24, **STUDIES[name])
    found = analyse(load(folder))
    ratio = next(row for row in found.convergence if row.model == "aft" and row.cell is None)
    whole = next(row for row in found.convergence if row.term == "rmst_difference" and row.cell is None)
    coefficients = [row for row in found.convergence if row.model == "aft_regression" and "ordering" in row.at]
    verdicts = {row.decision for row in (ratio, *coefficients[:1]) if row.p is not None and not row.trivial}
    changes = {row.decision for row in coefficients[1:] if row.p is not None and not row.trivial}
    for lang in LANGUAGES:
        said = told(found, lang)
        assert read(said, PACE[lang]) == verdicts
        assert read(said, IMAGES[lang]) == ({whole.decision} if whole.estimate is not None else set())
        assert read(said, CHANGE[lang]) >= changes
    if name == "an arm that diverges":
        assert whole.decision == "first"
        assert ratio.decision != "second"
    if name == "crossed":
        assert changes >= {"differs"}
