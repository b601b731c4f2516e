"""What became of every planned trial: planned = completed + diverged + failed + pending.

A part is read once: its digest, status and environment then stand in the index, beside a label that changes whenever
its content does (collect.store.place.interface.Entry).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collect.errors import DamagedPartError, StoreError
from collect.store import index, keys, parts
from collect.store.index import Indexed
from collect.store.place.interface import Store

#: Stands for the reason of a failure whose every record is damaged.
UNREADABLE = "unknown: the record of the failure is damaged"


class _Failure(BaseModel):
    """What is read of the record of a failed attempt."""

    model_config = ConfigDict(strict=True)

    reason: str = Field(max_length=100_000)


@dataclass
class Ledger:
    """The state of a study, read from its parts and failures.

    Attributes:
        finished: what is known of the part of each finished trial, by id in the plan's order.
        failed: reason of the last failure of each trial that has no part.
        damaged: what is wrong with each part that must not be read, by trial id.
        foreign: names of files among the parts that belong to no planned trial.
        gone: ids of trials whose rows the tables hold and whose parts are not there.
    """

    planned: int
    finished: dict[str, Indexed] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Planned, completed, diverged, failed and pending trials."""
        status = Counter(part.status for part in self.finished.values())
        ended = {"completed": status["completed"], "diverged": status["diverged"], "failed": len(self.failed)}
        return {"planned": self.planned, **ended, "pending": self.planned - sum(ended.values())}

    @property
    def without_parts(self) -> bool:
        """Whether the study was handed on as its tables alone."""
        return bool(self.gone) and not self.finished

    @property
    def digest(self) -> str:
        """Hash of everything the tidy tables are built from."""
        content = json.dumps(
            [self.planned, [[i, part.digest] for i, part in self.finished.items()], sorted(self.failed.items())]
        )
        return hashlib.sha256(content.encode()).hexdigest()


def read(store: Store, planned: Collection[str], *, trust: bool = True) -> Ledger:
    """The state of a study's planned trials, every part that the index does not know being verified. Writes nothing.

    Args:
        store: where the study lies.
        planned: ids of the planned trials, in their order.
        trust: whether a part that has not changed since it was indexed is taken for sound.
    """
    ledger = Ledger(len(planned))
    indexed = index.read(store, len(planned)).parts
    known = indexed if trust else {}
    entries = store.entries(keys.PARTS)
    found = {name: entry for entry in entries for name, dot, _ in [entry.name.rpartition(".parquet")] if dot}
    ledger.foreign = sorted(entry.name for entry in entries if entry.name.removesuffix(".parquet") not in planned)
    present = [trial_id for trial_id in planned if trial_id in found]
    ledger.gone = [trial_id for trial_id in planned if trial_id in indexed and trial_id not in found]
    odd = [trial_id for trial_id in present if not found[trial_id].version]
    ledger.damaged = {i: f"{store}/{keys.part(i)} is no file, or larger than a part can be" for i in odd}
    present = [trial_id for trial_id in present if trial_id not in ledger.damaged]
    unknown = [i for i in present if i not in known or known[i].version != found[i].version]
    checked: dict[str, Indexed] = {}
    contents = store.read_all([keys.part(trial_id) for trial_id in unknown])
    for trial_id, content in zip(unknown, contents, strict=True):
        try:
            part = parts.check(content, f"{store}/{keys.part(trial_id)}", trial_id)
        except DamagedPartError as error:
            ledger.damaged[trial_id] = str(error)
        else:
            checked[trial_id] = Indexed(found[trial_id].version, *part)
    usable = (trial_id for trial_id in present if trial_id not in ledger.damaged)
    ledger.finished = {i: checked.get(i) or known[i] for i in usable}
    ledger.failed = _failed(store, planned, ledger)
    return ledger


def with_parts(store: Store, ledger: Ledger) -> Ledger:
    """The state of a study, for whoever is to put rows in the place of those that its tables hold.

    Raises:
        StoreError: the tables hold rows of trials, and there is no part.
    """
    if ledger.without_parts:
        raise StoreError(
            f"{store} came without its parts: its tables hold the rows of {len(ledger.gone)} trials, which would "
            f"be lost; give --out another folder, or delete the tables and {keys.INDEX} to begin anew"
        )
    return ledger


def _failed(store: Store, planned: Collection[str], ledger: Ledger) -> dict[str, str]:
    """The reason of the last readable failure of each trial that has no part."""
    records: dict[str, list[tuple[int, str]]] = {}
    for entry in store.entries(keys.FAILURES):
        name = keys.FAILURE_NAME.fullmatch(entry.name)
        if name and entry.version and name[1] in planned and name[1] not in ledger.finished:
            records.setdefault(name[1], []).append((int(name[2]), f"{keys.FAILURES}/{entry.name}"))
    numbered = {trial_id: [key for _, key in sorted(found, reverse=True)] for trial_id, found in records.items()}
    reasons = {}
    for trial_id, content in zip(numbered, store.read_all([last for last, *_ in numbered.values()]), strict=True):
        earlier = (_reason(store.read(key)) for key in numbered[trial_id][1:])
        reasons[trial_id] = _reason(content) or next(filter(None, earlier), UNREADABLE)
    return reasons


def _reason(record: bytes | None) -> str | None:
    """What a failure's record says; None where it was cut short."""
    try:
        return _Failure.model_validate_json(record or b"").reason
    except ValidationError:
        return None
