"""On a narrow page a figure shows what it shows on a wide one, in its own height, and nothing is cut or overlaps."""

from functools import cache
from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from analyze.report.figures import FIGURES, NARROW, WIDE, drawing
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import page
from analyze.report.words.catalogue import catalogue
from tests.analyze.report.figures import read
from tests.analyze.sample import drawable

LONG = "a name that is far longer than the names of others"


@cache
def drawn(key: str, width: float, lang: str = "en") -> Figure:
    """The figure of the rich sample on a page of this width."""
    with drawing(lang, width):  # type: ignore[arg-type]
        figure = FIGURES[key](drawable(key), catalogue(lang))  # type: ignore[arg-type]
        assert figure is not None
        FigureCanvasAgg(figure).draw()
        return figure


@pytest.mark.parametrize("key", FIGURES)
def test_the_same_is_shown(key: str) -> None:
    """Every line and mark in every panel, whatever the panels' places; only the size of the page differs."""
    wide, narrow = drawn(key, WIDE), drawn(key, NARROW)
    assert (wide.get_figwidth(), narrow.get_figwidth()) == (WIDE, NARROW)
    shown, expected = ([found for axes in one.axes if (found := read.strokes(axes))] for one in (narrow, wide))
    assert shown == expected


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("key", FIGURES)
def test_nothing_is_cut(key: str, lang: str) -> None:
    """All texts lie on the page, but for a point."""
    figure = drawn(key, NARROW, lang)
    box = figure.get_tightbbox(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    assert box.x0 >= -1 / 72
    assert box.x1 <= NARROW + 1 / 72
    assert box.y0 >= -1 / 72
    assert box.y1 <= figure.get_figheight() + 1 / 72


@pytest.mark.parametrize("key", ["headline", "forest", "time_regression", "multiverse", "levels"])
def test_names_and_numbers_of_rows_stand_apart(key: str) -> None:
    """No text of a figure with rows lies on another."""
    figure = drawn(key, NARROW)
    texts = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text()]
    boxes = [(text.get_text(), text.get_window_extent().padded(-1.5)) for text in texts]
    assert [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)] == []


def test_names_and_numbers_stand_at_their_rows() -> None:
    """Above them, from the lowest row up, the name at the left and the number at the right."""
    with drawing("en", NARROW):
        axes = page(2).subplots()
        rows = rows_of([LONG, "b"], ["+1", "+2"])
        rows.name(axes, [LONG, "b"])
        rows.write(axes, 0, "+1")
        rows.write(axes, 1, "+2")
    assert rows.above
    found = [(text.get_text().replace("\n", " "), text.xy, text.xyann[1] > 0) for text in axes.texts]  # type: ignore[attr-defined]
    assert found == [(LONG, (0, 0), True), ("b", (0, 1), True), ("+1", (1, 0), True), ("+2", (1, 1), True)]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["", ""]


def test_names_stand_above_rows_where_there_is_no_room_beside_them() -> None:
    """Short ones stay beside, long ones go above and are broken, and rows are higher for each line."""
    with drawing("en", NARROW):
        beside, above = rows_of(["relu", "tanh"], ["+0.1"]), rows_of(["relu", LONG], ["+0.10 [−0.20, 0.30]"])
        assert (beside.above, above.above, above.lines) == (False, True, 2)
        assert beside.height(0.2) == 0.2
        assert above.height(0.2) > rows_of([LONG[:20]], ["+0.10 [−0.20, 0.30]"]).height(0.2) > 0.2
    with drawing("en", WIDE):
        assert not rows_of(["relu", LONG], ["+0.10 [−0.20, 0.30]"]).above
