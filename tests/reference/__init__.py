"""Results of other programs, read by the tests."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent


def results(script: str = "reference") -> dict[str, Any]:
    """Everything that an R script computed, reference.R unless another is named."""
    return json.loads((FOLDER / f"{script}.json").read_text())


def table(name: str) -> pd.DataFrame:
    """A data set kept beside the results."""
    return pd.read_csv(FOLDER / f"{name}.csv")
