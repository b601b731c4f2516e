"""How long a study will take on this machine: ten steps of each kind of network, timed on noise. Trains no trial."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import torch
import torch.nn.functional as F

from collect.engine.optimizer import StackOptimizer
from collect.errors import CollectError, NetworkError
from collect.images import Size
from collect.measure.evaluation import BATCH, TEST_SUBSET, TRAIN_SUBSET, evaluation_steps
from collect.network import registry
from collect.network.interface import Network
from collect.network.own_code import last_line
from collect.study.study import Study
from collect.study.trial import Settings

STEPS = 10
#: Kinds that are timed at most, seconds after which no other is, and seconds that the steps of a slow kind may take.
MOST_KINDS, MOST_SECONDS, KIND_SECONDS = 32, 20.0, 2.0
#: Seconds between two lines that say how far it is.
TELL_SECONDS = 5.0

T = TypeVar("T")


def kind_of(cell: Settings) -> tuple[object, ...]:
    """What the time of a step depends on."""
    values = cell.of_columns()
    own = cell.own.model_fields if cell.own else ()
    names = ("dataset", "batch_size", "optimizer", *registry.chosen(cell).costly, *own)
    return tuple(values[name] for name in names)


def study_seconds(
    study: Study, sizes: Mapping[str, Size], workers: int, tell: Callable[[str], None] = lambda _: None
) -> tuple[float, int]:
    """Estimated wall time in seconds with this many one-thread workers, and the number of kinds timed.

    Of many kinds some are timed, evenly spread over the study; the others are taken to be like them.

    Args:
        study: to be estimated.
        sizes: of its data sets, by name.
        workers: one thread each.
        tell: takes a line now and then.
    """
    kinds: dict[tuple[object, ...], list[Settings]] = {}
    for cell in study.cells():
        kinds.setdefault(kind_of(cell), []).append(cell)
    every = list(kinds.values())
    begun = told = time.monotonic()
    timed = total = 0.0
    number = 0
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for number, cells in enumerate(sample := spread(every, MOST_KINDS), 1):
            size = sizes[cells[0].dataset]
            network, (step, image) = _timed(cells[0], size)
            total += sum(_trial_seconds(cell, size, network, step, image) for cell in cells)
            timed += _examples(cells, sizes)
            now = time.monotonic()
            if now - begun > MOST_SECONDS:
                break
            if now - told > TELL_SECONDS:
                told = now
                tell(f"timing networks: {number} of {len(sample)}, of {len(every)} kinds")
    finally:
        torch.set_num_threads(threads)
    share = timed / sum(_examples(cells, sizes) for cells in every)
    return total / share * len(study.seeds) / workers, number


def spread(values: Sequence[T], most: int) -> list[T]:
    """So many values at most, evenly spread, in an order of which each beginning is spread as well."""
    number = min(most, len(values))
    chosen = [values[(2 * turn + 1) * len(values) // (2 * number)] for turn in range(number)]
    digits = max(1, (number - 1).bit_length())
    order = (int(f"{turn:0{digits}b}"[::-1], 2) for turn in range(2**digits))
    return [chosen[turn] for turn in order if turn < number]


def _examples(cells: Sequence[Settings], sizes: Mapping[str, Size]) -> int:
    """Training images that the trials of these cells see, seed by seed."""
    return sum(cell.epochs * sizes[cell.dataset].n_train for cell in cells)


def _trial_seconds(cell: Settings, size: Size, network: Network, step: float, image: float) -> float:
    per_epoch = round(size.n_train * (1 - cell.validation)) // cell.batch_size
    points = len(evaluation_steps(per_epoch, cell.epochs, cell.evaluations))
    modes = 2 if network.normalises(cell) else 1
    subset, train = min(TEST_SUBSET, size.n_test), min(TRAIN_SUBSET, size.n_train)
    ends = cell.epochs * (modes * size.n_test + train + cell.validation * size.n_train)
    evaluated = (points + 1 - cell.epochs) * modes * subset + ends  # one before the first step
    probes = (points + 1) * step * BATCH / cell.batch_size
    return per_epoch * cell.epochs * step + evaluated * image + probes


def _timed(cell: Settings, size: Size) -> tuple[Network, tuple[float, float]]:
    """A network of this kind, and what `_step_seconds` finds.

    Raises:
        NetworkError: a network of one's own fails.
    """
    try:
        return _built(cell, size), _step_seconds(cell, size)
    except Exception as error:
        if cell.own is None or isinstance(error, CollectError):
            raise
        raise NetworkError(f"{cell.own.call} fails: {last_line(error, cell.own.file)}") from error


def _built(cell: Settings, size: Size) -> Network:
    network = registry.chosen(cell)([cell], size.image_shape, size.classes)
    network.initialise([torch.Generator().manual_seed(0)])
    return network


def _step_seconds(cell: Settings, size: Size) -> tuple[float, float]:
    """Seconds of one training step, and of evaluating one image."""
    generator = torch.Generator().manual_seed(0)
    network = _built(cell, size)
    optimizer = StackOptimizer(network, STEPS)
    x = torch.randn(cell.batch_size, *size.image_shape, generator=generator).to(memory_format=torch.channels_last)
    target = torch.randint(0, size.classes, (1, cell.batch_size), generator=generator)

    def step() -> None:
        if network.draws:
            network.draw([generator])
        optimizer.zero_grad()
        F.cross_entropy(network(x, "train").transpose(1, 2), target).backward()
        optimizer.step()

    def evaluate() -> None:
        with torch.no_grad():
            network(x, "running")

    seconds = []
    for action in (step, evaluate):
        started = time.perf_counter()
        action()
        first = time.perf_counter() - started
        steps = max(1, min(STEPS, int(KIND_SECONDS / max(first, 1e-9))))
        started = time.perf_counter()
        for _ in range(steps):
            action()
        seconds.append((time.perf_counter() - started) / steps)
    return seconds[0], seconds[1] / cell.batch_size
