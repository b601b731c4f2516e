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
from tests.collect.commands import COLLECT, collect, start, tables, wait_for_parts


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
    """No part and no table is touched, and nothing else is said."""
    before = {path: path.stat().st_mtime_ns for path in finished.rglob("*.parquet")}
    again = collect("run", "tiny.toml", cwd=finished.parent.parent)
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    assert again.stderr == "next: analyze report data/tiny\n"
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
def test_an_interrupted_run_keeps_what_it_has(finished: Path, study_file: Path, number: int, code: int) -> None:
    """A signal to every process of the job: nothing fails, the next command is said, the rows end bit for bit equal."""
    folder = study_file.parent / "data" / "tiny"
    run = start(study_file, study_file.parent)
    wait_for_parts(folder, 1)
    os.killpg(run.pid, number)
    _, told = run.communicate(timeout=60)
    assert run.returncode == code
    assert "Go on with: collect run data/tiny --jobs 1\n" in told
    assert "Traceback" not in told
    assert "resource_tracker" not in told
    assert not list(folder.glob("failures/*"))
    assert len(pd.read_parquet(folder / "trials.parquet")) >= 1
    assert collect("run", "data/tiny", cwd=study_file.parent).returncode == 0
    for ours, theirs in zip(tables(folder), tables(finished), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)
    assert not list(folder.glob("checkpoints/*"))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
def test_a_queues_notice_and_a_closed_terminal_stop_a_run_too(study_file: Path, number: int) -> None:
    """Every process of the job gets them, those of multiprocessing itself too."""
    study_file.write_text(study_file.read_text().replace("seeds = 2", "seeds = 20"))
    run = start(study_file, study_file.parent)
    wait_for_parts(study_file.parent / "data" / "tiny", 1)
    os.killpg(run.pid, number)
    _, told = run.communicate(timeout=60)
    assert run.returncode == 143
    assert told.endswith("interrupted; what is finished is kept. Go on with: collect run data/tiny --jobs 1\n")
    assert "Traceback" not in told
    assert "resource_tracker" not in told


def test_results_that_have_no_room_are_not_lost_in_silence(finished: Path) -> None:
    """Exit code 3 and a sentence, as for a study's own disk."""
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COLLECT, "status", str(finished)], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert (ran.returncode, ran.stderr) == (
        3,
        "collect: no room left for what was to be printed; make room and run again\n",
    )


def test_a_path_that_is_no_utf8_is_a_path(study_file: Path) -> None:
    """In a folder that was named in another encoding trials train as anywhere, and a narrow terminal shows escapes."""
    cwd = study_file.parent
    command = [
        *COLLECT,
        "run",
        str(study_file),
        "--set",
        "seeds=1",
        "--set",
        "name=grün",
        "--out",
        os.fsdecode(b"caf\xe9"),
    ]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=200)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("caf\\udce9: 4 planned = 4 completed")
    assert "gr\\xfcn: 4 of 4 trials" in ran.stderr


def test_a_run_leaves_when_its_time_is_over(study_file: Path) -> None:
    """As a queue wants it: exit code 143, the state of what was running kept."""
    run = collect("run", str(study_file), "--set", "recipe.epochs=2000", "--stop-after", "15s", cwd=study_file.parent)
    assert run.returncode == 143
    assert "Traceback" not in run.stderr


