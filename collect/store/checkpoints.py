"""Which stacks were cut off in the middle. What a state holds is collect.checkpoint's affair."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from collect.store import keys
from collect.store.interface import Store


def name_of(trial_ids: Sequence[str]) -> str:
    """The name under which a stack's state is known."""
    return hashlib.sha256("\n".join(trial_ids).encode()).hexdigest()[:20]


def read(store: Store, key: str) -> dict[str, Any]:
    """What a checkpoint says of itself; nothing where there is none, or it is damaged."""
    try:
        header = json.loads(store.read(key) or b"{}")
    except ValueError:
        return {}
    return header if isinstance(header, dict) else {}


def stacks(store: Store) -> list[list[str]]:
    """The trials of every stack that has a checkpoint."""
    names = [entry.name for entry in store.entries(keys.CHECKPOINTS) if entry.name.endswith(".json")]
    headers = [read(store, f"{keys.CHECKPOINTS}/{name}") for name in names]
    return [list(header["trial_ids"]) for header in headers if "trial_ids" in header]


def clear(store: Store) -> None:
    """Remove every checkpoint."""
    for entry in store.entries(keys.CHECKPOINTS):
        store.delete(f"{keys.CHECKPOINTS}/{entry.name}")
