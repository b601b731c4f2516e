"""Sentences and the table on new runs, other cells and other images say what the findings hold."""

import pytest

from analyze.findings import Findings, Heterogeneity, Interval, because
from analyze.report import tables
from analyze.report.prose import repeatability
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.sample import rich

FOUND = rich()


def said(findings: Findings, lang: Language = "en") -> str:
    """All paragraphs as a reader sees them."""
    words = catalogue(lang)
    parts = (repeatability.repeatability, repeatability.heterogeneity, repeatability.images)
    return plain(" ".join(paragraph for part in parts for paragraph in part(findings, words))).replace("\u00a0", " ")


def of_overall(**changes: object) -> Findings:
    """The sample with other rows of the mean over cells."""
    rows = (row.model_copy(update=changes) if row.cell is None else row for row in FOUND.repeatability)
    return FOUND.model_copy(update={"repeatability": tuple(rows)})


@pytest.mark.parametrize(("interval", "ahead"), [((-0.21, 1.23), "act_bn"), ((-1.23, 0.21), "bn_act")])
def test_who_would_be_ahead(interval: Interval, ahead: str) -> None:
    """The level on whose side the gap lies, with the chances of one and of ten seeds: pairs of runs in every cell."""
    text = said(of_overall(new_seed_interval=interval))
    assert f"On the mean over the 4 cells, the chance that {ahead} is ahead is .72 with one new seed" in text
    assert "a significant t test on this side, .70." in text
    assert f"{ahead} is ahead on that mean in a share of .68" in text
    assert f"{ahead} 领先的概率：再加一个种子（即每个组合各再跑一对）时 .72" in said(
        of_overall(new_seed_interval=interval), "zh"
    )


def test_the_least_and_the_most_certain_cell() -> None:
    """By the chance of one pair."""
    chances = {(2, "relu"): 0.8, (2, "tanh"): 0.52, (4, "relu"): 0.998, (4, "tanh"): 0.7}
    rows = tuple(
        row
        if row.cell is None
        else row.model_copy(update={"p_sign": chances[row.cell["depth"], row.cell["activation"]]})
        for row in FOUND.repeatability
    )
    text = said(FOUND.model_copy(update={"repeatability": rows}))
    assert "least surely in depth 2, tanh (.52), and most surely in depth 4, relu (> .99)" in text


@pytest.mark.parametrize(("method", "says"), [("model", "as normal"), ("subsets", "this study's own seeds")])
def test_where_chances_come_from(method: str, says: str) -> None:
    """The model or the study itself."""
    assert says in said(of_overall(method=method))


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "cannot be computed: every difference is equal."), ("zh", "概率：所有差值相等。")]
)
def test_no_chance_has_its_reason(lang: Language, says: str) -> None:
    """Where nothing can be computed the reason stands in place of the numbers, and no empty table does."""
    nulls = {"p_sign": None, "p_significant": None, "new_seed_interval": None, "p_sign_unpaired": None}
    rows = tuple(row.model_copy(update=nulls) for row in FOUND.repeatability)
    reasons = {"/repeatability/0/p_sign": because("all_differences_equal")}
    lacking = FOUND.model_copy(update={"repeatability": rows, "reasons": reasons})
    assert says in said(lacking, lang)
    assert tables.repeatability(lacking, catalogue(lang)) is None


def test_how_far_cells_differ() -> None:
    """The cell that shrinks most is the one farthest from where it was seen."""
    assert "deviation τ of 0.23 pp" in said(FOUND)
    assert "depth 4, tanh is the cell most drawn towards the mean, from +1.10 pp to +0.80 pp" in said(FOUND)
    none = Heterogeneity(tau=0.0, shrunken=FOUND.heterogeneity.shrunken)
    told = {"differs": "an interaction was shown all the same", "undecided": "does not show them to be equal"}
    for shown, says in told.items():
        effects = tuple(row.model_copy(update={"decision": row.decision and shown}) for row in FOUND.anova)
        assert says in said(FOUND.model_copy(update={"heterogeneity": none, "anova": effects}))
    bare = {"heterogeneity": none, "anova": ()}
    alike = FOUND.model_copy(update=bare)
    assert "does not show them to be equal" in said(alike)
    assert "并不说明各组合的差值相等" in said(alike, "zh")
    assert "τ" not in said(FOUND.model_copy(update={"heterogeneity": Heterogeneity(tau=None)}))


def test_images_as_a_sample() -> None:
    """Their share of the variance and the interval, of the mean over cells."""
    assert "37.2% comes from the test images" in said(FOUND)
    assert "95% CI [0.18, 0.84] around +0.51 pp" in said(FOUND)
    assert "test images" not in said(FOUND.model_copy(update={"images": ()}))


def test_one_line_a_cell() -> None:
    """The line of a cell has the interval, the unpaired share, four chances of a sign and three of significance."""
    table = tables.repeatability(FOUND, catalogue("en"))
    assert table is not None
    assert [plain(one) for one in table.rows[1]] == [
        "depth 2, relu",
        "[−0.21, 1.23]",
        ".68",
        *(".72", ".76", ".80", ".90"),
        *(".21", ".35", ".70"),
    ]
    assert len(table.rows) == 5
