"""Markdown of what a pull request needs: short, whole without its figure, and valid for GitHub."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it.token import Token

from analyze.findings import Findings, Note
from analyze.report import write
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Language, catalogue
from tests.analyze.others import HEBREW, NASTY, tokens
from tests.analyze.sample import rich, sample

SIXTY = {
    "ordering": ("bn_act", "act_bn"),
    "depth": tuple(range(12)),
    "activation": ("relu", "elu", "tanh", "gelu", "a"),
}


def largest() -> Findings:
    """Sixty cells, thirteen claims that were tested, two notes and a deviation."""
    found = sample(factors=SIXTY)
    study = found.study.model_copy(
        update={
            "notes": (
                Note(code="no_digests", numbers={}),
                Note(code="other_recipe", numbers={"version": 1, "here": 2}),
            ),
            "deviations": ("margin 0.3 pp instead of 0.1",),
        }
    )
    return found.model_copy(
        update={"study": study, "claims": (*found.claims[:5], *found.claims[:5], *found.claims[:3])}
    )


def pictures(blocks: list[Token]) -> list[Token]:
    """Every image of a document."""
    return [child for token in blocks for child in token.children or () if child.type == "image"]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("shape", ["largest", "rich", "one cell", "nothing completed"])
def test_it_has_at_most_sixty_lines_and_what_a_pull_request_needs(tmp_path: Path, shape: str, lang: Language) -> None:
    """The study, the answer, a line a claim that was tested; headings, paragraphs and tables alone."""
    one = {"ordering": ("bn_act", "act_bn")}
    shapes = {"rich": rich(), "one cell": sample(factors=one), "nothing completed": sample(completed=False)}
    found, words = largest() if shape == "largest" else shapes[shape], catalogue(lang)
    write.write(found, tmp_path / "report.md", fmt="md", lang=lang, brief=True)
    made = (tmp_path / "report.md").read_text()
    assert made.count("\n") <= 60
    assert made.endswith("\n")
    assert "synthetic" in made
    blocks = tokens(made)
    assert {t.type for t in blocks if t.level == 0 and t.nesting >= 0} <= {
        "heading_open",
        "paragraph_open",
        "table_open",
    }
    read = " ".join("".join(child.content for child in token.children or ()) for token in blocks)
    tested = [claim for claim in found.claims if claim.verdict != "not_tested"]
    assert [c.id for c in tested if display.plain(naming.said(c.statement, words)) not in read] == []
    assert len(pictures(blocks)) == (shape != "nothing completed")


def test_the_whole_is_asked_for(tmp_path: Path) -> None:
    """Every part's heading stands in the whole report and the first of them alone in the brief one."""
    texts = []
    for brief in (True, False):
        write.write(rich(), tmp_path / "r.md", fmt="md", lang="en", brief=brief)
        texts.append((tmp_path / "r.md").read_text())
    short, whole = texts
    assert "How fast?" not in short
    assert "## How fast?" in whole
    assert all(len(pictures(tokens(text))) == 1 for text in texts)


@pytest.mark.parametrize("name", ["report.md", "a b (1) [x] #2 100%.md", "报告.zh.md"])
def test_the_figure_lies_beside_it_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    """A relative link to an SVG file on paper of its own, for the page that shows it may be dark."""
    write.write(rich(), tmp_path / name, fmt="md", lang="en", brief=True)
    (picture,) = pictures(tokens((tmp_path / name).read_text()))
    target = unquote(str(picture.attrs["src"]))
    assert target == f"{name.removesuffix('.md')}.headline.svg"
    root = ET.fromstring((tmp_path / target).read_bytes())  # noqa: S314  our own output
    assert root[0].attrib == {"width": "100%", "height": "100%", "fill": "#fefefe"}
    assert "depth 2, relu: +0.65 pp" in picture.content.replace("\\", "").replace("\u00a0", " ")


def test_without_a_file_there_is_no_figure() -> None:
    """What goes to stdout has nothing beside it."""
    made = write.render(rich(), fmt="md", lang="en", brief=True).decode()
    assert pictures(tokens(made)) == []
    assert "svg" not in made


def test_names_of_others_stay_text() -> None:
    """Neither markup, links nor rows of a table come of them."""
    found = sample(factors={"ordering": (HEBREW, "a|b_"), "activation": tuple(NASTY)[:6]}, contrast=(HEBREW, "a|b_"))
    blocks = tokens(write.render(found, fmt="md", lang="en", brief=True).decode())
    inline = {child.type for token in blocks for child in token.children or ()}
    assert inline <= {"text", "text_special", "code_inline", "em_open", "em_close", "strong_open", "strong_close"}
    rows = re.findall("tr_open", " ".join(token.type for token in blocks))
    assert len(rows) == 1 + 6 + 1 + sum(claim.verdict != "not_tested" for claim in found.claims)
