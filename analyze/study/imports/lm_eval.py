"""lm-evaluation-harness: folders with results_….json and, with --log_samples, samples_<task>_….jsonl.

A run is a task of a results file. Its seed is the one of the few-shot examples, which is the only one that `lm_eval`
draws test conditions with; what it got right of each sample is kept, so that samples are crossed with seeds.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analyze.errors import InvalidTableError
from analyze.study import stored
from analyze.study.imports.run import Run, Setting, flat

NAME = "lm-evaluation-harness"

#: Larger than the samples of any task.
MOST_BYTES = 2**30

#: The metrics that are a share of samples that were right, the first that a task has.
SHARES = ("acc", "exact_match", "acc_norm")


def recognises(source: str) -> bool:
    """Whether there are results of tasks."""
    path = Path(source)
    found = [path] if path.is_file() and path.suffix == ".json" else path.rglob("results_*.json")
    return any({"results", "configs"} <= _object(one).keys() for one in found)


def read(source: str) -> Iterator[Run]:
    """A run for each task of each results file.

    Raises:
        InvalidTableError: a file cannot be read.
    """
    path = Path(source)
    for results in [path] if path.is_file() else sorted(path.rglob("results_*.json")):
        told = _object(results)
        for task, metrics in told.get("results", {}).items():
            if task not in told.get("group_subtasks", {}) or not told["group_subtasks"][task]:
                yield _run(results, told, task, metrics)


def _run(path: Path, told: dict[str, Any], task: str, metrics: dict[str, Any]) -> Run:
    config = told.get("config") or {}
    arguments = config.get("model_args") or {}
    named = str(told.get("model_name"))  # made up where the arguments name no model
    settings: dict[str, Setting] = {
        "model": named if named in str(arguments) else config.get("model"),
        "task": task,
        "num_fewshot": (told.get("n-shot") or {}).get(task),
        **{f"model_args.{name}": one for name, one in flat(_arguments(arguments)).items()},
        "seed": config.get("fewshot_seed", config.get("random_seed")),
    }
    numbers = {
        name.removesuffix(",none").replace(",", "."): float(one)
        for name, one in metrics.items()
        if isinstance(one, int | float) and "_stderr" not in name
    }
    stamp = path.stem.removeprefix("results_")
    right = _right(path.with_name(f"samples_{task}_{stamp}.jsonl"))
    share = next((numbers[name] for name in SHARES if name in numbers), None)
    if right:
        numbers |= {"test_correct": float(sum(right)), "test_n": float(len(right))}
    elif share is not None:
        numbers["test_accuracy"] = share
    return Run(id=f"{path.parent.name}/{stamp}/{task}", settings=settings, metrics=numbers, right=right)


def _arguments(told: object) -> dict[str, Any]:
    """Arguments of a model, written as one text or as an object."""
    if isinstance(told, dict):
        return told
    pairs = [one.partition("=") for one in str(told).split(",")]
    return {name: value for name, sign, value in pairs if sign}


def _right(path: Path) -> tuple[bool, ...]:
    """Which samples were answered rightly, in the order of their numbers; nothing where that is not kept."""
    if not path.is_file():
        return ()
    try:
        with stored.regular(path) as file:
            rows = [json.loads(line) for line in file.read(MOST_BYTES).splitlines()]
    except (OSError, ValueError) as error:
        raise InvalidTableError(f"{path} cannot be read: {error}") from None
    rows = [
        row for row in rows if row.get("filter") == rows[0].get("filter")
    ]  # each answer may be read in several ways
    metric = next((name for name in SHARES if all(row.get(name) in (0, 1) for row in rows)), None)
    if metric is None:
        return ()
    found = {row["doc_id"]: bool(row[metric]) for row in rows}
    return tuple(found[number] for number in sorted(found))


def _object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one of any other file."""
    try:
        with stored.regular(path) as file:
            found = json.loads(file.read(MOST_BYTES))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
