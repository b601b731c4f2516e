"""A stack that was cut off goes on where it was, to the same bits."""

import os
from pathlib import Path
from typing import Any

import pytest

from collect.engine import checkpoint as checkpoints_of_stacks
from collect.engine.checkpoint import Checkpoint, StoppedError
from collect.engine.step import Stepper
from collect.engine.training import set_up, train
from collect.errors import UnansweredError
from collect.images.on_device import ResidentImages
from collect.measure.recorder import Recorder
from collect.store import checkpoints, keys
from collect.store.place.folder import FolderStore
from collect.study.trial import Trial
from tests.collect.conftest import trial
from tests.collect.engine.test_training import result

STACK = [trial(), trial(seed=1, ordering="act_bn", learning_rate=1e-2, schedule="cosine")]
IDS = ["first", "second"]


class CutError(Exception):
    """The power fails."""


@pytest.fixture(autouse=True)
def at_every_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the state at every point of evaluation, not just every few minutes."""
    monkeypatch.setattr(checkpoints_of_stacks, "EVERY_SECONDS", 0.0)


def run(store: FolderStore, resident: ResidentImages, environment: Any = 1, stack: list[Trial] = STACK) -> list[Any]:
    """Train the stack with a checkpoint."""
    outcomes = train(stack, resident, checkpoint=Checkpoint(store, IDS[: len(stack)], {"versions": environment}))
    return [result(outcome) for outcome in outcomes]


def cut(store: FolderStore, resident: ResidentImages, at: int, stack: list[Trial] = STACK) -> None:
    """Train it until a step, and no further."""
    step = Stepper.__call__

    def failing(stepper: Stepper, number: int) -> None:
        if number == at:
            raise CutError
        step(stepper, number)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stepper, "__call__", failing)
        with pytest.raises(CutError):
            run(store, resident, stack=stack)


def steps_taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps that are taken from now on."""
    taken: list[int] = []
    step = Stepper.__call__

    def noting(stepper: Stepper, number: int) -> None:
        taken.append(number)
        step(stepper, number)

    monkeypatch.setattr(Stepper, "__call__", noting)
    return taken


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("drawn", [{}, {"dropout": 0.3, "augment": "flip_crop"}], ids=["", "drawn"])
def test_a_cut_off_stack_ends_as_an_uninterrupted_one(
    tmp_path: Path, resident: ResidentImages, monkeypatch: pytest.MonkeyPatch, optimizer: str, drawn: dict[str, object]
) -> None:
    """Rows, curves, layers and correctness bits are the same, and no step before the checkpoint is taken again."""
    recipe = {"optimizer": optimizer, **drawn}
    stack = [trial(**recipe), trial(seed=1, ordering="act_bn", schedule="cosine", **recipe)]
    whole = [result(outcome) for outcome in train(stack, resident)]
    cut(FolderStore(tmp_path), resident, 14, stack)
    taken = steps_taken(monkeypatch)
    assert run(FolderStore(tmp_path), resident, stack=stack) == whole
    assert taken[0] > 8  # the first epoch's end is at step 8
    assert taken[-1] == 16


