"""What somebody else wrote is shown as text and never obeyed, in every format and on the terminal."""

import html
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyze import cli, progress
from analyze.analysis import analyse
from analyze.errors import CannotWriteError
from analyze.findings import Findings, because
from analyze.report import files, write
from analyze.report.document import compose
from analyze.report.figures import drawing, to_svg
from analyze.report.figures.style import level_legend
from analyze.report.json_twin import to_json
from analyze.report.markdown import to_markdown
from analyze.report.readable import readable
from analyze.report.subject import subject_of
from analyze.report.visible import guarded, visible
from analyze.report.words import naming
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import shorten
from analyze.study.load import load
from tests.analyze.others import ARABIC, HEBREW, NASTY, Page, markdown_tables, tokens, words_of
from tests.analyze.sample import rich, sample
from tests.synthetic import write_study

SHAPELESS = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
FACTORS = {"ordering": (HEBREW, "adam\u202e", "_none"), "activation": tuple(NASTY)}
CONTRAST = (HEBREW, "adam\u202e")

#: Every element a page of ours consists of, figures included.
ELEMENTS = (
    "html head meta title style body header main nav section h1 h2 p ol ul li a b i code cite abbr sub sup span bdi "
    "data figure figcaption div table thead tbody tr th td svg defs metadata g path use clippath rect text tspan image "
    "rdf:rdf cc:work dc:type dc:format dc:creator cc:agent dc:title"
)


def shapeless(text: str) -> set[str]:
    """Every character of a document that a reader cannot see, but the ends of its lines."""
    return {one for one in set(text) - {"\n"} if unicodedata.category(one) in SHAPELESS}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose names come from somebody else."""
    folder = tmp_path_factory.mktemp("others") / "study"
    name = f"st\x1b[31mudy  {HEBREW}"
    draw = np.random.default_rng(1)
    return write_study(folder, draw, factors=FACTORS, contrast=CONTRAST, seeds=6, gap=0.4, name=name)


@pytest.fixture(scope="module")
def findings(study: Path) -> Findings:
    """What the plan finds in it."""
    return analyse(load(study))


@pytest.fixture(scope="module")
def pages(findings: Findings) -> dict[str, str]:
    """Its HTML by language."""
    return {lang: write.render(findings, fmt="html", lang=lang).decode() for lang in ("en", "zh")}  # type: ignore[arg-type]


def test_every_character_without_a_shape_becomes_an_escape() -> None:
    """All of Unicode: control, format, separators, surrogates, private characters; letters stay as they are."""
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    assert shapeless(visible(everything)) == shapeless(guarded(everything)) == set()
    assert "\n" not in visible(everything)
    seen = [one for one in everything if unicodedata.category(one)[0] in "LNPS"]
    changed = {one for one in seen if visible(one) != one}
    assert {unicodedata.name(one) for one in changed} == {
        "HANGUL CHOSEONG FILLER",
        "HANGUL JUNGSEONG FILLER",
        "HANGUL FILLER",
        "HALFWIDTH HANGUL FILLER",
        "BRAILLE PATTERN BLANK",
    }


@given(st.text("\\ntu2Ue0a \n\t\u202e\u00a0"), st.text("\\ntu2Ue0a \n\t\u202e\u00a0"))
@settings(max_examples=500)
def test_no_two_texts_look_alike(one: str, other: str) -> None:
    """A backslash of the text's own is told from one of ours."""
    assert (visible(one) == visible(other)) == (one == other)


def test_escapes_read_as_in_python() -> None:
    """Newline and tab by their letters, the others by their number."""
    assert [visible(one) for one in ("\n\t\x1b\u202e", "\U000e0041")] == [r"\n\t\u001b\u202e", r"\U000e0041"]
    assert visible(r"\frac C:\data \n \u202e") == r"\frac C:\data \\n \\u202e"


def test_names_that_differ_in_white_space_stay_apart() -> None:
    """Outer, repeated and other spaces can be told; in figures and in prose."""
    names = ["a b", "a  b", " a b", "a b ", "a\u00a0b", "a\tb", "a\nb", "ab", "a\u200bb"]
    assert len({shorten(visible(one)) for one in names}) == len(names)
    assert len({" ".join(naming.level(visible(one)).split()) for one in names}) == len(names)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("fmt", ["html", "md"])
