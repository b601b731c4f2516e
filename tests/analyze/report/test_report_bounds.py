"""The report of unusual studies: names of any kind, one cell or sixty, one seed or fifty, nothing completed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import page
import pypdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from analyze.errors import MissingFontError
from analyze.report import write
from tests.analyze.sample import sample

ORDERING = ("bn_act", "act_bn")
SIXTY = {"ordering": ORDERING, "depth": tuple(range(2, 14)), "activation": ("relu", "elu", "tanh", "selu", "gelu")}


@pytest.mark.parametrize(("fmt", "lang"), [("html", "en"), ("md", "en"), ("md", "zh")])
@pytest.mark.parametrize(
    "shape",
    [
        {"factors": {"ordering": ORDERING}},
        {"factors": SIXTY},
        {"seeds": 1},
        {"seeds": 50},
        {"completed": False},
        {"factors": {"head": ("gap", "flatten"), "depth": (2, 4)}, "contrast": ("gap", "flatten")},
    ],
    ids=["one cell", "sixty cells", "one seed", "fifty seeds", "nothing completed", "another factor"],
)
def test_every_shape_of_study_gives_a_document(shape: dict[str, object], fmt: str, lang: str) -> None:
    """A document with an answer, small enough to send."""
    made = write.render(sample(**shape), fmt=fmt, lang=lang)  # type: ignore[arg-type]
    assert 2000 < len(made) < 2_000_000
    assert "None" not in made.decode()
    assert not re.search(r"\bnan\b", made.decode())


def test_sixty_cells_stay_under_forty_pages(tmp_path: Path) -> None:
    """The largest design that is promised prints, is valid and is no book."""
    path = tmp_path / "report.pdf"
    write.write(sample(factors=SIXTY), path, fmt="pdf", lang="en")
    assert len(pypdf.PdfReader(path).pages) < 40
    assert page.validate_pdf(path, profile="ua1").failures == []


NAMES = ("<script>alert(1)</script>", "激活函数", "x" * 300, "a|b*c_d`e", '"onload="x', "$\\alpha$ {name} %s")


@pytest.mark.parametrize("levels", [(2, 4), (2, 4, 8, 16, 32)])
def test_page_one_holds_cells_and_figure(tmp_path: Path, levels: tuple[int, ...]) -> None:
    """With four cells and with fifteen, the table of cells and the figure stand on the first page."""
    activations = ("relu", "tanh", "elu")[: 2 if len(levels) == 2 else 3]
    found = sample(factors={"ordering": ("bn_act", "act_bn"), "depth": levels, "activation": activations})
    path = tmp_path / "report.pdf"
    write.write(found, path, fmt="pdf", lang="en")
    first = pypdf.PdfReader(path).pages[0].extract_text()
    assert "Table\u00a01." in first
    assert "Figure\u00a01." in first


def test_no_name_becomes_markup() -> None:
    """Factor and level names stay text in HTML and in Markdown, braces and dollars included."""
    found = sample(factors={"ordering": ORDERING, "<i>depth": (2, 4), "activation": NAMES})
    html = write.render(found, fmt="html", lang="en").decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<i>depth" not in html
    assert '"onload="x"' not in html
    markdown = write.render(found, fmt="md", lang="en").decode()
    rows = [line for line in markdown.splitlines() if line.startswith(("| depth", "| `"))]
    assert "<script" not in re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown)
    assert rows


def test_names_of_any_script_print() -> None:
    """Chinese and very long names in a PDF that is still valid."""
    found = sample(factors={"ordering": ORDERING, "depth": (2,), "activation": NAMES})
    made = write.render(found, fmt="pdf", lang="en")
    assert page.validate_pdf_bytes(made, profile="3a").failures == []


def test_a_character_without_a_font_is_named(tmp_path: Path) -> None:
    """A PDF never shows an empty box: what is missing, and what to install."""
    found = sample(factors={"ordering": ORDERING, "depth": (2,), "activation": ("relu", "\U0001345f")})
    with pytest.raises(MissingFontError, match="no installed font can print \U0001345f"):
        write.write(found, tmp_path / "report.pdf", fmt="pdf", lang="en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("lang", "outcome"), [("en", "printed"), ("zh", "MissingFontError")])
def test_a_machine_without_fonts_prints_english(tmp_path: Path, lang: str, outcome: str) -> None:
    """The Latin faces travel with the report; Chinese ones are named as missing."""
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>")
    program = (
        "import sys; from analyze.report import pdf, write; from analyze.errors import AnalyzeError;"
        "from tests.analyze.sample import sample\n"
        "pdf.cjk_font = lambda: None\n"
        f"try: write.render(sample(), fmt='pdf', lang='{lang}'); print('printed')\n"
        "except AnalyzeError as error: print(type(error).__name__)"
    )
    environment = os.environ | {"FONTCONFIG_FILE": str(config)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == outcome
    assert "Traceback" not in ran.stderr


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only data: URLs are opened: a document that asks for a file fails."""
    asking = '<html lang="en"><title>t</title><img src="file:///etc/hostname">'
    monkeypatch.setattr(write, "_fill", lambda *_, **__: asking)
    with pytest.raises(FatalURLFetchingError, match="hostname"):
        write.render(sample(), fmt="pdf", lang="en")


def test_missing_system_libraries_are_one_sentence() -> None:
    """Without Pango a PDF is refused with the packages to install, and HTML still works."""
    program = (
        "import sys, builtins\n"
        "real = builtins.__import__\n"
        "def guarded(name, *rest, **named):\n"
        "    if name.startswith('weasyprint'): raise OSError('cannot load library libpango-1.0-0')\n"
        "    return real(name, *rest, **named)\n"
        "builtins.__import__ = guarded\n"
        "from analyze.report import write; from analyze.errors import MissingLibraryError\n"
        "from tests.analyze.sample import sample\n"
        "write.render(sample(), fmt='html', lang='en')\n"
        "try: write.render(sample(), fmt='pdf', lang='en')\n"
        "except MissingLibraryError as error: print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "libpango-1.0-0" in ran.stdout
    assert "--format html" in ran.stdout
    assert ran.stdout.count("\n") == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_large_study_renders_within_its_memory(lang: str) -> None:
    """450 trials, every figure and table: under 500 MB. How long it takes is a benchmark's affair."""
    program = (
        "from analyze.report import write; from tests.analyze.sample import rich\n"
        "levels = {'ordering': ('bn_act', 'act_bn', 'none'), 'depth': (2, 4, 8),"
        " 'activation': ('relu', 'leaky_relu', 'elu', 'sigmoid', 'tanh')}\n"
        "found = rich(factors=levels); assert found.study.planned == 450\n"
        f"write.render(found, fmt='pdf', lang='{lang}')\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 500_000
