"""What became of every planned trial: planned = completed + diverged + failed + pending."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field

from collect.errors import DamagedPartError
from collect.store import parts
from collect.store.parts import Part
from collect.store.paths import StudyPaths
from collect.store.plan import Plan


@dataclass
class Ledger:
    """The state of a study, read from its parts and failures.

    Attributes:
        parts: verified part of each finished trial, by id in the plan's order.
        failed: reason of the last failure of each trial that has no part.
        damaged: what is wrong with each part that must not be read, by file name.
        foreign: names of files among the parts that belong to no planned trial.
    """

    planned: int
    parts: dict[str, Part] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Planned, completed, diverged, failed and pending trials."""
        status = Counter(part.status for part in self.parts.values())
        finished = {
            "completed": status["completed"],
            "diverged": status["diverged"],
            "failed": len(self.failed),
        }
        return {"planned": self.planned, **finished, "pending": self.planned - sum(finished.values())}

    @property
    def digest(self) -> str:
        """Hash of everything the tidy tables are built from."""
        content = json.dumps(
            [self.planned, [[i, part.digest] for i, part in self.parts.items()], sorted(self.failed.items())]
        )
        return hashlib.sha256(content.encode()).hexdigest()


def read(paths: StudyPaths, plan: Plan) -> Ledger:
    """Read and verify every part of the plan's trials. Writes nothing."""
    ledger = Ledger(len(plan.trials))
    found = {path.stem: path for path in paths.parts.glob("*.parquet")} if paths.parts.is_dir() else {}
    ledger.foreign = sorted(path.name for trial_id, path in found.items() if trial_id not in plan.trials)
    for trial_id in plan.trials:
        if trial_id not in found:
            continue
        try:
            ledger.parts[trial_id] = parts.read(found[trial_id], trial_id)
        except DamagedPartError as error:
            ledger.damaged[found[trial_id].name] = str(error)
    if paths.failures.is_dir():
        for path in sorted(paths.failures.glob("*.json")):
            trial_id = path.name.split(".")[0]
            if trial_id in plan.trials and trial_id not in ledger.parts:
                ledger.failed[trial_id] = str(json.loads(path.read_text(encoding="utf-8"))["reason"])
    return ledger
