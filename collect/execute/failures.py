"""Trials that failed: what is kept of an attempt, and what is shown of an error in one's own network."""

import json
from datetime import UTC, datetime

from collect.anonymity import without_whereabouts
from collect.execute.progress import RunProgress
from collect.execute.worker import Report
from collect.store import keys
from collect.store.place.interface import Store

#: Characters that are kept of the reason of a failure, and the last ones of its traceback.
MOST_REASON, MOST_TRACE = 2000, 100_000


def record(store: Store, report: Report) -> str:
    """Keep what is known of a failed attempt; its reason, without whereabouts."""
    reason = without_whereabouts(str(report.reason))[:MOST_REASON]
    trace = without_whereabouts(report.trace)[-MOST_TRACE:].splitlines() if report.trace else None
    known = {"trial_id": report.trial_id, "reason": reason, "time": datetime.now(UTC).isoformat(), "traceback": trace}
    content = json.dumps(known, indent=1).encode()
    attempt = 1
    while not store.create(keys.failure(report.trial_id, attempt), content):
        attempt += 1
    return reason


def show_once(report: Report, shown: set[str], bar: RunProgress) -> None:
    """The traceback of an error in one's own network, unless it was shown already."""
    reason = str(report.reason)
    if report.trace and reason not in shown:
        shown.add(reason)
        for line in without_whereabouts(report.trace).splitlines():
            bar.say(line)


def say_once(line: str, shown: set[str], bar: RunProgress) -> None:
    """A line, unless it was shown already."""
    if line not in shown:
        shown.add(line)
        bar.say(without_whereabouts(line))
