"""When a run is to stop."""

import signal

import pytest

from collect.errors import StudyError
from collect.execute import stopping


@pytest.mark.parametrize(("said", "seconds"), [("3h50m", 13800), ("90m", 5400), ("2d", 172800), ("45s", 45)])
def test_a_time(said: str, seconds: int) -> None:
    """Days, hours, minutes and seconds, in this order."""
    assert stopping.seconds(said) == seconds


@pytest.mark.parametrize("said", ["", "soon", "0s", "-5m", "5m3h", "1.5h"])
def test_no_time(said: str) -> None:
    """One sentence says what would be right."""
    with pytest.raises(StudyError, match="3h50m"):
        stopping.seconds(said)


def test_what_is_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under nohup a terminal that closes is nothing."""
    set_ = {}
    monkeypatch.setattr(signal, "getsignal", {signal.SIGHUP: signal.SIG_IGN}.get)
    monkeypatch.setattr(signal, "signal", set_.__setitem__)
    stopping.handled(lambda *_: None)
    assert set(set_) == set(stopping.SIGNALS) - {signal.SIGHUP}


def test_a_signal_to_the_run_and_to_its_group_is_one_request() -> None:
    """As `timeout` sends it; what is running keeps its state, and only a second Ctrl-C stops it at once."""
    received: list[int] = []
    told: list[str] = []
    with stopping.draining(lambda: told.append("once"), received):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert (received, told) == ([signal.SIGTERM], ["once"])
        with pytest.raises(stopping.InterruptedRunError):
            signal.raise_signal(signal.SIGINT)
