"""The rules of the architecture: what each package may import, and that the analysis lives without torch."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.synthetic import write_study

ROOT = Path(__file__).parent.parent
ANALYZE = sorted((ROOT / "analyze").rglob("*.py"))

#: Modules of pure statistics: tables in, numbers out.
STATISTICS = {"anova", "paired", "signflip", "multiplicity", "aft"}

#: From the tables to Findings. Every other module of analyze but the command line presents them.
ANALYSIS = STATISTICS | {
    "arms",
    "cells",
    "check",
    "claims",
    "claims_accuracy",
    "claims_training",
    "convergence",
    "core",
    "crossing",
    "describe",
    "dictionary",
    "design",
    "errors",
    "evidence",
    "files",
    "findings",
    "load",
    "mechanism",
    "metadata",
    "multiverse",
    "plan",
    "power",
    "precision",
    "profiles",
    "remote",
    "responses",
    "speed",
    "stability",
    "stored",
    "tables",
    "verdict",
    "visible",
}

#: All of the analysis that a module of the presentation may know.
SHOWN = {"errors", "files", "findings", "visible"}


def imports(path: Path) -> set[str]:
    """Every module a file imports, at any depth of its code, with the imported names appended."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own(path: Path) -> set[str]:
    """The modules of analyze that a file imports."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("analyze.")}


@pytest.mark.parametrize("path", ANALYZE, ids=lambda path: str(path.relative_to(ROOT)))
def test_analyze_imports_neither_torch_nor_the_engine(path: Path) -> None:
    """Of collect, analyze may import the schema alone."""
    found = imports(path)
    assert not {name for name in found if name.split(".")[0] in {"torch", "torchvision", "mlxtend"}}
    assert {name for name in found if name.split(".")[0] == "collect"} <= {"collect", "collect.schema"}


@pytest.mark.parametrize("path", ANALYZE, ids=lambda path: str(path.relative_to(ROOT)))
def test_analyze_flows_one_way(path: Path) -> None:
    """Statistics import only statistics, the analysis nothing that presents it, and that knows only Findings."""
    name = path.relative_to(ROOT / "analyze").parts[0].removesuffix(".py")
    assert "cli" not in own(path)
    if name in STATISTICS:
        assert own(path) <= STATISTICS
    if name in ANALYSIS:
        assert own(path) <= ANALYSIS
    elif name not in {"cli", "__init__"}:
        assert own(path) & ANALYSIS <= SHOWN


def test_the_lists_above_name_modules_that_exist() -> None:
    """A rule about a module that is gone would hold for nothing."""
    assert {path.relative_to(ROOT / "analyze").parts[0].removesuffix(".py") for path in ANALYZE} >= ANALYSIS


def test_collect_imports_of_analyze_only_power() -> None:
    """The collector plans with analyze.power, and knows nothing else of the analysis."""
    for path in sorted((ROOT / "collect").rglob("*.py")):
        found = {name for name in imports(path) if name.split(".")[0] == "analyze"}
        allowed = {"analyze", "analyze.power"} if path.name == "cli.py" else set()
        assert {name for name in found if not name.startswith("analyze.power.")} <= allowed, path


def test_report_without_torch(tmp_path: Path) -> None:
    """A whole JSON report in a process that cannot import torch or the engine, and has not tried to."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1))
    code = f"""
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "mlxtend"):
            raise ImportError(name)
        if name.startswith("collect.") and name != "collect.schema":
            raise ImportError(name)

sys.meta_path.insert(0, Forbidden())
from analyze.cli import main
main(["report", {str(folder)!r}, "--format", "json"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == folder / "report.json"


@pytest.mark.parametrize("module", ["analyze.cli"])
def test_help_imports_nothing_slow(module: str) -> None:
    """The command line starts without pandas, scipy, matplotlib or weasyprint."""
    slow = "{'pandas', 'scipy', 'numpy', 'matplotlib', 'weasyprint', 'pyarrow', 'statsmodels', 'pingouin', 'torch'}"
    code = f"import sys, {module}; print(sorted({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
