"""Simulated studies, one for each question and whole number: patterns of truth, numbers of seeds and cells, spreads.

Most have trials alone, which is what the headline, cells and responses read; every fifth has learning curves, every
tenth probes too. Above ten seeds fewer flips are drawn than the product draws: a p is then coarser, and decides alike.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.inference import signflip
from analyze.study.load import load
from tests.synthetic import write_study

Settings = Mapping[str, Any]
Truth = dict[str, Any]

Shape = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Asked:
    """What is compared: a factor, two of its levels, a third, moderators of few and many cells, a network."""

    factor: str
    contrast: tuple[str, str]
    third: str
    shapes: tuple[Shape, ...]
    network: str | None = None


#: Moderators of 1 to 15 cells.
BATCHNORM = Asked(
    "ordering",
    ("act_bn", "bn_act"),
    "none",
    (
        {},
        {"depth": (2, 4)},
        {"activation": ("relu", "elu", "tanh")},
        {"depth": (2, 4), "activation": ("relu", "tanh")},
        {"depth": (2, 8), "activation": ("relu", "elu", "tanh")},
        {"depth": (2, 4), "activation": ("relu", "tanh"), "width": (0.5, 1.0)},
        {"depth": (2, 4, 8), "activation": ("relu", "elu", "tanh", "sigmoid")},
        {"depth": (2, 4, 8, 16, 32), "activation": ("relu", "elu", "tanh")},
    ),
)
#: Moderators of 1 to 12 cells, of those that the preset prepost has.
LAYERNORM = Asked(
    "norm",
    ("pre", "post"),
    "none",
    (
        {},
        {"depth": (2, 12)},
        {"warmup": (0, 100)},
        {"depth": (2, 12), "warmup": (0, 100)},
        {"depth": (2, 12), "learning_rate": (0.001, 0.003)},
        {"depth": (2, 12), "warmup": (0, 100), "learning_rate": (0.001, 0.003)},
        {"depth": (2, 6, 12), "warmup": (0, 100), "learning_rate": (0.001, 0.003)},
    ),
    network="vit.py:build",
)


@dataclass(frozen=True)
class World:
    """What a pattern may use: a generator, the cells of the design, how many seeds, and the size of an effect."""

    draw: np.random.Generator
    cells: list[Settings]
    seeds: int
    gap: float


Pattern = Callable[[World], Truth]


def null(world: World) -> Truth:
    """No effect."""
    return {"gap": 0.0, "quiet": bool(world.draw.random() < 0.5)}


def homogeneous(world: World) -> Truth:
    """The same gap in every cell."""
    return {"gap": world.gap}


def at_the_margin(world: World) -> Truth:
    """Every cell's gap is the margin."""
    return {"gap": float(world.draw.choice([-0.1, 0.1])), "quiet": True}


def xor(world: World) -> Truth:
    """The sign of the gap turns with each moderator."""
    return {"gap": lambda cell: world.gap * (-1) ** sum(_places(cell, world.cells))}


def crossed(world: World) -> Truth:
    """Half of the cells each way, so that the mean cancels."""
    return {"gap": lambda cell: world.gap * (1 if _index(cell, world.cells) % 2 else -1)}


def one_cell(world: World) -> Truth:
    """One cell has a gap."""
    chosen = int(world.draw.integers(len(world.cells)))
    return {
        "gap": lambda cell: world.gap * (_index(cell, world.cells) == chosen),
        "quiet": bool(world.draw.random() < 0.5),
    }


def a_diverging_arm(world: World) -> Truth:
    """In one cell, runs of the first level diverge, or get stuck."""
    chosen, share = int(world.draw.integers(len(world.cells))), world.draw.choice([0.2, 0.6, 1.0])
    lost = set(world.draw.choice(world.seeds, max(1, int(share * world.seeds)), replace=False).tolist())
    kind = str(world.draw.choice(["diverged", "stuck"]))
    return {
        "gap": world.gap,
        kind: lambda run: run["first"] and run["seed"] in lost and _index(run, world.cells) == chosen,
    }


def a_missing_cell(world: World) -> Truth:
    """One cell never ran, or only in a few seeds."""
    chosen, few = int(world.draw.integers(len(world.cells))), int(world.draw.choice([0, 3, 5]))
    if len(world.cells) == 1:
        return {"gap": world.gap}
    gap = float(world.draw.choice([0.0, world.gap]))
    return {
        "gap": gap,
        "missing": lambda run: _index(run, world.cells) == chosen and run["seed"] >= few,
        "quiet": not gap,
    }


def ties(world: World) -> Truth:
    """Two hundred test images: many differences are the same."""
    return {"gap": world.gap, "test_n": 200}


def constant(world: World) -> Truth:
    """Every difference of a cell is the same."""
    gap = round(float(world.draw.choice([world.gap, 0.05, -0.05])), 2)
    return {
        "gap": (lambda cell: gap * (_index(cell, world.cells) % 2)) if world.draw.random() < 0.5 else gap,
        "noise_sd": 0.0,
    }


