"""Which stacks were cut off in the middle. What a checkpoint holds is collect.checkpoint's affair."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from collect.store import keys
from collect.store.interface import Store


def name_of(trial_ids: Sequence[str]) -> str:
    """The name under which a stack's state is kept."""
    return hashlib.sha256("\n".join(trial_ids).encode()).hexdigest()[:20]


def split(content: bytes) -> tuple[dict[str, Any], bytes]:
    """A checkpoint's header, empty where it is none, and the rest."""
    line, _, packed = content.partition(b"\n")
    try:
        header = json.loads(line)
    except ValueError:
        return {}, b""
    return (header, packed) if isinstance(header, dict) else ({}, b"")


def stacks(store: Store) -> list[list[str]]:
    """The trials of every stack that has a checkpoint."""
    names = [entry.name for entry in store.entries(keys.CHECKPOINTS)]
    contents = store.read_all([keys.checkpoint(name) for name in names])
    headers = [split(content)[0] for content in contents if content]
    return [list(header["trial_ids"]) for header in headers if "trial_ids" in header]


def clear(store: Store) -> None:
    """Remove every checkpoint."""
    for entry in store.entries(keys.CHECKPOINTS):
        store.delete(keys.checkpoint(entry.name))
