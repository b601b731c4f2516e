"""How many cores there are for a run."""

import os
from pathlib import Path

import pytest

from collect.execute import cores


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of sixteen cores whose control groups are in this folder."""
    monkeypatch.setattr(cores, "GROUPS", tmp_path)
    monkeypatch.setattr(cores, "OWN_GROUPS", tmp_path / "own")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    return tmp_path


def grant(group: Path, **files: str) -> None:
    """Write the files of a control group."""
    group.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (group / name.replace("__", ".")).write_text(content)


def test_a_machine_without_affinity_has_all_its_cores(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS, which has no control groups either."""
    assert groups
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 10)
    assert cores.usable() == 10


@pytest.mark.parametrize(
    ("quota", "usable"), [("max", 16), ("200000", 2), ("150000", 2), ("10000", 1), ("9900000", 16)]
)
def test_a_container_has_its_quota(groups: Path, quota: str, usable: int) -> None:
    """Version 2 of control groups, where the container sees its own as the root."""
    grant(groups, own="0::/\n", cpu__max=f"{quota} 100000\n")
    assert cores.usable() == usable


def test_a_group_has_no_more_than_those_above_it(groups: Path) -> None:
    """A job's group has no quota of its own, its user's has."""
    grant(groups, own="0::/user.slice/job\n")
    grant(groups / "user.slice", cpu__max="300000 100000\n")
    grant(groups / "user.slice" / "job", cpu__max="max 100000\n")
    assert cores.usable() == 3


@pytest.mark.parametrize(("quota", "usable"), [("-1", 16), ("400000", 4)])
def test_an_older_container_has_its_quota(groups: Path, quota: str, usable: int) -> None:
    """Version 1, where the path is the host's and not to be found in the container."""
    grant(groups, own="5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n0::/system.slice\n")
    grant(groups / "cpu", cpu__cfs_quota_us=f"{quota}\n", cpu__cfs_period_us="100000\n")
    assert cores.usable() == usable
