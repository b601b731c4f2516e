"""Which stacks were cut off in the middle. What a state holds is collect.engine.checkpoint's affair."""

import hashlib
from collections.abc import Collection, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from collect.errors import UnreadableError
from collect.store import keys
from collect.store.place.interface import Store


class Header(BaseModel):
    """What a checkpoint says of itself: whose state it is, where it was made, and the SHA-256 of the state."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    trial_ids: list[str]
    environment: dict[str, object]
    sha256: str


class Kept(NamedTuple):
    """A checkpoint in the store: its own key, and what it says."""

    key: str
    header: Header


def name_of(trial_ids: Sequence[str]) -> str:
    """The name under which a stack's state is known."""
    return hashlib.sha256("\n".join(trial_ids).encode()).hexdigest()[:20]


def read(store: Store, key: str) -> Header | None:
    """What a checkpoint says of itself; None where there is none, or it is damaged or under another's name."""
    try:
        header = Header.model_validate_json(store.read(key) or b"")
    except (UnreadableError, ValidationError):
        return None
    mine = key == keys.checkpoint(name_of(header.trial_ids)) and keys.DIGEST.fullmatch(header.sha256)
    return header if mine else None


def kept(store: Store) -> list[Kept]:
    """Every checkpoint there is."""
    entries = [entry for entry in store.entries(keys.CHECKPOINTS) if keys.CHECKPOINT_NAME.fullmatch(entry.name)]
    found = [(key, read(store, key)) for e in entries if e.version for key in [f"{keys.CHECKPOINTS}/{e.name}"]]
    return [Kept(key, header) for key, header in found if header]


def unreadable(store: Store) -> list[str]:
    """What lies in the place of a checkpoint and is no file, or larger than one; the stack could not keep its own."""
    odd = [entry.name for entry in store.entries(keys.CHECKPOINTS) if not entry.version]
    return [f"{keys.CHECKPOINTS}/{name}" for name in odd if keys.CHECKPOINT_NAME.fullmatch(name)]


def stacks(store: Store) -> list[list[str]]:
    """The trials of every stack that has a checkpoint."""
    return [checkpoint.header.trial_ids for checkpoint in kept(store)]


def clear(store: Store, planned: Collection[str]) -> None:
    """Remove the checkpoints of planned trials, and states that a killed run left without one. Nothing else goes."""
    others = set()
    for key, header in kept(store):
        if all(trial_id in planned for trial_id in header.trial_ids):
            store.delete(key)
            store.delete(keys.state(header.sha256))
        else:
            others.add(keys.state(header.sha256))
    for entry in store.entries(keys.CHECKPOINTS):
        if keys.STATE_NAME.fullmatch(entry.name) and entry.version and f"{keys.CHECKPOINTS}/{entry.name}" not in others:
            store.delete(f"{keys.CHECKPOINTS}/{entry.name}")
