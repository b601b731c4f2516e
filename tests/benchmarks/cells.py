"""How long the analysis takes, and how much memory, by the number of cells.

    python -m tests.benchmarks.cells 20 40 98
    python -m tests.benchmarks.cells 2^8 2^10 2^12

Writes tables of a loss under two optimisers in so many times so many cells, or in those of so many on/off factors, of
ten seeds, and analyses each in a process of its own that has analysed a small one before. A line a table: cells,
processor seconds of the analysis, of its page, peak memory, and the seconds of analysis a cell as a ratio to the first
table's.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ANALYSE = """
import resource, sys, time
import analyze, pandas
def found(path):
    table = pandas.read_parquet(path)
    moderators = [name for name in table if name.startswith("setting_")]
    asked = {"factor": "optimizer", "moderators": moderators, "response": "val_loss", "better": "lower"}
    return analyze.analyse(analyze.read(table, **asked))
found(sys.argv[1])
start = time.process_time()
findings = found(sys.argv[2])
analysed = time.process_time()
analyze.write(findings, sys.argv[3])
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(analysed - start, time.process_time() - analysed, memory, sum(findings.primary.cells_decided.values()))
"""


def shape_of(argument: str) -> tuple[int, ...]:
    """The levels of each moderator: 20 is 20 x 20, 2^9 nine of two levels."""
    levels, _, factors = argument.partition("^")
    return (int(levels),) * int(factors or 2)


def table(shape: tuple[int, ...], seeds: int = 10) -> pd.DataFrame:
    """Losses in so many cells, of two optimisers that do not differ."""
    names = ["optimizer", *(f"setting_{place}" for place in range(len(shape))), "seed"]
    index = pd.MultiIndex.from_product([["adam", "sgd"], *map(range, shape), range(seeds)], names=names)
    loss = np.random.default_rng(shape).normal(2.0, 0.1, len(index))
    return pd.DataFrame({"val_loss": loss}, index=index).reset_index()


def measure(shape: tuple[int, ...], folder: Path) -> tuple[float, float, float]:
    """Processor seconds of one analysis and of its page, and peak memory in GB."""
    paths = [folder / f"{name}.parquet" for name in ("warm", "table")]
    for path, cells in zip(paths, ((2, 2), shape), strict=True):
        table(cells).to_parquet(path)
    command = [sys.executable, "-c", ANALYSE, *map(str, paths), str(folder / "page.html")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, page, memory, cells_found = map(float, done.stdout.split())
    if cells_found != np.prod(shape):
        raise RuntimeError(f"{cells_found:.0f} cells were found of {np.prod(shape)}")
    return seconds, page, memory


def main(arguments: list[str] | None = None) -> None:
    """A line a table."""
    shapes = [shape_of(one) for one in (sys.argv[1:] if arguments is None else arguments) or ["20", "40"]]
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for shape in shapes:
            seconds, page, memory = measure(shape, Path(folder))
            cells = int(np.prod(shape))
            first = first or seconds / cells
            ratio = seconds / cells / first
            sys.stdout.write(
                f"{cells:7,} cells  {seconds:7.1f} s  {page:7.1f} s page  {memory:5.2f} GB  {ratio:5.2f} x a cell\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()
