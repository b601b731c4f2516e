"""What became of every planned trial: planned = completed + diverged + failed + pending.

A part is read once: its digest, status and environment then stand in the index, beside a label that changes whenever
its content does (collect.store.interface.Entry).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from collect.errors import DamagedPartError
from collect.store import index, keys, parts
from collect.store.index import Indexed
from collect.store.interface import Store


@dataclass
class Ledger:
    """The state of a study, read from its parts and failures.

    Attributes:
        finished: what is known of the part of each finished trial, by id in the plan's order.
        failed: reason of the last failure of each trial that has no part.
        damaged: what is wrong with each part that must not be read, by file name.
        foreign: names of files among the parts that belong to no planned trial.
    """

    planned: int
    finished: dict[str, Indexed] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Planned, completed, diverged, failed and pending trials."""
        status = Counter(part.status for part in self.finished.values())
        ended = {"completed": status["completed"], "diverged": status["diverged"], "failed": len(self.failed)}
        return {"planned": self.planned, **ended, "pending": self.planned - sum(ended.values())}

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
    known = index.read(store).parts if trust else {}
    found = {entry.name.removesuffix(".parquet"): entry for entry in store.entries(keys.PARTS)}
    ledger.foreign = sorted(found[trial_id].name for trial_id in found.keys() - planned)
    present = [trial_id for trial_id in planned if trial_id in found]
    unknown = [i for i in present if i not in known or known[i].version != found[i].version]
    checked: dict[str, Indexed] = {}
    contents = store.read_all([keys.part(trial_id) for trial_id in unknown])
    for trial_id, content in zip(unknown, contents, strict=True):
        try:
            part = parts.check(content, f"{store}/{keys.part(trial_id)}", trial_id)
        except DamagedPartError as error:
            ledger.damaged[found[trial_id].name] = str(error)
        else:
            checked[trial_id] = Indexed(found[trial_id].version, *part)
    usable = (i for i in present if found[i].name not in ledger.damaged)
    ledger.finished = {i: checked.get(i) or known[i] for i in usable}
    ledger.failed = _failed(store, planned, ledger)
    return ledger


def _failed(store: Store, planned: Collection[str], ledger: Ledger) -> dict[str, str]:
    last = {name.split(".")[0]: name for name in sorted(entry.name for entry in store.entries(keys.FAILURES))}
    wanted = {i: name for i, name in last.items() if i in planned and i not in ledger.finished}
    contents = store.read_all([f"{keys.FAILURES}/{name}" for name in wanted.values()])
    return {i: str(json.loads(content)["reason"]) for i, content in zip(wanted, contents, strict=True) if content}
