"""Tables of the evidence: a row says which cells its number is over, in both languages."""

import re
from typing import Any

import pytest

from analyze.findings import Cell, Findings, MechanismRow
from analyze.report import tables
from analyze.report.prose import sections
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.sample import ratio_row, sample

LANGUAGES: tuple[Language, ...] = ("en", "zh")
TANH: tuple[Cell, ...] = ({"depth": 2, "activation": "tanh"}, {"depth": 4, "activation": "tanh"})
EVERY: tuple[Cell, ...] = tuple({"depth": d, "activation": a} for d in (2, 4) for a in ("relu", "tanh"))
ALL = {"en": "all cells", "zh": "全部组合"}
SOME = {
    "en": "2 of 4 cells: depth 2, tanh; depth 4, tanh",
    "zh": "4 个组合中的 2 个：深度 2、tanh；深度 4、tanh",
}


def measured(**cells: tuple[Cell, ...]) -> Findings:
    """Measures of the probes in these cells, each with its mean."""
    rows = [
        MechanismRow(measure=measure, cell=cell, estimate=-0.2, ci95=(-0.3, -0.1), p_signflip=0.002, p_max_t=None)
        for measure, here in cells.items()
        for cell in ({}, *here)
    ]
    return sample().model_copy(update={"mechanism": tuple(rows)})


def column(table: Any, number: int) -> list[str]:
    """A column of a table as text."""
    return [plain(row[number]).replace("\u00a0", " ") for row in table.rows if len(row) > 1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_measure_that_some_cells_have_names_them(lang: Language) -> None:
    """The table's row and the sentence; a measure of every cell is over all cells."""
    found, words = measured(saturation=TANH, gradient_level=EVERY), catalogue(lang)
    assert column(tables.mechanism(found, words), 1) == [SOME[lang], ALL[lang]]
    (said,) = [plain(one).replace("\u00a0", " ") for one in sections.mechanism(found, words)]
    saturation, level = (words.text(f"measure.{name}") for name in ("saturation", "gradient_level"))
    assert {"en": f"{saturation} ({SOME[lang]})", "zh": f"{saturation}（{SOME[lang]}）"}[lang] in said
    assert {"en": f"{level}.", "zh": f"{level}。"}[lang] in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_ratio_that_leaves_cells_out_says_how_many_it_is_over(lang: Language) -> None:
    """All cells means all; the text names those that are left out."""
    rows = (ratio_row(0.7), ratio_row(0.7, left_out=tuple(cell for cell in EVERY if cell not in TANH)))
    table = tables.convergence(sample().model_copy(update={"convergence": rows}), catalogue(lang))
    assert column(table, 0) == [ALL[lang], re.split("[:：]", SOME[lang])[0]]
