"""Every preset trains, in small: each of its cells once, on noise of the shape of its images."""

import pytest
import torch

from collect.engine.training import train
from collect.images.on_device import ResidentImages
from collect.study.stacks import Job, arrange
from collect.study.study_file import presets, read
from collect.study.trial import Trial

SHAPES = {"digits": (1, 28, 28), "mnist": (1, 28, 28), "cifar10": (3, 32, 32)}
SMALL = ["seeds=1", "epochs=1", "batch_size=8", "evaluations=1", "name=small"]
#: Widths of the built-in network, and of one that a preset brings.
NARROW = {"prepost": ["width=8", "heads=2"]}
#: Of cells that would take half a minute, fewer.
FEWER = {"deep": ["depth=2,16", "activation=relu"]}


def noise(shape: tuple[int, int, int]) -> ResidentImages:
    """Sixteen images of ten classes, and eight to be tested on."""
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (24, *shape), generator=generator, dtype=torch.uint8)
    labels = torch.randint(0, 10, (24,), generator=generator)
    mean, std = torch.full((shape[0], 1, 1), 0.5), torch.full((shape[0], 1, 1), 0.3)
    return ResidentImages(images[:16], labels[:16], images[16:], labels[16:], mean, std, 10)


@pytest.mark.parametrize("name", presets())
def test_a_preset_trains(name: str) -> None:
    """Every cell ends with a result, what may be stacked in stacks, and those of a pair alike as far as they are."""
    study = read(name, [*SMALL, *NARROW.get(name, ["width=0.0625"]), *FEWER.get(name, [])])
    trials = [Trial(settings=cell, seed=0, data_hash="noise") for cell in study.cells()]
    jobs = [Job(trial.trial_id, trial, {}) for trial in trials]
    images = noise(SHAPES[study.datasets()[0]])
    rows = {}
    for stack in arrange(jobs, 128, 1):
        outcomes = train([job.trial for job in stack], images, probes=False)
        rows |= {job.trial_id: outcome.row for job, outcome in zip(stack, outcomes, strict=True)}
    assert len({job.trial_id for job in jobs}) == len(trials) == len(rows)
    assert {row.status for row in rows.values()} == {"completed"}
    assert len({row.order_hash for row in rows.values()}) == len(study.factors.get("epochs", [1]))
