"""A network of one's own, through the commands: shown, trained, killed, taken up, extended, sharded, analysed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.collect.commands import SECONDS, collect, start, tables, wait_for_parts
from tests.collect.execute.test_ray import two_nodes
from tests.collect.network.own_networks import CRASHING, MLP, OWN_NORM, RESNET

STUDY = """
name = "own"
network = "own.py:build"
dataset = "{dataset}"
seeds = 2
[factors]
hidden = [8, 16]
learning_rate = [1e-3, 1e-2]
[recipe]
epochs = 1
batch_size = 64
evaluations = 2
[analysis]
factor = "hidden"
contrast = [16, 8]
targets = [0.4]
"""


#: Runs several commands in one process and prints how each ends.
EACH = """
import importlib, sys
codes = []
for line in sys.argv[1:]:
    program, *words = line.split()
    try:
        importlib.import_module(f"{program}.cli").main(words)
    except SystemExit as ended:
        codes.append(ended.code)
print(*codes, sep="\\n")
"""


@pytest.fixture
def folder(tmp_path: Path, dataset: Path) -> Path:
    """Where own.toml and own.py lie side by side."""
    (tmp_path / "own.toml").write_text(STUDY.format(dataset=dataset), encoding="utf-8")
    (tmp_path / "own.py").write_text(MLP, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, dataset: Path) -> Path:
    """The study, run without interruption."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "own.toml").write_text(STUDY.format(dataset=dataset), encoding="utf-8")
    (folder / "own.py").write_text(MLP, encoding="utf-8")
    done = collect("run", "own.toml", "--jobs", "2", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def rows(folder: Path) -> pd.DataFrame:
    """The trials without their times, by id."""
    found = pd.read_parquet(folder / "trials.parquet").drop(columns=SECONDS)
    return found.sort_values("trial_id", ignore_index=True)


def test_its_settings_are_shown_and_stand_in_the_tables(trained: Path) -> None:
    """Defaults come from the signature; columns have the annotations' types, and say what they are."""
    shown = collect("show", "own.toml", "--json", cwd=trained)
    study = json.loads(shown.stdout)
    assert (study["network"], study["recipe"]["dropout"], study["recipe"]["bias"]) == ("own.py:build", 0.5, True)
    assert "width" not in study["recipe"]
    trials = pd.read_parquet(trained / "data" / "own" / "trials.parquet")
    assert set(trials["hidden"]) == {8, 16}
    assert [str(trials[name].dtype) for name in ("hidden", "dropout", "bias")] == ["int64", "float64", "bool"]
    assert set(trials["network"]) == {"own.py:build"}
    assert trials[["ordering", "depth", "activation", "width", "head", "init"]].isna().all(axis=None)
    package = json.loads((trained / "data" / "own" / "datapackage.json").read_text(encoding="utf-8"))
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    assert fields["hidden"]["type"] == "integer"
    assert fields["hidden"]["description"] == "setting of own.py:build"
    for name in ("curves", "layers"):
        assert "hidden" in pd.read_parquet(trained / "data" / "own" / f"{name}.parquet")


def test_it_is_sound_and_its_source_lies_with_it(trained: Path) -> None:
    """`verify` finds nothing; the source is kept byte for byte, and the study file beside names it."""
    study = trained / "data" / "own"
    assert collect("verify", str(study), cwd=trained).returncode == 0
    assert (study / "network.py").read_text(encoding="utf-8") == MLP
    assert 'network = "network.py:build"' in (study / "study.toml").read_text(encoding="utf-8")


def test_analysis_never_runs_it(trained: Path, tmp_path: Path) -> None:
    """Nor does any command that only looks; a study that somebody gave away is asked for consent by name."""
    given = tmp_path / "given"
    given.mkdir()
    for path in (trained / "data" / "own").iterdir():
        if path.is_file():
            (given / path.name).write_bytes(path.read_bytes())
    trap = tmp_path / "ran"
    source = f"open({str(trap)!r}, 'w')\n{MLP}"
    (given / "network.py").write_text(source, encoding="utf-8")
    commands = [f"collect {name} given" for name in ("show", "plan", "status", "verify", "compact", "run")]
    commands += ["analyze check given", "analyze report given --format json"]
    done = subprocess.run(
        [sys.executable, "-c", EACH, *commands], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=200
    )
    assert not trap.exists()
    assert done.stderr.count("name it: network=given/network.py:build\n") == 2
    assert done.stdout.splitlines()[-len(commands) :] == ["0", "2", "2", "2", "2", "2", "1", "0"]


def test_a_study_goes_on_elsewhere_by_what_lies_with_it(trained: Path, tmp_path: Path) -> None:
    """Extended in another folder by the kept source, it has the trials it had, under their ids, and more."""
    given = tmp_path / "given"
    subprocess.run(["cp", "-r", str(trained / "data" / "own"), str(given)], check=True)
    before = rows(given)
    done = collect("run", "given", "network=given/network.py:build", "seeds=3", "--extend", "--jobs", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    after = rows(given)
    assert len(after) == 12
    kept = after[after["trial_id"].isin(before["trial_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, before)
    assert set(after["network"]) == {"own.py:build"}
    assert collect("verify", "given", cwd=tmp_path).returncode == 0


def test_a_killed_shard_goes_on_to_the_same_rows(folder: Path, trained: Path) -> None:
    """One of two, terminated after its first trial and told how to go on, then the whole: as if it was left alone."""
    process = start(folder / "own.toml", folder, "--shard", "1/2")
    wait_for_parts(folder / "data" / "own", 1)
    os.killpg(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=100)
    assert process.returncode == 143
    words = said.split("Go on with: ")[1].splitlines()[0].split()
    assert any(word.startswith("network=") for word in words)
    assert words[words.index("--shard") + 1] == "1/2"
    for command in (words[1:], ["run", "own.toml", "--jobs", "1"]):
        done = collect(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(rows(folder / "data" / "own"), rows(trained / "data" / "own"))


@pytest.mark.timeout(300)
def test_a_cluster_trains_it_as_this_machine_does(folder: Path, trained: Path) -> None:
    """Ray's workers build it from the source in the study's folder, to the rows of a local run."""
    with two_nodes() as nodes:
        done = collect("run", "own.toml", "--backend", "ray", "--address", nodes.address, cwd=folder)
    assert done.returncode == 0, done.stderr
    pd.testing.assert_frame_equal(rows(folder / "data" / "own"), rows(trained / "data" / "own"))


def test_a_changed_file_is_refused_with_the_line(trained: Path, tmp_path: Path) -> None:
    """By the first line that differs; a file that was moved and renamed is the same."""
    done = tmp_path / "data"
    subprocess.run(["cp", "-r", str(trained / "data"), str(done)], check=True)
    (tmp_path / "renamed.py").write_text(MLP, encoding="utf-8")
    same = collect("run", "data/own", "network=renamed.py:build", cwd=tmp_path)
    assert same.returncode == 0, same.stderr
    (tmp_path / "renamed.py").write_text(MLP.replace("dropout: float = 0.5", "dropout: float = 0.4"), encoding="utf-8")
    changed = collect("run", "data/own", "network=renamed.py:build", "dropout=0.5", cwd=tmp_path)
    assert changed.returncode == 2
    line = MLP.splitlines().index(
        "def build(image_shape, classes, *, hidden: int = 16, dropout: float = 0.5, bias: bool = True):"
    )
    assert f"renamed.py has changed: line {line + 1} was 'def build(" in changed.stderr


def test_an_error_of_its_code_stops_the_run_at_the_first(folder: Path) -> None:
    """Its last line is the reason, its traceback is shown once and kept; mended, the study begins anew."""
    text = (folder / "own.toml").read_text(encoding="utf-8")
    text = text.replace("hidden = [8, 16]", "crash = [true, false]").replace('"hidden"', '"crash"')
    text = text.replace("learning_rate = [1e-3, 1e-2]", "")
    (folder / "own.toml").write_text(text.replace("[16, 8]", "[true, false]"), encoding="utf-8")
    (folder / "own.py").write_text(CRASHING.replace("and self.crash", ""), encoding="utf-8")
    failed = collect("run", "own.toml", "--jobs", "1", cwd=folder)
    assert failed.returncode == 1
    assert failed.stdout == "data/own: 4 planned = 0 completed + 0 diverged + 1 failed + 3 pending\n"
    assert failed.stderr.count('raise ArithmeticError("the flux is not calibrated")') == 1
    [record] = (folder / "data" / "own" / "failures").iterdir()
    known = json.loads(record.read_text(encoding="utf-8"))
    assert known["reason"] == "ArithmeticError: the flux is not calibrated (own.py, line 14)"
    assert any("own.py" in line for line in known["traceback"])
    (folder / "own.py").write_text(CRASHING, encoding="utf-8")
    again = collect("run", "own.toml", "--jobs", "1", cwd=folder)
    assert "1 failed + 3 pending" in again.stdout
    last = collect("run", "own.toml", "--jobs", "1", cwd=folder)
    assert last.returncode == 1
    assert last.stdout == "data/own: 4 planned = 2 completed + 0 diverged + 2 failed + 0 pending\n"


def test_plain_arrays_train_a_network_that_takes_them(folder: Path) -> None:
    """N x features, of numbers of any scale: no image, and yet a study like any other."""
    generator = np.random.Generator(np.random.PCG64(3))
    labels = np.arange(240) % 3
    rows_of = labels[:, None] * [1.0, 500.0, 0.0] + generator.normal(0, [0.1, 50.0, 1e-3], (240, 3))
    (folder / "plain").mkdir()
    np.savez(folder / "plain" / "images.npz", x_train=rows_of, y_train=labels, x_test=rows_of, y_test=labels)
    words = ["dataset=plain", "learning_rate=0.1", "epochs=10", "seeds=1", "dropout=0"]
    done = collect("run", "own.toml", *words, "--jobs", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    trials = pd.read_parquet(folder / "data" / "own" / "trials.parquet")
    assert len(trials) == 2
    assert (trials["test_accuracy"] > 0.9).all()


@pytest.fixture
def resnet(tmp_path: Path, dataset: Path) -> Path:
    """A study of torchvision's ResNet-18 with its norm_layer as the factor, on tiny images."""
    study = STUDY.format(dataset=dataset).replace('"own"', '"resnet"').replace("hidden = [8, 16]", "")
    study = study.replace("learning_rate = [1e-3, 1e-2]", 'norm_layer = ["batch", "group"]')
    study = study.replace('"hidden"', '"norm_layer"').replace("[16, 8]", '["batch", "group"]')
    (tmp_path / "resnet.toml").write_text(study, encoding="utf-8")
    (tmp_path / "own.py").write_text(RESNET, encoding="utf-8")
    return tmp_path


@pytest.mark.soak
def test_resnet18_is_a_network_like_any_other(resnet: Path) -> None:
    """Killed, terminated, taken up in shards and extended, it has the bits of a run that was left alone.

    Every parameter starts alike in both arms, and the report is about the norms.
    """
    study = resnet / "data" / "resnet"
    whole = collect("run", "resnet.toml", "seeds=6", "--jobs", "1", "--out", "whole", cwd=resnet, timeout=600)
    assert whole.returncode == 0, whole.stderr
    for shard, by, code in (("1/2", signal.SIGKILL, -signal.SIGKILL), ("2/2", signal.SIGTERM, 128 + signal.SIGTERM)):
        parts = len(list(study.glob("parts/*.parquet")))
        process = start(resnet / "resnet.toml", resnet, "--shard", shard)
        wait_for_parts(study, parts + 1)
        os.killpg(process.pid, by)
        process.communicate(timeout=100)
        assert process.returncode == code
    shards = [start(resnet / "resnet.toml", resnet, "--shard", f"{number}/2") for number in (1, 2)]
    for shard in shards:
        _, said = shard.communicate(timeout=200)
        assert shard.returncode == 0, said
    more = collect("run", "resnet.toml", "seeds=6", "--extend", "--jobs", "2", cwd=resnet, timeout=600)
    assert "12 planned = 12 completed" in more.stdout, more.stderr
    assert collect("verify", "data/resnet", cwd=resnet).returncode == 0
    for alone, taken_up in zip(tables(resnet / "whole"), tables(study), strict=True):
        keys = [name for name in ("trial_id", "step", "layer", "split", "eval_set", "bn_mode") if name in alone]
        in_order = (one.sort_values(keys, ignore_index=True) for one in (alone, taken_up))
        pd.testing.assert_frame_equal(*in_order)
    trials = pd.read_parquet(study / "trials.parquet")
    assert set(trials["shared_parameters"]) == {1.0}
    assert list(trials.groupby("seed")["init_hash"].nunique()) == [1] * 6
    assert list(trials["test_accuracy_batch"].notna()) == list(trials["norm_layer"] == "batch")
    options = [sys.executable, "-m", "analyze", "report", "data/resnet", "--format", "json", "--out", "-"]
    report = subprocess.run(options, cwd=resnet, capture_output=True, text=True, check=True, timeout=200)
    found = json.loads(report.stdout)
    assert (found["question"]["factor"], found["question"]["contrast"]) == ("norm_layer", ["batch", "group"])
    assert (found["primary"]["n_seeds"], found["study"]["extended"]) == (6, True)
    assert {row["layer"] for row in found["layer_profile"] if row["measure"] == "grad_norm"} == set(range(1, 21))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (OWN_NORM.replace("width: Annotated", "epochs: Annotated"), "epochs means something else in a study already"),
        (OWN_NORM.replace("noisy: bool = True", "noisy: list = None"), "noisy (line 18): list is not understood"),
        (OWN_NORM.replace("noisy: bool = True", "noisy: 'or' = None"), "noisy (line 18): 'or' is not understood"),
        (OWN_NORM.replace("noisy: bool = True", "noisy=True"), "noisy has no type"),
        (OWN_NORM.replace("def build(", "def built("), "has no function 'build': did you mean 'built'?"),
        (OWN_NORM.replace("*, noisy", "*noise, noisy"), "takes *args or **kwargs"),
        (OWN_NORM.replace("image_shape, classes, ", ""), "must take image_shape and classes first"),
        (OWN_NORM + "\ndef (", "own.py is not valid Python: invalid syntax (line 24)"),
        ("x = " + "-" * 100_000 + "1\n", "own.py is not valid Python"),
        (OWN_NORM, "unknown factor 'hidden', choose from"),
        (OWN_NORM.replace("width", "hidden").replace("le=64", "le=12"), "factors.hidden: 16 should be less than or"),
    ],
)
def test_a_mistake_is_one_sentence(folder: Path, source: str, said: str) -> None:
    """In the file, in its signature or in what the study asks of it; nothing is run to find out."""
    (folder / "own.py").write_text(source, encoding="utf-8")
    done = collect("show", "own.toml", cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["network=ohne.py:build"], "there is no file"),
        (["network=own.py"], "is neither cnn nor file.py:function nor package.module:function"),
        (["network=no_such_package.x:build"], "no installed package has a module no_such_package.x"),
        (["hiden=4"], "unknown key 'hiden', did you mean 'hidden'?"),
        (["depth=4"], "recipe.depth, it is a setting of the built-in network; own.py:build has hidden, dropout, bias"),
        (["activation=relu,tanh"], "factor 'activation', it is a setting of the built-in network"),
        (["recipe.depth=4"], "it is a setting of the built-in network; own.py:build has hidden, dropout, bias"),
        (["dropout=much"], "recipe.dropout: 'much' should be a valid number"),
        (["network=own.py:build,own.py:other"], "network must be one"),
    ],
)
def test_a_word_that_is_wrong_is_named(folder: Path, words: list[str], said: str) -> None:
    """With the closest of the network's own settings, where one is close."""
    done = collect("show", "own.toml", *words, cwd=folder)
    assert done.returncode == 2
    assert said in done.stderr


def test_words_change_its_settings(folder: Path) -> None:
    """As they do any other's: one value sets, several make a factor; a network can be named by a word alone."""
    study = json.loads(collect("show", "own.toml", "dropout=0,0.5", "bias=false", "--json", cwd=folder).stdout)
    assert study["factors"]["dropout"] == [0.0, 0.5]
    assert study["recipe"]["bias"] is False
    other = folder / "elsewhere"
    other.mkdir()
    (other / "else.py").write_text(MLP, encoding="utf-8")
    done = collect("show", "../own.toml", "network=else.py:build", "--json", cwd=other)
    assert json.loads(done.stdout)["network"] == "else.py:build"
