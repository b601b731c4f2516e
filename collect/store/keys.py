"""The name of everything in a study's store, by what a name of ours is known, and how large what it names can be."""

import re
from pathlib import PurePosixPath
from typing import Literal

#: The resolved study file.
STUDY = "study.toml"
#: The source of a network of one's own. It is kept, and nothing in a study's folder is ever run.
NETWORK = "network.py"
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

TableName = Literal["curves", "layers", "trials"]

#: The id of a trial, and the name of a stack.
ID = re.compile(r"[0-9a-f]{20}")
DIGEST = re.compile(r"[0-9a-f]{64}")
FAILURE_NAME = re.compile(rf"({ID.pattern})\.([1-9][0-9]{{0,8}})\.json")
CHECKPOINT_NAME = re.compile(rf"{ID.pattern}\.json")
STATE_NAME = re.compile(rf"{DIGEST.pattern}\.state")

#: More bytes than an object has whose name ends so.
MOST_BYTES = {".toml": 2**21, ".json": 2**20, ".py": 2**20}
#: Likewise a part, a million trials in a plan or an index, and whatever else there is: tables, states.
PART_BYTES, PLAN_BYTES, OTHER_BYTES = 2**26, 2**28, 2**36


def most_bytes(key: str) -> int:
    """More bytes than the object of this name can have; what is larger is not read."""
    if key.startswith(f"{PARTS}/"):
        return PART_BYTES
    return PLAN_BYTES if key in (PLAN, INDEX) else MOST_BYTES.get(PurePosixPath(key).suffix, OTHER_BYTES)


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


def table(name: TableName) -> str:
    """A tidy table."""
    return f"{name}.parquet"
