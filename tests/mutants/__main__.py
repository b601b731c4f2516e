"""Make each change in a copy of the repository and see that its tests turn red; exit code 1 where one does not.

python -m tests.mutants [collect] [analyze]
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutants import Mutant, analyze, collect

ROOT = Path(__file__).parents[2]
LISTS = {"collect": collect.MUTANTS, "analyze": analyze.MUTANTS}
#: No part of the code: what tests and tools leave behind, and data.
IGNORED = shutil.ignore_patterns(".*", "__pycache__", "data", "*.egg-info", "build", "dist")
PASSED, FAILED = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the lists that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="*", metavar="LIST", help=f"of {', '.join(LISTS)}", default=list(LISTS))
    mutants = [mutant for name in parser.parse_args(arguments).lists for mutant in LISTS[name]]
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(ROOT, Path(folder, "copy"), ignore=IGNORED)
        told = []
        for problem in problems_of(mutants, copy):
            sys.stdout.write(f"{problem}\n")
            sys.stdout.flush()  # it takes minutes
            told.append(problem)
    sys.stdout.write(f"{len(mutants)} mutants, {len(told)} problems\n")
    return int(bool(told))


def problems_of(mutants: Sequence[Mutant], copy: Path) -> Iterator[str]:
    """What is wrong: tests that are red by themselves, mutants that cannot be made, and those that no test sees.

    Args:
        mutants: to make.
        copy: a copy of the repository, which is changed and put back.
    """
    for tests in sorted({mutant.tests for mutant in mutants}):
        if outcome_of(tests, copy) != PASSED:
            yield f"red as they are: {' '.join(tests)}"
    for mutant in mutants:
        path = copy / mutant.file
        source = path.read_text(encoding="utf-8")
        if source.count(mutant.old) != 1:
            yield f"stands {source.count(mutant.old)} times, not once, in {mutant.file}: {mutant.old}"
            continue
        path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
        outcome = outcome_of(mutant.tests, copy)
        path.write_text(source, encoding="utf-8")
        if outcome != FAILED:
            seen = "not seen" if outcome == PASSED else f"broke the tests (exit code {outcome})"
            yield f"{seen} by {' '.join(mutant.tests)}: {mutant.file}: {mutant.old} -> {mutant.new}"


def outcome_of(tests: Sequence[str], copy: Path) -> int:
    """The exit code of pytest, up to the first failure."""
    # A file that is changed within a second keeps its time, by which compiled code would be taken for current.
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
