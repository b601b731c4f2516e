"""How steps become a graph. The GPU is played by a few functions that note what was asked of them."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from collect.engine import cuda_graph
from collect.engine.training import set_up
from collect.images.on_device import ResidentImages
from tests.collect.conftest import trial


class Steps:
    """A stepper that notes what is done with it."""

    device_type = "cuda"
    network = SimpleNamespace(captured=True)

    def __init__(self) -> None:
        self.done: list[str] = []

    def __call__(self, step: int) -> None:
        """An ordinary step."""
        self.prepare(step)
        self.compute()

    def prepare(self, step: int) -> None:
        """Set the step."""
        self.done.append(f"prepare {step}")

    def compute(self) -> None:
        """Do it."""
        self.done.append("compute")

    def compile(self) -> None:
        """Compile it."""
        self.done.append("compile")


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of torch.cuda."""
    asked: list[str] = []

    class Graph:
        def replay(self) -> None:
            asked.append("replay")

    @contextmanager
    def capturing(_: Graph) -> Iterator[None]:
        asked.append("capture")
        yield

    monkeypatch.setattr(torch.cuda, "Stream", lambda: None)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: nullcontext())
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(torch.cuda, "graph", capturing)
    return asked


@pytest.mark.parametrize("compiles", [False, True])
def test_warm_steps_then_a_capture_then_replays(
    gpu: list[str], monkeypatch: pytest.MonkeyPatch, *, compiles: bool
) -> None:
    """Every step is taken once: by itself while warming up, by replay after a capture, which is no step.

    Compiling comes after a few replays, whose time decides, and is followed by another warm-up and capture.
    """
    asked: list[int] = []

    def pays(seconds: float, left: int) -> bool:
        assert seconds >= 0
        asked.append(left)
        return compiles

    monkeypatch.setattr(cuda_graph, "compiling_pays", pays)
    steps: Any = Steps()
    take = cuda_graph.fastest(steps, 30)
    for step in range(1, 31):
        take(step)
    assert [done for done in steps.done if done.startswith("prepare")] == [f"prepare {step}" for step in range(1, 31)]
    assert asked == [20]
    if compiles:
        assert gpu == ["capture", *["replay"] * 5, "capture", *["replay"] * 15]
        assert steps.done.count("compute") == 6 + 6  # the last of each is captured
    else:
        assert gpu == ["capture", *["replay"] * 25]
        assert steps.done.count("compute") == 6
    assert steps.done.count("compile") == compiles


def test_compiling_must_pay_for_itself() -> None:
    """It is worth a minute where it saves two: ten hours of steps, not one minute's."""
    assert cuda_graph.compiling_pays(0.005, 10_000_000)
    assert not cuda_graph.compiling_pays(0.005, 1404)


def test_on_the_cpu_steps_are_ordinary(resident: ResidentImages) -> None:
    """No graph, no compiler: results do not depend on what is installed."""
    stepper, recorder, _ = set_up([trial()], resident)
    assert cuda_graph.fastest(stepper, recorder.steps) is stepper


@pytest.mark.soak
def test_a_compiled_step_trains_the_same(resident: ResidentImages) -> None:
    """torch.compile changes the rounding at most: after three steps the logits agree to 1e-3."""
    stack = [trial(depth=1), trial(depth=1, ordering="act_bn", activation="tanh")]
    trained = []
    for compiles in (False, True):
        stepper, _, _ = set_up(stack, resident)
        if compiles:
            stepper.compile()
        for step in (1, 2, 3):
            stepper(step)
        x = resident.batch(resident.test_images, torch.arange(64).expand(2, -1))
        trained.append(stepper.network(x, "batch").detach())
    torch.testing.assert_close(*trained, rtol=1e-3, atol=1e-3)
