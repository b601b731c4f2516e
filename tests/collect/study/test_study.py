"""Study files: what is accepted, what is refused, and how it is said."""

import os
import time
from contextlib import suppress
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect import images
from collect.errors import ImagesError, StudyError
from collect.study import study_file
from collect.study.study_file import parse, presets, read
from collect.study.trial import Settings


def test_quick_is_the_contract() -> None:
    """80 trials: two orderings, two depths, two activations, ten seeds, five epochs, half width, on digits."""
    study = read("quick")
    assert study.factors == {"ordering": ("bn_act", "act_bn"), "depth": (2, 4), "activation": ("relu", "tanh")}
    assert (study.recipe.dataset, study.recipe.epochs, study.recipe.width) == ("digits", 5, 0.5)
    assert study.seeds == tuple(range(10))
    assert study.number_of_trials == 80
    assert study.analysis.contrast == ["act_bn", "bn_act"]


PRESETS = {"quick": 80, "article": 450, "confounds": 960, "deep": 320, "keras": 80, "bias": 60, "dropout": 80}
PRESETS |= {"norms": 160, "layeroptions": 36, "assignment": 40, "prepost": 160}


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_complete(name: str) -> None:
    """Every preset is a legal study of the size that its README says, named as its folder."""
    study = read(name)
    assert (study.name, study.number_of_trials) == (name, PRESETS[name])
    readme = (resources.files("collect.study") / "presets" / name / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# {name}\n")
    assert f"{PRESETS[name]} trials" in " ".join(readme.split())
    assert set(presets()) == set(PRESETS)


def test_a_study_survives_writing_and_reading(tmp_path: Path) -> None:
    """The resolved study file gives the same study again, from its path and from its folder."""
    study = read("confounds", ["seeds=[3, 5]", "recipe.optimizer=sgd", "analysis.claims=['small_effect']"])
    (tmp_path / "study.toml").write_text(study.to_toml(), encoding="utf-8")
    assert read(str(tmp_path)) == read(str(tmp_path / "study.toml")) == study


def test_a_study_that_names_no_claims_is_as_it_was() -> None:
    """Plans of a release that knew no such key can be gone on with."""
    assert "claims" not in read("quick").to_dict()["analysis"]
    assert read("quick", ["analysis.claims=['overfit']"]).to_dict()["analysis"]["claims"] == ["overfit"]


def test_setting_a_key_moves_it() -> None:
    """--set moves a key between recipe and factors, and bare words are strings."""
    study = read("quick", ["recipe.depth=8", "factors.learning_rate=[1e-3, 1]", "recipe.optimizer=adamw"])
    assert "depth" not in study.factors
    assert study.recipe.depth == 8
    assert study.factors["learning_rate"] == (0.001, 1.0)
    assert study.recipe.optimizer == "adamw"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("factors.depht=[2]", "did you mean 'depth'"),
        ("recipe.epoch=2", "did you mean 'epochs'"),
        ("recipe.epochs=1.5", "integer"),
        ("recipe.epochs=0", "greater than or equal to 1"),
        ("recipe.optimizer=adm", "did you mean 'adam'"),
        ("factors.activation=[]", "at least one level"),
        ("factors.depth=4", "must be a list"),
        ("factors.depth=[2,2]", "twice"),
        ("factors.depth=[33]", "less than or equal to 32"),
        ("kernel=4", "choose from 3, 5"),
        ("recipe.channels=[16, 32]", "a text with the channels of each stage, as in '16-32-64'"),
        ("channels=16-0", "as in '16-32-64'"),
        ("pools=2-1", "'between', 'none', or a text with stages in order, as in '1-2'"),
        ("recipe.epochs=[1,2]", "belongs under [factors]"),
        ("epoch=2", "did you mean 'epochs'"),
        ("seeds=0", "seeds must be"),
        ("seeds=[1,1]", "seeds must be"),
        ("seeds=true", "seeds must be"),
        ("analysis.targets=[1.5]", "less than 1"),
        (f"analysis.targets={[0.5] * 101}", "at most 100"),
        ("analysis.alpha=1e-40", "0.00001"),
        ("analysis.alpha=0.6", "0.5"),
        ("analysis.claims=['']", "at least 1 character"),
        ("analysis.claims=small_effect", "list"),
        ("analysis.contrast=['act_bn','none']", "two different levels of ordering"),
        ("analysis.factor=head", "is not a factor"),
        ("name=a/b", "name must be"),
        ("factor.depth=[2]", "did you mean 'factors'"),
        ("recipe.learning_rate=nan", "finite"),
        ("seeds", "KEY=VALUE"),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(change: str, said: str) -> None:
    """Each wrong value is refused in words that help."""
    with pytest.raises(StudyError) as error:
        read("quick", [change])
    assert said in str(error.value)


def test_one_mistake_is_told_once() -> None:
    """That a factor's level is not legal does not make it no factor, nor its contrast one of unknown levels."""
    changes = ["factors.optimizer=['adam','adamx']", "analysis.factor=optimizer", "analysis.contrast=['adam','adamx']"]
    with pytest.raises(StudyError, match=r"^quick: factors.optimizer: 'adamx' is not legal; did you mean 'adam'\?$"):
        read("quick", changes)


def test_all_mistakes_are_told_at_once() -> None:
    """Three mistakes, one message."""
    with pytest.raises(StudyError) as error:
        read("quick", ["factors.depht=[2]", "recipe.epochs=-1", "seeds=none"])
    assert all(word in str(error.value) for word in ("depht", "epochs", "seeds"))


@pytest.mark.parametrize(("table", "value"), [("recipe", '"digits"'), ("factors", '["digits", "mnist"]')])
def test_a_data_set_in_two_places_is_refused(table: str, value: str) -> None:
    """One of them would be ignored in silence."""
    with pytest.raises(StudyError, match=rf"dataset stands both at the top and in \[{table}\]; keep one"):
        parse(f'name = "two"\ndataset = "mnist"\n[{table}]\ndataset = {value}\n', "two.toml")


def test_a_setting_at_the_top_of_a_file_is_sent_to_its_table() -> None:
    """Where a command line needs no table, a file does."""
    with pytest.raises(StudyError, match=r"did you mean 'recipe\.depth' or, as a list, 'factors\.depth'"):
        parse("depth = 3", "x.toml")


def test_a_folder_or_file_that_is_called_as_a_preset_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is the preset's, with ./ it is the folder's."""
    monkeypatch.chdir(tmp_path)
    other = read("quick", ["seeds=3"]).to_toml()
    Path("quick").mkdir()
    Path("article").write_text(other, encoding="utf-8")
    assert read("quick").number_of_trials == 80
    assert read("article").number_of_trials == 450
    Path("quick", "study.toml").write_text(other, encoding="utf-8")
    assert [len(read(name).seeds) for name in ("quick", "./quick", "./article")] == [10, 3, 3]
    assert (study_file.is_place("quick"), study_file.is_place("./quick")) == (False, True)


def test_no_such_study_lists_the_presets() -> None:
    """A wrong name is answered by the legal ones or the closest."""
    with pytest.raises(StudyError, match="choose from article, assignment, bias, confounds"):
        read("zzz")
    with pytest.raises(StudyError, match="did you mean 'quick'"):
        read("quik")
    with pytest.raises(StudyError, match="choose from article, assignment, bias, confounds"):
        read("data/mine")


@given(st.text(max_size=40))
def test_any_value_is_read_or_refused(text: str) -> None:
    """No value makes anything but a study or a StudyError, with a table before its key or without."""
    for key in ("recipe.epochs", "activation", "seeds", "targets"):
        with suppress(StudyError):
            read("quick", [f"{key}={text}"])


@given(st.permutations(["ordering", "depth", "activation", "head", "dataset"]))
def test_ids_do_not_depend_on_the_order_of_factors(order: list[str]) -> None:
    """The same settings have the same id however the study file sorts them."""
    levels = {
        "ordering": "['none']",
        "depth": "[2]",
        "activation": "['elu']",
        "head": "['gap']",
        "dataset": "['digits']",
    }
    study = read("quick", [f"factors.{name}={levels[name]}" for name in order])
    [cell] = study.cells()
    assert cell == Settings(ordering="none", depth=2, activation="elu", head="gap", epochs=5, width=0.5)


DIGITS = "0x1" + "f" * 6000
LARGE = {
    "seeds": (f"seeds = {DIGITS}", "not a number of thousands of digits"),
    "a list of seeds": (f"seeds = [{DIGITS}]", "seeds must be"),
    "epochs": (f"[recipe]\nepochs = {DIGITS}", "recipe.epochs: a number of thousands of digits should be"),
    "a learning rate": (f"[recipe]\nlearning_rate = {DIGITS}", "should be a valid number"),
    "a level that is no float": (f"[factors]\nlearning_rate = [0x1{'0' * 300}, 1]", "should be a valid number"),
    "more than 64 bits": ("[recipe]\nwarmup = 99999999999999999999", "is more than a column of whole numbers holds"),
    "a choice": (f"[recipe]\noptimizer = {DIGITS}", "a number of thousands of digits is not legal; choose from adam"),
    "a contrast": (f"[analysis]\ncontrast = [{DIGITS}, 1]", "is not a factor"),
    "a data set": (f"dataset = {DIGITS}", "should be a valid string"),
    "a long data set": (f"dataset = '{'x' * 900_000}'", "at most 4096 characters"),
    "a dotted key": ("a" + ".a" * 400_000 + " = 1", "more than 2,000 dots"),
    "keys": ("[factors]\n" + "\n".join(f"k{n} = [1]" for n in range(60_000)), "[factors] has 60,000 keys"),
    "settings": ("[recipe]\n" + "\n".join(f"k{n} = 1" for n in range(60_000)), "[recipe] has 60,000 keys"),
    "unknown keys": ("\n".join(f"k{n} = 1" for n in range(60_000)), "and more mistakes than these"),
    "a long key": (f"{'k' * 900_000} = 1", "unknown key 'kkk"),
    "levels": (f"[factors]\ndepth = [{', '.join(map(str, range(1, 80_000)))}]", "has 79,999 levels"),
    "wrong levels": (f"[factors]\ndepth = [{', '.join(map(str, range(50, 9_000)))}]", "and more mistakes than these"),
    "evaluations": ("[recipe]\nevaluations = 1000000000000", "less than or equal to 10000"),
    "a long factor": (f"[analysis]\nfactor = '{'x' * 900_000}'", "is not a factor"),
}


@pytest.mark.parametrize("what", LARGE)
def test_anything_large_is_a_short_sentence_soon(what: str) -> None:
    """Numbers of thousands of digits, endless names, thousands of keys: no traceback, no hang, no page of text."""
    text, said = LARGE[what]
    started = time.process_time()
    with pytest.raises(StudyError) as refused:
        parse(text, "x.toml")
    assert said in str(refused.value)
    assert len(str(refused.value)) < 4000
    assert time.process_time() - started < 3


def test_a_dotted_key_of_a_change_is_bounded_too() -> None:
    """It is then a text, as everything is that is no TOML."""
    with pytest.raises(StudyError, match="name must be"):
        read("quick", ["name={a" + ".a" * 400_000 + " = 1}"])


@pytest.mark.parametrize("name", ["x" * 5000, "x" * 300, "a\0b", "/".join("x" * 3000)])
def test_a_name_that_no_file_can_have_is_a_sentence(name: str) -> None:
    """Of a study and of a data set."""
    with pytest.raises(StudyError, match="there is no study"):
        read(name)
    with pytest.raises(ImagesError, match="there is no data set"):
        images.load(name, Path())


def test_the_largest_study_can_be_read_from_its_own_file(tmp_path: Path) -> None:
    """All seeds are written out, one a line."""
    study = read("quick", [f"seeds={study_file.MOST_SEEDS}", "factors.depth=[2]"])
    (tmp_path / "study.toml").write_text(study.to_toml(), encoding="utf-8")
    assert read(str(tmp_path)) == study


@pytest.mark.parametrize("name", [os.fsdecode(b"caf\xe9"), "two\nlines", "\x1b[1m", "right\u202eleft"])
def test_a_name_that_cannot_be_printed_is_refused(name: str) -> None:
    """Study and data set stand in tables and reports."""
    for key in ("name", "dataset"):
        with pytest.raises(StudyError, match="print") as refused:
            study_file.resolve({"name": "x", "factors": {}, key: name}, "x.toml")
        assert str(refused.value).isprintable()
