"""A large study's store: how long planning, status, resuming and compaction take, and how much memory.

    python -m tests.benchmarks.store [--trials 100000] [--new 5000]

The parts are synthetic and as large as those of an article trial (depth 4, 19 points, 10 000 test images). Each line is
a process of its own, so that its memory is that step's alone; before the first tables stands what it takes pyarrow to
read the same parts one by one and do nothing with them.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from collect.store import keys, parts
from collect.store import plan as plans
from collect.store.outcome import Outcome
from collect.store.place.folder import FolderStore
from tests.collect.outcomes import made_up

POINTS, LAYERS, MODES = 19, 5, 2


def outcome(generator: np.random.Generator) -> Outcome:
    """What a trial might have given."""
    curve = [
        {"step": step, "split": "test", "eval_set": "subset", "bn_mode": mode, "loss": loss, "accuracy": 0.9, "n": 512}
        for step, loss in enumerate(generator.random(POINTS).tolist())
        for mode in ("running", "batch")[:MODES]
    ]
    numbers = generator.random((POINTS, LAYERS, 6)).tolist()
    names = ("grad_norm", "activation_mean", "activation_var", "skewness", "zero_fraction", "gamma_norm")
    layer = [
        {"step": step, "layer": number, "kind": "conv", **dict(zip(names, values, strict=True))}
        for step, rows in enumerate(numbers)
        for number, values in enumerate(rows)
    ]
    return made_up(
        curve, layer, precision="fp32", test_accuracy=0.98, test_n=10_000, correct_bits=generator.bytes(1250)
    )


def fill(store: FolderStore, trial_ids: Sequence[str]) -> None:
    """Commit synthetic parts of these trials; without a flush of each, which is not what is measured."""
    plan = plans.read(store)
    generator = np.random.default_rng(0)
    (store.root / keys.PARTS).mkdir(exist_ok=True)
    for trial_id in trial_ids:
        content = parts.encode(plan.row(trial_id), outcome(generator), "synthetic", {"python": "3"})
        (store.root / keys.part(trial_id)).write_bytes(content)


def timed(code: str, *arguments: str) -> str:
    """Run Python code in a process of its own: its seconds and its peak memory."""
    measured = f"import resource, sys\n{code}\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", measured, *arguments], capture_output=True, text=True, check=True)
    return f"{time.perf_counter() - started:.1f} s, {done.stdout.split()[-1]} MiB"


RUN = """
from pathlib import Path
from collect import publishing, runner
from collect.study import study_file
from collect.store.place.folder import FolderStore
from collect.store.outcome import Outcome
store = FolderStore(Path(sys.argv[1]))
"""
PLAN = (
    RUN
    + """
asked = study_file.read("quick", [f"seeds={sys.argv[2]}"])
runner.open_study(store, asked, "fp32", Path(), extend=False)
"""
)
PLAIN = """
import os, sys
import pyarrow.parquet as pq
for name in ("plan", "index"):
    pq.read_table(f"{sys.argv[1]}/{name}.parquet").to_pydict()
[entry.stat() for entry in os.scandir(f"{sys.argv[1]}/parts")]
"""
STATUS = (
    RUN
    + """
from collect.store import ledger, plan
print(ledger.read(store, plan.read(store).trials).counts)
"""
)
READ = (
    RUN
    + """
import pyarrow.parquet as pq
for path in (store.root / "parts").iterdir():
    pq.ParquetFile(path).read(use_threads=False)
"""
)
PUBLISH = (
    RUN
    + """
from collect.store import plan
publishing.publish(store)
"""
)


def main(arguments: list[str] | None = None) -> None:
    """Print the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=5000)
    options = parser.parse_args(arguments)
    cells = 8
    with tempfile.TemporaryDirectory() as folder:
        store = FolderStore(Path(folder))
        print(f"plan {options.trials} trials: {timed(PLAN, folder, str(options.trials // cells))}", flush=True)
        ids = list(plans.read(store).trials)
        done = 0
        for upto in (options.new, 2 * options.new, options.trials - options.new, options.trials):
            fill(store, ids[done:upto])
            if not done:
                print(f"reading {upto} parts, for comparison: {timed(READ, folder)}", flush=True)
            before = f"{upto - done} new parts beside {done}"
            print(f"tables, {before}: {timed(PUBLISH, folder)}", flush=True)
            done = upto
            print(f"status with {done} parts: {timed(STATUS, folder)}", flush=True)
            print(f"  plan, index and listing read and believed, for comparison: {timed(PLAIN, folder)}", flush=True)
            print(f"resume with {done} parts: {timed(PLAN + STATUS, folder, str(options.trials // cells))}", flush=True)


if __name__ == "__main__":
    main()
