"""The methods, read back: they tell the plan that was followed, with its numbers, and nothing that was not done."""

from typing import Any

import pytest
from markupsafe import Markup

from analyze.findings import Findings, because
from analyze.report import tables
from analyze.report.prose import methods
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.sample import sample

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def found(**changes: Any) -> Findings:
    """The sample with a margin of .25 pp, read with batch statistics, and time ratios equivalent within 1.3."""
    whole = sample()
    equivalence = whole.primary.equivalence.model_copy(update={"margin": 0.25})
    primary = whole.primary.model_copy(update={"equivalence": equivalence, "bn_mode": "batch"})
    facts = whole.methods | {"ratio_margin": 1.3, "targets": ["0.9"], "pairs": 40, "pairs_with_equal_hashes": 31}
    facts |= {"pairs_with_equal_batches": 38}
    return whole.model_copy(update={"primary": primary, "methods": facts, **changes})


def told(findings: Findings, lang: Language) -> str:
    """The paragraphs as text."""
    parts = methods.blocks(findings, catalogue(lang), (), attached=False)
    return "\n".join(plain(part).replace("\u00a0", " ") for part in parts if isinstance(part, Markup))


SAID = {
    "en": (
        "The response is test accuracy at the final step.",
        "It is read with batch statistics.",
        "Equivalence is tested by two one-sided tests against ±0.25 pp.",
        "within a factor of 1.30.",
        "with Holm’s correction over the targets beyond the first.",
        "By their hashes, 31 of 40 pairs began with the same weights and saw the same batches; of the others, 7 saw",
        "A trial is stuck if",
        "A claim has a verdict if two things hold",
        "Not in this study: no run reached the target, or all had by the first evaluation; one run only.",
    ),
    "zh": (
        "响应变量是测试准确率，取训练结束时的值。",
        "评估时使用批统计量。",
        "等效界值为 ±0.25 个百分点。",
        "完全落在 1.30 及其倒数之间",
        "并在主要目标以外的各目标之间作 Holm 校正。",
        "40 个配对中，两个网络从相同的权重出发并使用相同批次的有 31 对；其余配对中，批次相同而权重不全相同的有 7 对。",
        "该次训练便记为停在随机水平，",
        "观点须同时满足两个条件才作判定",
        "未做的分析及原因：",
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_plan_has_the_numbers_of_the_study(lang: Language) -> None:
    """Response, mode, margins, pairs, and the sections that are empty, each reason once."""
    reasons = {
        "/images": because("no_run_tells_times"),
        "/mechanism": because("one_run"),
        "/curves": because("one_run"),
    }
    said = told(found(reasons=reasons), lang)
    assert [sentence for sentence in SAID[lang] if sentence not in said] == []
    for code in ("no_run_tells_times", "one_run"):
        assert said.count(catalogue(lang).text(f"said.{code}")) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({"convergence": ()}, (3, 4)),
        ({"claims": ()}, (7,)),
        ({"study": sample().study.model_copy(update={"stuck": None})}, (6,)),
        ({"study": sample().study.model_copy(update={"modes": ("batch",)})}, (1,)),
    ],
)
def test_what_was_not_done_has_no_method(lang: Language, changes: dict[str, Any], silent: tuple[int, ...]) -> None:
    """Speed without curves, verdicts without claims, stuck runs where guessing is unknown, the only mode."""
    said = told(found(**changes), lang)
    expected = {sentence for place, sentence in enumerate(SAID[lang][:-1]) if place not in silent}
    assert {sentence for sentence in SAID[lang][:-1] if sentence in said} == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_targets_stand_among_the_settings_where_they_are_used(lang: Language) -> None:
    """With curves the table of settings has them; without neither them nor, without claims, a margin of ratios."""
    words = catalogue(lang)
    names = {key: words.text(f"setting.{key}") for key in ("targets", "ratio_margin", "alpha")}

    def settings(**changes: Any) -> set[str]:
        table = methods.recipe(found(**changes), words)
        assert isinstance(table, tables.Table)
        shown = {plain(row[0]) for row in table.rows}
        return {key for key, name in names.items() if name in shown}

    assert settings() == {"targets", "ratio_margin", "alpha"}
    assert settings(convergence=()) == {"ratio_margin", "alpha"}
    assert settings(convergence=(), claims=()) == {"alpha"}


@pytest.mark.parametrize(("lang", "convolution"), [("en", "first convolution"), ("zh", "第一个卷积")])
def test_columns_of_a_network_of_one_s_own(lang: Language, convolution: str) -> None:
    """Its first layer need be no convolution; of all else the dictionary says what it says of the built-in one."""
    study = sample().study.model_copy(update={"columns": {"layers": ("layer", "kind", "grad_norm")}})
    built_in, own = (found(study=study), found(study=study, methods=sample().methods | {"network": "vit.py:build"}))
    one, other = ([plain(row[-1]) for row in rows_of(each, lang)] for each in (built_in, own))
    assert convolution in one[0]
    assert convolution not in other[0]
    assert (one[1] == other[1], one[2] == other[2]) == (False, True)


def rows_of(findings: Findings, lang: Language) -> tuple[tuple[Markup, ...], ...]:
    """The rows of the dictionary."""
    [table] = methods.dictionary(findings, catalogue(lang))
    assert isinstance(table, tables.Table)
    return table.rows
