"""How many cores this process may use: by its affinity, where the system has one, and by the quota of its container."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

GROUPS, OWN_GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def usable() -> int:
    """Cores, at least one; a quota of one core and a half counts as two."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([cores, *(math.ceil(quota) for quota in _quotas())]))


def _quotas() -> Iterator[float]:
    """Cores granted to each control group of this process, and to those above it, that have a quota."""
    with suppress(OSError, ValueError):
        for line in OWN_GROUPS.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            root = GROUPS / "cpu" if controllers else GROUPS
            if not controllers or "cpu" in controllers.split(","):
                own = root / path.lstrip("/")
                yield from (quota for group in (own, *own.parents) if (quota := _quota(group)))


def _quota(group: Path) -> float | None:
    """Cores by the file of version 2 of control groups, or by the two of version 1; None where there is no limit."""
    for names in (["cpu.max"], ["cpu.cfs_quota_us", "cpu.cfs_period_us"]):
        with suppress(OSError, ValueError):
            share, period = " ".join((group / name).read_text(encoding="utf-8") for name in names).split()
            return int(share) / int(period) if share != "max" and int(share) > 0 else None
    return None
