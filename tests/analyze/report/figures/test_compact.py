"""The same picture in fewer characters: what is left out cannot be seen, and what is seen keeps its place."""

import xml.etree.ElementTree as ET

from analyze.report.figures.compact import compact

SVG = "{http://www.w3.org/2000/svg}"


def made(inside: str) -> ET.Element:
    """This inside of a figure as it is kept."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="482.4pt">'
    return ET.fromstring(compact(f"{head}\n{inside}\n</svg>"))  # noqa: S314  our own output


def tags(root: ET.Element) -> list[str]:
    """The elements in their order."""
    return [element.tag.removeprefix(SVG) for element in root.iter()]


def test_lengths_are_rounded_to_hundredths() -> None:
    """Rounded, not cut, in paths and places alone; nothing turns by nothing."""
    root = made(
        '<path d="M 0.126 10.000000 \nL -0.001 99.999 \nz\n" style="stroke-width: 0.123456"/>'
        '<text x="1.255001" y="2.50" transform="rotate(-0 1.255001 2.5)">1.23456</text>'
        '<text x="1.5" transform="rotate(-90 1.504 2.5)">y</text>'
    )
    path, plain, turned = root
    assert path.attrib == {"d": "M0.13 10L0 100z", "style": "stroke-width: 0.123456"}
    assert (plain.attrib, plain.text) == ({"x": "1.26", "y": "2.5"}, "1.23456")
    assert turned.get("transform") == "rotate(-90 1.5 2.5)"


def test_only_what_is_referred_to_has_a_name() -> None:
    """A number, the same where it is given and where it is used; in a text a reference is text."""
    root = made(
        '<g id="line_1"><defs><path id="mark" d="M 0 0"/></defs><use xlink:href="#mark" x="1"/></g>'
        '<defs><clipPath id="clip"/></defs><g clip-path="url(#clip)"><use xlink:href="#mark"/></g>'
        "<text>url(#clip)</text>"
    )
    names = {element.get("id") for element in root.iter()} - {None}
    assert len(names) == 2
    mark, clip = (next(root.iter(f"{SVG}{tag}")) for tag in ("path", "clipPath"))
    assert {use.get("href") for use in root.iter(f"{SVG}use")} == {f"#{mark.get('id')}"}
    assert next(root.iter(f"{SVG}g")).get("clip-path") == f"url(#{clip.get('id')})"
    assert root[-1].text == "url(#clip)"


def test_groups_that_say_nothing_go() -> None:
    """Nested ones too, and paths without a stroke or a fill; what clips stays."""
    root = made(
        '<metadata><a/></metadata><g id="a"><g id="b"><path d="M 1 1" style="stroke: red"/></g><g id="c"/></g>'
        '<g><path d="M 0 0" style="fill: none"/></g><g clip-path="url(#x)"><path d="M 2 2"/></g>'
    )
    assert tags(root) == ["svg", "path", "g", "path"]
    assert [path.get("d") for path in root.iter(f"{SVG}path")] == ["M1 1", "M2 2"]


def test_a_title_stays_with_what_it_is_of() -> None:
    """Within the only mark of its group, before the marks of others; no mark takes over another's."""
    root = made(
        '<g id="a"><title>one</title><use x="1"/></g><g><title>all</title><use x="2"/><use x="3"/></g>'
        "<g><title>outer</title><g><title>inner</title><path d='M 1 1'/></g></g>"
    )
    told = {title.text: parent for parent in root.iter() for title in parent.findall(f"{SVG}title")}
    assert told["one"].get("x") == "1"
    assert [use.get("x") for use in told["all"].findall(f"{SVG}use")] == ["2", "3"]
    assert told["inner"].tag == f"{SVG}path"
    assert told["outer"].tag == f"{SVG}g"
    assert told["outer"][1] is told["inner"]


def test_texts_keep_their_spaces_and_signs() -> None:
    """Within and around what is set apart of them."""
    root = made("<text> a  &lt;b /&gt; <tspan>c </tspan> d</text>")
    assert "".join(root[0].itertext()) == " a  <b /> c  d"
