"""Names that look like structure: what a user calls a factor or a level never changes what is computed or said."""

import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report import result_tables, write
from analyze.report.prose.answer import answer
from analyze.report.subject import subject_of
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import load

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def studied(folder: Path, primary: str, contrast: tuple[Any, Any], **factors: tuple[Any, ...]) -> Findings:
    """Findings of somebody's own table, in which the first level of the contrast is half a point ahead everywhere."""
    draw = np.random.default_rng(1)
    rows = [dict(zip(factors, levels, strict=True)) for levels in product(*factors.values())]
    trials = pd.DataFrame([row | {"seed": seed} for seed in range(10) for row in rows])
    ahead = trials[primary] == contrast[0]
    accuracy = 0.97 + 0.005 * ahead + draw.normal(0, 0.001, len(trials))
    folder.mkdir()
    trials.assign(trial_id=range(len(trials)), test_accuracy=accuracy).to_parquet(folder / "trials.parquet")
    return analyse(load(folder, factor=primary, contrast=[str(level) for level in contrast]))


def pages(found: Findings, lang: Language) -> str:
    """HTML and Markdown of these findings as readers see them."""
    return "".join(plain(write.render(found, fmt=fmt, lang=lang).decode()) for fmt in ("html", "md"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("primary", "contrast", "factors"),
    [
        ("use_dropout", (1, 0), {"use_bn": (0, 1), "use_dropout": (0, 1)}),
        ("use_dropout", (True, False), {"use_bn": (False, True), "use_dropout": (False, True)}),
        ("n_heads", (8, 4), {"n_layers": (2, 4, 8), "n_heads": (4, 8)}),
        ("second", ("on", "off"), {"first": ("off", "on"), "second": ("off", "on")}),
    ],
)
def test_factors_with_the_same_levels_keep_apart(
    tmp_path: Path, primary: str, contrast: tuple[Any, Any], factors: dict[str, tuple[Any, ...]]
) -> None:
    """The report is about the factor that was asked for, and never about another that has the same levels."""
    found = studied(tmp_path / "s", primary, contrast, **factors)
    moderator = next(name for name in factors if name != primary)
    assert (found.question.factor, found.question.contrast, found.question.moderators) == (
        primary,
        contrast,
        (moderator,),
    )
    subject = subject_of(found)
    assert (subject.factor, subject.first, subject.second) == (primary, *contrast)
    assert {tuple(row.cell) for row in found.simple_effects} == {(moderator,)}
    for lang in LANGUAGES:
        title = re.search(r"<title>(.*?)</title>", write.render(found, fmt="html", lang=lang).decode())
        assert title is not None
        assert primary in title[1]
        assert moderator not in title[1]
    twin = json.loads(write.render(found, fmt="json", lang="en"))
    assert twin["question"]["factor"] == primary
    assert twin["question"]["contrast"] == list(contrast)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_level_that_looks_like_a_contrast(tmp_path: Path, lang: Language) -> None:
    """A level "ResNet - v2" wins under its whole name, and is drawn, in every format."""
    found = studied(tmp_path / "s", "model", ("ResNet - v2", "a - b"), model=("a - b", "ResNet - v2"), depth=(2, 4))
    said = plain(answer(found, catalogue(lang)).sentence)
    assert "ResNet - v2 − a - b" in said
    assert re.search(r"ResNet - v2 (was ahead|led|领先|wins)", said) or "ResNet - v2" in said.split("−")[0]
    read = pages(found, lang)
    assert "ResNet - v2" in read
    assert json.loads(write.render(found, fmt="json", lang=lang))["question"]["contrast"] == ["ResNet - v2", "a - b"]
    assert write.render(found, fmt="pdf", lang=lang).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["params:m", "a=b", "a - b", "a≠b", "x; y", "p, q"])
def test_a_factor_that_looks_like_an_effect(tmp_path: Path, name: str) -> None:
    """A factor "params:m" has its main effect, its sentence, and its interactions, in both languages."""
    found = studied(tmp_path / "s", name, ("y=1", "x:0"), **{name: ("x:0", "y=1"), "depth": (2, 4)})
    effects = {row.effect for row in found.anova if row.scale == "raw"}
    assert effects == {(name,), ("depth",), (name, "depth")}
    for lang in LANGUAGES:
        page = plain(write.render(found, fmt="md", lang=lang).decode())
        assert page.count(name) > 3
    turned = studied(tmp_path / "t", "depth", (4, 2), **{name: ("x:0", "y=1"), "depth": (2, 4)})
    assert turned.question.moderators == (name,)
    assert {row.cell[name] for row in turned.simple_effects} == {"x:0", "y=1"}


def test_factors_called_like_columns_keep_their_columns(tmp_path: Path) -> None:
    """A factor called like a column of a result table stands in a column of its own beside it."""
    found = studied(tmp_path / "s", "optimizer", ("sgd", "adam"), optimizer=("adam", "sgd"), n=(1, 2), level=("a", "b"))
    tables = result_tables.tables(found)
    assert set(tables["simple_effects"]["factor_n"]) == {1, 2}
    assert set(tables["simple_effects"]["n"]) == {10}
    assert set(tables["cells"]["factor_level"]) == {"a", "b"}
    assert set(tables["cells"]["level"]) == {"adam", "sgd"}
    assert set(tables["simple_effects"]["level"]) == {"a", "b"}
    meanings = result_tables.dictionary(tables).set_index(["table", "column"])["meaning"]
    assert meanings["simple_effects", "factor_n"] == "level of the factor n, whose name is that of another column here"
    assert meanings["simple_effects", "level"] == "level of this factor"


def test_factors_called_like_prefixed_columns_are_all_there(tmp_path: Path) -> None:
    """Neither n nor factor_n takes the other's column; n_heads is no part of n."""
    levels = {"n": (1, 2), "factor_n": ("x", "y"), "n_heads": (4, 8)}
    found = studied(tmp_path / "s", "optimizer", ("sgd", "adam"), optimizer=("adam", "sgd"), **levels)
    table = result_tables.tables(found)["simple_effects"]
    held = {column: set(table[column]) for column in table.columns}
    assert (held["factor_factor_n"], held["factor_n"], held["n_heads"]) == ({1, 2}, {"x", "y"}, {4, 8})
    assert result_tables.meaning("simple_effects", "n_heads") == "level of this factor"
