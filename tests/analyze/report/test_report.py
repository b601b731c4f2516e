"""The report as a whole: formats, agreement with the JSON twin, standards, safety."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from operator import attrgetter
from pathlib import Path

import numpy as np
import page
import pypdf
import pytest
from markupsafe import Markup

from analyze.analysis import analyse
from analyze.errors import CannotWriteError
from analyze.findings import Findings
from analyze.report import write
from analyze.report.document import compose
from analyze.report.json_twin import to_json
from analyze.report.tables import Table
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import load
from tests.analyze.sample import rich, sample
from tests.synthetic import write_study


class Reader(HTMLParser):
    """Splits a page into marked values, quoted strings and the text outside of both."""

    QUIET = frozenset({"svg", "style", "title", "code", "abbr", "cite", "script", "time"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: list[tuple[str, str]] = []
        self.quotes: list[str] = []
        self.loose: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what is open; void elements never close."""
        if tag in {"meta", "link", "img", "br"}:
            return
        given = dict(attrs)
        self._open.append((tag, given.get("value") if tag == "data" else given.get("class")))

    def handle_endtag(self, tag: str) -> None:
        """Close down to this tag."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Sort the text by what encloses it."""
        tags = [tag for tag, _ in self._open]
        if "data" in tags:
            self.values.append((self._open[tags.index("data")][1] or "", data))
        elif any(label and "quoted" in label.split() for tag, label in self._open if tag != "data"):
            self.quotes.append(data)
        elif not self.QUIET & set(tags):
            self.loose.append(data)


def numbers_in(tree: object) -> set[float]:
    """Every number of a JSON tree."""
    if isinstance(tree, dict):
        return set().union(*map(numbers_in, tree.values())) if tree else set()
    if isinstance(tree, list):
        return set().union(*map(numbers_in, tree)) if tree else set()
    return {float(tree)} if isinstance(tree, int | float) and not isinstance(tree, bool) else set()


