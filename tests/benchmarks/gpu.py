"""Stacked trials against the ways a skilled user would train them, on the same trials, in one run.

    python -m tests.benchmarks.gpu [--depths 2 4 8] [--precisions fp32 tf32 bf16] [--trials 100] [--image-root DIR]

Rates are training images a second, summed over trials, at batch 128: the DataLoader loop (best of 0, 4 and 8 workers),
the same loop on resident tensors, torch.func.vmap over stacked modules (eager and compiled), and the collector's own
steps. Beside them: the ratio to the loop and to the best vmap, the share of the memory-traffic bound (13 passes over
every activation at the machine's own copy rate), peak memory, utilisation, and what evaluation and probes cost a
finished trial. `--device cpu` runs it all in small, to see that it runs.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.utils.data import DataLoader

from collect import images
from collect.engine import arithmetic
from collect.engine.cuda_graph import fastest
from collect.engine.training import set_up, train
from collect.images.on_device import ResidentImages
from collect.images.sharing import SharedFile
from collect.study.stacks import Job, neighbours
from collect.study.stages import stage_depths
from collect.study.trial import Precision, Settings, Trial
from tests.benchmarks.collector import BATCH, Digits, plain_network

ORDERINGS, ACTIVATIONS = ("bn_act", "act_bn", "none"), ("relu", "leaky_relu", "elu", "sigmoid", "tanh")
PASSES = 13


def rate(step: Callable[[], object], examples: int, device: torch.device, steps: int) -> float:
    """Examples per second of a step that takes so many, after a warm-up of as many steps."""
    for _ in range(steps):
        step()
    wait(device)
    started = time.perf_counter()
    for _ in range(steps):
        step()
    wait(device)
    return steps * examples / (time.perf_counter() - started)


def wait(device: torch.device) -> None:
    """Let the device finish."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def loop_rate(loaded: images.Images, depth: int, workers: int, device: torch.device, precision: Precision) -> float:
    """The loop a user would write."""
    loader = DataLoader(
        Digits(loaded), BATCH, shuffle=True, drop_last=True, num_workers=workers, persistent_workers=workers > 0
    )
    network = plain_network(depth).to(device)
    optimizer = torch.optim.Adam(network.parameters())
    counts = []
    for _ in range(2):
        wait(device)
        started, seen = time.perf_counter(), 0
        for x, y in loader:
            single_step(network, optimizer, x.to(device), y.to(device), precision)
            seen += len(y)
        wait(device)
        counts.append(seen / (time.perf_counter() - started))
    return counts[-1]


def single_step(
    network: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor, precision: Precision
) -> None:
    """One step of one network."""
    optimizer.zero_grad()
    with torch.autocast(x.device.type, torch.bfloat16, enabled=precision == "bf16"):
        logits = network(x)
    F.cross_entropy(logits.float(), y).backward()
    optimizer.step()


def resident_rate(resident: ResidentImages, depth: int, precision: Precision, steps: int) -> float:
    """The same loop, its data on the device."""
    device = resident.train_images.device
    network = plain_network(depth).to(device)
    optimizer = torch.optim.Adam(network.parameters(), fused=True)

    def step() -> None:
        index = torch.randint(len(resident.train_labels), (BATCH,), device=device)
        single_step(
            network,
            optimizer,
            resident.batch(resident.train_images, index[None]),
            resident.train_labels[index],
            precision,
        )

    return rate(step, BATCH, device, steps)


