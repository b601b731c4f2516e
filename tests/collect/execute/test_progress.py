"""How far a run is, where stderr is no terminal."""

import pytest

from collect.execute import progress
from collect.execute.progress import RunProgress


@pytest.mark.parametrize("seconds", [-1, 60])
def test_no_line_is_printed_twice(
    seconds: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether the last trial had a line of its own or not, the last line stands there once."""
    monkeypatch.setattr(progress, "PLAIN_SECONDS", seconds)
    with RunProgress("quick", 2, 0) as bar:
        bar.finished()
        bar.finished()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "quick: 0 of 2 trials"
    assert lines[-1] == "quick: 2 of 2 trials"
    assert len(lines) == len(set(lines)) == (3 if seconds < 0 else 2)
