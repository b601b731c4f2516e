"""A study that was handed on as its tables alone: nothing puts other rows in the place of those."""

import shutil
from pathlib import Path

import pytest

import collect.study
from collect.cli import main

SHIPPED = Path(__file__).parents[2] / "data" / "bias"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sixty trials as tables, without a part."""
    made = tmp_path / "bias"
    shutil.copytree(SHIPPED, made, ignore=lambda *_: ["parts"])
    return made


def tables(folder: Path) -> dict[str, bytes]:
    """The bytes of the tables and their index."""
    return {path.name: path.read_bytes() for path in folder.glob("*.parquet")}


@pytest.mark.parametrize("command", ["run", "compact"])
def test_no_command_loses_the_rows(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both are refused in one line, and change no table."""
    before = tables(folder)
    with pytest.raises(SystemExit, match="2"):
        main([command, str(folder)])
    assert (
        "came without its parts: its tables hold the rows of 60 trials, which would be lost" in capsys.readouterr().err
    )
    assert tables(folder) == before


def test_its_plan_stays_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An extension is refused before the plan is written, which the tables would then no longer be of."""
    before = tables(folder)
    with pytest.raises(SystemExit, match="2"):
        main(["run", "bias", "seeds=11", "--extend", "--out", str(folder)])
    assert "came without its parts" in capsys.readouterr().err
    assert tables(folder) == before


def test_its_network_stays_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another source does not take the plan's place, as it may where nothing was trained by the first."""
    folder, preset = tmp_path / "prepost", Path(collect.study.__file__).parent / "presets" / "prepost"
    shutil.copytree(SHIPPED.parent / "prepost", folder)
    before = tables(folder)
    (tmp_path / "vit.py").write_text((preset / "vit.py").read_text("utf-8") + "\n# changed\n", encoding="utf-8")
    shutil.copy(preset / "study.toml", tmp_path / "mine.toml")
    with pytest.raises(SystemExit, match="2"):
        main(["run", str(tmp_path / "mine.toml"), "--out", str(folder)])
    assert "came without its parts" in capsys.readouterr().err
    assert tables(folder) == before


def test_status_and_verify_say_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every trial is pending, and one sentence says why; verify has one finding, not one a trial."""
    with pytest.raises(SystemExit, match="0"):
        main(["status", str(folder)])
    said = capsys.readouterr()
    assert "60 planned = 0 completed + 0 diverged + 0 failed + 60 pending" in said.out
    assert said.err.strip().endswith("its tables hold the rows of 60 trials, for analyze to read")
    with pytest.raises(SystemExit, match="1"):
        main(["verify", str(folder)])
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_the_list_says_so(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of sixty pending trials."""
    (folder.parent / "data").mkdir()
    folder.rename(folder.parent / "data" / "bias")
    monkeypatch.chdir(folder.parent)
    with pytest.raises(SystemExit, match="0"):
        main(["list"])
    assert capsys.readouterr().out.splitlines()[-1].startswith("data/bias: it came without its parts; its tables hold")


def test_once_the_tables_are_gone_too_it_begins_anew(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the refusal says: a plan alone is a study to run."""
    for name in ("trials", "curves", "layers", "index"):
        (folder / f"{name}.parquet").unlink()
    with pytest.raises(SystemExit, match="0"):
        main(["compact", str(folder)])
    assert "60 pending" in capsys.readouterr().out
