"""KEY=VALUE as a shell passes it: what it means, and what is said where the shell took it apart."""

from pathlib import Path

import pytest

from analyze.study.response import AskedResponse, response_of
from collect.errors import StudyError, closest
from collect.power import power_of
from collect.study import explain
from collect.study.changes import KEYS, told_apart
from collect.study.study import Study
from collect.study.study_file import read


def asked(*words: str) -> Study:
    """The study that these words of a command line ask for."""
    return read(*told_apart(words, "quick"))


def test_the_simplest_change_takes_one_try() -> None:
    """The line of the README: one value sets, several make a factor."""
    study = asked("quick", "depth=3", "activation=gelu,relu", "seeds=8")
    assert study.factors == {"ordering": ("bn_act", "act_bn"), "activation": ("gelu", "relu")}
    assert (study.recipe.depth, len(study.seeds), study.number_of_trials) == (3, 8, 32)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("learning_rate=1e-3,3e-3", (0.001, 0.003)),
        ("learning_rate=.001,1.", (0.001, 1.0)),
        ("depth=2,8", (2, 8)),
        ("depth=[2,8]", (2, 8)),
        ("depth=2, 8", (2, 8)),
        ("depth=2,8,", (2, 8)),
        ("depth = 2, 8", (2, 8)),
        ("depth={2,8}", (2, 8)),
        ("activation=[relu,tanh]", ("relu", "tanh")),
        ("activation=['relu','tanh']", ("relu", "tanh")),
        ("factors.activation=[relu, tanh]", ("relu", "tanh")),
        ("decay_bn=true,false", (True, False)),
        ("dataset=digits,mnist", ("digits", "mnist")),
        ("dataset=1,2", ("1", "2")),
        ("depth=[3]", (3,)),
    ],
)
def test_several_values_make_a_factor(word: str, found: tuple[object, ...]) -> None:
    """Commas suffice; brackets and quotes that the shell left or took are all the same."""
    key = word.partition("=")[0].strip().removeprefix("factors.")
    assert asked(word).factors[key] == found
    assert read("quick", [word]).factors[key] == found


@pytest.mark.parametrize(
    ("word", "key", "found"),
    [
        ("depth=3", "depth", 3),
        ("learning_rate=3e-3", "learning_rate", 0.003),
        ("learning_rate=.01", "learning_rate", 0.01),
        ("width=1", "width", 1.0),
        ("decay_bn=False", "decay_bn", False),
        ("dataset=mnist", "dataset", "mnist"),
        ("dataset=12", "dataset", "12"),
        ("dataset='a,b'", "dataset", "a,b"),
        ("optimizer=sgd", "optimizer", "sgd"),
        ("recipe.optimizer=sgd", "optimizer", "sgd"),
    ],
)
def test_one_value_sets_the_recipe(word: str, key: str, found: object) -> None:
    """A bare word is text, and a name that looks like a number stays one."""
    study = asked(word)
    assert getattr(study.recipe, key) == found
    assert key not in study.factors


def test_what_is_asked_needs_no_table_either() -> None:
    """Name, seeds and the analysis."""
    study = asked("name=12345", "seeds=3,5", "margin_pp=.2", "targets=.9", "factor=depth", "contrast=2,4")
    assert (study.name, study.seeds) == ("12345", (3, 5))
    analysis = study.analysis
    assert (analysis.margin_pp, analysis.targets, analysis.factor, analysis.contrast) == (0.2, [0.9], "depth", [2, 4])


def test_the_margin_of_an_accuracy_has_two_names(tmp_path: Path) -> None:
    """Both are percentage points, and `plan` reckons with either as `analyze` does; beyond 100 neither is a margin."""
    by_name = {name: asked(f"{name}=.2", "seeds=10") for name in ("margin", "margin_pp")}
    assert {one.analysis.margin_of_accuracy for one in by_name.values()} == {0.2}
    found = {name: power_of(one, tmp_path) for name, one in by_name.items()}
    assert found["margin"] == found["margin_pp"] != power_of(asked("seeds=10"), tmp_path)
    assert "±0.2 pp" in explain.power(by_name["margin"], found["margin"])
    own = by_name["margin"].analysis.declared()
    assert response_of(own, AskedResponse())[0].margin == 0.2
    with pytest.raises(StudyError, match="in percentage points, below 100, not 200"):
        asked("margin=200")


def test_the_study_may_stand_anywhere() -> None:
    """Or be left out."""
    assert asked("depth=3", "article").name == "article"
    assert asked("depth=3").name == "quick"
    assert told_apart(["s3://bucket/a=b", "depth=3"], "quick") == ("s3://bucket/a=b", ["depth=3"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["activation=[gelu,", "relu]"],
            "the shell passed 'activation=[gelu,' and 'relu]'; write activation=gelu,relu",
        ),
        (["activation=gelu,", "relu"], "write activation=gelu,relu, without a space"),
        (["quick", "factors.activation=[gelu,", "relu,", "tanh]"], "write factors.activation=gelu,relu,tanh"),
        (["quick", "depth", "=", "3"], "the shell passed 'depth', '=' and '3'; write depth=3"),
        (["quick", "depth=", "3"], "write depth=3"),
        (["quick", "depth", "=3"], "write depth=3"),
        (["quick", "depth", "3"], "'depth' is a setting without a value; write depth=3"),
        (["depth=2", "depth=8"], "depth is given twice, as '2' and '8'; for both write depth=2,8"),
        (["depth=", "seeds=3"], "'depth=' has no value; write for example depth=4"),
        (["lr="], "unknown key 'lr', did you mean 'learning_rate'?"),
        (["seeds="], "'seeds=' has no value; write for example seeds=8"),
        (["targets="], "write for example targets=0.95,0.97"),
        (["quick", "article"], "one study, not 'quick' and 'article'"),
        (["lr=1e-3"], "unknown key 'lr', did you mean 'learning_rate'?"),
        (["factors.lr=[1e-3]"], "did you mean 'learning_rate'?"),
        (["learning-rate=1e-3"], "did you mean 'learning_rate'?"),
        (["act=relu"], "did you mean 'activation'?"),
        (["epoch=2"], "did you mean 'epochs'?"),
        (["seed=2"], "did you mean 'seeds'?"),
        (["factor.depth=2,4"], "did you mean 'factors'?"),
        (["activation=relu,tahn"], "'tahn' is not legal; did you mean 'tanh'?"),
        (["depth=two"], "'two' should be a valid integer"),
        (["recipe=5", "recipe.epochs=1"], "recipe is 5"),
        (["seeds=20240501"], "asks for as many seeds"),
        (["depth=2[4"], "'2[4' should be a valid integer"),
    ],
)
def test_what_cannot_be_read_is_shown_with_the_right_form(words: list[str], said: str) -> None:
    """As it arrived, which the shell may have made of it, and as every shell passes it."""
    with pytest.raises(StudyError) as error:
        asked(*words)
    assert said in str(error.value)


def test_every_mistake_of_a_line_is_named() -> None:
    """Misspelt keys and wrong values together."""
    with pytest.raises(StudyError, match=r"'learning_rate'.*'epochs'.*depth.*seeds must be"):
        asked("lr=1e-3", "epoch=2", "depth=x", "seeds=none")


@pytest.mark.parametrize(
    ("short", "long"), [("lr", "learning_rate"), ("bs", "batch_size"), ("wd", "weight_decay"), ("opt", "optimizer")]
)
def test_what_people_abbreviate_is_understood(short: str, long: str) -> None:
    """By its initials or its beginning."""
    assert closest(short, KEYS) == f"did you mean {long!r}?"
