"""The SVG that matplotlib writes, in the fewest characters that show the same."""

import re
import xml.etree.ElementTree as ET

SVG, XLINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"

#: The first line of a figure in a file of its own.
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

#: What holds text, and so has spaces that mean something.
OF_TEXT = {"text", "tspan", "title", "style"}

#: Attributes that are made of lengths, in points.
LENGTHS = {"d", "x", "y", "width", "height", "transform"}

#: Attributes that refer to another element.
REFERRING = {"href", "clip-path", "style"}

NUMBER = re.compile(r"-?\d+\.\d+")
BESIDE_COMMAND = re.compile(r"\s*([A-Za-z])\s*")
REFERENCE = re.compile(r"(^#|url\(#)([^)]+)")
UNTURNED = re.compile(r"rotate\(-?0 [^)]*\)")


def compact(svg: str) -> str:
    """The same picture: no metadata, no names that nothing refers to, hundredths of a point, no empty groups.

    Hundredths of a point are finer than any printer or screen.
    """
    root = ET.fromstring(svg)  # noqa: S314  made by matplotlib, which escapes names
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    root.set("xmlns", SVG)
    for metadata in root.findall("metadata"):
        root.remove(metadata)
    _refer(root)
    for element in root.iter():
        _shorten(element)
    _gather(root)
    return DECLARATION + ET.tostring(root, encoding="unicode").replace(" />", "/>")


def _refer(root: ET.Element) -> None:
    """Numbers as identifiers of what something refers to, and no identifiers of anything else."""
    numbers: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        return found[1] + numbers.setdefault(found[2], str(len(numbers)))

    for element in root.iter():
        given = element.attrib
        if XLINK in given:
            given["href"] = given.pop(XLINK)
        for name in given.keys() & REFERRING:
            given[name] = REFERENCE.sub(numbered, given[name])
    for element in root.iter():
        number = numbers.get(element.attrib.pop("id", ""))
        if number is not None:
            element.set("id", number)


def _shorten(element: ET.Element) -> None:
    """The numbers of one element, and spaces that nobody sees."""
    if element.tag not in OF_TEXT:
        element.text = None
        for child in element:
            child.tail = None
    given = element.attrib
    for name in given.keys() & LENGTHS:
        given[name] = NUMBER.sub(_rounded, given[name])
    if "d" in given:
        given["d"] = BESIDE_COMMAND.sub(r"\1", given["d"])
    if UNTURNED.fullmatch(given.get("transform", "")):
        del given["transform"]


def _rounded(number: re.Match[str]) -> str:
    """To hundredths, without zeros at the end."""
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _gather(parent: ET.Element) -> None:
    """Put children in the place of groups that say nothing; a title goes to the only thing that it is of."""
    kept: list[ET.Element] = []
    for child in parent:
        _gather(child)
        kept += _in_place_of(child)
    parent[:] = kept


def _in_place_of(child: ET.Element) -> list[ET.Element]:
    """The child, what it holds, or nothing."""
    if child.tag == "path" and child.get("style") == "fill: none":
        return []
    if child.tag != "g":
        return [child]
    if not len(child):
        return []
    titles = child.findall("title")
    others = [one for one in child if one not in titles]
    if not child.attrib and not titles:
        return others
    if not child.attrib and len(others) == 1 and not others[0].findall("title"):
        others[0][:0] = titles
        return others
    return [child]
