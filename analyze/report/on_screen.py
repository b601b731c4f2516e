"""Figures as elements of an HTML page: in the page's colours, apart from one another, their styles written once."""

import re

from markupsafe import Markup

from analyze.report.figures.style import SCREEN_COLOURS, within_tags
from analyze.report.picture import Picture

#: What stands before an identifier in a figure.
REFERENCES = (' id="', "url(#", ' href="#')

#: What stands between tags, which stays as it is, or the style of an element.
STYLE = re.compile(r'>[^<]+<| style="([^"]+)"')


def inline(picture: Picture) -> Markup:
    """The drawings of a figure as elements of a page, the widest first.

    Their identifiers begin with the figure's key and the number of the drawing, their colours are the page's.
    """
    colours = {colour: f"var({variable})" for colour, variable in SCREEN_COLOURS.items()}
    drawn = [
        within_tags(
            svg[svg.index(b"<svg") :].decode(), colours | {one: f"{one}{picture.key}-{place}-" for one in REFERENCES}
        )
        for place, svg in enumerate(picture.drawings)
    ]
    return Markup("".join(drawn))  # noqa: S704  made by matplotlib, which escapes names


def with_shared_styles(page: str) -> str:
    """The page with each style of its elements once, as a class of its sheet: marks of figures repeat few of them."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else f' class="{names.setdefault(found[1], f"f{len(names)}")}"'

    head, sheet_end, body = page.partition("</style>")
    body = STYLE.sub(named, body)
    return head + "".join(f".{name}{{{style}}}\n" for style, name in names.items()) + sheet_end + body
