"""The `collect` command as its user meets it: runs, resumes, refuses in one line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from collect import schema
from tests.collect.commands import collect, start, tables, wait_for_parts


def test_the_tables_have_the_columns_of_the_contract(finished: Path) -> None:
    """Names and types, one row a trial, and a row of curves for every mode and split that was measured."""
    trials, curves, layers = (pd.read_parquet(finished / f"{n}.parquet") for n in ("trials", "curves", "layers"))
    assert list(trials) == [c.name for c in schema.TRIALS]
    assert list(curves) == [c.name for c in schema.curves(["ordering", "depth", "activation"])]
    assert list(layers) == [c.name for c in schema.layers(["ordering", "depth", "activation"])]
    assert len(trials) == 8
    assert set(curves.bn_mode) == {"running", "batch"}
    assert set(curves.split) == {"train", "test"}
    assert layers.groupby("trial_id").layer.max().to_dict() == (trials.set_index("trial_id").depth + 1).to_dict()
    assert {0, 1} <= set(layers.step)


def test_pairs_are_pairs_in_the_tables(finished: Path) -> None:
    """Within a depth and seed all trials share the hashes of initial weights and batch order."""
    trials = pd.read_parquet(finished / "trials.parquet")
    pairs = trials[["depth", "seed", "init_hash", "order_hash"]].drop_duplicates()
    assert len(pairs) == len(trials[["depth", "seed"]].drop_duplicates()) == pairs.init_hash.nunique() == 4
    assert pairs.order_hash.nunique() == 2


@pytest.mark.parametrize("name", ["trials", "curves", "layers"])
def test_duckdb_and_polars_read_every_table(finished: Path, name: str) -> None:
    """Three readers agree on the number of rows."""
    path = finished / f"{name}.parquet"
    rows = len(pd.read_parquet(path))
    assert rows > 0
    assert duckdb.sql(f"select count(*) from '{path}'").fetchall() == [(rows,)]  # noqa: S608  # a path of our own
    assert pl.read_parquet(path).height == rows


def test_provenance_travels_in_the_metadata(finished: Path) -> None:
    """Versions, threads and the study itself can be read from trials.parquet alone."""
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(finished / "trials.parquet").metadata
    [environment] = json.loads(metadata[b"environments"])
    assert environment["threads"] == 1
    assert environment["deterministic"]
    assert environment["packages"]["torch"]
    assert json.loads(metadata[b"study"])["name"] == "tiny"
    assert (metadata[b"planned"], metadata[b"pending"]) == (b"8", b"0")


def test_a_worker_gives_what_the_same_trial_gives_in_process(finished: Path, dataset: Path, tmp_path: Path) -> None:
    """At one thread, training here equals the row that a worker committed, bit for bit."""
    import torch

    from collect.engine.training import train
    from collect.images import load
    from collect.images.on_device import ResidentImages
    from collect.images.sharing import SharedFile
    from collect.store import plan as plans
    from collect.store.place.folder import FolderStore

    trial_id, trial = next(iter(plans.read(FolderStore(finished)).trials.items()))
    shared = SharedFile.write(load(str(dataset), Path())[0], tmp_path / "images")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        [outcome] = train([trial], ResidentImages.open(shared, torch.device("cpu")))
    finally:
        torch.set_num_threads(threads)
    committed = pd.read_parquet(finished / "trials.parquet").set_index("trial_id").loc[trial_id]
    for name in (
        "test_accuracy",
        "test_loss",
        "test_accuracy_batch",
        "train_loss",
        "init_hash",
        "order_hash",
        "correct_bits",
    ):
        assert committed[name] == getattr(outcome.row, name), name


def test_running_again_does_nothing_and_says_so(finished: Path) -> None:
    """No part and no table is touched."""
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*.parquet")}
    again = collect("run", "tiny.toml", cwd=finished.parent.parent)
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in finished.rglob("*.parquet")} == before


def test_status_reconciles(finished: Path) -> None:
    """Planned = completed + diverged + failed + pending, as JSON and for the newest study by default."""
    shown = collect("status", "--json", cwd=finished.parent.parent)
    counts = json.loads(shown.stdout)
    assert counts.pop("planned") == sum(counts.values()) == 8


def test_killed_and_run_again_gives_the_same_rows(finished: Path, study_file: Path) -> None:
    """SIGKILL to the whole group in the middle; the second run finishes the rest, equal bit for bit."""
    folder = study_file.parent / "data" / "tiny"
    run = start(study_file, study_file.parent)
    wait_for_parts(folder, 2)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    kept = {path.name for path in folder.glob("parts/*.parquet")}
    assert 2 <= len(kept) < 8
    done = collect("run", str(study_file), "--jobs", "2", cwd=study_file.parent)
    assert done.returncode == 0, done.stderr
    assert "8 planned = 8 completed" in done.stdout
    for ours, theirs in zip(tables(folder), tables(finished), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_keeps_what_is_finished(study_file: Path, number: int, code: int) -> None:
    """The first signal lets the running trial finish, says how to go on, and sets the exit code."""
    folder = study_file.parent / "data" / "tiny"
    run = start(study_file, study_file.parent)
    wait_for_parts(folder, 1)
    run.send_signal(number)
    _, told = run.communicate(timeout=60)
    assert run.returncode == code
    assert "collect run data/tiny" in told
    assert "Traceback" not in told
    assert len(pd.read_parquet(folder / "trials.parquet")) >= 1
    assert collect("run", "data/tiny", cwd=study_file.parent).returncode == 0


def test_no_worker_outlives_its_parent(study_file: Path) -> None:
    """The parent killed alone: its worker is gone within ten seconds."""
    run = start(study_file, study_file.parent)
    wait_for_parts(study_file.parent / "data" / "tiny", 1)
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text(encoding="utf-8").split()
    assert children
    run.kill()
    run.communicate()
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--set", "factors.depht=[2]"], "did you mean 'depth'"),
        (["run", "nosuch"], "choose from article, confounds, quick"),
        (["run", "--jobs", "0"], "--jobs must be"),
        (["run", "--device", "gpu"], "gpu"),
        (
            ["run", "--device", "cuda"],
            "--device cuda: torch finds no CUDA device here that it can use; choose cpu or auto",
        ),
        (
            ["run", "--precision", "tf32"],
            "--precision tf32: torch finds no CUDA device here that it can use; choose fp32",
        ),
        (["run", "--precision", "tf32", "--device", "cpu"], "--precision tf32: it is an arithmetic of GPUs"),
        (["run", "--job", "2"], "--jobs"),
        (["rum"], "run"),
        (["status", "nowhere"], "nowhere holds no study"),
        (["status"], "start one with collect run"),
        (["run", "--set", "dataset=nosuch"], "there is no data set 'nosuch'"),
    ],
)
def test_a_users_mistake_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence on stderr with what would be right, exit code 2, nothing on stdout, nothing on disk."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    wrong = collect(*arguments, cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.count("\n") == 1
    assert said in wrong.stderr
    assert not list(tmp_path.iterdir())


def test_a_changed_plan_is_refused(finished: Path) -> None:
    """Resuming with another recipe names the difference and leaves the study alone."""
    wrong = collect("run", "tiny.toml", "--set", "recipe.epochs=2", cwd=finished.parent.parent)
    assert wrong.returncode == 2
    assert "recipe.epochs was 1, is 2" in wrong.stderr


def test_help_needs_neither_torch_nor_pandas() -> None:
    """`collect --help` loads nothing slow."""
    check = (
        "import sys; sys.argv = ['collect', '--help']\n"
        "from collect.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'torch', 'pandas', 'numpy', 'pyarrow', 'scipy'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert shown.stdout.endswith("[]\n")


def test_a_folder_is_resumed_in_its_own_precision(study_file: Path) -> None:
    """A bf16 study trains, resumes as bf16 from its folder, and is not mixed with fp32."""
    folder = study_file.parent
    small = ["--set", "seeds=1", "--set", "factors.depth=[1]", "--out", "half"]
    trained = collect("run", str(study_file), *small, "--precision", "bf16", cwd=folder)
    assert trained.returncode == 0, trained.stderr
    assert set(pd.read_parquet(folder / "half" / "trials.parquet").precision) == {"bf16"}
    assert "nothing to do" in collect("run", "half", cwd=folder).stdout
    mixed = collect("run", "half", "--precision", "fp32", cwd=folder)
    assert mixed.returncode == 2
    assert "precision was bf16, is fp32" in mixed.stderr


def test_plan_trains_nothing_and_tells_everything(tmp_path: Path) -> None:
    """Cells, trials, power with its warning, estimated time and every key; nothing is written; lines fit a terminal."""
    from collect.study.study import Analysis
    from collect.study.trial import Settings

    shown = collect("plan", "quick", "--jobs", "2", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "8 cells x 10 seeds = 80 trials" in shown.stdout
    assert "7 % of the time at a true gap of 0" in shown.stdout  # 10 seeds, sd .2, margin .1: .07 in Phillips' formula
    assert "warning" in shown.stdout
    assert "Estimated time" in shown.stdout
    assert all(f"\n    {key} = " in shown.stdout for key in (*Settings.model_fields, *Analysis.model_fields))
    assert max(map(len, shown.stdout.splitlines())) <= 88
    assert not list(tmp_path.iterdir())


def test_plan_sees_what_does_not_fit(tmp_path: Path) -> None:
    """A batch larger than the training set is refused before anything is trained."""
    wrong = collect("plan", "--set", "recipe.batch_size=5000", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "batch_size 5000 exceeds the 4000 training images of digits" in wrong.stderr
