"""Sentences, tables and captions of power, multiverse and diagnostics, read back against known numbers."""

import re

import pytest

from analyze.findings import Cell, DiagnosticRow, Findings, MultiverseRow, PowerRow, because
from analyze.report import tables
from analyze.report.figures.multiverse import data_of
from analyze.report.picture import pictures
from analyze.report.prose import sections
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.report.figures import read
from tests.analyze.sample import sample

LANGUAGES: tuple[Language, ...] = ("en", "zh")
EVERY: tuple[Cell, ...] = tuple({"depth": d, "activation": a} for d in (2, 4) for a in ("relu", "tanh"))


def told(paragraphs: object) -> str:
    """Paragraphs as text."""
    return "\n".join(plain(one).replace("\u00a0", " ") for one in paragraphs)  # type: ignore[attr-defined]


def powered(*detectable: float | None, needed: tuple[int | None, ...] = (None,) * 5) -> Findings:
    """Smallest detectable gaps of the mean and of the cells in their order, and the seeds for the margin."""
    cells = ({}, *EVERY)
    rows = tuple(
        PowerRow(cell=cell, sd=0.3, smallest_detectable=gap, smallest_detectable_pp=gap, seeds_for_margin=seeds)
        for cell, gap, seeds in zip(cells, detectable, needed, strict=False)
    )
    return sample().model_copy(update={"power": rows})


