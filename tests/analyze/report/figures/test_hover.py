"""Values on hover: a title a mark, sound SVG whatever the names hold, and no identifier of ours left."""

import math
import xml.etree.ElementTree as ET

from matplotlib.figure import Figure

from analyze.report.figures.hover import titled
from analyze.report.figures.style import drawing, isolated, to_svg

SVG = "{http://www.w3.org/2000/svg}"


def titles(x: list[float], *texts: str, marker: str = "o") -> list[str]:
    """The titles of a line through these places, as a browser reads them."""
    with drawing("en"):
        figure = Figure()
        axes = figure.subplots()
        (line,) = axes.plot(x, x, marker=marker)
        axes.set_xlim(0, 10)
        titled(line, *texts)
        svg = to_svg(figure).decode()
    assert "\ue000" not in svg
    assert "\\ue000" not in svg
    return [one.text or "" for one in ET.fromstring(svg).iter(f"{SVG}title")]  # noqa: S314  our own output


def test_each_mark_has_its_own_text() -> None:
    """In the order of the marks."""
    assert titles([1, 2, 3], "a", "b", "c") == ["a", "b", "c"]


def test_one_text_is_of_the_whole_line() -> None:
    """With marks or without."""
    assert titles([1, 2, 3], "all") == ["all"]
    assert titles([1, 2, 3], "all", marker="") == ["all"]


def test_markup_in_a_name_stays_text() -> None:
    """A title cannot end its element or an attribute."""
    odd = "</title><script>\"&'</script>"
    assert titles([1, 2], odd, "b") == [odd, "b"]


def test_a_name_from_right_to_left_is_plain_text() -> None:
    """What sets it apart in a label would be markup in a title."""
    assert titles([1, 2], isolated("עומק 2"), "b") == ["עומק 2", "b"]


def test_a_mark_without_a_place_gives_its_text_to_no_other() -> None:
    """Fewer marks than texts: no text is better than another mark's."""
    assert titles([1, math.nan, 3], "a", "b", "c") == []
