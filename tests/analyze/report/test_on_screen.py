"""Figures within a page: apart from one another, in the page's colours, and their styles written once."""

import re
from collections import Counter

from markupsafe import Markup

from analyze.report import write
from analyze.report.figures.style import SCREEN_COLOURS
from analyze.report.on_screen import inline, with_shared_styles
from analyze.report.picture import Picture
from tests.analyze.sample import sample


def test_a_style_is_written_once() -> None:
    """The elements of one style share a class; what a name says is no style."""
    page = '<style>a {}</style><p style="x: 1">class style="x: 1" </p><i style="x: 2"/><b style="x: 1"/>'
    assert with_shared_styles(page) == (
        '<style>a {}.f0{x: 1}\n.f1{x: 2}\n</style><p class="f0">class style="x: 1" </p><i class="f1"/><b class="f0"/>'
    )


def test_a_figure_takes_the_colours_of_the_page() -> None:
    """In its marks and lines; a name that looks like a colour stays, and references find their drawing's own."""
    (colour, variable), *_ = SCREEN_COLOURS.items()
    svg = f'<?xml?><svg><path id="1" style="fill: {colour}"/><use href="#1" clip-path="url(#2)"/><text>{colour}</text>'
    assert inline(Picture("k", Markup("A caption."), "", (svg.encode(), b'<svg id="3"/>'))) == (
        f'<svg><path id="k-0-1" style="fill: var({variable})"/><use href="#k-0-1" clip-path="url(#k-0-2)"/>'
        f'<text>{colour}</text><svg id="k-1-3"/>'
    )


def test_no_two_elements_of_a_page_have_one_name() -> None:
    """And whatever a figure refers to is there."""
    page = write.render(sample(), fmt="html", lang="en").decode()
    names = Counter(re.findall(r'<[^>]* id="([^"]+)"', page))
    assert [name for name, times in names.items() if times > 1] == []
    drawn = "".join(re.findall("<svg.*?</svg>", page, re.DOTALL))
    referred = set(re.findall(r'(?: href="#|url\(#)([^)"]+)', drawn))
    assert len(referred) > 20
    assert referred <= set(names)
    assert ' style="' not in drawn