def identical(_: World) -> Truth:
    """Both levels give the same."""
    return {"gap": 0.0, "noise_sd": 0.0, "seed_gap_sd": 0.0}


def too_few_seeds(world: World) -> Truth:
    """Two to five seeds."""
    return {"gap": world.gap, "seeds": int(world.draw.integers(2, 6))}


def unequal_n(world: World) -> Truth:
    """Some runs failed."""
    lost = world.draw.random((2, len(world.cells), world.seeds)) < world.draw.choice([0.05, 0.2])
    return {
        "gap": world.gap,
        "failed": lambda run: bool(lost[int(run["first"]), _index(run, world.cells), run["seed"]]),
    }


def another_factor(world: World) -> Truth:
    """A table of somebody else: another factor and trials alone."""
    return {"gap": world.gap, "own": True}


PATTERNS: tuple[Pattern, ...] = (
    null,
    homogeneous,
    at_the_margin,
    xor,
    crossed,
    one_cell,
    a_diverging_arm,
    a_missing_cell,
    ties,
    constant,
    identical,
    too_few_seeds,
    unequal_n,
    another_factor,
)

#: What somebody else varied, at two levels.
OWN, GLAZES = "glaze", ("matt", "shiny")


def pattern_of(number: int) -> str:
    """The name of the pattern of this study."""
    return PATTERNS[number % len(PATTERNS)].__name__


def simulated(number: int, folder: Path, asked: Asked = BATCHNORM) -> Findings:
    """The findings of study `number`, whose tables are written to `folder`."""
    draw = np.random.default_rng([20_260_415, number])
    shape = asked.shapes[int(draw.choice(len(asked.shapes)))]
    seeds = int(
        draw.choice([5, 6, 7, 8, 10, 12, 16, 20, 30, 40], p=[0.04, 0.16, 0.1, 0.2, 0.2, 0.1, 0.05, 0.07, 0.04, 0.04])
    )
    sd = float(draw.choice([0.15, 0.2, 0.3, 0.45, 0.8]))
    gap = float(draw.choice([0.3, 0.5, 1.0]) * draw.choice([-1, 1]))
    cells = [dict(zip(shape, levels, strict=True)) for levels in product(*shape.values())]
    truth = PATTERNS[number % len(PATTERNS)](World(draw, cells, seeds, gap))
    own, quiet = truth.pop("own", False), truth.pop("quiet", False)
    factor, contrast = asked.factor, asked.contrast
    levels = (*contrast, asked.third) if not own and draw.random() < 0.2 else contrast
    sd = 0.05 if quiet else sd
    options = {"noise_sd": sd, "seed_gap_sd": sd / 2, "seeds": seeds, "test_n": 10_000} | truth
    for name in ("gap", "diverged", "stuck", "missing", "failed"):
        if callable(options.get(name)):
            options[name] = _told(options[name], factor, contrast)
    write_study(
        folder,
        draw,
        factors={factor: levels, **shape},
        primary=factor,
        contrast=contrast,
        network=asked.network,
        with_bits=number % 10 == 5,
        with_layers=number % 10 == 0,
        examples_to_learn=lambda run: 1500.0 * (0.7 if run[factor] == contrast[0] and number % 20 == 0 else 1.0),
        **options,
    )
    with fewer_flips():
        if own:
            return analyse(load(_somebody_elses(folder, factor, contrast, list(shape)), factor=OWN, contrast=GLAZES))
        study = load(folder)
        if number % 5 or len(cells) > 6:
            vars(study)["curves"] = None
        return analyse(study)


@contextmanager
def fewer_flips() -> Iterator[None]:
    """Draw 1999 flips above ten seeds."""
    with mock.patch.multiple(signflip, ENUMERATED_SEEDS=10, SAMPLED_FLIPS=1999):
        yield


def _somebody_elses(folder: Path, factor: str, contrast: tuple[str, str], moderators: list[str]) -> Path:
    """The trials with another factor under another name, and without anything of the collector's."""
    mine = folder.with_name(f"{folder.name}-own")
    mine.mkdir()
    trials = pd.read_parquet(folder / "trials.parquet").rename(columns={factor: OWN})
    trials[OWN] = trials[OWN].map(dict(zip(contrast, GLAZES, strict=True)))
    columns = ["trial_id", "seed", OWN, *moderators, "test_accuracy"]
    trials[columns].to_parquet(mine / "trials.parquet", index=False)
    return mine


def _told(what: Callable[[Settings], Any], factor: str, contrast: tuple[str, str]) -> Callable[[Settings], Any]:
    """The function of a run's settings, which says too whether it is of the first level."""
    return lambda run: run[factor] in contrast and what({**run, "first": run[factor] == contrast[0]})


def _index(run: Settings, cells: list[Settings]) -> int:
    return next(i for i, cell in enumerate(cells) if all(run[name] == level for name, level in cell.items()))


def _places(run: Settings, cells: list[Settings]) -> list[int]:
    """The place of each level among those of its factor."""
    return [list(dict.fromkeys(cell[name] for cell in cells)).index(run[name]) for name in cells[0]]
