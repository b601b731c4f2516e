"""What the report of 450 trials costs, as ratios to WeasyPrint's own work on as many plain tables in the same run.

    python -m tests.benchmarks.report [--rounds 3]

Each line is a process of its own; the rounds are interleaved. A line: processor seconds (median), their ratio to those
of the plain tables, peak memory, and its ratio to theirs. The study is a synthetic one, written for the occasion.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.synthetic import write_study

FACTORS = {
    "ordering": ("bn_act", "act_bn", "none"),
    "depth": (2, 4, 8),
    "activation": ("relu", "leaky_relu", "elu", "sigmoid", "tanh"),
}
USED = """
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""
PLAIN = """
from weasyprint import HTML
row = "<tr>" + "<td>0.123</td>" * 10 + "</tr>"
HTML(string="".join(f"<table>{row * 30}</table>" for _ in range(20))).write_pdf()
"""
READING = "from pathlib import Path; from analyze.study.load import load; study = load(Path(sys.argv[1]))\n"
REPORT = """
from analyze.cli import main
try:
    main(["report", sys.argv[1], "--lang", "{lang}", "--out", sys.argv[1] + "/report.{ending}"])
except SystemExit as stopped:
    assert stopped.code == 0
"""
PROGRAMS = {
    "plain tables": PLAIN,
    "analysis alone": READING + "from analyze.analysis import analyse; analyse(study)",
    "report, HTML": REPORT.format(lang="en", ending="html"),
    "report, English": REPORT.format(lang="en", ending="pdf"),
    "report, Chinese": REPORT.format(lang="zh", ending="pdf"),
}


def measured(program: str, study: Path) -> tuple[float, float]:
    """Processor seconds and peak MiB of a program."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys\n" + program + USED, str(study)], capture_output=True, text=True, check=True
    )
    seconds, memory = map(float, done.stdout.split()[-2:])
    return seconds, memory


def main(arguments: list[str] | None = None) -> None:
    """Print the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(arguments).rounds
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as place:
        study = write_study(Path(place) / "study", np.random.default_rng(1), factors=FACTORS, seeds=10, seed_gap_sd=0.2)
        for _ in range(rounds):
            for name, program in PROGRAMS.items():
                found[name].append(measured(program, study))
    costs = {name: (statistics.median(t for t, _ in runs), max(m for _, m in runs)) for name, runs in found.items()}
    plain_seconds, plain_memory = costs["plain tables"]
    for name, (seconds, memory) in costs.items():
        times, larger = seconds / plain_seconds, memory / plain_memory
        print(f"{name:<16} {seconds:5.1f} s  {times:4.1f} x  {memory:4.0f} MiB  {larger:3.1f} x", flush=True)


if __name__ == "__main__":
    main()