def vmap_rate(
    resident: ResidentImages, depth: int, trials: int, precision: Precision, steps: int, *, compiled: bool
) -> float:
    """K stacked modules under torch.func.vmap, with one Adam over their stacked parameters."""
    device = resident.train_images.device
    networks = [plain_network(depth).to(device) for _ in range(trials)]
    for network in networks:
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):  # vmap does not update running statistics
                module.track_running_stats, module.running_mean, module.running_var = False, None, None
                module.num_batches_tracked = None
    parameters, buffers = stack_module_state(networks)
    optimizer = torch.optim.Adam(parameters.values(), fused=True)
    skeleton = networks[0]

    def loss(own: dict[str, Tensor], state: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            logits = functional_call(skeleton, (own, state), (x,))
        return F.cross_entropy(logits.float(), y)

    gradients = vmap(grad(loss))
    if compiled:
        gradients = torch.compile(gradients)

    def step() -> None:
        index = torch.randint(len(resident.train_labels), (trials, BATCH), device=device)
        x = ((resident.train_images[index].float() / 255) - resident.mean) / resident.std
        found = gradients(parameters, buffers, x, resident.train_labels[index])
        for name, parameter in parameters.items():
            parameter.grad = found[name]
        optimizer.step()

    return rate(step, trials * BATCH, device, steps)


def peer_rate(
    resident: ResidentImages, depth: int, precision: Precision, options: argparse.Namespace, *, compiled: bool
) -> float | None:
    """`vmap_rate`, or None where torch cannot do it (bf16 BatchNorm on a CPU, say)."""
    try:
        return vmap_rate(resident, depth, options.trials, precision, options.steps, compiled=compiled)
    except RuntimeError:
        return None


def stack(depth: int, trials: int, precision: Precision, epochs: int) -> list[Trial]:
    """Trials of the article's cells, seed by seed."""
    cells = [(o, a) for o in ORDERINGS for a in ACTIVATIONS]
    made = [
        Trial(
            settings=Settings(ordering=o, activation=a, depth=depth, epochs=epochs),  # type: ignore[arg-type]  # legal
            seed=number // len(cells),
            precision=precision,
            data_hash="benchmark",
        )
        for number in range(trials)
        for o, a in [cells[number % len(cells)]]
    ]
    return [job.trial for job in neighbours([Job(str(n), trial, {}) for n, trial in enumerate(made)])]


def collector_rate(resident: ResidentImages, trials: list[Trial], steps: int) -> tuple[float, str]:
    """The collector's own steps, graph and all, and what they ask of a GPU."""
    device = resident.train_images.device
    stepper, recorder, _ = set_up(trials, resident)
    take = fastest(stepper, recorder.steps)
    numbers = cycle(range(1, recorder.steps + 1))
    if device.type != "cuda":
        return rate(lambda: take(next(numbers)), len(trials) * BATCH, device, steps), ""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    found = rate(lambda: take(next(numbers)), len(trials) * BATCH, device, steps)
    peak = torch.cuda.max_memory_allocated() / 2**30
    return found, f"; peak {peak:.1f} GiB, utilisation {utilisation(lambda: take(next(numbers)), device):.0f} %"


def utilisation(step: Callable[[], object], device: torch.device) -> float:
    """Share of time in percent, over three seconds of steps, in which a kernel ran, by the driver's own count."""
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "--loop-ms=200"]
    until = time.perf_counter() + 3
    with subprocess.Popen(query, stdout=subprocess.PIPE, text=True) as watching:
        while time.perf_counter() < until:
            step()
            wait(device)
        watching.terminate()
        samples = [float(line) for line in watching.communicate()[0].splitlines() if line.strip().isdecimal()]
    return statistics.median(samples) if samples else float("nan")


def traffic_bound(depth: int, device: torch.device, precision: Precision) -> float:
    """Images per second if every activation were passed over 13 times at the rate of a copy."""
    values, side = 0, 28
    for stage, (count, out) in enumerate(zip(stage_depths(depth), (16, 32, 64), strict=True)):
        values += count * out * side**2
        side = side // 2 if stage < 2 else side
    source = torch.empty(2**28 if device.type == "cuda" else 2**22, device=device)
    target = torch.empty_like(source)
    copies = rate(lambda: target.copy_(source), 1, device, 10)
    return copies * 2 * source.numel() * 4 / (PASSES * values * (2 if precision == "bf16" else 4))


def measuring_share(resident: ResidentImages, trials: list[Trial]) -> str:
    """What evaluation and probes take of a whole run, a trial."""
    row = train(trials, resident)[0].row
    aside = row.wall_seconds - row.train_seconds
    return f"{aside / len(trials):.3f} s a trial ({100 * aside / row['wall_seconds']:.0f} % of the run)"


def lines(options: argparse.Namespace) -> Iterator[str]:
    """The benchmark, a line a depth and precision."""
    device = torch.device(options.device)
    loaded, _ = images.load("mnist" if options.image_root else "digits", options.image_root or Path())
    shared = SharedFile.write(loaded, options.scratch / "images")
    resident = ResidentImages.open(shared, device)
    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU"
    yield f"{name}, {options.trials} trials side by side; images/s"
    for depth in options.depths:
        for precision in options.precisions:
            arithmetic.use(precision, device)
            loop = max(loop_rate(loaded, depth, workers, device, precision) for workers in options.workers)
            eager = resident_rate(resident, depth, precision, options.steps)
            peers = {
                name: peer_rate(resident, depth, precision, options, compiled=compiled)
                for name, compiled in (("vmap", False), ("compiled vmap", True))
                if options.compile or not compiled
            }
            trials = stack(depth, options.trials, precision, options.epochs)
            ours, demands = collector_rate(resident, trials, options.steps)
            bound = traffic_bound(depth, device, precision)
            beside = ", ".join(
                f"{peer} {number:.0f} ({ours / number:.1f}x)" if number else f"{peer} fails"
                for peer, number in peers.items()
            )
            yield (
                f"depth {depth} {precision}: loop {loop:.0f}, resident {eager:.0f} ({ours / eager:.1f}x), {beside}; "
                f"collector {ours:.0f} ({ours / loop:.1f}x the loop, {100 * ours / bound:.0f} % of the traffic bound)"
                f"{demands}; evaluation and probes {measuring_share(resident, trials)}"
            )


def main(arguments: list[str] | None = None) -> None:
    """Print the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depths", type=int, nargs="+", default=[2, 4, 8])
    parser.add_argument("--precisions", nargs="+", default=["fp32", "tf32", "bf16"])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 4, 8])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--image-root", type=Path, help="where MNIST lies; the embedded digits otherwise")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        options.scratch = Path(scratch)
        for line in lines(options):
            print(line, flush=True)


if __name__ == "__main__":
    main()
