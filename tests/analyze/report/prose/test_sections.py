"""Studies of one cell and of two seeds, read back: nothing is said of cells or tests that they do not have."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report import tables
from analyze.report.prose import answer, sections
from analyze.report.prose.repeatability import repeatability
from analyze.report.prose.speed import speed
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import load
from tests.synthetic import write_study

LANGUAGES: tuple[Language, ...] = ("en", "zh")
ONE_CELL: dict[str, Any] = {"seeds": 8, "factors": {"ordering": ("bn_act", "act_bn")}}


def found(folder: Path, **options: Any) -> Findings:
    """The findings of a synthetic study."""
    return analyse(load(write_study(folder / "s", np.random.default_rng(4), **options)))


def told(findings: Findings, lang: Language) -> str:
    """The answer and the paragraphs of all parts as text."""
    words = catalogue(lang)
    first = answer.answer(findings, words)
    parts = (
        sections.effects,
        sections.cells,
        sections.stability,
        sections.mechanism,
        sections.certainty,
        repeatability,
        speed,
    )
    said = [first.sentence, *first.paragraphs, *(one for part in parts for one in part(findings, words))]
    return "\n".join(plain(one).replace("\u00a0", " ") for one in said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_study_of_one_cell_speaks_of_no_others(tmp_path: Path, lang: Language) -> None:
    """No largest cell, no mean over cells, no weights of cells; its spread is read from the only row there is."""
    findings = found(tmp_path, **ONE_CELL, targets=(0.9,), points=24)
    said = told(findings, lang)
    never = {
        "en": (
            "mean over cells",
            "The largest gap",
            "every cell the same weight",
            "Averaged over the cells",
            "no cell shows",
        ),
        "zh": ("各组合的平均", "差值绝对值最大", "各组合等权", "没有组合显示"),
    }[lang]
    assert [phrase for phrase in never if phrase in said] == []
    assert {"en": "difference in spread is shown", "zh": "离散程度的差异"}[lang] in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("p", [0.008, 0.3])
def test_the_spread_of_the_only_cell_is_what_its_flips_say(tmp_path: Path, lang: Language, p: float) -> None:
    """A difference of spread is found where p is at or below alpha, and its ratio stands beside it."""
    findings = found(tmp_path, **ONE_CELL)
    rows = tuple(
        row.model_copy(update={"ratio": 8.91, "p_signflip": p}) if row.kind == "spread" else row
        for row in findings.stability
    )
    said = told(findings.model_copy(update={"stability": rows}), lang)
    assert ({"en": "The spread differs", "zh": "离散程度有差异"}[lang] in said) == (p <= 0.05)
    assert "8.91" in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ratio", [4.2, None])
def test_the_detectable_ratio_of_spreads_says_that_it_is_corrected(
    tmp_path: Path, lang: Language, ratio: float | None
) -> None:
    """Over the cells of a design that has several; the only cell of a design has nothing to be corrected for."""
    words = catalogue(lang)
    corrected = {"en": "after correction over the cells,", "zh": "单个组合（已对各组合校正）的离散"}[lang]
    none = {"en": "however large", "zh": "无论多大"}[lang]
    for folder, options in [("one", ONE_CELL), ("four", {"seeds": 8})]:
        findings = found(tmp_path / folder, **options)
        findings = findings.model_copy(update={"methods": findings.methods | {"detectable_sd_ratio": ratio}})
        said = plain(words.sentences(sections._caution(findings, words)))
        assert (corrected in said) == (folder == "four")
        assert ("4.2" in said, none in said) == (ratio is not None, ratio is None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_seeds_are_too_few_for_every_test(tmp_path: Path, lang: Language) -> None:
    """Neither spreads nor probes nor power are said to have shown nothing, and no p is missing in a sentence."""
    said = told(found(tmp_path, seeds=2, test_n=200), lang)
    never = {
        "en": (
            "no cell shows a difference",
            "no measure differed",
            "could not be computed",
            "cannot be decided in",
            "–;",
        ),
        "zh": ("没有组合显示出", "均未检出差异", "无法计算最小", " p =–"),
    }[lang]
    assert [phrase for phrase in never if phrase in said] == []
    says = {"en": "no exact test can reach .05", "zh": "精确检验达不到显著性水平 .05"}[lang]
    assert said.count(says) >= 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_reason_that_all_claims_share_is_said_once(tmp_path: Path, lang: Language) -> None:
    """With two seeds no claim can be tested: no table of thirteen rows, one sentence that says why."""
    studied, words = found(tmp_path, seeds=2, test_n=200), catalogue(lang)
    assert tables.claims(studied, words) is None
    reason = {"en": "fewer than 6", "zh": "少于 6"}[lang]
    assert plain(tables.untested(studied, words)).count(reason) == 1
