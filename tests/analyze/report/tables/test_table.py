"""What a table is made of rows: settings in the caption, groups, letters of reasons, numbers under one another."""

import re
from dataclasses import dataclass

import pytest
from markupsafe import Markup

from analyze.findings import Findings, because
from analyze.report import selection
from analyze.report.document import compose
from analyze.report.tables import Column, Table, gaps, tabulate
from analyze.report.tables.alignment import aligned
from analyze.report.words import display
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.sample import rich, sample

WORDS = catalogue("en")


@dataclass(frozen=True)
class Line:
    """A record with a name, a kind, a number that may be missing, and seeds."""

    name: str
    kind: str
    gap: float | None
    n: int = 10


COLUMNS: list[Column[Line]] = [
    Column("cell", lambda r: Markup.escape(r.name), numeric=False),
    Column("gap", lambda r: display.points(r.gap)),
    Column("n", lambda r: display.count(r.n), setting=True),
]

KIND: Column[Line] = Column("kind", lambda r: Markup.escape(r.kind), numeric=False, setting=True)


def table(*lines: Line, reasons: dict[str, str] | None = None) -> Table:
    """These lines below their kinds; reasons by pointer are codes."""
    found = Findings.model_construct(
        cells=(), reasons={pointer: because(code) for pointer, code in (reasons or {}).items()}
    )
    made = tabulate("simple", list(enumerate(lines)), COLUMNS, found, WORDS, section="cells", group=KIND)
    assert made is not None
    return made


def test_settings_that_never_change_stand_in_the_caption() -> None:
    """Seeds and kind of every row; seeds that differ stay a column."""
    same = table(Line("a", "spread", 1.0), Line("b", "spread", 2.0))
    assert plain(same.caption).endswith("Throughout: kind spread; n = 10.")
    assert [plain(head) for head in same.heads] == ["cell", "gap"]
    assert [len(row) for row in same.rows] == [2, 2]
    unlike = table(Line("a", "spread", 1.0), Line("b", "spread", 2.0, n=9))
    assert "n =" not in plain(unlike.caption)
    assert [plain(head) for head in unlike.heads] == ["cell", "gap", "n"]


def test_rows_of_a_kind_stand_below_its_name() -> None:
    """A row of one cell before the first of each kind."""
    made = table(Line("a", "spread", 1.0), Line("b", "spread", 2.0), Line("a", "stuck", 3.0))
    assert [plain(row[0]) for row in made.rows] == ["spread", "a", "b", "stuck", "a"]
    assert [len(row) for row in made.rows] == [1, 2, 2, 1, 2]


def test_every_reason_has_a_letter() -> None:
    """In the order in which they are met, one a reason; the note says what each means."""
    reasons = {"/cells/0/gap": "no_pair", "/cells/2/gap": "one_run", "/cells/3/gap": "no_pair"}
    made = table(*(Line("abcd"[i], "spread", 1.0 if i == 1 else None) for i in range(4)), reasons=reasons)
    assert [plain(row[1]) for row in made.rows] == ["–^a", "1.00", "–^b", "–^a"]
    assert plain(made.note) == "^a\u00a0no pair of runs. ^b\u00a0one run only."


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("found", [sample(), rich()], ids=["sample", "rich"])
def test_no_dash_is_without_its_reason(found: Findings, lang: Language) -> None:
    """Every dash of every table has a letter, and every letter of a table stands in its note, once."""
    document = compose(found, catalogue(lang), widths=())
    tables = [block for part in document.parts for block in part.blocks if isinstance(block, Table)]
    assert len(tables) >= 10
    for one in tables:
        cells = "".join(cell for row in one.rows for cell in row)
        assert cells.count(display.MISSING) == len(re.findall(re.escape(str(display.MISSING)) + "<sup", cells)), one.key
        letters = re.findall(r"<sup>(\w)</sup>", cells)
        assert sorted(set(letters)) == re.findall(r"<sup>(\w)</sup>", one.note), one.key


def test_a_dash_of_page_one_has_the_reason_of_its_cell() -> None:
    """Its rows come from the cells and from the mean, each with the reason that stands there."""
    found = sample()
    (first, _), *_ = selection.simple_effects(found)
    none = {"ci95": None, "decision": "undecided"}
    effects = [row.model_copy(update=none) if i == first else row for i, row in enumerate(found.simple_effects)]
    reasons = {f"/simple_effects/{first}/ci95": because("all_differences_equal")}
    made = gaps(found.model_copy(update={"simple_effects": effects, "reasons": reasons}), WORDS)
    assert made is not None
    assert plain(made.note).endswith("^a\u00a0every difference is equal.")


def laid(cell: str) -> str:
    """A cell as it is read, with a mark for every character of a pad."""
    return plain(re.sub(r'<span class="pad" data-unseen="(.*?)"></span>', lambda pad: "·" * len(pad[1]), cell))


LETTERED = display.MISSING + Markup("<sup>a</sup>")


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (
            [display.points(1.5), display.significant(0.0123), display.count(-1200)],
            ["1.50··", "0.0123", "−1,200·····"],
        ),
        (
            [display.interval((-0.14, 0.34)), display.interval((1.25, -22.37))],
            ["[−0.14, ··0.34]", "[1.25, −22.37]"],
        ),
        (
            [display.significant_interval((-0.0356, -0.0332)), display.significant_interval((0.918, 13.5))],
            ["[−0.0356, ·−0.0332]", "[0.92, ···13.50]··"],
        ),
        (
            [Markup("{} ({})").format(display.points(98.29), display.points(sd)) for sd in (0.17, 10.5)],
            ["98.29 ·(0.17)", "98.29 (10.50)"],
        ),
        ([display.p_value(0.0001), display.p_value(0.25), LETTERED], ["<\u00a0.001", ".250", "–^a····"]),
        ([display.share(0.975), display.share(0.5)], ["97.5%", "50%··"]),
        ([display.interval((0.1, 0.2)), LETTERED], ["[0.10, 0.20]", "–^a"]),
    ],
    ids=["numbers", "intervals", "unlike intervals", "mean and sd", "p", "per cent", "a dash among intervals"],
)
def test_points_stand_under_one_another(cells: list[Markup], shown: list[str]) -> None:
    """What follows the point of the first number is as wide in all cells, and so is either side of the others."""
    assert [laid(one) for one in aligned(cells)] == shown
    assert [plain(one) for one in aligned(cells)] == [plain(one) for one in cells]


def test_a_column_of_text_is_not_touched() -> None:
    """Words before a number, and cells without any, keep their markup."""
    cells = [Markup("seed {}").format(display.count(3)), Markup(""), Markup("none")]
    assert aligned(cells) == cells


def test_a_long_table_says_how_many_rows_of_how_many_it_has() -> None:
    """The first two hundred of them, and nothing where there are no more."""
    long = table(*(Line(f"c{number}", "spread", 1.0) for number in range(201)))
    assert long.note is not None
    assert "The first 200 of 201 rows" in plain(long.note)
    short = table(*(Line(f"c{number}", "spread", 1.0) for number in range(200)))
    assert "of 200 rows" not in plain(short.note or "")
