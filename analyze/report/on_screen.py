"""Figures as elements of an HTML page: in the page's colours, apart from one another, their styles written once."""

import re

from markupsafe import Markup

from analyze.report.figures.style import SCREEN_COLOURS, within_tags

#: What stands before an identifier in a figure.
REFERENCES = (' id="', "url(#", ' href="#')

#: What stands between tags, which stays as it is, or the style of an element.
STYLE = re.compile(r'>[^<]+<| style="([^"]+)"')


def inline(svg: bytes, key: str) -> Markup:
    """A figure as an element of a page, its identifiers after this key, its colours those of the page's palette."""
    replaced = {one: f"{one}{key}-" for one in REFERENCES}
    replaced |= {colour: f"var({variable})" for colour, variable in SCREEN_COLOURS.items()}
    return Markup(within_tags(svg[svg.index(b"<svg") :].decode(), replaced))  # noqa: S704  matplotlib escapes names


def with_shared_styles(page: str) -> str:
    """The page with each style of its elements once, as a class of its sheet: marks of figures repeat few of them."""
    names: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else f' class="{names.setdefault(found[1], f"f{len(names)}")}"'

    head, sheet_end, body = page.partition("</style>")
    body = STYLE.sub(named, body)
    return head + "".join(f".{name}{{{style}}}\n" for style, name in names.items()) + sheet_end + body
