"""What the commands print: one line, which can be copied to a shell where it is a command."""

import shlex
from pathlib import Path

import pytest

from collect import asked, said

NAMES = ["data/x", "x; touch PWNED", "$(id)", "it's `here`", "a\nb", "-x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_command_holds_the_words_that_it_was_given(name: str) -> None:
    """Whatever a study is called, the shell that the line is copied to sees a name."""
    assert shlex.split(said.command("compact", name)) == ["collect", "compact", name]
    options = {"shard": "1/2", "backend": None, "image-root": name}
    resumed = asked.resume(name, (), options, until_decided=False)
    assert shlex.split(resumed) == ["collect", "run", name, "--shard", "1/2", "--image-root", name]


def test_a_plain_command_is_printed_plainly() -> None:
    """No quotes where none are needed."""
    assert said.command("run", "--out", "s3://bucket/x") == "collect run --out s3://bucket/x"


@pytest.mark.parametrize("text", ["x" * 10**7, "\u202e" * 10**6, "x\n" * 10**6])
def test_a_long_message_is_cut(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """A level of ten million characters is somebody's, and one line is enough."""
    said.warn(text)
    [line] = capsys.readouterr().err.splitlines()
    assert len(line) == said.MOST + 2
    assert line.endswith(" …")


def test_a_narrow_encoding_shows_what_it_lacks(tmp_path: Path) -> None:
    """A terminal of ten years ago shows an escape where it has no character."""
    with (tmp_path / "shown").open("w", encoding="ascii") as stream:
        print("grün→", file=said.Steady(1, stream))
    assert (tmp_path / "shown").read_text() == "gr\\xfcn\\u2192\n"


def test_a_short_message_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Up to the last character that fits."""
    said.warn("x" * said.MOST)
    assert capsys.readouterr().err == "x" * said.MOST + "\n"


def test_a_line_takes_the_place_of_the_one_before(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, within its width; elsewhere every line is kept."""
    said.update("1 of 2")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "5")
    said.update("2\x1b of 2")
    assert capsys.readouterr().out == "1 of 2\n\r\x1b[2K2\\u0"
