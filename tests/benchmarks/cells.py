"""How long the analysis takes, and how much memory, by the number of cells.

    python -m tests.benchmarks.cells 7 14 28

Writes tables of a loss under two optimisers in so many times so many cells of ten seeds, and analyses each in a
process of its own. A line a table: cells, processor seconds, peak memory, and the seconds a cell as a ratio to the
first table's.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ANALYSE = """
import resource, sys
from pathlib import Path
from analyze import analyse, read
findings = analyse(read(Path(sys.argv[1]), factor="optimizer", response="val_loss", better="lower"))
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20, len(findings.simple_effects))
"""


def table(side: int, seeds: int = 10) -> pd.DataFrame:
    """Losses in side x side cells, of two optimisers that do not differ."""
    index = pd.MultiIndex.from_product(
        [["adam", "sgd"], range(side), range(side), range(seeds)], names=["optimizer", "depth", "width", "seed"]
    )
    loss = np.random.default_rng(side).normal(2.0, 0.1, len(index))
    return pd.DataFrame({"val_loss": loss}, index=index).reset_index()


def measure(side: int, folder: Path) -> tuple[float, float]:
    """Processor seconds and peak memory in GB of one analysis."""
    path = folder / f"{side}.parquet"
    table(side).to_parquet(path)
    done = subprocess.run([sys.executable, "-c", ANALYSE, str(path)], capture_output=True, text=True, check=True)
    seconds, memory, _ = map(float, done.stdout.split())
    return seconds, memory


def main(arguments: list[str] | None = None) -> None:
    """A line a table."""
    sides = [int(one) for one in (sys.argv[1:] if arguments is None else arguments)] or [7, 14, 28]
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for side in sides:
            seconds, memory = measure(side, Path(folder))
            first = first or seconds / side**2
            ratio = seconds / side**2 / first
            sys.stdout.write(f"{side**2:7,} cells  {seconds:7.1f} s  {memory:5.2f} GB  {ratio:5.2f} x a cell\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
