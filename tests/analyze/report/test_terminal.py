"""What a terminal shows of findings: within its width, in both languages, and nothing lost."""

import pytest
from rich.cells import cell_len

from analyze.report.prose.answer import answer
from analyze.report.prose.coverage import notes
from analyze.report.terminal import FEW, summary, wrapped
from analyze.report.words import display
from analyze.report.words.catalogue import Language, catalogue
from tests.analyze.sample import sample

LONG = {"ordering": ("bn_act", "act_bn"), "激活函数": ("x" * 300, "很长的名字" * 20), "depth": (2, 4)}
MANY = {"ordering": ("bn_act", "act_bn"), "depth": tuple(range(FEW + 1))}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(lang: Language, width: int) -> None:
    """Chinese characters take two columns; names of any length are broken rather than cut off."""
    for found in (sample(), sample(factors=LONG), sample(completed=False)):
        lines = summary(found, catalogue(lang), width=width, bold=False).splitlines()
        assert max(map(cell_len, lines)) <= width
        assert [line for line in lines if line[:1] in "，。；：、）》」"] == [""] * lines.count("")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_says_the_answer_the_cells_and_the_verdicts(lang: Language) -> None:
    """The answer of the report, a line a cell where they are few, a count a verdict."""
    words, found = catalogue(lang), sample()
    said = summary(found, words, width=80, bold=False)
    first = said.partition("\n\n")[0]
    assert "".join(first.split()) == "".join(display.plain(answer(found, words).sentence).split())
    cells = [line for line in said.splitlines() if "CI [" in line and line.startswith("  ")]
    assert len(cells) == 4
    assert len({cell_len(line.partition("]")[0]) for line in cells}) == 1
    assert words.text("verdict.supported") in said.rpartition("\n\n")[2]


def test_many_cells_are_for_the_report() -> None:
    """The path leads there."""
    assert "by cell" not in summary(sample(factors=MANY), catalogue("en"), width=80, bold=False)


def test_what_is_not_complete_is_said() -> None:
    """Coverage stands there where something is missing, and only there."""
    words = catalogue("en")
    assert "80 are pending" in summary(sample(completed=False), words, width=80, bold=False)
    assert "pending" not in summary(sample(), words, width=80, bold=False)


def test_an_extension_that_was_not_planned_is_said() -> None:
    """Beside the answer, which takes the number of seeds as planned; on page one likewise."""
    found = sample()
    grown = found.model_copy(update={"study": found.study.model_copy(update={"extended": True})})
    said = "The study was extended after its first run; the extension was not planned."
    for one, expected in ((found, False), (grown, True)):
        text = summary(one, catalogue("en"), width=80, bold=False)
        assert (said in " ".join(text.split())) == expected
        assert any(said in note for note in notes(one, catalogue("en"))) == expected


def test_bold_is_the_answer_alone() -> None:
    """Escapes stand around it, and nowhere without being asked for."""
    plain, bold = (summary(sample(), catalogue("en"), width=80, bold=one) for one in (False, True))
    assert "\x1b" not in plain
    assert bold.replace("\x1b[1m", "").replace("\x1b[0m", "") == plain
    assert bold.partition("\n\n")[0].endswith("\x1b[0m")


@pytest.mark.parametrize(
    "text", ["", "one", "a  b", "中文，标点。（括号）", "x" * 100 + "，" + "很" * 60, "95% CI [−0.12, 0.32]。"]
)
def test_wrapping_loses_nothing(text: str) -> None:
    """But spaces where a line ends."""
    lines = wrapped(text, 20).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(map(cell_len, lines)) <= 20
