"""Environments: what of them changes results is said, at the start of a run and at its end."""

import json
import shutil
from pathlib import Path

import pytest

from collect.execute import environment
from collect.store import index, keys
from collect.store.place.folder import FolderStore
from tests.collect.commands import collect

HERE = {"packages": {"torch": "2.13.0", "numpy": "2.2.2"}, "cpu": "EPYC", "gpu": None, "commit": "a"}


def differences(*others: dict[str, object]) -> str | None:
    """What differs between an environment and others."""
    return environment.differences(json.dumps(one) for one in ({**HERE, **other} for other in ({}, *others)))


@pytest.mark.parametrize(
    "other", [{}, {"commit": "b"}, {"packages": {"torch": "2.13.0", "numpy": "3"}}, {"gpu": "H100"}, {"packages": 5}]
)
def test_what_changes_nothing_is_not_said(other: dict[str, object]) -> None:
    """Another checkout or numpy; a GPU beside a CPU stands in the rows; what makes no sense says nothing."""
    assert differences(other) is None


def test_torch_and_processor_are_named() -> None:
    """Each with its kinds."""
    said = differences({"packages": {"torch": "2.14.0"}, "cpu": "Xeon"}, {"cpu": "M4"})
    assert said
    assert "environments differ between trials: torch 2.13.0 and 2.14.0; CPU EPYC and M4 and Xeon" in said
    said = differences({"gpu": "A100"}, {"gpu": "H100"})
    assert said
    assert "GPU A100 and H100" in said


def test_a_run_on_another_kind_of_machine_says_so(finished: Path, tmp_path: Path) -> None:
    """Before it trains what is left, and at the end; a finished study says it when it is run again."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    min(folder.glob("parts/*")).unlink()
    store = FolderStore(folder)
    known = index.read(store, 8)
    elsewhere = json.dumps({"packages": {"torch": "1.0"}, "cpu": "abacus"})
    index.write(store, index.Index({i: p._replace(environment=elsewhere) for i, p in known.parts.items()}))
    ran = collect("run", str(folder), "--jobs", "1", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    said = [
        number
        for number, line in enumerate(ran.stderr.splitlines())
        if "environments differ between trials: torch 1.0 and" in line
    ]
    assert said[0] < 3
    assert said[-1] == len(ran.stderr.splitlines()) - 2
    assert keys.INDEX in {path.name for path in folder.iterdir()}