def test_documents_show_names_and_hold_nothing_hidden(
    findings: Findings, pages: dict[str, str], fmt: str, lang: Language
) -> None:
    """Text, attributes, title and figures; every level can be read somewhere in full."""
    document = pages[lang] if fmt == "html" else write.render(findings, fmt="md", lang=lang).decode()
    assert shapeless(document) == set()
    read = html.unescape(document) if fmt == "html" else document.replace("\\|", "|")
    assert [name for name in NASTY.values() if name not in read] == []
    assert fmt == "md" or r"st\u001b[31mudy \u0020" in re.findall("<title>(.*?)</title>", read)[0]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_consists_of_our_elements(pages: dict[str, str], lang: str) -> None:
    """No element or handler of somebody else, and a policy under which none would do anything."""
    page = Page(pages[lang])
    assert page.tags <= set(ELEMENTS.split())
    assert [name for name in page.attributes if name.startswith("on")] == []
    head = pages[lang].partition("<title>")[0]
    (policy,) = re.findall('<meta http-equiv="Content-Security-Policy" content="(.*?)">', head)
    assert set(policy.split("; ")) == {
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_names_stay_text_in_figures(pages: dict[str, str], lang: str) -> None:
    """A name like a colour of the palette, a reference, a path or a formula; identifiers have their figure's prefix."""
    texts = [html.unescape(one) for one in re.findall("<text [^>]*>(.*?)</text>", pages[lang], re.DOTALL)]
    wanted = [name for name in NASTY if re.search(r"^[#u$_]", name)]
    assert len(wanted) == 4
    assert [name for name in wanted if not any(name in text for text in texts)] == []
    assert re.findall(r'<[^>]* id="(?!\w+-)[^"]*"[^>]*>', pages[lang].partition("<svg")[2].partition("</svg>")[0]) == []


def test_a_figure_by_itself_holds_nothing_hidden() -> None:
    """A figure drawn from names as they are is well-formed and shows escapes; the typeface of a name stays."""
    odd = sample(factors={"ordering": ("bn_act", "act_bn"), "activation": ("\x1b\u202e", "Noto Sans CJK JP")})
    drawn = draw_forest(odd)
    words = " ".join("".join(one.itertext()) for one in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"))  # noqa: S314  our own output
    assert r"\u001b\u202e" in words
    assert "Noto Sans CJK JP" in words


def draw_forest(found: Findings) -> str:
    """The forest of these findings as SVG."""
    from analyze.report.figures import FIGURES

    with drawing("en"):
        figure = FIGURES["forest"](found, catalogue("en"))
        assert figure is not None
        return to_svg(figure).decode()


def test_legends_name_every_level() -> None:
    """A name that begins with an underscore too, which matplotlib takes for none."""
    from matplotlib.figure import Figure

    subject = subject_of(sample(factors={"ordering": ("_x", "__y", "z")}, contrast=("_x", "__y")))
    with drawing("en"):
        figure = Figure()
        level_legend(figure, subject, subject.levels)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["_x", "__y", "z"]


def test_the_json_means_the_same_and_holds_nothing_hidden(findings: Findings) -> None:
    """Names as they are, written so that a terminal can print them."""
    made = write.render(findings, fmt="json", lang="en").decode()
    assert shapeless(made) == set()
    assert json.loads(made) == json.loads(to_json(findings))
    assert tuple(json.loads(made)["study"]["factors"]["activation"]) == load_levels(findings)


def load_levels(findings: Findings) -> tuple[object, ...]:
    """The levels of the moderator, as the study has them."""
    return findings.study.factors["activation"]


def checked_markdown(found: Findings, lang: Language) -> None:
    """Read a Markdown report back: headings, paragraphs and tables alone, and each cell as in HTML."""
    words = catalogue(lang)
    document = compose(readable(found), words, widths=())
    page = Page(write._fill("report.html.jinja", document, words, paged=False, downloads=()))
    blocks = tokens(write.render(found, fmt="md", lang=lang).decode())
    outer = {token.type for token in blocks if token.level == 0 and token.nesting >= 0}
    assert outer <= {"heading_open", "paragraph_open", "table_open"}
    inline = {child.type for token in blocks for child in token.children or ()}
    assert inline <= {"text", "text_special", "code_inline", "em_open", "em_close", "strong_open", "strong_close"}
    read = list(markdown_tables(blocks))
    assert all(len(row) == len(table[0]) for table in read for row in table)
    assert words_of(read) == words_of(page.tables)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_markdown_reads_back_as_it_was(findings: Findings, lang: Language) -> None:
    """Without raw HTML of anybody, a list or a rule; tables whole, cell by cell the text of the page."""
    checked_markdown(findings, lang)
    checked_markdown(rich(), lang)


ODD_TEXT = st.text("`|\\*_<>&;#~$[]()!-+=.:@/'\"{}1ax \n\t\u202e\u00a0" + HEBREW, min_size=1) | st.text(min_size=1)


@given(ODD_TEXT, ODD_TEXT)
@settings(max_examples=25)
def test_any_name_survives_markdown(name: str, reason: str) -> None:
    """Levels and factors of any text, in reasons too."""
    factors = {"ordering": ("bn_act", "act_bn"), "activation": ("relu", f"{name}~"), f"{name}:x": (1, 2)}
    found = sample(factors=factors, reasons={"/claims": because("gap_of", levels=(reason,))}, orderings=())
    deviating = found.study.model_copy(update={"deviations": (reason,)})
    checked_markdown(found.model_copy(update={"study": deviating}), "en")


@given(ODD_TEXT)
def test_any_text_is_one_paragraph_of_the_same_text(text: str) -> None:
    """Text, quoted text and code; white space of a page is one space."""
    shown = " ".join(visible(text).split())
    for markup in (naming.quoted(shown), naming.fact(shown)):
        blocks = tokens(to_markdown(markup))
        assert [token.type for token in blocks] == ["paragraph_open", "inline", "paragraph_close"] or not shown
        read = "".join(child.content for token in blocks for child in token.children or ())
        assert " ".join(read.split()) == shown
    assert not re.search(r"(?<!\\)://|www\.(?=\w)", to_markdown(naming.quoted(shown)))


def test_a_pdf_shows_names_and_numbers_in_order(tmp_path: Path) -> None:
    """Overrides as escapes, names from right to left beside numbers from left to right."""
    factors = {"ordering": CONTRAST, ARABIC: (-0.5, 2.25), "depth": (2, 4)}
    write.write(sample(factors=factors, contrast=CONTRAST), tmp_path / "r.pdf", fmt="pdf", lang="en")
    reader = pypdf.PdfReader(tmp_path / "r.pdf")
    text = " ".join("\n".join(one.extract_text() for one in reader.pages[:3]).split())
    assert shapeless(text) == set()
    assert re.search(r"− ?adam\\u202e ?in test accuracy was \+0\.50 pp, 95% CI \[0\.30, 0\.70\]", text)
    assert "−0.5" in text


def test_power_shows_escapes(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a cell, whatever the cell is called."""
    assert cli_code("power", study) == 0
    out = capsys.readouterr().out
    assert shapeless(out) == set()
    assert len(out.partition("\npower 80 %")[0].splitlines()) == 2 + len(NASTY)
    assert [name for name in NASTY if f"activation={visible(name)} " not in out] == []


def test_check_shows_escapes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A cell without a pair is named on the line that it belongs to."""
    factors = {"ordering": CONTRAST, "activation": ("relu", "\x1b[31m\nfatal  pairs")}
    lost = lambda row: row["activation"] != "relu" and row["ordering"] == HEBREW  # noqa: E731
    folder = write_study(
        tmp_path, np.random.default_rng(1), factors=factors, contrast=CONTRAST, seeds=6, missing=lost, with_layers=False
    )
    assert cli_code("check", folder) == 0
    out = capsys.readouterr().out
    assert shapeless(out) == set()
    assert r"no pair in the cell activation=\u001b[31m\nfatal pairs: effects" in " ".join(out.split())
    assert {line.split()[0] for line in out.splitlines() if not line.startswith(" ")} <= {"ok", "note", "lacks"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "no\x1b[31m\nsuch\u202e  folder"),
        ("report", "{study}", "--factor", "o\x1b]0;x\x07\n", "--contrast", "a", "b"),
        ("report", "{study}", "--contrast", "\u202ea", "b\u2028"),
        ("report", "{study}", "--format", "p\x9bdf"),
        ("tables", "{study}", "--out", "{study}/trials.parquet/\x1b\n\r"),
    ],
)
def test_a_message_is_one_line_of_text(
    study: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Names of files, options and levels in an error message."""
    assert cli_code(*[one.format(study=study) for one in arguments]) == 2
    line, *others = [one for one in capsys.readouterr().err.split("\n") if not one.endswith("…")]
    assert others == [""]
    assert len(line.splitlines()) == 1
    assert shapeless(line) == set()
    assert re.search(r"\\u[0-9a-f]{4}|\\x9b", line)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_path_is_text_on_a_terminal_and_a_path_to_a_program(
    study: Path, tmp_path: Path, *, terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line names the file; a person sees escapes."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    out = tmp_path / "r\x1b[31m.json"
    assert cli_code("report", study, "--format", "json", "--out", out) == 0
    assert capsys.readouterr().out.endswith(f"\n\n{visible(str(out)) if terminal else out}\n")


def test_stages_know_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """What a long command says is printed as it stands."""
    assert "rich" not in vars(progress)
    progress.Stages._say("[red]text[/red]")
    assert capsys.readouterr().err == "[red]text[/red] …\n"


def test_a_result_takes_no_place_of_a_device() -> None:
    """Renaming a file to /dev/stdout would take its place for everybody."""
    with pytest.raises(CannotWriteError, match="/dev/stdout is a device"):
        files.replace(Path("/dev/stdout"), b"")


def cli_code(*arguments: object) -> int:
    """The exit code of `analyze` with these arguments."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([str(one) for one in arguments])
    return int(stopped.value.code or 0)
