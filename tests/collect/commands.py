"""Runs the `collect` command as a user does, from outside."""

import subprocess
import sys
import time
from pathlib import Path

import pandas as pd

COLLECT = [sys.executable, "-c", "from collect.cli import main; main()"]
SECONDS = ["train_seconds", "wall_seconds"]


def collect(*arguments: str, cwd: Path, timeout: float = 200) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run([*COLLECT, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=timeout)


def start(study_file: Path, cwd: Path, *options: str) -> subprocess.Popen[str]:
    """A run in a process group of its own, so that a signal can reach it alone."""
    command = [*COLLECT, "run", str(study_file), "--jobs", "1", *options]
    return subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for_parts(folder: Path, number: int) -> None:
    """Wait until that many trials are committed."""
    deadline = time.monotonic() + 120
    while len(list(folder.glob("parts/*.parquet"))) < number:
        assert time.monotonic() < deadline, "no part was committed"
        time.sleep(0.02)


def tables(folder: Path) -> list[pd.DataFrame]:
    """The three tables without wall times."""
    return [
        pd.read_parquet(folder / f"{n}.parquet").drop(columns=SECONDS, errors="ignore")
        for n in ("trials", "curves", "layers")
    ]
