"""A study of three seeds and no factor but the compared one reads as if written for it."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from markupsafe import Markup
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report.document import Document, compose
from analyze.report.figures import FIGURES, NARROW, WIDE, drawing
from analyze.report.picture import Picture
from analyze.report.subject import about
from analyze.report.tables import Table
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import load
from tests.synthetic import write_study

#: What only a study of several cells may say, outside of the plan that is the same for all.
OF_SEVERAL = {
    "en": ("all cells", "every cell", "by cell", "averaged over", "mean over cells", "over the cells", "each cell"),
    "zh": ("全部组合", "所有组合", "每个组合", "各组合"),
}
PLAN = ("methods", "references", "dictionary", "tables")
#: Notes of the plan stand at the foot of the page.
NOTE = Markup('<span class="footnote">')


@cache
def found() -> Findings:
    """The findings of three pairs of runs, none of which comes near its target."""
    with TemporaryDirectory() as folder:
        factors = {"ordering": ("bn_act", "act_bn")}
        made = write_study(
            Path(folder) / "study",
            np.random.default_rng(3),
            factors=factors,
            seeds=3,
            accuracy=lambda _: 80.0,
            targets=(0.95, 0.97),
        )
        return analyse(load(made))


@cache
def document(lang: Language) -> Document:
    """Its document."""
    return compose(found(), catalogue(lang), widths=(WIDE,))


def said(lang: Language) -> list[str]:
    """Every sentence, caption, cell of a table and text of a picture, but for the plan."""
    made = document(lang)
    texts: list[Markup] = [*made.plain, made.answer.sentence, made.coverage_text, made.finding]
    for part in made.parts:
        for block in part.blocks if part.key not in PLAN else ():
            if isinstance(block, Table):
                texts += [block.caption, block.note, *(cell for row in block.rows for cell in row)]
            elif isinstance(block, Picture):
                texts += [block.caption]
            else:
                texts.append(block.partition(NOTE)[0])
    return [plain(text) for text in texts]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_speaks_of_no_other_cells(lang: Language) -> None:
    """No sentence, caption, table or note names cells in the plural."""
    lines = said(lang)
    assert len(lines) > 80
    assert [line for line in lines for words in OF_SEVERAL[lang] if words in line] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_table_only_names_its_rows(lang: Language) -> None:
    """What too few seeds leave empty is no table: detectable gaps, diagnostics, what decided claims, the times."""
    shown = {block.key: block for part in document(lang).parts for block in part.blocks if isinstance(block, Table)}
    assert [key for key, table in shown.items() if len(table.heads) < 2] == []
    assert {"power", "diagnostics", "evidence", "restricted_time"} & set(shown) == set()
    assert {"simple", "outcomes", "responses", "recipe"} <= set(shown)


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "No run reached 95% within its budget."), ("zh", "在训练预算之内，没有一次训练达到 95%。")],
)
def test_no_difference_of_times_that_nobody_reached(lang: Language, sentence: str) -> None:
    """Where every run used up its budget there is no difference to report, and no bounds of it."""
    lines = said(lang)
    assert sentence in lines
    assert not [line for line in lines if "images (" in line or "张图像（" in line]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_of_its_figures_is_cut(width: float, lang: Language) -> None:
    """All texts of all figures lie on the page, but for a point."""
    drawn = 0
    for figure in FIGURES.values():
        with drawing(lang, width):
            made = figure(found(), about(found(), catalogue(lang)))
            if made is None:
                continue
            FigureCanvasAgg(made).draw()
            box = made.get_tightbbox(made.canvas.get_renderer())  # type: ignore[attr-defined]
        assert min(box.x0, box.y0) >= -1 / 72, figure
        assert (box.x1 <= width + 1 / 72, box.y1 <= made.get_figheight() + 1 / 72) == (True, True), figure
        drawn += 1
    assert drawn > 8
