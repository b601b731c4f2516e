"""Studies with known effects, in the collector's format: test data, never a reference for a statistic.

A response is built in percentage points: a mean given by the settings, a draw shared by a seed's trials, a
draw shared by a seed's trials of one level of the primary factor, and noise of each trial. Learning curves
rise exponentially towards the final accuracy; running statistics lag behind batch statistics early on.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from collect import schema
from collect.store import datapackage

Settings = Mapping[str, Any]

RECIPE: dict[str, Any] = {
    "epochs": 5,
    "batch_size": 128,
    "learning_rate": 1e-3,
    "optimizer": "adam",
    "momentum": 0.9,
    "schedule": "constant",
    "warmup": 0,
    "weight_decay": 0.0,
    "decay_bn": True,
    "width": 0.5,
    "kernel": 3,
    "channels": "16-32-64",
    "pools": "between",
    "head": "flatten",
    "head_hidden": 0,
    "bn_momentum": 0.1,
    "bn_eps": 1e-5,
    "norm": "batch",
    "conv_bias": True,
    "dropout": 0.0,
    "dropout_place": "after",
    "augment": "none",
    "init": "torch",
    "validation": 0.0,
    "evaluations": 16,
}

QUICK_FACTORS: dict[str, Sequence[Any]] = {
    "ordering": ("bn_act", "act_bn"),
    "depth": (2, 4),
    "activation": ("relu", "tanh"),
}

CHANCE = 0.1


def write_study(
    folder: Path,
    generator: np.random.Generator,
    *,
    factors: Mapping[str, Sequence[Any]] | None = None,
    seeds: int | Sequence[int] = 10,
    recipe: Mapping[str, Any] | None = None,
    primary: str = "ordering",
    contrast: tuple[Any, Any] = ("act_bn", "bn_act"),
    accuracy: Callable[[Settings], float] = lambda _: 97.0,
    gap: float | Callable[[Settings], float] = 0.0,
    seed_sd: float = 0.2,
    seed_gap_sd: float = 0.0,
    noise_sd: float | Callable[[Settings], float] = 0.15,
    examples_to_learn: Callable[[Settings], float] = lambda _: 1500.0,
    stale: Callable[[Settings], float] = lambda _: 0.0,
    missing: Callable[[Settings], bool] = lambda _: False,
    failed: Callable[[Settings], bool] = lambda _: False,
    diverged: Callable[[Settings], bool] = lambda _: False,
    stuck: Callable[[Settings], bool] = lambda _: False,
    initial_share: Callable[[Settings], float] = lambda _: 0.4,
    train_images: int = 4000,
    test_n: int = 1000,
    margin_pp: float = 0.1,
    targets: Sequence[float] = (0.9, 0.95),
    points: int = 16,
    with_bits: bool = True,
    with_layers: bool = True,
    network: str | None = None,
    name: str = "synthetic",
) -> Path:
    """Write trials.parquet, curves.parquet and (with_layers) layers.parquet; return the folder.

    Args:
        folder: created if absent.
        generator: source of every draw.
        factors: each with its levels; the default is the preset quick's.
        seeds: how many, or which.
        recipe: settings that differ from RECIPE.
        primary: the factor under test.
        contrast: its two levels, first minus second.
        accuracy: mean final accuracy in percent by settings, before the gap.
        gap: added to the first level of the contrast, in percentage points.
        seed_sd: spread shared by all trials of a seed, in points.
        seed_gap_sd: spread shared by a seed's trials of one level of the primary factor, in points.
        noise_sd: spread of each trial, in points.
        examples_to_learn: examples after which the distance to the final accuracy has fallen to 1/e.
        stale: points that running statistics lose against batch statistics, by settings.
        missing: trials never run (pending).
        failed: trials that crashed: a row with null metrics.
        diverged: trials that became non-finite: scored at chance, losses null.
        stuck: trials that stay at chance without diverging.
        initial_share: share of images given to one class before the first step, by settings.
        train_images: images an epoch.
        test_n: test images.
        margin_pp: equivalence margin of the study file.
        targets: target accuracies of the study file, shares; the first is primary.
        points: log-spaced evaluation points.
        with_bits: write correct_bits.
        with_layers: write layers.parquet.
        network: the call of one of one's own, without BatchNorm or convolutions; it is validated as it is tested.
        name: of the study.
    """
    factors = dict(QUICK_FACTORS if factors is None else factors)
    defaults = {name: value for name, value in RECIPE.items() if not network or name in schema.ANY_NETWORK}
    own = {"network": network} if network else {}
    settings = defaults | {"dataset": "synthetic"} | own | dict(recipe or {})
    seeds = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    planned = _grid(factors, seeds, settings)
    trials = planned[[not missing(row) for row in planned.to_dict("records")]].reset_index(drop=True)
    rows = trials.to_dict("records")

    gap_of = gap if callable(gap) else lambda _, value=gap: value
    sd_of = noise_sd if callable(noise_sd) else lambda _, value=noise_sd: value
    first = trials[primary].eq(contrast[0]).to_numpy()
    mean = np.array([accuracy(row) for row in rows]) + first * np.array([gap_of(row) for row in rows])
    by_seed = pd.Series(generator.normal(0, seed_sd, len(seeds)), index=seeds)
    by_seed_gap = {level: generator.normal(0, seed_gap_sd, len(seeds)) for level in factors[primary]}
    position = pd.Index(seeds).get_indexer(trials["seed"])
    noise = generator.normal(0, 1, len(trials)) * [sd_of(row) for row in rows]
    batch = mean + by_seed.loc[trials["seed"]].to_numpy() + noise
    batch += np.array([by_seed_gap[level][at] for level, at in zip(trials[primary], position, strict=True)])
    batch = np.clip(batch / 100, CHANCE, 1.0)
    running = np.clip(batch - np.array([stale(row) for row in rows]) / 100, CHANCE, 1.0)

    is_failed = np.array([failed(row) for row in rows])
    is_diverged = np.array([diverged(row) for row in rows]) & ~is_failed
    at_chance = is_diverged | np.array([stuck(row) for row in rows])
    running, batch = (np.where(at_chance, CHANCE, value) for value in (running, batch))
    normalised = trials.get("ordering", pd.Series("", trials.index)).ne("none").to_numpy() & (network is None)

    _fill_outcome(trials, running, batch, normalised, is_failed=is_failed, is_diverged=is_diverged)
    trials["study"], trials["test_n"], trials["train_n"] = name, test_n, min(5000, train_images)
    trials["test_correct"] = np.where(is_failed, np.nan, np.rint(running * test_n))
    trials["test_accuracy"] = trials["test_correct"] / test_n
    if with_bits:
        difficulty = generator.normal(0, 1, test_n)
        counts = np.rint(running * test_n).astype(int)
        bits = [_bits(count, difficulty, generator) for count in counts]
        trials["correct_bits"] = [None if lost else one for lost, one in zip(is_failed, bits, strict=True)]
    steps = settings["epochs"] * (train_images // settings["batch_size"])
    trials["steps"] = np.where(is_diverged, steps // 2, steps)

    scale = np.array([examples_to_learn(row) for row in rows]) * np.exp(generator.normal(0, 0.1, len(trials)))
    curves = _curves(
        trials,
        factors,
        scale=scale,
        finals={"running": running, "batch": batch},
        initial_share=np.array([initial_share(row) for row in rows]),
        normalised=normalised,
        settings=settings,
        train_images=train_images,
        test_n=test_n,
        points=points,
    )
    folder.mkdir(parents=True, exist_ok=True)
    study = {
        "name": name,
        "dataset": settings["dataset"],
        "seeds": seeds,
        "factors": factors,
        "recipe": {k: v for k, v in settings.items() if k not in ("dataset", "network", *factors)},
        "analysis": {
            "factor": primary,
            "contrast": contrast,
            "margin_pp": margin_pp,
            "targets": targets,
            "alpha": 0.05,
        },
        "extended": False,
        **own,
    }
    metadata = {
        "schema_version": schema.SCHEMA_VERSION,
        "study": study,
        "planned": len(planned),
        "pending": len(planned) - len(trials),
        "environments": [{"python": "3.11.2", "torch": "2.3.0", "processor": "synthetic"}],
    }
    tables = {"trials": (trials, schema.TRIALS), "curves": (curves, schema.curves(list(factors)))}
    if with_layers:
        tables["layers"] = (_layers(trials, generator), schema.layers(list(factors)))
    for table, (rows, columns) in tables.items():
        _write(folder / f"{table}.parquet", rows, columns, metadata if table == "trials" else {})
    describe(folder, name, list(factors))
    return folder


def describe(folder: Path, name: str = "synthetic", factors: Sequence[str] = schema.CORE_FACTORS) -> None:
    """Write the datapackage.json of the tables as they lie there."""
    content = {path.stem: path.read_bytes() for path in folder.glob("*.parquet")}
    sums = {table: (hashlib.sha256(file).hexdigest(), len(file)) for table, file in content.items()}
    (folder / "datapackage.json").write_text(datapackage.package(name, factors, sums), encoding="utf-8")


def _grid(factors: Mapping[str, Sequence[Any]], seeds: Iterable[int], settings: Settings) -> pd.DataFrame:
    """One row a planned trial: every factor, seed and fixed setting."""
    rows = [
        {**settings, **dict(zip(factors, levels, strict=True)), "seed": seed}
        for seed, *levels in itertools.product(seeds, *factors.values())
    ]
    grid = pd.DataFrame(rows)
    grid.insert(0, "trial_id", [f"t{number:06d}" for number in range(len(grid))])
    return grid


def _fill_outcome(
    trials: pd.DataFrame,
    running: np.ndarray,
    batch: np.ndarray,
    normalised: np.ndarray,
    *,
    is_failed: np.ndarray,
    is_diverged: np.ndarray,
) -> None:
    """Add status, losses, other accuracies, hashes and provenance; failed trials have no metrics."""
    trials["status"] = np.select([is_failed, is_diverged], ["failed", "diverged"], "completed")
    trials["reason"] = np.select([is_failed, is_diverged], ["RuntimeError: lost", "loss is nan"], None)
    loss = -np.log(np.clip(running, 0.05, 0.999))
    trials["test_loss"] = np.where(is_diverged | is_failed, np.nan, loss)
    trials["train_accuracy"] = np.where(is_failed, np.nan, np.clip(running + 0.005, 0, 1))
    trials["train_loss"] = trials["test_loss"] * 0.9
    if "network" in trials:
        trials["validation_accuracy"] = np.where(is_failed, np.nan, running)
    trials["test_accuracy_batch"] = np.where(normalised & ~is_failed, batch, np.nan)
    pairs = trials[[c for c in ("depth", "head", "width", "dataset", "seed") if c in trials]].astype(str)
    trials["init_hash"] = trials["order_hash"] = pairs.agg("-".join, axis=1)
    trials["train_seconds"], trials["wall_seconds"] = 1.0, 1.5
    trials["device"], trials["precision"], trials["stack_size"] = "cpu", "fp32", 1
    trials["majority_share"] = np.where(is_failed, np.nan, CHANCE)


def _bits(count: int, difficulty: np.ndarray, generator: np.random.Generator) -> bytes:
    """`count` correct images, the easy ones more often."""
    order = np.argsort(difficulty + generator.normal(0, 0.5, len(difficulty)))
    right = np.zeros(len(difficulty), np.uint8)
    right[order[:count]] = 1
    return np.packbits(right).tobytes()


def _curves(
    trials: pd.DataFrame,
    factors: Mapping[str, Sequence[Any]],
    *,
    scale: np.ndarray,
    finals: Mapping[str, np.ndarray],
    initial_share: np.ndarray,
    normalised: np.ndarray,
    settings: Settings,
    train_images: int,
    test_n: int,
    points: int,
) -> pd.DataFrame:
    """Step 0 and log-spaced points on the test subset in both modes, then the full test set at each epoch's end."""
    size = settings["batch_size"]
    per_epoch = train_images // size
    ends = per_epoch * np.arange(1, settings["epochs"] + 1)
    spaced = np.rint(np.geomspace(1, ends[-1], points)).astype(int)
    subset_n = min(1000, test_n)
    parts = []
    for eval_set, split, steps, n in (
        ("subset", "test", np.unique([0, *spaced, *ends]), subset_n),
        ("full", "test", ends, test_n),
        ("subset", "train", ends, min(5000, train_images)),
    ):
        for mode, final in finals.items():
            examples = steps * size
            rise = 1 - np.exp(-examples[None, :] / scale[:, None])
            lag = 1 - np.exp(-steps / 10)[None, :] if mode == "running" else 1.0
            lag = np.where(normalised[:, None], lag, 1.0)
            share = CHANCE + (final[:, None] - CHANCE) * rise * lag
            correct = np.rint(share * n).astype(int)
            keep = (trials["status"] != "failed").to_numpy() & (normalised | (mode == "running"))
            index = np.repeat(np.flatnonzero(keep), len(steps))
            part = trials.loc[index, ["trial_id", *factors, "seed"]].reset_index(drop=True)
            part["step"] = np.tile(steps, keep.sum())
            part["examples_seen"] = part["step"] * size
            part["epoch"] = part["step"] / per_epoch
            part["split"], part["eval_set"], part["bn_mode"] = split, eval_set, mode
            largest = CHANCE + (initial_share[:, None] - CHANCE) * (1 - rise)
            part["max_class_share"] = largest[keep].ravel()
            part["correct"], part["n"] = correct[keep].ravel(), n
            part["accuracy"] = part["correct"] / n
            part["loss"] = -np.log(np.clip(part["accuracy"], 0.05, 0.999))
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _layers(trials: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Probes at initialisation and at the end; gradients shrink towards the input, more so for sigmoid."""
    factor_names = [c for c in schema.CORE_FACTORS if c in trials]
    settings = [c.name for c in schema.DATASET + schema.RECIPE if c.name in trials]
    extra = [name for name in settings if len(trials[name].unique()) > 1]
    rows = []
    for trial in trials[trials["status"] == "completed"].to_dict("records"):
        depth = int(trial.get("depth", 2))
        identity = {name: trial[name] for name in ["trial_id", *factor_names, *extra, "seed"]}
        decay = 0.5 if trial.get("activation") == "sigmoid" else 0.1
        batchnorm = trial.get("ordering") != "none" and "network" not in trial
        for step in (0, int(trial["steps"])):
            for layer in range(1, depth + 2):
                conv = layer <= depth
                draw = generator.normal(0, 0.05, 6)
                rows.append(
                    identity
                    | {
                        "step": step,
                        "layer": layer,
                        "kind": "conv" if conv and "network" not in trial else "linear",
                        "grad_norm": np.exp(-decay * (depth + 1 - layer) + draw[0]),
                        "activation_mean": 0.4 + draw[1] if conv else None,
                        "activation_var": float(np.exp(draw[2])) if conv else None,
                        "skewness": draw[3] if conv else None,
                        "saturation": abs(draw[4]) if conv else None,
                        "zero_fraction": min(1.0, abs(0.5 + draw[5])) if conv else None,
                        "dead_fraction": abs(draw[4]) if conv else None,
                        "bn_mean_lag": abs(draw[1]) if batchnorm and conv else None,
                        "bn_var_lag": abs(draw[2]) if batchnorm and conv else None,
                        "gamma_norm": float(np.exp(draw[0])) if conv else None,
                        "beta_norm": abs(draw[1]) if conv else None,
                    }
                )
    return pd.DataFrame(rows)


def _write(path: Path, table: pd.DataFrame, columns: Sequence[schema.Column], metadata: Mapping[str, Any]) -> None:
    """Write the table's share of these columns, in their order and types, with JSON file metadata."""
    arrow = schema.arrow_schema([column for column in columns if column.name in table])
    extra = {key: json.dumps(value) for key, value in metadata.items()}
    arrow = arrow.with_metadata(extra | ({"parts_digest": "0" * 64} if extra else {}))
    pq.write_table(pa.Table.from_pandas(table[arrow.names], arrow, preserve_index=False), path)
