"""The training loop of one stack of trials, on one page."""

from collections.abc import Sequence

from collect.engine import arithmetic
from collect.engine.checkpoint import Checkpoint, UnusableError
from collect.engine.clock import Clock
from collect.engine.cuda_graph import fastest
from collect.engine.draws import augmentations, batch_orders, generator_for
from collect.engine.gain import require_gain
from collect.engine.optimizer import StackOptimizer
from collect.engine.step import Stepper
from collect.images.on_device import ResidentImages
from collect.measure.recorder import Recorder
from collect.network import registry
from collect.network.interface import Network
from collect.network.own import OwnModule
from collect.network.own_stack import members_of
from collect.network.rehearsal import rehearse
from collect.store.outcome import Outcome
from collect.study.study import Level
from collect.study.trial import Trial

#: A factor, and the two of its levels that are compared.
Contrast = tuple[str, Sequence[Level]]
#: The step after which a stack goes on, and the seconds it has taken.
FROM_THE_START = 0, (0.0, 0.0)


def train(
    stack: Sequence[Trial],
    images: ResidentImages,
    *,
    probes: bool = True,
    checkpoint: Checkpoint | None = None,
    contrast: Contrast | None = None,
) -> list[Outcome]:
    """Train the trials of one stack side by side and measure them.

    Args:
        stack: trials of one kind (see collect.study.stacks), those that are alike side by side.
        images: the data set, on the device to train on.
        probes: whether to measure inside the network too; training is the same either way.
        checkpoint: where a long run keeps its state, and finds it again.
        contrast: with whose levels a network of one's own is compared before it trains.

    Raises:
        StoppedError: it was asked to stop before the last step, and its state is kept.
        ApartError: side by side the trials would not train as each does alone, or not as fast.
    """
    clock = Clock()
    with clock.aside():
        stepper, recorder, hashes = set_up(stack, images)
        shared = shared_parameters(stepper.network, stack, contrast)
        own = [of_trial | {"shared_parameters": share} for of_trial, share in zip(hashes, shared, strict=True)]
        try:
            done, seconds = checkpoint.restore(stepper, recorder) if checkpoint else FROM_THE_START
        except UnusableError:
            stepper, recorder, _ = set_up(stack, images)
            done, seconds = FROM_THE_START
        clock.resume(*seconds)
        if not done:
            require_gain(stepper)
            recorder.measure(0)
            if probes:
                recorder.probe(0)
        take_step = fastest(stepper, recorder.steps - done)
    for step in range(done + 1, recorder.steps + 1):
        take_step(step)
        if stepper.device_type == "cpu" or step in recorder.points:  # to look at a GPU is to wait for it
            recorder.watch(stepper.diverged_at)
        if not recorder.alive():
            break
        if step in recorder.points:
            with clock.aside():
                recorder.measure(step)
                if probes:
                    recorder.probe(step)
        if checkpoint and step < recorder.steps:
            checkpoint.after(stepper, recorder, step, clock)
    train_seconds, wall_seconds = clock.read()
    return recorder.outcomes(
        own,
        train_seconds=train_seconds,
        wall_seconds=wall_seconds,
        device=stepper.device_type,
        precision=stack[0].precision,
        stack_size=len(stack),
    )


def set_up(stack: Sequence[Trial], images: ResidentImages) -> tuple[Stepper, Recorder, list[dict[str, str]]]:
    """What takes a stack's steps, what watches it, and the hashes by which pairs are known."""
    device = images.train_images.device
    arithmetic.use(stack[0].precision, device)
    settings = [trial.settings for trial in stack]
    network = registry.chosen(settings[0], len(stack))(
        settings, images.shape, images.classes, on_gpu=device.type == "cuda"
    )
    init_hashes = network.initialise([generator_for("initial weights", trial.seed) for trial in stack])
    rehearse(network)
    network.to(device)
    network.try_out()
    recorder = Recorder(stack, network, images)
    training = recorder.evaluator.training
    batches, order_hashes = batch_orders(stack, training)
    optimizer, seeds = StackOptimizer(network, recorder.steps), [trial.seed for trial in stack]
    moves = augmentations(stack, recorder.steps)
    stepper = Stepper(network, optimizer, images, seeds, batches, stack[0].precision, moves)
    pairs = zip(init_hashes, order_hashes, strict=True)
    return stepper, recorder, [{"init_hash": init, "order_hash": order} for init, order in pairs]


def shared_parameters(network: Network, stack: Sequence[Trial], contrast: Contrast | None) -> list[float | None]:
    """Of each trial, the share of parameters that start as they do at both levels, all else being equal.

    Of the built-in network nothing is said: its trials of one seed share what their hashes say.
    """
    members = members_of(network)
    if contrast is None or not members:
        return [None] * len(stack)
    return [_shared(member, trial.seed, contrast) for member, trial in zip(members, stack, strict=True)]


def _shared(network: OwnModule, seed: int, contrast: Contrast) -> float | None:
    factor, levels = contrast
    shares = [1.0]
    for other in (network.settings.with_levels({factor: level}) for level in levels):
        if other.values == network.settings.values:
            continue
        twin = OwnModule([other], network.image_shape, network.classes)
        try:
            twin.initialise([generator_for("initial weights", seed)])
        except Exception:  # noqa: BLE001  # what is wrong with it is told by its own trials
            return None
        shares.append(network.shared(twin))
    return min(shares)
