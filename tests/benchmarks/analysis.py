"""How long the analysis takes, and how much memory, by the number of trials.

    python -m tests.benchmarks.analysis 1000 10000 100000

Writes synthetic studies of 60 cells (the seeds grow, thirty curve rows a trial) into a temporary folder and runs
`analyze tables` on each in a process of its own. A line a study: trials, curve rows, seconds, processor seconds, peak
memory, and how much longer the tables take to read with their digests than without.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.synthetic import write_study

FACTORS = {
    "ordering": ("bn_act", "act_bn"),
    "depth": (2, 4, 8),
    "activation": ("relu", "leaky_relu", "elu", "sigmoid", "tanh"),
    "head": ("flatten", "gap"),
}
CELLS = 60


def study(folder: Path, trials: int) -> Path:
    """A study of about this many trials, with small interactions so that every model has something to fit."""
    return write_study(
        folder,
        np.random.default_rng(trials),
        factors=FACTORS,
        seeds=round(trials / CELLS),
        recipe={"epochs": 3},
        train_images=60_000,
        test_n=10_000,
        points=10,
        gap=lambda s: 0.3 if s["activation"] == "sigmoid" else 0.02,
        seed_gap_sd=0.05,
        examples_to_learn=lambda s: 4000.0 * (1 + 0.1 * s["depth"]),
        with_bits=False,
        with_layers=False,
    )


MEASURE = """
import resource, sys
from analyze.cli import main
try:
    main(["tables", sys.argv[1], "--out", sys.argv[2]])
except SystemExit as stopped:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20, stopped.code)
"""


READ = """
import sys, time
from pathlib import Path
from analyze.study.load import load
def read():
    start = time.perf_counter()
    assert load(Path(sys.argv[1])).curves is not None
    return time.perf_counter() - start
read()
print(sorted(read() for _ in range(5))[2])
"""


def cost_of_digests(folder: Path) -> float:
    """Seconds to read trials and curves, checked, over those to read them unchecked."""
    package = folder / "datapackage.json"

    def seconds() -> float:
        done = subprocess.run([sys.executable, "-c", READ, str(folder)], capture_output=True, text=True, check=True)
        return float(done.stdout)

    checked = seconds()
    package.rename(folder / "aside.json")
    unchecked = seconds()
    (folder / "aside.json").rename(package)
    return checked / unchecked


def measure(folder: Path) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak GiB of `analyze tables` on this study."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder), str(folder / "tables")], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - start
    busy, memory, code = done.stdout.split()[-3:]
    if int(code):
        raise RuntimeError(done.stderr)
    return seconds, float(busy), float(memory)


def main() -> None:
    """Measure the sizes named on the command line."""
    print("trials  curve rows  seconds  processor seconds  GiB  digests")
    for trials in map(int, sys.argv[1:] or ["1000", "10000"]):
        with tempfile.TemporaryDirectory() as place:
            folder = study(Path(place) / "study", trials)
            import pyarrow.parquet as pq

            rows = pq.read_metadata(folder / "curves.parquet").num_rows
            seconds, busy, memory = measure(folder)
            ratio = cost_of_digests(folder)
            print(f"{trials:>6}  {rows:>10}  {seconds:>7.1f}  {busy:>17.1f}  {memory:.2f}  {ratio:.2f} x", flush=True)


if __name__ == "__main__":
    main()
