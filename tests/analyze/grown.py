"""Studies whose seeds grew, with known gaps: declared before the data, or not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from tests.synthetic import describe, write_study

GAPS = {(2, "relu"): 0.6, (2, "tanh"): 0.0, (4, "relu"): 0.3, (4, "tanh"): 0.05}


def write(folder: Path, *, gaps: dict[Any, float] = GAPS, run: int = 60, **study: Any) -> Path:
    """A study of four cells with trials alone, and what its metadata say of it besides."""
    write_study(
        folder,
        np.random.default_rng(3),
        seeds=run,
        gap=lambda cell: gaps[cell["depth"], cell["activation"]],
        noise_sd=0.08,
        seed_gap_sd=0.04,
        test_n=10_000,
        with_bits=False,
        with_layers=False,
        points=2,
    )
    (folder / "curves.parquet").unlink()
    return rewrite(folder, **study)


def rewrite(folder: Path, keep: Any = None, **study: Any) -> Path:
    """The same study with other metadata, and with those of its rows alone of which `keep` says so."""
    path = folder / "trials.parquet"
    table = pq.read_table(path)
    metadata = dict(table.schema.metadata)
    said = json.loads(metadata[b"study"])
    said["analysis"] |= study.pop("analysis", {})
    metadata[b"study"] = json.dumps(said | study).encode()
    if keep is not None:
        table = table.filter([bool(keep(row)) for row in table.to_pylist()])
        metadata[b"planned"] = str(len(table)).encode()
    pq.write_table(table.replace_schema_metadata(metadata), path)
    describe(folder)
    return folder


DECLARED = {"seeds": list(range(10)), "analysis": {"sequential": True, "seeds_max": 60, "batch": 5}}