def test_a_stack_that_is_stopped_goes_on_from_that_step(
    tmp_path: Path, resident: ResidentImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked to stop after a step at which nothing is measured, it keeps its state there, and ends to the same bits."""
    whole = [result(outcome) for outcome in train(STACK, resident)]
    store, asked = FolderStore(tmp_path), iter([False] * 5 + [True])
    checkpoint = Checkpoint(store, IDS, {"versions": 1}, lambda: next(asked))
    monkeypatch.setattr(checkpoints_of_stacks, "EVERY_SECONDS", 1e9)
    with pytest.raises(StoppedError):
        train(STACK, resident, checkpoint=checkpoint)
    taken = steps_taken(monkeypatch)
    assert run(store, resident) == whole
    assert taken == list(range(7, 17))


def test_the_store_knows_which_trials_were_cut_off_together(tmp_path: Path, resident: ResidentImages) -> None:
    """So that they are dealt out as one stack again; a stray file is none of them, and is left alone."""
    store = FolderStore(tmp_path)
    cut(store, resident, 14)
    store.create(keys.checkpoint("stray"), b"not a checkpoint")
    [state] = [entry for entry in store.entries(keys.CHECKPOINTS) if entry.name.endswith(".state")]
    assert state  # of every earlier point none is left
    assert checkpoints.stacks(store) == [IDS]
    checkpoints.clear(store, IDS)
    assert checkpoints.stacks(store) == []
    assert [entry.name for entry in store.entries(keys.CHECKPOINTS)] == ["stray.json"]


@pytest.mark.parametrize("what", [".json", ".state"])
@pytest.mark.parametrize("damage", ["flipped", "truncated", "headless", "gone"])
def test_a_damaged_checkpoint_counts_as_none(
    tmp_path: Path, resident: ResidentImages, monkeypatch: pytest.MonkeyPatch, damage: str, what: str
) -> None:
    """The stack begins again and ends the same."""
    store = FolderStore(tmp_path)
    cut(store, resident, 14)
    [path] = (tmp_path / keys.CHECKPOINTS).glob(f"*{what}")
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    broken = {"flipped": content, "truncated": content[:-50], "headless": content[5:]}
    path.write_bytes(broken[damage]) if damage in broken else path.unlink()
    taken = steps_taken(monkeypatch)
    assert run(store, resident) == [result(outcome) for outcome in train(STACK, resident)]
    assert taken[0] == 1


def junk(records: list[Any], what: str) -> list[Any]:
    """Records that are none."""
    curve, layer, bits, stopped = records[0]
    wrong = {
        "no list": 5,
        "texts": [["x", "y"], layer, bits, stopped],
        "other fields": [[{"step": 5}], layer, bits, stopped],
        "a text for a step": [[{**curve[0], "step": "x"}, *curve[1:]], layer, bits, stopped],
        "a number that is too large": [[{**curve[0], "n": 10**30}, *curve[1:]], layer, bits, stopped],
        "a list for a norm": [curve, [{**layer[0], "grad_norm": [1.0]}], bits, stopped],
        "a list for bits": [curve, layer, [1], stopped],
        "stopped at a text": [curve, layer, bits, ("x", "loss")],
        "stopped with three": [curve, layer, bits, (1, 2, 3)],
        "no curve": [[], layer, bits, stopped],
    }
    return [wrong[what], *records[1:]]


JUNK = ["no list", "texts", "other fields", "a text for a step", "a number that is too large", "a list for a norm"]
JUNK += ["a list for bits", "stopped at a text", "stopped with three", "no curve"]


@pytest.mark.parametrize("what", JUNK)
def test_a_checkpoint_of_other_things_counts_as_none(
    tmp_path: Path, resident: ResidentImages, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Its digest is right and it loads; what it says of curves and layers could not stand in a part."""
    store, stack = FolderStore(tmp_path), [trial(epochs=1)]
    state = Recorder.state
    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "state", lambda recorder: junk(state(recorder), what))
        patched.setattr(Checkpoint, "clear", lambda _: None)
        whole = run(store, resident, stack=stack)
    taken = steps_taken(monkeypatch)
    assert run(store, resident, stack=stack) == whole
    assert taken[0] == 1


@pytest.mark.parametrize("size", [5, 3 * 10**12])
def test_a_state_that_is_larger_than_any_is_not_read(tmp_path: Path, resident: ResidentImages, size: int) -> None:
    """A sparse file of terabytes under the right name."""
    store = FolderStore(tmp_path)
    cut(store, resident, 14)
    [path] = (tmp_path / keys.CHECKPOINTS).glob("*.state")
    os.truncate(path, size)
    stepper, recorder, _ = set_up(STACK, resident)
    assert Checkpoint(store, IDS, {"versions": 1}).restore(stepper, recorder) == (0, (0.0, 0.0))


def test_another_environment_begins_again(
    tmp_path: Path, resident: ResidentImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state made by another version of torch, say, is not continued: the trial would be of neither."""
    cut(FolderStore(tmp_path), resident, 14)
    taken = steps_taken(monkeypatch)
    run(FolderStore(tmp_path), resident, environment=2)
    assert taken[0] == 1


def test_a_service_that_does_not_answer_costs_a_checkpoint_alone(
    tmp_path: Path, resident: ResidentImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training goes on without one."""
    whole = [result(outcome) for outcome in train(STACK, resident)]

    def silent(*_: object) -> None:
        raise UnansweredError("s3://bucket: the service does not answer")

    monkeypatch.setattr(FolderStore, "replace", silent)
    assert run(FolderStore(tmp_path), resident) == whole


def test_seconds_are_counted_on(tmp_path: Path, resident: ResidentImages, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time before the cut belongs to the trial."""
    store = FolderStore(tmp_path)
    cut(store, resident, 14)
    taken = steps_taken(monkeypatch)
    [first, _] = train(STACK, resident, checkpoint=Checkpoint(store, IDS, {"versions": 1}))
    assert taken[0] > 8
    assert first.row.wall_seconds > first.row.train_seconds > 0
