"""What the commands print: one line, which can be copied to a shell where it is a command."""

import shlex

import pytest

from collect import cli, said

NAMES = ["data/x", "x; touch PWNED", "$(id)", "it's `here`", "a\nb", "-x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_command_holds_the_words_that_it_was_given(name: str) -> None:
    """Whatever a study is called, the shell that the line is copied to sees a name."""
    assert shlex.split(said.command("compact", name)) == ["collect", "compact", name]
    resumed = cli._resume(name, {"shard": "1/2", "backend": None, "image-root": name})
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


def test_a_short_message_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Up to the last character that fits."""
    said.warn("x" * said.MOST)
    assert capsys.readouterr().err == "x" * said.MOST + "\n"