def strings_in(tree: object) -> list[str]:
    """Every text of a JSON tree, keys included."""
    if isinstance(tree, dict):
        return [*tree, *(text for value in tree.values() for text in strings_in(value))]
    if isinstance(tree, list):
        return [text for value in tree for text in strings_in(value)]
    return [str(tree)]


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What the plan finds in a study with diverged, failed and missing runs."""
    folder = write_study(
        tmp_path_factory.mktemp("study"),
        np.random.default_rng(5),
        factors={"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4), "activation": ("relu", "sigmoid")},
        seeds=6,
        gap=lambda settings: 3.0 if settings["activation"] == "sigmoid" else 0.1,
        diverged=lambda settings: settings["ordering"] == "none" and settings["seed"] == 0,
        failed=lambda settings: settings["seed"] == 1 and settings["depth"] == 4 and settings["ordering"] == "none",
    )
    return analyse(load(folder))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("source", ["sample", "rich", "analysed"])
def test_every_number_of_the_page_is_in_the_json(source: str, lang: Language, request: pytest.FixtureRequest) -> None:
    """Results stand in <data value>, with the JSON twin's own unrounded numbers, and nowhere else.

    The text of each is its value rounded; what findings bring along as text is quoted as it stands.
    """
    found = {"sample": sample, "rich": rich}[source]() if source != "analysed" else request.getfixturevalue(source)
    tree = json.loads(to_json(found))
    twin, texts = numbers_in(tree), "\n".join(strings_in(tree))
    read = Reader(write.render(found, fmt="html", lang=lang).decode())
    assert len(read.values) > 100
    assert {value for value, _ in read.values if float(value) not in twin} == set()
    assert [loose for loose in read.loose if re.search(r"\d", loose)] == []
    assert [quote for quote in read.quotes if quote not in texts] == []
    assert [(value, text) for value, text in read.values if not rounds_to(float(value), text)] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_table_that_leaves_rows_out_says_so(analysed: Findings, lang: Language) -> None:
    """Under every table with fewer rows than its section stands the rule of selection, under no other."""
    document = compose(analysed, catalogue(lang), widths=())
    shown = {block.key: block for part in document.parts for block in part.blocks if isinstance(block, Table)}
    sections = {key: name for key in shown if hasattr(analysed, (name := SECTIONS.get(key, key)).partition(".")[0])}
    for key in ("cells", "outcomes"):  # their rows stand side by side, a column a level or a response
        del sections[key]
    counts = {key: sum(len(row) == len(shown[key].heads) for row in shown[key].rows) for key in sections}
    fewer = {key for key, section in sections.items() if counts[key] < len(attrgetter(section)(analysed))}
    assert fewer >= {"anova", "simple", "convergence", "stability", "mechanism", "multiverse"} & shown.keys()
    rules = {key: catalogue(lang)(f"selection.{key}") for key in fewer}
    assert {key for key in sections if SELECTION[lang] in shown[key].note} == fewer
    assert all(rules[key] in shown[key].note for key in fewer)


#: How a note on a selection begins.
SELECTION = {"en": "the complete results", "zh": "完整结果"}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("fmt", ["html", "md"])
def test_only_a_pdf_speaks_of_what_is_attached(fmt: write.Format, lang: Language) -> None:
    """A page and a pull request have no attachment and no report.json beside them; they say what writes it."""
    found, command = rich(), "analyze report --format json"
    made = plain(re.sub(r"<style>.*?</style>", "", write.render(found, fmt=fmt, lang=lang).decode(), flags=re.DOTALL))
    assert [
        word for word in ("attached to", "PDF", "附在", "附带数据") if word in made.replace("附带数据校验值", "")
    ] == []
    assert ("report.json" in made) == (fmt == "html")  # its download
    assert command in made
    paper = compose(found, catalogue(lang), attached=True, widths=())
    (methods,) = [part for part in paper.parts if part.key == "methods"]
    said = "".join(plain(block) for block in methods.blocks if isinstance(block, Markup))
    assert "report.json" in said
    assert command not in said


#: Tables of a section of another name.
SECTIONS = {
    "anova_others": "anova",
    "simple": "simple_effects",
    "simple_batch": "simple_effects",
    "leave": "leave_one_out",
    "levels": "levels.means",
    "level_pairs": "levels.pairs",
}


def rounds_to(value: float, text: str) -> bool:
    """Whether a printed number is this value rounded, in per cent, of a thousand, or behind a bound."""
    if re.search("every 1000|每 1000", text):
        (count,) = (int(one) for one in re.findall(r"\d+", text.replace("1000", "")))
        few = any(word in text for word in ("less", "fewer", "不到"))
        return 10 * abs(value) < count if few else round(10 * abs(value)) == count
    if text[0] in "<>":
        bound = float(text[1:].strip("\u00a0"))
        return value < bound if text[0] == "<" else value > bound
    shown = text.replace(",", "").replace("\u2009", "").replace("−", "-")
    if shown.endswith("%"):
        shown, value = shown[:-1], 100 * value
    coarse = max(0.005 * abs(value), 0.5 * 10.0 ** -len(shown.partition(".")[2]))
    return abs(float(shown) - value) <= coarse * (1 + 1e-6)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PDF of the sample."""
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    write.write(sample(), path, fmt="pdf", lang="en")
    return path


@pytest.mark.parametrize("profile", ["ua1", "3a"])
def test_the_pdf_meets_both_standards(printed: Path, profile: str) -> None:
    """PDF/UA-1 and PDF/A-3a in one file, by a validator that passes the veraPDF corpus."""
    verdict = page.validate_pdf(printed, profile=profile)
    assert verdict.rules.total > 50
    assert [(failure.rule_id, failure.message) for failure in verdict.failures] == []


def test_the_pdf_carries_its_data_title_and_language(printed: Path) -> None:
    """The attached JSON is the twin byte for byte."""
    reader = pypdf.PdfReader(printed)
    assert reader.attachments["report.json"] == [to_json(sample())]
    assert "synthetic" in (reader.metadata or {})["/Title"]
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pdfs_are_equal_byte_for_byte(tmp_path: Path, lang: Language) -> None:
    """Two processes with another hash seed and one SOURCE_DATE_EPOCH print the same file."""
    program = (
        "import sys; from pathlib import Path; from analyze.report import write as report;"
        "from tests.analyze.sample import sample;"
        f"report.write(sample(), Path(sys.argv[1]), fmt='pdf', lang='{lang}')"
    )
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.pdf"
        environment = os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"}
        subprocess.run([sys.executable, "-c", program, str(path)], env=environment, check=True)
        made.append(path.read_bytes())
    assert made[0] == made[1]
    assert page.validate_pdf_bytes(made[0], profile="ua1").failures == []
    assert page.validate_pdf_bytes(made[0], profile="3a").failures == []


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """The path and the reason, nothing left behind."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(CannotWriteError, match=r"report\.html cannot be written: Is a directory"):
        write.write(sample(), tmp_path / "report.html", fmt="html", lang="en")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
