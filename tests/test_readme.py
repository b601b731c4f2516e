"""The README tells the truth: its commands run, its files exist, its options are those of --help."""

import html
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = [
    line.split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
COMMANDS = [line for line in SHELL if line.startswith(("collect ", "analyze "))]


def run(line: str, cwd: Path, *extra: str) -> subprocess.CompletedProcess[str]:
    """Run a `collect` or `analyze` line in a folder."""
    program, *arguments = shlex.split(line)
    start = [sys.executable, "-c", f"from {program}.cli import main; main()"]
    return subprocess.run(
        [*start, *arguments, *extra], cwd=cwd, capture_output=True, text=True, check=False, timeout=280
    )


def test_the_readme_shows_commands() -> None:
    """There is something to check."""
    assert len(COMMANDS) >= 6


@pytest.mark.parametrize("line", sorted(set(COMMANDS)))
def test_every_command_and_option_exists(line: str) -> None:
    """Each command of the README has a help page, and each of its options stands on it."""
    program, command, *arguments = shlex.split(line)
    shown = run(f"{program} {command} --help", ROOT)
    assert shown.returncode == 0, shown.stderr
    for option in (word for word in arguments if word.startswith("--")):
        assert option in shown.stdout


def test_every_command_is_described() -> None:
    """Whatever `--help` lists, the README shows."""
    for program in ("collect", "analyze"):
        listed = re.findall(
            r"^  (\w+) {2,}\S", run(f"{program} --help", ROOT).stdout.split("Commands:")[1], re.MULTILINE
        )
        assert listed
        for command in listed:
            assert f"{program} {command}" in README, f"{program} {command} is not in the README"


def test_its_study_runs_to_a_report(tmp_path: Path) -> None:
    """The README's study file, cut to a few small trials, trains on the real digits and asks what its name says."""
    [study] = [block for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "head-matters" in block]
    tomllib.loads(study)
    (tmp_path / "head-matters.toml").write_text(study, encoding="utf-8")
    small = [
        "--set",
        "seeds=2",
        "--set",
        "recipe.epochs=1",
        "--set",
        "recipe.width=0.125",
        "--set",
        "recipe.evaluations=3",
    ]
    trained = run("collect run head-matters.toml", tmp_path, *small)
    assert trained.returncode == 0, trained.stderr
    reported = run("analyze report data/head-matters --format html --format json", tmp_path)
    assert reported.returncode == 0, reported.stderr
    assert reported.stdout.splitlines()[-2:] == ["data/head-matters/report.html", "data/head-matters/report.json"]
    found = json.loads((tmp_path / reported.stdout.splitlines()[-1]).read_text(encoding="utf-8"))
    assert found["question"]["factor"] == "head"
    assert found["primary"]["contrast"] == "gap - flatten"
    means = (
        pd.read_parquet(tmp_path / "data" / "head-matters" / "trials.parquet").groupby("head")["test_accuracy"].mean()
    )
    assert "**first level of the contrast minus the second**" in README
    assert found["primary"]["estimate"] == pytest.approx(100 * (means["gap"] - means["flatten"]))


def test_its_own_network_is_trained(tmp_path: Path) -> None:
    """The README's file and study, as they stand but for fewer seeds and steps, run to a report."""
    [source] = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "residual.py" in block]
    [study] = [block for block in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "residual" in block]
    (tmp_path / "residual.py").write_text(source, encoding="utf-8")
    (tmp_path / "residual.toml").write_text(study, encoding="utf-8")
    trained = run("collect run residual.toml seeds=2 epochs=1 evaluations=3", tmp_path)
    assert trained.returncode == 0, trained.stderr
    reported = run("analyze report data/residual --format json", tmp_path)
    assert reported.returncode == 0, reported.stderr
    found = json.loads((tmp_path / "data" / "residual" / "report.json").read_text(encoding="utf-8"))
    assert found["primary"]["contrast"] == "pre - post"
    assert found["methods"]["network"] == "residual.py:build"
    assert found["methods"]["pairs_with_equal_hashes"] == found["methods"]["pairs"] == 4


def test_its_batch_script_runs_a_whole_study(tmp_path: Path) -> None:
    """Started as a job array of two, the README's script (on a tiny study in the article's place) is complete."""
    [script] = [block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "#SBATCH" in block]
    (tmp_path / "job.sh").write_text(script, encoding="utf-8")
    tiny = "--set factors.depth=[1] --set seeds=2 --set recipe.epochs=1 --set recipe.width=0.125"
    main = f'{shlex.quote(sys.executable)} -c "from collect.cli import main; main()"'
    commands = {"srun": 'exec "$@"', "collect": f'shift 2; exec {main} run quick {tiny} "$@"'}
    for name, content in commands.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{content}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    given = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_CPUS_PER_TASK": "1"}
    tasks = [
        subprocess.Popen(
            ["bash", "job.sh"],
            cwd=tmp_path,
            env=given | {"SLURM_ARRAY_TASK_ID": task, "SLURM_ARRAY_TASK_COUNT": "2"},
            stderr=subprocess.DEVNULL,
        )
        for task in ("1", "2")
    ]
    assert [task.wait(timeout=280) for task in tasks] == [0, 0]
    state = json.loads(run("collect status --json", tmp_path).stdout)
    assert state["planned"] == state["completed"] + state["diverged"] > 0


def test_trials_brought_by_somebody_else_get_a_report(tmp_path: Path) -> None:
    """The README's own script, run as it stands, warns of nothing and makes a study that its `analyze` lines accept."""
    [script] = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "sklearn" in block]
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, check=True, timeout=200, capture_output=True, text=True
    )
    assert made.stderr == ""
    lines = [line for line in COMMANDS if line.startswith("analyze") and "data/mine" in line]
    assert len(lines) == 4
    for line in lines:
        done = run(line, tmp_path)
        assert done.returncode == 0, done.stderr
    assert "adam" in (tmp_path / "data" / "mine" / "report.html").read_text(encoding="utf-8")
    [from_python] = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "analyze" in block]
    asked = subprocess.run(
        [sys.executable, "-c", from_python], cwd=tmp_path, check=True, timeout=200, capture_output=True, text=True
    )
    reported = run(f"{lines[0]} --out -", tmp_path)
    assert asked.stdout.strip() in html.unescape(re.sub("<[^>]+>", "", reported.stdout))
    assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize(
    ("given", "study", "folder"),
    [
        ([], "quick", "data/quick"),
        (["STUDY=article"], "article", "data/article"),
        (["STUDY=own/head-matters.toml"], "own/head-matters.toml", "data/head-matters"),
    ],
)
def test_make_report_prints_the_study_that_it_trained(given: list[str], study: str, folder: str) -> None:
    """Training and report name one folder, whatever else lies under data/."""
    shown = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "report", *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *_, trained, reported = shown.stdout.splitlines()
    assert trained.endswith(f"/collect run {study} --out {folder}")
    assert reported.endswith(f"/analyze report {folder} --format pdf")


def test_links_and_make_targets_exist() -> None:
    """Relative links lead somewhere, and `make` knows the targets that are named."""
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README):
        assert (ROOT / target).exists()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)$", "\n".join(SHELL), re.MULTILINE):
        assert f"\n{target}:" in makefile
