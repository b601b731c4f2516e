"""Logs of inspect, written by inspect in the test: two variants of a task, six epochs of the same samples."""

from pathlib import Path

import numpy as np
import pytest
from inspect_ai import Task, eval, task  # noqa: A004  # its name
from inspect_ai.dataset import Sample
from inspect_ai.scorer import match
from inspect_ai.solver import Generate, Solver, TaskState, solver

import analyze
from tests.analyze.study.imports.runs import imported

pytestmark = pytest.mark.filterwarnings("ignore")

SAMPLES, EPOCHS = 12, 6


def _is_right(variant: str, number: int, epoch: int) -> bool:
    """By how hard the sample is, and by chance of the epoch."""
    hard, luck = np.random.default_rng(number).random(), np.random.default_rng([number, epoch]).random()
    return hard + luck < (1.2 if variant == "long" else 0.8)


@solver
def answering(variant: str) -> Solver:
    """Answers as `_is_right` says."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001  # the interface of a solver
        state.output.completion = "a" if _is_right(variant, int(state.sample_id), state.epoch) else "b"
        return state

    return solve


@task
def letters(variant: str = "long") -> Task:
    """Samples that `answering` is right about, or not."""
    data = [Sample(input="?", target="a", id=str(number)) for number in range(SAMPLES)]
    return Task(dataset=data, solver=answering(variant), scorer=match(), epochs=EPOCHS)


def test_epochs_are_seeds_crossed_with_samples(tmp_path: Path) -> None:
    """What was right of each sample in each epoch is kept, under the task's argument; the gap is that of the counts."""
    for variant in ("long", "short"):
        eval(letters(variant), model="mockllm/model", log_dir=str(tmp_path / "logs"), display="none")
    imported(tmp_path / "logs", tmp_path / "study")
    study = analyze.read(tmp_path / "study", factor="task_args.variant")
    assert study.design.factors == {"task_args.variant": ("long", "short")}
    assert study.seeds == tuple(range(1, EPOCHS + 1))
    counted = {
        (variant, epoch): sum(_is_right(variant, number, epoch) for number in range(SAMPLES))
        for variant in ("long", "short")
        for epoch in study.seeds
    }
    found = study.trials.set_index(["task_args.variant", "seed"])["test_correct"].to_dict()
    assert found == counted
    primary = analyze.analyse(study).primary
    gap = sum(count * (1 if variant == "long" else -1) for (variant, _), count in counted.items())
    assert primary.estimate == pytest.approx(100 * gap / EPOCHS / SAMPLES)
    assert primary.se_crossed is not None
