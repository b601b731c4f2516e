"""The report as a whole: formats, agreement with the JSON twin, standards, safety."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import page
import pypdf
import pytest

from analyze import report
from analyze.errors import CannotWriteError
from analyze.findings import to_json
from tests.analyze.sample import sample


class Reader(HTMLParser):
    """Splits a page into marked values, quoted strings and the text outside of both."""

    QUIET = frozenset({"svg", "style", "title", "code", "abbr", "cite", "script"})

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


@pytest.fixture(scope="module")
def page_of() -> dict[str, str]:
    """The HTML page of the sample in both languages."""
    return {lang: report.render(sample(), fmt="html", lang=lang).decode() for lang in ("en", "zh")}


def test_every_number_of_the_page_is_in_the_json(page_of: dict[str, str]) -> None:
    """Results stand in <data value>, with the JSON twin's own unrounded numbers, and nowhere else."""
    twin = numbers_in(json.loads(to_json(sample())))
    for text in page_of.values():
        read = Reader(text)
        assert len(read.values) > 100
        assert {value for value, _ in read.values if float(value) not in twin} == set()
        assert [loose for loose in read.loose if re.search(r"\d", loose)] == []


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PDF of the sample."""
    path = tmp_path_factory.mktemp("report") / "report.pdf"
    report.write(sample(), path, fmt="pdf", lang="en")
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


def test_pdfs_are_equal_byte_for_byte(tmp_path: Path) -> None:
    """Two processes with another hash seed and one SOURCE_DATE_EPOCH print the same file."""
    program = (
        "import sys; from pathlib import Path; from analyze import report; from tests.analyze.sample import sample;"
        "report.write(sample(), Path(sys.argv[1]), fmt='pdf', lang='en')"
    )
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.pdf"
        environment = os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "1700000000"}
        subprocess.run([sys.executable, "-c", program, str(path)], env=environment, check=True)
        made.append(path.read_bytes())
    assert made[0] == made[1]


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """The path and the reason, nothing left behind."""
    (tmp_path / "report.html").mkdir()
    with pytest.raises(CannotWriteError, match=r"report\.html cannot be written: Is a directory"):
        report.write(sample(), tmp_path / "report.html", fmt="html", lang="en")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
