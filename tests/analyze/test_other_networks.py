"""A study of somebody's own network: the report says nothing that only BatchNorm's studies can know."""

import io
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pypdf
import pytest

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report import result_tables, write
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.study.load import load

FOREIGN = re.compile(
    r"batch ?norm|\bBN\b|批归一化|(running|batch) (statistics|mean|variance)|[运滑][行动]统计|批统计|act_bn|bn_act",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """Findings of two optimizers on two widths, with learning curves and a layer's gradient norms."""
    folder = tmp_path_factory.mktemp("own") / "s"
    folder.mkdir()
    draw = np.random.default_rng(1)
    rows = [
        {"trial_id": f"{optimizer}{width}{seed}", "optimizer": optimizer, "width": width, "seed": seed}
        for optimizer in ("adam", "sgd")
        for width in (0.5, 1.0)
        for seed in range(8)
    ]
    trials = pd.DataFrame(rows).assign(test_accuracy=0.97 + draw.normal(0, 0.001, len(rows)), test_n=1000)
    trials.to_parquet(folder / "trials.parquet")
    points = trials[["trial_id"]].merge(pd.DataFrame({"examples_seen": [100, 1000, 10000]}), how="cross")
    accuracy = 1 - 10 / np.sqrt(points["examples_seen"]) * draw.uniform(0.9, 0.99, len(points))
    points.assign(split="test", eval_set="full", accuracy=accuracy.clip(0.1), n=1000).to_parquet(
        folder / "curves.parquet"
    )
    layers = trials[["trial_id"]].merge(pd.DataFrame({"layer": [1, 2, 3], "step": 10}), how="cross")
    layers.assign(kind="conv", grad_norm=draw.uniform(1, 2, len(layers))).to_parquet(folder / "layers.parquet")
    return analyse(load(folder, factor="optimizer", contrast=["adam", "sgd"]))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """Findings of a table of accuracies and nothing else: two optimizers, two widths, ten seeds, one budget."""
    folder = tmp_path_factory.mktemp("bare") / "s"
    folder.mkdir()
    draw = np.random.default_rng(1)
    rows = [
        {"trial_id": f"{optimizer}{width}{seed}", "optimizer": optimizer, "width": width, "seed": seed, "epochs": 20}
        for optimizer in ("adam", "sgd")
        for width in ("large", "small")
        for seed in range(10)
    ]
    trials = pd.DataFrame(rows).assign(test_accuracy=0.9 + draw.normal(0, 0.002, len(rows)), test_n=10000)
    trials.to_parquet(folder / "trials.parquet")
    return analyse(load(folder, factor="optimizer", contrast=["adam", "sgd"]))


#: What only collected studies, studies with learning curves or studies of two modes can say.
UNKNOWN = {
    "en": re.compile(
        r"\bmodes?\b|article|optimiser|(same|equal) (initial )?weights|from the study file|not planned|non-finite|"
        r"time.to.target|target\b|time ratio|failure time|jackknife|(?<!no )learning curve|known to move the gap|"
        r"attached|gradient|saturation|stale",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "模式|原文|优化器|宽度|相同的权重|取自研究文件|非有限|达标|首要目标|主要目标|时间比|加速失效|刀切|学习曲线下|"
        "会影响差值|附在|梯度|饱和|滞后"
    ),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("fmt", ["html", "md"])
def test_a_bare_table_hears_nothing_that_it_cannot_know(bare: Findings, fmt: str, lang: Language) -> None:
    """The whole text: no claim, reference or premise of another study, its own names, no method it has no data for."""
    made = write.render(bare, fmt=fmt, lang=lang).decode()  # type: ignore[arg-type]
    text = " ".join(plain(re.sub(r"<style>.*?</style>", "", made, flags=re.DOTALL)).split())
    assert [hit[0] for pattern in (FOREIGN, UNKNOWN[lang]) for hit in pattern.finditer(text)] == []
    words = catalogue(lang)
    claims = [words.text(key) for key in words.messages if key.startswith(("said.claim_", "said.source_"))]
    folder = resources.files("analyze.report.words") / "messages"
    for question in ("ordering", "norm"):
        claims += (folder / f"references.{question}.txt").read_text("utf-8").splitlines()
    assert len(claims) > 20
    assert [claim for claim in claims if claim in text] == []
    assert words.text("methods.pairing_unknown") in text
    assert text.count("optimizer") > 5
    assert re.search(r"\bwidth\b", text)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("fmt", ["html", "md", "pdf"])
def test_no_word_of_batchnorm(found: Findings, fmt: str, lang: Language) -> None:
    """No heading, sentence, caption, reference or dictionary entry, in any format or language."""
    assert found.curves
    assert found.layer_profile
    made = write.render(found, fmt=fmt, lang=lang)  # type: ignore[arg-type]
    if fmt == "pdf":
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    else:
        text = plain(re.sub(r"<style>.*?</style>", "", made.decode(), flags=re.DOTALL))
    assert [found[0] for found in FOREIGN.finditer(" ".join(text.split()))] == []


def test_no_word_of_batchnorm_in_the_tables(found: Findings, tmp_path: Path) -> None:
    """Nor in the result tables and their dictionary."""
    for path in result_tables.write(found, tmp_path, fmt="csv"):
        assert [hit[0] for hit in FOREIGN.finditer(path.read_text())] == [], path


SOME = {"pairs": 16, "pairs_with_equal_hashes": 0, "pairs_with_equal_batches": 16}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({**SOME, "pairs_with_equal_hashes": 16}, "every one of 16 pairs"),
        ({**SOME, "pairs_with_equal_hashes": 9}, "9 of 16 pairs"),
        (
            {**SOME, "pairs_with_equal_hashes": 9},
            "of the others, 7 saw the same batches, from weights",
        ),
        ({"pairs": None, "pairs_with_equal_hashes": None}, "not recorded"),
        (
            {**SOME, "least_shared_parameters": 0.046, "most_shared_parameters": 0.046},
            "of the others, 16 saw the same batches, and of their parameters 4.6% began",
        ),
        (
            {**SOME, "least_shared_parameters": 0.046, "most_shared_parameters": 0.5},
            "and of their parameters 4.6% to 50% began alike",
        ),
        ({**SOME, "pairs_with_equal_hashes": 16, "one_start": True}, "no interval here holds for other initial"),
    ],
)
def test_pairing_is_what_the_hashes_prove(found: Findings, facts: dict[str, float | None], expected: str) -> None:
    """The same weights and batches are claimed for exactly the pairs whose hashes are equal."""
    one = found.model_copy(update={"methods": found.methods | facts})
    page = plain(write.render(one, fmt="md", lang="en").decode())
    assert expected in page
    assert ("same weights" in page) == (facts["pairs"] is not None)
