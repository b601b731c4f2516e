"""What a worker does with a stack: claims, trains, commits trial by trial, and leaves the rest alone."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
import torch

from collect import images, runner
from collect.errors import ImagesError
from collect.execute import memory, worker
from collect.execute.worker import Task
from collect.images.sharing import Shared, SharedFile
from collect.store import keys, ledger, parts
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from collect.study import study_file as studies
from collect.study.stacks import Job, arrange
from collect.study.trial import Trial


@pytest.fixture
def store(tmp_path: Path, study_file: Path) -> FolderStore:
    """The tiny study, planned: two kinds of four trials."""
    found = FolderStore(tmp_path / "study")
    runner.open_study(found, studies.read(str(study_file)), None, tmp_path, extend=False)
    return found


@pytest.fixture
def shared(tmp_path: Path, dataset: Path) -> Mapping[str, Shared]:
    """The blobs, as the workers share them."""
    return {dataset.name: SharedFile.write(images.load(str(dataset), Path())[0], tmp_path / "images")}


def stack_of(store: FolderStore) -> list[Job]:
    """The first four trials of a kind."""
    plan = plans.read(store)
    jobs = [Job(trial_id, trial, plan.row(trial_id)) for trial_id, trial in plan.trials.items()]
    return list(arrange(jobs, 8, 1)[0])


def committed(store: FolderStore, trial_id: str) -> dict[str, object]:
    """A trial's row in its part."""
    content = store.read(keys.part(trial_id))
    assert content
    [row] = parts.joined(parts.decode([content], 100)).to_pylist()
    return dict(row)


def test_every_trial_of_a_stack_has_a_part_of_its_own(store: FolderStore, shared: Mapping[str, Shared]) -> None:
    """Four parts with the stack's size in the row; arms of a seed share weights and order; nothing else is left."""
    stack = stack_of(store)
    reports = Task(store, shared)(stack, "cpu")
    assert {report.trial_id: report.status for report in reports} == {job.trial_id: "completed" for job in stack}
    rows = [committed(store, job.trial_id) for job in stack]
    assert {row["stack_size"] for row in rows} == {4}
    assert {row["ordering"] for row in rows} == {"bn_act", "act_bn"}
    assert len({(row["seed"], row["init_hash"], row["order_hash"]) for row in rows}) == 2
    assert ledger.read(store, plans.read(store).trials).counts["completed"] == 4
    assert not store.entries(keys.CHECKPOINTS)
    assert not list(store.tmp.iterdir())


def test_a_folder_that_moves_away_fails_no_trial(
    store: FolderStore, tmp_path: Path, shared: Mapping[str, Shared]
) -> None:
    """Between a claim and the first look at the images: the run stops with a sentence, and the trial is pending."""
    (tmp_path / "images").rename(tmp_path / "moved")
    with pytest.raises(ImagesError, match="was the study's folder moved"):
        Task(store, shared)(stack_of(store)[:1], "cpu")
    assert ledger.read(store, plans.read(store).trials).counts["failed"] == 0


def test_a_stack_gives_what_its_trials_give_alone(store: FolderStore, shared: Mapping[str, Shared]) -> None:
    """In fp32 only the order of sums differs: after the first step the losses agree to 5e-4."""
    stack = stack_of(store)
    Task(store, shared)(stack, "cpu")
    together = [committed(store, job.trial_id) for job in stack]
    for job in stack:
        store.delete(keys.part(job.trial_id))
        Task(store, shared)([job], "cpu")
    for job, row in zip(stack, together, strict=True):
        alone = committed(store, job.trial_id)
        assert alone["stack_size"] == 1
        assert (alone["init_hash"], alone["order_hash"]) == (row["init_hash"], row["order_hash"])
        first, theirs = (
            next(point for point in one["curve"] if point["step"] == 1)  # type: ignore[attr-defined]  # a list
            for one in (row, alone)
        )
        assert first["eval_set"] == theirs["eval_set"] == "subset"
        assert first["loss"] == pytest.approx(theirs["loss"], abs=5e-4)


def test_finished_and_claimed_trials_are_left_alone(store: FolderStore, shared: Mapping[str, Shared]) -> None:
    """A trial that has a part, or is being run by another collector, is held; the others of its stack are trained."""
    first, second, *others = stack_of(store)
    store.create(keys.part(first.trial_id), b"somebody else's")
    with store.claim(second.trial_id):
        reports = Task(store, shared)([first, second, *others], "cpu")
    assert {r.trial_id for r in reports if r.status == "held"} == {first.trial_id, second.trial_id}
    assert {r.trial_id for r in reports if r.status == "completed"} == {job.trial_id for job in others}
    assert store.read(keys.part(first.trial_id)) == b"somebody else's"
    assert store.read(keys.part(second.trial_id)) is None


def test_what_was_finished_before_a_crash_is_safe(
    store: FolderStore, shared: Mapping[str, Shared], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stack trained in pieces dies in the second: the first piece's trials are committed, and run never again."""
    stack = stack_of(store)
    monkeypatch.setattr(memory, "capacity", lambda *_: 2)
    from collect.engine import training

    train, calls = training.train, []

    def dying(piece: list[Trial], *arguments: object, **options: object) -> object:
        calls.append(len(piece))
        if len(calls) == 2:
            raise RuntimeError("the GPU has fallen off the bus")
        return train(piece, *arguments, **options)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(training, "train", dying)
    with pytest.raises(RuntimeError, match="fallen off"):
        Task(store, shared)(stack, "cpu")
    assert sorted(entry.name for entry in store.entries(keys.PARTS)) == sorted(
        f"{job.trial_id}.parquet" for job in stack[:2]
    )
    reports = Task(store, shared)(stack, "cpu")
    assert [report.status for report in reports] == ["held", "held", "completed", "completed"]


def test_out_of_memory_is_met_by_smaller_pieces(
    store: FolderStore, shared: Mapping[str, Shared], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where four do not fit, two at a time do; the rows say so."""
    from collect.engine import training

    train = training.train

    def small(piece: list[Trial], *arguments: object, **options: object) -> object:
        if len(piece) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return train(piece, *arguments, **options)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(training, "train", small)
    stack = stack_of(store)
    assert {report.status for report in Task(store, shared)(stack, "cpu")} == {"completed"}
    assert {committed(store, job.trial_id)["stack_size"] for job in stack} == {2}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("sound", [True, False])
def test_a_gpu_is_left_to_another_worker_unless_it_is_sound(
    monkeypatch: pytest.MonkeyPatch, *, together: bool, sound: bool
) -> None:
    """Side by side trials wait to train alone after an error; the worker goes where its GPU, or one trial, broke."""
    monkeypatch.setattr(worker, "_sound", lambda device: sound and device == "cuda:0")
    after = partial(worker._after, RuntimeError("device-side assert"), "own.py", ["a", "b"], "cuda:0")
    if together and sound:
        assert [(r.trial_id, r.status, r.reason) for r in after(together=True)] == [
            (name, "apart", "RuntimeError: device-side assert") for name in ("a", "b")
        ]
    else:
        with pytest.raises(RuntimeError, match="device-side assert"):
            after(together=together)
