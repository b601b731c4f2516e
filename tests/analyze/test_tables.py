"""`analyze tables`: every section as a flat table, with a dictionary of every column."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze import tables
from analyze.dictionary import MEANINGS, PREFIXES
from analyze.findings import Findings
from analyze.load import load
from analyze.plan import analyse
from tests.synthetic import write_study

FACTORS = {"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4), "activation": ("relu", "tanh")}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """A study with every section filled."""
    return analyse(load(write_study(tmp_path_factory.mktemp("t") / "s", np.random.default_rng(1), factors=FACTORS)))


@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_files_hold_the_findings(findings: Findings, tmp_path: Path, fmt: str) -> None:
    """Both formats have every row and the unrounded numbers."""
    paths = tables.write(findings, tmp_path / "out", fmt=fmt)
    read = {path.stem: pd.read_csv(path) if fmt == "csv" else pd.read_parquet(path) for path in paths}
    for name in tables.SECTIONS:
        assert len(read[name]) == len(getattr(findings, name)) > 0, name
    gaps = [row.gap for row in findings.simple_effects]
    assert read["simple_effects"]["gap"].tolist() == pytest.approx(gaps, rel=1e-15)
    assert read["primary"]["ci95_low"].item() == pytest.approx(findings.primary.ci95[0], rel=1e-15)
    assert set(read["simple_effects"]["depth"].astype(int)) == {2, 4}


def test_every_column_has_a_meaning(findings: Findings) -> None:
    """The dictionary explains each column; only factors fall to the general meaning."""
    found = tables.tables(findings)
    explained = tables.dictionary(found)
    assert set(map(tuple, explained[["table", "column"]].to_numpy())) == {
        (name, column) for name, table in found.items() for column in table
    }
    general = {c for c in explained["column"] if c not in MEANINGS and not c.startswith(tuple(PREFIXES))}
    assert general <= set(FACTORS)