POWER = {
    "en": (
        "The smallest gap that this study detects in four of five repetitions is about 0.21 pp for the mean over cells "
        "(n = 10 seeds); for a single cell, after correction over the cells, it goes from 0.27 pp in depth 4, relu to "
        "0.52 pp in depth 2, relu. If the gap in depth 2, tanh is as it was found, showing equivalence within ±0.10 pp "
        "there takes about 1,185 seeds."
    ),
    "zh": (
        "以 80% 的功效可检出的最小差值：各组合的平均约为 0.21 个百分点（n = 10 个种子）；单个组合（已对各组合校正）从 "
        "0.27 个百分点（深度 4、relu）到 0.52 个百分点（深度 2、relu）不等。假如真实差值恰如所测，要判定在 "
        "±0.10 个百分点之内等效，约需 1,185 个种子（深度 2、tanh）。"
    ),
}
ONE = {
    "en": "With n = 10 seeds, the smallest gap that this study detects in four of five repetitions is 0.21 pp.",
    "zh": "有 n = 10 个种子时，以 80% 的功效可检出的最小差值为 0.21 个百分点。",
}
NONE = {
    "en": "The smallest detectable gap is not given: fewer than two complete seeds.",
    "zh": "未给出最小可检出差值：",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_power_names_the_quietest_and_the_noisiest_cell(lang: Language) -> None:
    """The mean over cells, the ends of the cells, and the cell that takes most seeds; one without a number is none."""
    found = powered(0.21, 0.52, 0.44, 0.27, None, needed=(None, 300, 1185, None, None))
    said, *_ = told(sections.certainty(found, catalogue(lang))).splitlines()
    assert said == POWER[lang]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_power_of_one_cell_speaks_of_no_others(lang: Language) -> None:
    """The mean over cells is the cell; where it cannot be given, the reason is."""
    said, *_ = told(sections.certainty(powered(0.21), catalogue(lang))).splitlines()
    assert said == ONE[lang]
    reason = {"/power/0/smallest_detectable": because("two_complete_seeds")}
    none = powered(None, None, None, None, None).model_copy(update={"reasons": reason})
    said, *_ = told(sections.certainty(none, catalogue(lang))).splitlines()
    assert said.startswith(NONE[lang])
    assert catalogue(lang).text("said.two_complete_seeds") in said


def alternatives(agrees: tuple[bool | None, ...], *, beside: bool | None = True) -> Findings:
    """Estimates of the headline's estimand that agree or not, and one of another."""
    rows = [
        MultiverseRow(estimand="final accuracy", choices={"test": "t"}, estimate=0.1 * k, p=0.01, agrees=one)
        for k, one in enumerate(agrees)
    ]
    other = MultiverseRow(estimand="final test loss", choices={"test": "t"}, estimate=-0.3, p=0.2, agrees=beside)
    return sample(gap=0.25).model_copy(update={"multiverse": (*rows, other)})


AGREE = {
    "en": "Every alternative within the primary estimand that is judged agrees",
    "zh": "在主要估计目标之内，每种作判断的选择",
}
DIFFER = {"en": "Not every alternative agrees; the table says which.", "zh": "并非每种选择都一致，见表。"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("agrees", "beside", "every"),
    [((True, True, None), True, True), ((True, True), False, True), ((True, False, True), True, False)],
)
def test_the_multiverse_agrees_where_every_row_of_the_estimand_does(
    lang: Language, agrees: tuple[bool | None, ...], *, beside: bool, every: bool
) -> None:
    """Rows that are not judged, or of another estimand, do not count; the table has each that disagrees."""
    found, words = alternatives(agrees, beside=beside), catalogue(lang)
    said = told(sections.multiverse(found, words))
    assert (AGREE[lang] in said, DIFFER[lang] in said) == (every, not every)
    table = tables.multiverse(found, words)
    assert table is not None
    shown = [plain(row[-1]) for row in table.rows]
    assert shown.count(words.text("agrees.False")) == [*agrees, beside].count(False)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_judged_row_nothing_is_said_of_agreement(lang: Language) -> None:
    """A reason stands in the row instead."""
    assert sections.multiverse(alternatives((None, None)), catalogue(lang)) == []


CAPTION = {
    "en": ("each estimate on the axis of its unit", "the shaded band is the equivalence margin"),
    "zh": ("每个估计画在其单位的轴上", "等效界值"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_multiverse_caption_says_what_is_drawn(lang: Language) -> None:
    """An axis a unit, and one band, of the margin."""
    found = alternatives((True, False, None))
    picture = pictures(found, catalogue(lang), lambda _: None)("multiverse")
    assert picture is not None
    assert [phrase for phrase in CAPTION[lang] if phrase not in plain(picture.caption)] == []
    data = data_of(found)
    assert data is not None
    bands = [patch.get_bbox() for axes in read.draw("multiverse", data).axes for patch in axes.patches]
    assert [(band.x0, band.x1) for band in bands] == [(-0.1, 0.1)]


DIAGNOSED = {"en": "They are diagnostics and decide nothing", "zh": "二者仅供诊断，不参与任何判定"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_diagnostics_are_named_with_their_numbers(lang: Language) -> None:
    """Two assumptions, each with its test, in the sentence; W, p and n of each in the table; nothing without them."""
    normal = {"assumption": "normality", "effect": (), "n": 10}
    rows = (
        DiagnosticRow(cell={}, statistic=0.897, p=0.201, **normal),
        DiagnosticRow(cell=EVERY[0], statistic=0.86, p=0.0009, **normal),
        DiagnosticRow(assumption="sphericity", cell={}, effect=("ordering", "depth"), statistic=0.41, p=0.03, n=9),
    )
    words = catalogue(lang)
    found = sample().model_copy(update={"diagnostics": rows})
    said = told(sections.diagnostics(found, words))
    assert DIAGNOSED[lang] in said
    assert re.search("Shapiro.Wilk.*Mauchly", said)
    table = tables.diagnostics(found, words)
    assert table is not None
    shown = [[plain(cell).replace("\u00a0", " ") for cell in row] for row in table.rows]
    normality, sphericity, everywhere = (
        words.text(key) for key in ("assumption.normality", "assumption.sphericity", "all_cells")
    )
    where = {"en": ("depth 2, relu", "ordering × depth"), "zh": ("深度 2、relu", "先后顺序 × 深度")}[lang]
    assert shown == [
        [normality],
        [everywhere, ".897", ".201", "10"],
        [where[0], ".860", "< .001", "10"],
        [sphericity],
        [where[1], ".410", ".030", "9"],
    ]
    assert sections.diagnostics(sample(), words) == []
