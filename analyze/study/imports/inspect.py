"""inspect: logs of evaluations (.eval). A run is an epoch of a log: samples are crossed with epochs."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analyze.study.imports.run import Run, Setting, flat, missing

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog

NAME = "inspect"

#: What scorers write for a right and a wrong answer.
VALUES = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}


def recognises(source: str) -> bool:
    """Whether there are logs of evaluations."""
    path = Path(source)
    return path.suffix == ".eval" if path.is_file() else next(path.rglob("*.eval"), None) is not None


def read(source: str) -> Iterator[Run]:
    """A run for each epoch of each log, which is its seed; every scorer is a metric, the first one what was right.

    Raises:
        MissingLibraryError: inspect-ai is not installed.
    """
    try:
        from inspect_ai.log import read_eval_log  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise missing(NAME, "inspect") from None
    path = Path(source)
    for log in [path] if path.is_file() else sorted(path.rglob("*.eval")):
        yield from _runs(read_eval_log(str(log)))


def _runs(log: "EvalLog") -> Iterator[Run]:
    asked = log.eval
    generated = asked.model_generate_config.model_dump(exclude_none=True)
    settings: dict[str, Setting] = {
        "model": asked.model,
        "task": asked.task,
        **{f"task_args.{name}": one for name, one in flat(asked.task_args).items()},
        **{f"model_args.{name}": one for name, one in flat(asked.model_args).items()},
        **{f"config.{name}": one for name, one in flat(generated).items()},
    }
    scores: dict[int, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for sample in log.samples or ():
        for scorer, score in (sample.scores or {}).items():
            value = VALUES.get(score.value) if isinstance(score.value, str) else score.value
            if isinstance(value, int | float):
                scores[sample.epoch][scorer][str(sample.id)] = float(value)
    status = {"success": "completed", "started": "running"}.get(log.status, "failed")
    for epoch, of_scorers in sorted(scores.items()) or [(1, {})]:
        means = {f"score.{name}": sum(values.values()) / len(values) for name, values in of_scorers.items()}
        first = next(iter(of_scorers.values()), {})
        right = tuple(bool(first[name]) for name in sorted(first)) if {*first.values()} <= {0.0, 1.0} else ()
        counts = {"test_correct": float(sum(right)), "test_n": float(len(right))} if right else {}
        yield Run(
            id=f"{asked.run_id}/{asked.task_id}/{epoch}",
            settings={**settings, "seed": epoch},
            metrics=means | counts,
            status=status,
            right=right,
        )
