"""Studies of very many cells end, decide what a few lines decide again, and say what a page shows of them."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup
from scipy import stats

import analyze
from analyze.findings import Findings
from analyze.report.document import compose
from analyze.report.picture import pictures
from analyze.report.tables import Table
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain

SEEDS = 6
DESIGNS = {"30 x 30": {"a": 30, "b": 30}, "nine on/off": {f"on_{name}": 2 for name in "bcdefghi"}}


def table(factors: dict[str, int]) -> pd.DataFrame:
    """Losses under two arms: an effect, and in half of the levels of the first moderator far more of it."""
    names = ["arm", *factors, "seed"]
    index = pd.MultiIndex.from_product([range(2), *map(range, factors.values()), range(SEEDS)], names=names)
    frame = index.to_frame(index=False)
    first, levels = next(iter(factors.items()))
    frame["loss"] = np.random.default_rng(7).normal(0.0, 1.0, len(frame)) + 0.1 * frame["seed"]
    frame["loss"] += frame["arm"] * (0.5 + 4.0 * (frame[first] >= levels / 2))
    return frame


@pytest.fixture(scope="module", params=DESIGNS)
def studied(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, list[str], Findings]:
    """A table, its moderators and what is found of it."""
    frame, names = table(DESIGNS[request.param]), list(DESIGNS[request.param])
    study = analyze.read(frame, response="loss", better="lower", factor="arm", moderators=names, margin=0.2)
    return frame, names, analyze.analyse(study)


def test_the_headline_is_that_of_a_few_lines(studied: tuple[pd.DataFrame, list[str], Findings]) -> None:
    """The mean by t and by every flip of six seeds, and the interaction with the first moderator by its own F."""
    frame, names, found = studied
    runs = frame.set_index(["arm", *names, "seed"])["loss"].unstack("seed")  # noqa: PD010  seeds become columns
    gaps = (runs.loc[0] - runs.loc[1]).reset_index()
    by_seed = gaps[list(range(SEEDS))].mean()
    signs = np.array(list(product((-1, 1), repeat=SEEDS)))
    primary = found.primary
    assert primary.estimate == pytest.approx(by_seed.mean())
    assert primary.p_t == pytest.approx(stats.ttest_1samp(by_seed, 0.0).pvalue)
    assert primary.p_signflip == np.mean(np.abs(signs @ by_seed) >= abs(by_seed.sum()) - 1e-9)
    levels = gaps.groupby(names[0])[list(range(SEEDS))].mean()
    scores = (levels - levels.mean()).to_numpy() * (len(gaps) / len(levels)) ** 0.5
    mean_square = SEEDS * (scores.mean(axis=1) ** 2).sum() / ((scores - scores.mean(axis=1)[:, None]) ** 2).sum()
    effect = next(row for row in found.anova if row.effect == ("arm", names[0]))
    assert pytest.approx(mean_square * (SEEDS - 1)) == effect.F
    assert (effect.decision, primary.decision, primary.winner) == ("differs", "second", 0)
    assert (primary.headline, primary.rule, primary.depends_on[0]) == ("depends", "interaction", names[0])


def test_no_cell_and_no_effect_is_left_out(studied: tuple[pd.DataFrame, list[str], Findings]) -> None:
    """Each cell has its decision and its rows, each effect its F, though page and figures show few of them."""
    _, names, found = studied
    cells = int(np.prod([len(found.study.factors[name]) for name in names]))
    of_cells = [row for row in found.simple_effects if row.scale == "raw"]
    assert len(of_cells) == sum(found.primary.cells_decided.values()) == cells
    assert len(found.repeatability) == 4 * (cells + 1)
    assert len(found.anova) == 2 ** (len(names) + 1) - 1
    assert all(row.F is not None for row in found.anova)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_it_shows(studied: tuple[pd.DataFrame, list[str], Findings], lang: Language) -> None:
    """Figures and tables count; that there are selections at all page one says of more than 400 cells."""
    _, names, found = studied
    cells = str(np.prod([len(found.study.factors[name]) for name in names]))
    words = catalogue(lang)
    page = compose(found, words, widths=())
    tables = [plain(block.note) for part in page.parts for block in part.blocks if isinstance(block, Table)]
    headline = pictures(found, words, lambda _: None, widths=())("headline")
    assert headline is not None
    assert words.text("figure.first_cells", shown="40", cells=cells) in plain(headline.caption)
    assert any(words.text("table.cut", shown="200", rows=cells) in note for note in tables)
    own = 2 ** len(names)
    told = " ".join(plain(block) for part in page.parts for block in part.blocks if isinstance(block, Markup))
    assert (f"{own} effects" in told or f"效应共 {own} 个" in told) == (own > 64)
    listed = {"en": "0 to 29 (30 levels)", "zh": "0 至 29（共 30 个水平）"}[lang]
    assert (listed in " ".join(map(plain, page.plain))) == (len(names) == 2)
    notes = " ".join(map(plain, page.notes))
    assert (words.text("note.many_cells", cells=cells, rows="200") in notes) == (int(cells) > 400)
