"""A study of somebody's own network: the report says nothing that only BatchNorm's studies can know."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pypdf
import pytest

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report import result_tables, write
from analyze.report.words.catalogue import Language
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


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"pairs": 16, "pairs_with_equal_hashes": 16}, "every one of 16 pairs"),
        ({"pairs": 16, "pairs_with_equal_hashes": 9}, "9 of 16 pairs"),
        ({"pairs": None, "pairs_with_equal_hashes": None}, "not recorded"),
    ],
)
def test_pairing_is_what_the_hashes_prove(found: Findings, facts: dict[str, int | None], expected: str) -> None:
    """The same weights and batches are claimed for exactly the pairs whose hashes are equal."""
    one = found.model_copy(update={"methods": found.methods | facts})
    page = plain(write.render(one, fmt="md", lang="en").decode())
    assert expected in page
    assert ("same weights" in page) == (facts["pairs"] is not None)
