"""What a long command says while it works."""

import time

import pytest

from analyze import progress
from analyze.progress import stages
from analyze.report.words.catalogue import catalogue


def test_only_a_stage_that_lasts_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr for the slow stage, however often it is announced; none for the quick one."""
    monkeypatch.setattr(progress, "PATIENCE", 0.2)
    with stages(catalogue("en")) as tell:
        tell("stage.analysis")
        tell("stage.figures")
        for _ in range(4):
            time.sleep(0.1)
            tell("stage.figures")
        tell("stage.layout")
    time.sleep(0.3)
    said = capsys.readouterr()
    assert said.err == "drawing figures …\n"
    assert said.out == ""
