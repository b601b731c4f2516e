"""Optuna: a SQLite file, a journal file, or the address of a relational storage; every study in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analyze.study.imports.run import Point, Run, Setting, missing
from analyze.study.imports.sqlite import tables_of

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.study._frozen import FrozenStudy
    from optuna.trial import FrozenTrial

NAME = "Optuna"


def recognises(source: str) -> bool:
    """Whether Optuna keeps studies there."""
    if "://" in source:
        return not source.startswith(("http://", "https://"))
    path = Path(source)
    return path.is_file() and ({"studies", "trials", "trial_params"} <= tables_of(path) or _is_journal(path))


def _is_journal(path: Path) -> bool:
    """Whether a file begins with an operation of Optuna's journal."""
    with path.open("rb") as file:
        try:
            first = json.loads(file.readline(2**16))
        except ValueError:
            return False
    return isinstance(first, dict) and "op_code" in first


def read(source: str) -> Iterator[Run]:
    """Every trial of every study: its parameters and attributes are settings, its values metrics.

    Raises:
        MissingLibraryError: optuna is not installed.
    """
    try:
        import optuna  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise missing(NAME, "optuna") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path = Path(source)
    storage: BaseStorage
    if path.is_file() and not tables_of(path):
        storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    else:
        address = f"sqlite:///{path.resolve()}" if path.is_file() else source
        storage = optuna.storages.RDBStorage(address, skip_table_creation=True)
    for study in storage.get_all_studies():
        for trial in storage.get_all_trials(study._study_id):  # noqa: SLF001  # the storages' own key
            yield _run(study, trial)


def _run(study: "FrozenStudy", trial: "FrozenTrial") -> Run:
    attributes: dict[str, Setting] = {
        name: value for name, value in trial.user_attrs.items() if isinstance(value, str | int | float | bool)
    }
    measured = {name: value for name, value in attributes.items() if isinstance(value, float)}
    values = trial.values or []
    names = study.system_attrs.get("study:metric_names") or (
        ["value"] if len(values) < 2 else [f"value_{number}" for number in range(len(values))]
    )
    return Run(
        id=f"{study.study_name}/{trial.number}",
        settings={"study_name": study.study_name, **trial.params}
        | {name: value for name, value in attributes.items() if name not in measured},
        metrics=dict(zip(names, values, strict=False)) | measured,
        status=trial.state.name,
        points=[Point(names[0], step, value) for step, value in trial.intermediate_values.items()],
    )
