"""What a newcomer types first: lists, shows, plans and watches studies, and the same for programs."""

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from collect import asked, overview
from collect.store import keys
from collect.study import study_file
from tests.collect.commands import COLLECT, collect

MODULES = ("collect", "analyze")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_the_command(module: str, tmp_path: Path) -> None:
    """`python -m collect` is `collect`: the version of the distribution, and help where nothing is asked."""

    def answer(*words: str) -> str:
        command = [sys.executable, "-m", module, *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert answer("--version") == f"{module}, ordering-effect {version('ordering-effect')}\n"
    assert answer() == answer("--help")
    assert f"Usage: {module} " in answer()


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(module: str, shell: str, tmp_path: Path) -> None:
    """The script that a shell asks for is there, and what it asks is answered with the commands."""
    word = {"bash": {"COMP_WORDS": f"{module} ", "COMP_CWORD": "1"}}.get(
        shell, {"_TYPER_COMPLETE_ARGS": f"{module} ", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    )
    asks = {**os.environ, f"_{module.upper()}_COMPLETE": f"complete_{shell}", **word}
    asking = [sys.executable, "-c", f"from {module}.cli import main; main([])"]
    shown = subprocess.run(asking, cwd=tmp_path, env=asks, capture_output=True, text=True, check=False)
    assert {"collect": "status", "analyze": "report"}[module] in shown.stdout, shown.stderr


def test_a_study_is_completed(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Presets, study files here, studies under data/."""
    monkeypatch.chdir(finished.parent.parent)
    from collect import options

    assert options._presets("t") == ["tiny.toml"]
    assert options._presets("qu") == ["quick"]
    assert options._studies("") == ["data/tiny"]
    monkeypatch.chdir(tmp_path)
    assert options._studies("") == []


def test_list_is_a_line_each(finished: Path) -> None:
    """Presets with their size, studies with their counts, one that cannot be read with the reason; also as JSON."""
    folder = finished.parent.parent
    broken = folder / "data" / "broken"
    broken.mkdir()
    (broken / keys.PLAN).write_bytes(b"no plan")
    try:
        shown, said = collect("list", cwd=folder), collect("list", "--json", cwd=folder)
    finally:
        shutil.rmtree(broken)
    lines = shown.stdout.splitlines()
    known = sorted(study_file.presets())
    assert [line.split()[0] for line in lines[: len(known)]] == known
    assert lines[0].split()[:2] == ["article", "450"]
    assert max(map(len, lines[: len(known)])) <= 80
    assert "data/tiny: 8 planned = 8 completed + 0 diverged + 0 failed + 0 pending" in lines
    assert any(line.startswith("data/broken: data/broken/plan.parquet cannot be read") for line in lines)
    found = json.loads(said.stdout)
    assert {preset["name"]: preset["trials"] for preset in found["presets"]}["confounds"] == 960
    assert {study["folder"]: study["counts"].get("completed") for study in found["studies"]} == {
        "data/tiny": 8,
        "data/broken": None,
    }


def test_a_study_s_name_is_not_its_folder(finished: Path) -> None:
    """What lies under data/ by that name is proposed; the newest needs no name."""
    wrong = collect("status", "tiny", cwd=finished.parent.parent)
    assert (wrong.returncode, wrong.stderr) == (2, "collect: there is no folder tiny; did you mean data/tiny?\n")
    assert "8 completed" in collect("status", cwd=finished.parent.parent).stdout


def test_show_is_a_study_file(tmp_path: Path) -> None:
    """What it prints gives the same study again, and names the defaults that were left."""
    shown = collect("show", "quick", "depth=3", "seeds=3,5", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    study = study_file.parse(shown.stdout, "x.toml")
    assert study == study_file.read("quick", ["depth=3", "seeds=3,5"])
    assert {"epochs = 5                      # default 3", "batch_size = 128"} <= set(shown.stdout.splitlines())
    assert tomllib.loads(collect("show", cwd=tmp_path).stdout)["seeds"] == 10
    as_json = collect("show", "quick", "depth=3", "seeds=3,5", "--json", cwd=tmp_path)
    assert json.loads(as_json.stdout) == study.to_dict()


def test_show_settings_is_the_table_of_settings(tmp_path: Path) -> None:
    """For people, and for programs a row each."""
    assert (
        "learning_rate = 0.001       number, > 0: peak learning rate"
        in collect("show", "--settings", cwd=tmp_path).stdout
    )
    rows = json.loads(collect("show", "--settings", "--json", cwd=tmp_path).stdout)
    [depth] = [row for row in rows if row["name"] == "depth"]
    assert depth["legal"] == "whole number, ≥ 1, ≤ 32"
    assert (depth["table"], depth["default"]) == ("recipe", 4)


def test_plan_takes_the_study_s_own_spread(finished: Path) -> None:
    """Once it has trials, be it for more seeds; not for one of another recipe or question, nor for a bare design.

    The path stands beside it.
    """
    folder = finished.parent.parent

    def power(*changes: str) -> dict[str, object]:
        shown = collect("plan", "tiny.toml", "seeds=8", *changes, "--json", cwd=folder)
        assert shown.returncode == 0, shown.stderr
        assert json.loads(shown.stdout)["path"]["side_by_side"] == 1
        return dict(json.loads(shown.stdout)["power"])

    own = power()
    assert own["measured_in"] == "data/tiny"
    assert own["sd_pp"] != 0.2
    assert power("depth=1,2,3")["measured_in"] == "data/tiny"
    for change in ("epochs=2", "name=other", "factor=depth"):
        more = ["contrast=1,2"] if change.startswith("factor") else []
        other = power(change, *more)
        assert (other["measured_in"], other["sd_pp"]) == (None, 0.2)
    assert (
        f"sd {own['sd_pp']:.2g} pp (measured in data/tiny)"
        in collect("plan", "tiny.toml", "seeds=8", cwd=folder).stdout
    )


def test_a_large_plan_fits_a_screen() -> None:
    """Every setting a factor, and one of them with every level that there is."""
    many = [f"depth={','.join(map(str, range(1, 33)))}", "bn_eps=1e-5,1e-3", "width=.01,.02", "epochs=1,2", "seeds=2"]
    many += ["head=flatten,gap", "optimizer=adam,sgd", "schedule=constant,cosine", "decay_bn=true,false"]
    study = study_file.read(
        "quick", [*many, "evaluations=3,4", "momentum=.8,.9", "bn_momentum=.1,.2", "validation=0,.1"]
    )
    from collect.study import explain

    text = "\n".join(
        [
            explain.design(study),
            explain.power(study, explain.Power(0.2, "data/a-study-of-a-long-name", 0.2, 0.01, None)),
            explain.duration(100, 4, 2),
        ]
    )
    assert len(text.splitlines()) < 24
    assert max(map(len, text.splitlines())) <= 80
    assert "(32 levels)" in text
    assert "and 2 factors more" in text


def test_plan_of_a_study_that_asks_no_gap(tmp_path: Path) -> None:
    """One level of the primary factor: no power, no traceback."""
    shown = collect("plan", "ordering=bn_act", "depth=2", "seeds=6", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "No gap is asked for: ordering has one level" in shown.stdout


def test_status_watches_until_nothing_is_pending(finished: Path, tmp_path: Path) -> None:
    """A line whenever something has changed, as JSON too; a finished study is one line."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    assert len(collect("status", str(folder), "--watch", cwd=tmp_path).stdout.splitlines()) == 1
    part = min(folder.glob("parts/*"))
    content = part.read_bytes()
    part.unlink()
    watched = subprocess.Popen(
        [*COLLECT, "status", str(folder), "--watch", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert watched.stdout
    first = json.loads(watched.stdout.readline())
    part.write_bytes(content)
    rest, _ = watched.communicate(timeout=60)
    assert (first["pending"], json.loads(rest)["pending"], watched.returncode) == (1, 0, 0)


@pytest.mark.parametrize("command", ["run", "status", "verify", "compact"])
def test_programs_get_json(command: str, finished: Path, tmp_path: Path) -> None:
    """One object on stdout, nothing else."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    shown = collect(command, str(folder), "--json", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert found.get("completed", found.get("sound")) == 8


def test_a_preset_and_a_folder_of_its_name_are_told_apart(tmp_path: Path) -> None:
    """The preset is planned, the folder is named as it can be reached, and resumed by what is printed."""
    (tmp_path / "quick").mkdir()
    assert collect("show", cwd=tmp_path).returncode == 0
    (tmp_path / "quick" / "study.toml").write_text(study_file.read("quick", ["seeds=3"]).to_toml(), encoding="utf-8")
    shown = collect("show", "quick", cwd=tmp_path)
    assert tomllib.loads(shown.stdout)["seeds"] == 10
    assert shown.stderr == "quick is the preset of that name; the study in the folder is ./quick\n"
    assert tomllib.loads(collect("show", "./quick", cwd=tmp_path).stdout)["seeds"] == 3
    assert [asked.unmistakable(place) for place in ("quick", "data/quick")] == ["./quick", "data/quick"]


def test_a_changed_study_is_refused_with_what_to_type(finished: Path) -> None:
    """A moved setting reads as one change; what is only more says --extend."""
    folder = finished.parent.parent
    changed = collect("run", "tiny.toml", "depth=1", cwd=folder)
    assert "data/tiny was planned otherwise: depth was [1, 2], is 1; run it" in changed.stderr
    more = collect("run", "tiny.toml", "seeds=3", cwd=folder)
    assert "seeds was 2, is 3; add --extend to train what is new" in more.stderr
    assert (changed.returncode, more.returncode) == (2, 2)


def test_two_seeds_more_take_one_line(finished: Path, tmp_path: Path) -> None:
    """On the folder of a finished study."""
    folder = Path(shutil.copytree(finished, tmp_path / "study"))
    ran = collect("run", str(folder), "seeds=3", "depth=1,2", "--extend", "--jobs", "1", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "12 planned = 12 completed" in ran.stdout


def test_watching_looks_again_after_a_while(monkeypatch: pytest.MonkeyPatch, finished: Path) -> None:
    """It neither spins nor stops while something is pending."""
    slept: list[float] = []
    state = overview.state_of(str(finished))[1]
    pending = [7, 7, 8]

    def look(_: str) -> tuple[None, object]:
        state.planned = pending.pop() + 1 if len(pending) > 0 else 8
        return None, state

    monkeypatch.setattr(overview, "state_of", look)
    monkeypatch.setattr(time, "sleep", slept.append)
    assert [seen.counts["planned"] for seen in overview.changes("x")] == [9, 8]
    assert slept == [overview.WATCH_SECONDS]