def test_a_run_goes_on_where_nobody_reads_what_it_says(study_file: Path) -> None:
    """As in `collect run 2>&1 | head -1`, and with stderr closed."""
    cwd = study_file.parent
    with start(study_file, cwd, "--set", "seeds=1") as run:
        assert run.stderr
        assert run.stderr.readline()
        run.stderr.close()
        assert run.wait(timeout=200) == 0
    closed = ["sh", "-c", 'exec "$@" 2>&-', "sh", *COLLECT, "run", str(study_file), "--set", "seeds=1", "--out", "b"]
    assert subprocess.run(closed, cwd=cwd, check=False, timeout=200).returncode == 0
    for folder in (cwd / "data" / "tiny", cwd / "b"):
        assert len(pd.read_parquet(folder / "trials.parquet")) == 4


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
        (["run", "quiock"], "did you mean 'quick'"),
        (["run", "xyz123"], "choose from article, assignment, bias, confounds, deep"),
        (["run", "--jobs", "0"], "--jobs must be"),
        (["run", "--stop-after", "soon"], "must be a time like 3h50m"),
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
        (["run", "--depth", "3"], "there is no option --depth; settings are words: depth=3"),
        (["run", "--lr=3e-3"], "there is no option --lr; settings are words: learning_rate=3e-3"),
        (["run", "quick", "lr=3e-3"], "unknown key 'lr', did you mean 'learning_rate'?"),
        (["run", "quick", "depth", "=", "3"], "write depth=3, without a space"),
        (["quick", "depth=3"], "Did you mean collect run quick depth=3?"),
        (["rum"], "run"),
        (["status", "nowhere"], "nowhere holds no study"),
        (["status"], "start one with collect run"),
        (["run", "--set", "dataset=nosuch"], "there is no data set 'nosuch'"),
        (["run", "article", "--image-root", "/dev/null"], "mnist is not under /dev/null"),
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


def test_alone_it_prints_its_help(tmp_path: Path) -> None:
    """What there is to type, as with --help."""
    alone = collect(cwd=tmp_path)
    assert alone.returncode == 0
    assert alone.stdout == collect("--help", cwd=tmp_path).stdout
    assert "Commands:" in alone.stdout


def test_a_changed_plan_is_refused(finished: Path) -> None:
    """Resuming with another recipe names the difference and leaves the study alone."""
    wrong = collect("run", "tiny.toml", "--set", "recipe.epochs=2", cwd=finished.parent.parent)
    assert wrong.returncode == 2
    assert "epochs was 1, is 2; run it as it was planned, or choose another name=NAME or --out" in wrong.stderr


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
    """A bf16 study trains, resumes as bf16 from its folder, and is not mixed with fp32; few seeds are named."""
    folder = study_file.parent
    small = ["--set", "seeds=1", "--set", "factors.depth=[1]", "--out", "half"]
    trained = collect("run", str(study_file), *small, "--precision", "bf16", cwd=folder)
    assert trained.returncode == 0, trained.stderr
    few = [line for line in trained.stderr.splitlines() if "no exact test can reach 0.05" in line]
    assert few == trained.stderr.splitlines()[1:2]  # after the first line of progress
    assert set(pd.read_parquet(folder / "half" / "trials.parquet").precision) == {"bf16"}
    assert "nothing to do" in collect("run", "half", cwd=folder).stdout
    mixed = collect("run", "half", "--precision", "fp32", cwd=folder)
    assert mixed.returncode == 2
    assert "precision was bf16, is fp32" in mixed.stderr


def test_plan_trains_nothing_and_fits_a_screen(tmp_path: Path) -> None:
    """Cells, trials, power with its warning, time and path; nothing is written; 24 lines of 80 columns hold it."""
    shown = collect("plan", "quick", "--jobs", "2", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "8 cells x 10 seeds = 80 trials" in shown.stdout
    assert "sd 0.2 pp (assumed)" in shown.stdout
    assert "7 % of the time at a true gap of 0" in shown.stdout  # 10 seeds, sd .2, margin .1: .07 in Phillips' formula
    assert "warning" in shown.stdout
    assert "no trial was trained" in shown.stdout
    assert "Estimated time" in shown.stdout
    assert "\nPath: one trial a worker on the CPU" in shown.stdout
    assert len(shown.stdout.splitlines()) < 24
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert not list(tmp_path.iterdir())


def test_plan_sees_what_does_not_fit(tmp_path: Path) -> None:
    """A batch larger than the training set is refused before anything is trained."""
    wrong = collect("plan", "--set", "recipe.batch_size=5000", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "batch_size 5000 exceeds the 4000 training images of digits" in wrong.stderr


def test_plan_sees_pools_that_cannot_be(tmp_path: Path) -> None:
    """After a stage that there is not, and more than the images have room for."""
    wrong = collect("plan", "pools=1-4", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "channels 16-32-64 with pools 1-4: pools names stage 4, and channels has 3" in wrong.stderr
    wrong = collect("plan", "channels=8-8-8-8-8-8", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "images of 28 x 28 cannot be pooled 5 times" in wrong.stderr
