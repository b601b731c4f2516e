"""Figures: findings in, SVG out; one colour a level, text that can be searched, the same bytes each time."""

import re
import xml.etree.ElementTree as ET
from functools import cache

import pytest

from analyze.findings import Findings
from analyze.report import selection
from analyze.report.document import compose
from analyze.report.figures import FIGURES, drawing, placed, to_svg
from analyze.report.figures.style import MARKS, mark
from analyze.report.picture import pictures
from analyze.report.subject import subject_of
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import fixed, plain
from tests.analyze.sample import drawable, rich, sample


@cache
def rich_svg(key: str, lang: str = "en") -> bytes:
    """The figure of a rich sample; drawn once for all tests that only read it."""
    return svg(key, drawable(key), lang)


def svg(key: str, found: Findings, lang: str = "en") -> bytes:
    """The figure's bytes."""
    with drawing(lang):  # type: ignore[arg-type]
        figure = FIGURES[key](found, catalogue(lang))  # type: ignore[arg-type]
        assert figure is not None
        return to_svg(figure)


@pytest.mark.parametrize("key", FIGURES)
def test_each_figure_is_sound_searchable_and_reproducible(key: str) -> None:
    """Well-formed SVG without a date, text as text, and the same bytes twice."""
    drawn = rich_svg(key)
    root = ET.fromstring(drawn)  # noqa: S314  our own output
    words = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any(re.search(r"[a-z]", word) for word in words)
    assert b"<dc:date>" not in drawn
    assert drawn == svg(key, drawable(key))


@pytest.mark.parametrize("key", FIGURES)
def test_chinese_figures_speak_chinese(key: str) -> None:
    """Axes take their words from the catalogue."""
    text = rich_svg(key, "zh").decode()
    if key != "paired":
        assert re.search(r"[\u4e00-\u9fff]", text)


@pytest.mark.parametrize("key", FIGURES)
@pytest.mark.parametrize("shape", [{"completed": False}, {"seeds": 1}, {"factors": {"ordering": ("bn_act", "act_bn")}}])
def test_figures_without_data_are_left_out(key: str, shape: dict[str, object]) -> None:
    """No completed trial, one seed, one cell: a figure is drawn or absent, never a failure."""
    with drawing("en"):
        figure = FIGURES[key](sample(**shape), catalogue("en"))  # type: ignore[arg-type]
        if figure is not None:
            assert to_svg(figure).startswith(b"<?xml")


@pytest.mark.parametrize(
    "key", ["interaction", "paired", "learning", "survival", "spread", "gradients", "units", "class_share"]
)
def test_a_level_has_one_colour_everywhere(key: str) -> None:
    """Both levels of the contrast appear in their own colours, in every figure that shows levels."""
    found = rich()
    subject = subject_of(found)
    drawn = rich_svg(key).decode()
    assert mark(subject, "act_bn") == MARKS[0]
    assert mark(subject, "bn_act") == MARKS[1]
    assert MARKS[0].colour in drawn
    assert MARKS[1].colour in drawn


def test_colours_stay_apart_on_grey_paper() -> None:
    """The two levels of the contrast differ in lightness by a quarter of the scale."""

    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2

    assert lightness(MARKS[1].colour) ** (1 / 2.2) - lightness(MARKS[0].colour) ** (1 / 2.2) > 0.25


def test_names_cannot_break_out_of_a_figure() -> None:
    """Markup and mathematics in a level's name stay text."""
    odd = {"ordering": ("bn_act", "act_bn"), "depth": (2, 4), "activation": ("<script>x</script>", "$\\frac{a$")}
    drawn = svg("forest", sample(factors=odd)).decode()
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    ET.fromstring(drawn)  # noqa: S314  our own output


def test_alternative_texts_give_the_numbers() -> None:
    """Gaps with their intervals, spreads, and what other numbers of seeds can detect, in words."""
    found = rich()
    draw = pictures(found, catalogue("en"), lambda _: None)
    numbers = {
        "headline": [fixed(r.gap or 0, 2) for r in found.simple_effects if r.bn_mode == "running"],
        "forest": [fixed(bound, 2) for r in found.simple_effects for bound in r.ci95 or ()],
        "spread": [fixed(r.sd or 0, 2) for r in found.cells],
        "power": [fixed(p.smallest_detectable, 2) for p in found.power_curve if p.cell is None],
    }
    for key, expected in numbers.items():
        shown = draw(key)
        assert shown is not None
        assert [number for number in expected if number not in shown.alt] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("levels", [60, 61])
def test_figures_of_very_many_cells_say_how_many_of_how_many_they_show(levels: int, lang: Language) -> None:
    """Every figure of cells shows up to sixty, of more the first forty, and then its caption counts them."""
    found = sample(factors={"ordering": ("bn_act", "act_bn"), "a": tuple(range(levels))}, seeds=2)
    assert selection.first_cells(found).shown == {60: 60, 61: 40}[levels]
    draw, drawn = pictures(found, catalogue(lang), lambda _: None, widths=()), []
    for key, figure in FIGURES.items():
        if figure.by_cell and (shown := draw(key)):
            drawn.append(key)
            said = {"en": "Of the 61 cells, the first 40", "zh": "共有 61 个组合，图中只按设计顺序画出前 40 个"}[lang]
            assert (said in plain(shown.caption)) == (levels == 61)
            assert (said in shown.alt) == (levels == 61)
    assert {"headline", "forest", "paired", "learning", "spread"} <= set(drawn)


def test_the_cells_of_a_figure_are_the_first_of_the_design() -> None:
    """With their mean, in every section that figures draw, and with the numbers of the findings."""
    found = sample(factors={"ordering": ("bn_act", "act_bn"), "a": tuple(range(70))}, seeds=2)
    kept = selection.first_cells(found)
    assert (kept.shown, kept.cells) == (40, 70)
    for name in selection.DRAWN_BY_CELL:
        rows = getattr(found, name)
        of_first = [row for row in rows if not row.cell or row.cell["a"] < 40]
        assert list(getattr(kept.findings, name)) == of_first
        assert not rows or len(of_first) < len(rows)


def test_every_figure_stands_once_in_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with a figure is found, and has its place in the document."""
    drawn = []
    monkeypatch.setattr("analyze.report.document.pictures", lambda *_: drawn.append)
    compose(rich(), catalogue("en"))
    assert sorted(drawn) == sorted(FIGURES)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_has_a_caption(lang: Language) -> None:
    """A figure is a file, and a line in each catalogue."""
    captions = {key.removeprefix("figure.") for key in catalogue(lang).messages if key.startswith("figure.")}
    assert set(FIGURES) - captions == set()


def test_figures_of_a_part_have_their_order() -> None:
    """The interaction is seen before the cells one by one, the curve before what is read from it."""
    assert placed("cells") == ["interaction", "sequential", "forest"]
    assert placed("speed") == ["learning", "survival"]
    assert placed("mechanism") == ["class_share", "gradients", "units"]
