"""What a PDF of 450 trials costs, as a ratio to WeasyPrint's own work on as many plain tables in the same run.

    python -m tests.benchmarks.report [--rounds 3]

Each rendering is a process of its own; the rounds are interleaved. A line a rendering: processor seconds (median), the
ratio to the plain one, peak memory.
"""

import argparse
import statistics
import subprocess
import sys

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
REPORT = """
from analyze.report import write
from tests.analyze.sample import rich
levels = {{"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4, 8),
          "activation": ("relu", "leaky_relu", "elu", "sigmoid", "tanh")}}
write.render(rich(factors=levels), fmt="pdf", lang="{lang}")
"""
RENDERINGS = {
    "plain tables": PLAIN,
    "report, English": REPORT.format(lang="en"),
    "report, Chinese": REPORT.format(lang="zh"),
}


def measured(program: str) -> tuple[float, float]:
    """Processor seconds and peak MiB of a program."""
    done = subprocess.run([sys.executable, "-c", program + USED], capture_output=True, text=True, check=True)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def main(arguments: list[str] | None = None) -> None:
    """Print the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(arguments).rounds
    found = {name: [] for name in RENDERINGS}
    for _ in range(rounds):
        for name, program in RENDERINGS.items():
            found[name].append(measured(program))
    plain = statistics.median(seconds for seconds, _ in found["plain tables"])
    for name, runs in found.items():
        seconds = statistics.median(seconds for seconds, _ in runs)
        print(f"{name:<16} {seconds:5.1f} s  {seconds / plain:4.1f} x  {max(memory for _, memory in runs):4.0f} MiB")


if __name__ == "__main__":
    main()
