"""Runs the `analyze` command as a user does, from outside."""

import subprocess
import sys
from pathlib import Path

ANALYZE = [sys.executable, "-c", "from analyze.cli import main; main()"]


def analyze(*arguments: str, cwd: Path, timeout: float = 200) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run([*ANALYZE, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=timeout)
