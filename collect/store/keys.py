"""The name of everything in a study's store, and by what a name of ours is known."""

import re

#: The resolved study file.
STUDY = "study.toml"
#: Every planned trial.
PLAN = "plan.parquet"
#: What the tables were built from, so that a part is read once.
INDEX = "index.parquet"
#: Description of the tables for other tools.
DATAPACKAGE = "datapackage.json"
#: One object a finished trial: the truth.
PARTS = "parts"
#: One object a failed attempt.
FAILURES = "failures"
#: Two objects a stack that is training.
CHECKPOINTS = "checkpoints"
#: What was found damaged; disposable.
QUARANTINE = "quarantine"
#: Files on their way, and locks, in a folder; disposable.
TMP = "tmp"
#: Every subfolder of a study.
FOLDERS = (PARTS, FAILURES, CHECKPOINTS, QUARANTINE, TMP)

#: The id of a trial, and the name of a stack.
ID = re.compile(r"[0-9a-f]{20}")
DIGEST = re.compile(r"[0-9a-f]{64}")
FAILURE_NAME = re.compile(rf"({ID.pattern})\.([1-9][0-9]{{0,8}})\.json")
CHECKPOINT_NAME = re.compile(rf"{ID.pattern}\.json")
STATE_NAME = re.compile(rf"{DIGEST.pattern}\.state")


def part(trial_id: str) -> str:
    """The part of one trial."""
    return f"{PARTS}/{trial_id}.parquet"


def failure(trial_id: str, attempt: int) -> str:
    """The record of one failed attempt, counted from 1."""
    return f"{FAILURES}/{trial_id}.{attempt}.json"


def checkpoint(stack_id: str) -> str:
    """What is known of the state of a stack that is training."""
    return f"{CHECKPOINTS}/{stack_id}.json"


def state(digest: str) -> str:
    """The state itself, by its SHA-256."""
    return f"{CHECKPOINTS}/{digest}.state"


def table(name: str) -> str:
    """A tidy table: trials, curves or layers."""
    return f"{name}.parquet"
