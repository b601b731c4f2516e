"""What a process imports: the analysis lives without torch, and help starts without waiting.

Which folder may import which is import-linter's contract in pyproject.toml, held by `make check`.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.synthetic import write_study

ROOT = Path(__file__).parent.parent


def test_report_without_torch(tmp_path: Path) -> None:
    """A whole JSON report in a process that cannot import torch or the engine, and has not tried to."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1))
    code = f"""
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "mlxtend"):
            raise ImportError(name)
        if name.startswith("collect.") and not name.startswith("collect.schema"):
            raise ImportError(name)

sys.meta_path.insert(0, Forbidden())
from analyze.cli import main
main(["report", {str(folder)!r}, "--format", "json"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.splitlines()[-1]) == folder / "report.json"


@pytest.mark.parametrize("module", ["analyze.cli"])
def test_help_imports_nothing_slow(module: str) -> None:
    """The command line starts without pandas, scipy, matplotlib or weasyprint."""
    slow = "{'pandas', 'scipy', 'numpy', 'matplotlib', 'weasyprint', 'pyarrow', 'statsmodels', 'pingouin', 'torch'}"
    code = f"import sys, {module}; print(sorted({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
