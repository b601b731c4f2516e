"""The collector against the loop a user would write, on the same trials and cores, in one run.

    python -m tests.benchmarks.collector [--depths 2 4 8] [--epochs 5] [--rounds 3] [--image-root DIR]

The loop: torchvision-style data set of PIL images, ToTensor, Normalize, DataLoader (the best of 0 and 2 workers), plain
nn.Sequential, default Adam, all cores by torch's own threads. The collector: one worker a core, as `collect run` does.
Rates are training images per second of training time, evaluation excluded on both sides. The two take turns, for a
machine's speed drifts: rates and ratios are medians over the rounds, each ratio within its round. The last ratios are
of the time that as many trials of each depth take together; the share that evaluation and probes take of a run of the
article's kind is printed beside.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from collect import images
from collect.execute import cores
from collect.study.stages import stage_depths

CORES = cores.usable()
SEEDS = 2 * CORES
BATCH = 128


class Digits(Dataset[tuple[Tensor, int]]):
    """The digits as torchvision serves MNIST: a PIL image, transformed, and its label."""

    def __init__(self, loaded: images.Images) -> None:
        [mean], [std] = loaded.channel_mean_std
        self.pixels, self.labels = loaded.train_images[:, 0], loaded.train_labels
        self.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((mean,), (std,))])

    def __len__(self) -> int:
        """Number of images."""
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """One image as the network sees it."""
        return self.transform(Image.fromarray(self.pixels[index])), int(self.labels[index])


def plain_network(depth: int) -> nn.Sequential:
    """conv-BN-ReLU blocks as anybody would write them."""
    layers: list[nn.Module] = []
    channels = 1
    for stage, (count, out) in enumerate(zip(stage_depths(depth), (16, 32, 64), strict=True)):
        for _ in range(count):
            layers += [nn.Conv2d(channels, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU()]
            channels = out
        if stage < 2:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * 49, 10))


def loop_rate(loaded: images.Images, depth: int, workers: int) -> float:
    """Training images per second of the loop, after one epoch to warm up."""
    network = plain_network(depth)
    optimizer, criterion = torch.optim.Adam(network.parameters()), nn.CrossEntropyLoss()
    generator = torch.Generator().manual_seed(0)
    loader = DataLoader(
        Digits(loaded),
        BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        generator=generator,
    )

    def epoch() -> int:
        seen = 0
        for x, y in loader:
            optimizer.zero_grad()
            criterion(network(x), y).backward()
            optimizer.step()
            seen += len(y)
        return seen

    epoch()
    started = time.perf_counter()
    seen = epoch() + epoch()
    return seen / (time.perf_counter() - started)


def collector(folder: Path, depth: int, workers: int, precision: str, epochs: int) -> pd.DataFrame:
    """The trials of one depth, run by `collect run`."""
    out = folder / f"{depth}-{workers}-{precision}"
    changes = [
        f"seeds={SEEDS}",
        f"recipe.depth={depth}",
        "recipe.activation=relu",
        "factors.ordering=['bn_act']",
        f"recipe.epochs={epochs}",
        "recipe.width=1.0",
    ]
    command = [sys.executable, "-c", "from collect.cli import main; main()", "run", "quick", "--out", str(out)]
    command += ["--jobs", str(workers), "--precision", precision, "--device", "cpu"]
    subprocess.run([*command, *(word for c in changes for word in ("--set", c))], check=True, capture_output=True)
    return pd.read_parquet(out / "trials.parquet")


def rate(trials: pd.DataFrame, workers: int) -> float:
    """Training images per second of all workers together."""
    return float(workers * (trials.steps * BATCH).sum() / trials.train_seconds.sum())


def matmul_flops() -> float:
    """Multiply-adds x 2 per second of one thread on a 1024 x 1024 product, fp32."""
    torch.set_num_threads(1)
    a = torch.randn(1024, 1024, generator=torch.Generator().manual_seed(0))
    a @ a
    started = time.perf_counter()
    for _ in range(10):
        a @ a
    return 10 * 2 * 1024**3 / (time.perf_counter() - started)


def flops_per_image(depth: int) -> float:
    """Of a training step: forward, and twice that backward, convolutions and classifier."""
    total, channels, side = 0.0, 1, 28
    for stage, (count, out) in enumerate(zip(stage_depths(depth), (16, 32, 64), strict=True)):
        for _ in range(count):
            total += 2 * 9 * channels * out * side**2
            channels = out
        side = side // 2 if stage < 2 else side
    return 3 * (total + 2 * channels * 49 * 10)


class Round(NamedTuple):
    """Images per second at one depth, taken one after another."""

    loop: float
    fp32: float
    bf16: float


def one_round(loaded: images.Images, folder: Path, depth: int, epochs: int) -> Round:
    """The loop, then the collector on all cores."""
    torch.set_num_threads(CORES)
    loop = max(loop_rate(loaded, depth, workers) for workers in (0, 2))
    with tempfile.TemporaryDirectory(dir=folder) as own:
        return Round(loop, *(rate(collector(Path(own), depth, CORES, p, epochs), CORES) for p in ("fp32", "bf16")))


def lines(depths: list[int], epochs: int, rounds: int) -> Iterator[str]:
    """The benchmark, a line a depth, and one of all of them."""
    loaded, _ = images.load("digits", Path())
    peak = matmul_flops()
    yield f"{CORES} cores; matmul at {peak / 1e9:.0f} GFLOP/s a thread in fp32; images/s, ratios to the loop"
    taken = {}
    with tempfile.TemporaryDirectory() as folder:
        for depth in depths:
            taken[depth] = [one_round(loaded, Path(folder), depth, epochs) for _ in range(rounds)]
            single = rate(collector(Path(folder), depth, 1, "fp32", epochs), 1)
            loop, fp32, bf16 = (median(column) for column in zip(*taken[depth], strict=True))
            times = [median(getattr(r, p) / r.loop for r in taken[depth]) for p in ("fp32", "bf16")]
            yield (
                f"depth {depth}: loop {loop:.0f}; collector fp32 {fp32:.0f} ({times[0]:.2f}x), "
                f"bf16 {bf16:.0f} ({times[1]:.2f}x); {100 * fp32 / CORES / single:.0f} % of linear in cores; "
                f"{100 * fp32 / CORES * flops_per_image(depth) / peak:.0f} % of the matmul rate"
            )
    # Time is what adds up over depths, the inverse of a rate.
    together = [
        Round(*(sum(1 / r for r in column) for column in zip(*rs, strict=True)))
        for rs in zip(*taken.values(), strict=True)
    ]
    times = [median(t.loop / getattr(t, p) for t in together) for p in ("fp32", "bf16")]
    yield f"all depths, as many trials of each: fp32 {times[0]:.2f}x, bf16 {times[1]:.2f}x"


def measuring_share(image_root: str | None, article_epochs: int = 3) -> str:
    """Share of evaluation and probes in a run of the article's kind (full MNIST where a root is given)."""
    with tempfile.TemporaryDirectory() as folder:
        changes = [
            "seeds=1",
            "factors.activation=['relu']",
            "factors.depth=[2,4]",
            "factors.ordering=['bn_act','act_bn']",
            f"recipe.epochs={article_epochs}",
        ]
        command = [
            sys.executable,
            "-c",
            "from collect.cli import main; main()",
            "run",
            "article",
            "--out",
            folder + "/a",
            "--device",
            "cpu",
        ]
        command += ["--image-root", image_root or "data/images"]
        subprocess.run([*command, *(word for c in changes for word in ("--set", c))], check=True, capture_output=True)
        trials = pd.read_parquet(folder + "/a/trials.parquet")
    share = 1 - trials.train_seconds.sum() / trials.wall_seconds.sum()
    worst = 1 - np.min(trials.train_seconds / trials.wall_seconds)
    return f"evaluation and probes take {100 * share:.0f} % of an article run (worst trial {100 * worst:.0f} %)"


def main(arguments: list[str] | None = None) -> None:
    """Print the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depths", type=int, nargs="+", default=[2, 4, 8])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--image-root", help="where MNIST lies, to measure the share of evaluation in an article run")
    options = parser.parse_args(arguments)
    for line in lines(options.depths, options.epochs, options.rounds):
        print(line, flush=True)
    if options.image_root:
        print(measuring_share(options.image_root))


if __name__ == "__main__":
    main()
