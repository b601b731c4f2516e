"""The title and the two plain sentences: by rule, in both languages, never more certain than the decision."""

import re
from typing import Any, get_args

import pytest

from analyze.findings import Cell, Decision, Findings, Rule
from analyze.report.prose.finding import finding
from analyze.report.prose.in_plain_words import came_out, trained
from analyze.report.subject import subject_of
from analyze.report.words import spoken
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from tests.analyze.report.prose.test_answer import RULES, changed
from tests.analyze.sample import FACTORS, THREE, sample

LANGUAGES = get_args(Language)
TANH_SHALLOW: dict[int, Decision] = {0: "undecided", 1: "first", 2: "undecided", 3: "undecided"}

#: The title of every rule, and what came out in plain words; every cell of the sample is undecided.
TITLES: dict[Rule, tuple[str, str]] = {
    "no_pair": (
        "No answer yet: no seed has finished both activation first and BatchNorm first in every set-up",
        "Nothing can be compared yet.",
    ),
    "too_few_seeds": (
        "No answer yet: five seeds are too few to tell activation first from BatchNorm first; it takes six",
        (
            "On average, activation first got about 5 more of every 1000 test images right than BatchNorm first; "
            "so few seeds decide nothing, however large the difference."
        ),
    ),
    "identical": (
        "No difference at all: activation first and BatchNorm first agree in every pair",
        "In every pair, both got exactly as many test images right.",
    ),
    "equivalent_in_every_cell": (
        "In every set-up, activation first and BatchNorm first are equally accurate to within 0.10 pp",
        "In every set-up, the two get equally many test images right, to within 1 of every 1000.",
    ),
    "same_side_in_every_cell": (
        "In every set-up, activation first is more accurate; by how much depends on depth",
        "In every set-up, activation first got more test images right: on average, about 5 more of every 1000.",
    ),
    "interaction": (
        (
            "How activation first and BatchNorm first compare depends on depth, "
            "but in no single set-up is it settled which is more accurate"
        ),
        ("How the two compare changes with depth; of no single set-up can we say which gets more test images right."),
    ),
    "both_tests": (
        "On average, activation first is more accurate",
        "On average, activation first got about 5 more of every 1000 test images right than BatchNorm first.",
    ),
    "cells_differ": (
        "On average, activation first and BatchNorm first are equally accurate to within 0.10 pp",
        "On average, the two get equally many test images right, to within 1 of every 1000.",
    ),
    "equivalent_on_average": (
        "On average, activation first and BatchNorm first are equally accurate to within 0.10 pp",
        "On average, the two get equally many test images right, to within 1 of every 1000.",
    ),
    "tests_disagree": (
        (
            "On average, it stays open whether activation first or BatchNorm first is more accurate: "
            "the two tests disagree"
        ),
        (
            "In these runs, activation first got about 5 more of every 1000 test images right than BatchNorm first; "
            "that may be chance: we can say neither that there is a difference nor that there is none."
        ),
    ),
    "nothing_shown": (
        "On average, ten seeds cannot tell whether activation first or BatchNorm first is more accurate",
        (
            "In these runs, activation first got about 5 more of every 1000 test images right than BatchNorm first; "
            "that may be chance: we can say neither that there is a difference nor that there is none."
        ),
    ),
}


def read(found: Findings, lang: Language = "en") -> tuple[str, str]:
    """Title and what came out, as a reader sees them."""
    words = catalogue(lang)
    return tuple(plain(one).replace("\u00a0", " ") for one in (finding(found, words), came_out(found, words)))  # type: ignore[return-value]


def ruled(rule: Rule, cells: dict[int, Decision] | None = None, **primary: Any) -> Findings:
    """The sample as this rule decides it."""
    decided = cells or dict.fromkeys(range(4), "undecided")
    return changed(decided, rule=rule, **(RULES[rule][0] | primary))


@pytest.mark.parametrize("rule", RULES)
def test_a_title_for_every_rule(rule: Rule) -> None:
    """Title and plain sentence say what the rule decided, and no more."""
    assert read(ruled(rule)) == TITLES[rule]


@pytest.mark.parametrize("rule", RULES)
def test_chinese_titles_say_the_same(rule: Rule) -> None:
    """No Latin letters but BatchNorm's own and units, no space at Chinese punctuation, and no certainty added."""
    title, out = read(ruled(rule), "zh")
    assert re.findall(r"[A-Za-z_]+", title.replace("BN", "")) == []
    assert not re.search(r" [，。；：]|[，。；：] ", title + out)
    assert ("更准" in title and "哪个" not in title) == (rule in ("same_side_in_every_cell", "both_tests"))
    assert ("也不能说没有差别" in out) == (rule in ("tests_disagree", "nothing_shown"))


def test_the_model_of_page_one() -> None:
    """One cell decided of four: it is named, and of the others nothing is said but that seeds cannot tell."""
    found = ruled("interaction", TANH_SHALLOW)
    row = next(one for one in found.simple_effects if one.cell == {"depth": 2, "activation": "tanh"})
    count = round(10 * abs(row.gap or 0))
    assert read(found) == (
        "With 2 layers and tanh, activation first is more accurate; in three other set-ups, ten seeds cannot tell",
        (
            f"With 2 layers and tanh, activation first got about {count} more of every 1000 test images right than "
            "BatchNorm first. In three other set-ups, we can say neither that there is a difference nor that there is "
            "none."
        ),
    )
    assert read(found, "zh")[0] == "2 层 tanh 网络先激活更准；在另外三种组合中，十个种子还分不出高下"


def test_levels_with_the_names_of_their_factors_stand_apart() -> None:
    """In Chinese by the comma of a list, while those of a network belong together."""
    factors: dict[str, tuple[object, ...]] = {"depth": (2, 12), "warmup": (0, 100), "learning_rate": (0.001, 0.003)}
    cell: Cell = {"depth": 2, "warmup": 0, "learning_rate": 0.001}
    subject = subject_of(sample(factors={"norm": ("pre", "post")} | factors, contrast=("pre", "post")))
    said = {lang: plain(spoken.capital(spoken.where([cell], subject, catalogue(lang)))) for lang in LANGUAGES}
    assert said == {
        "en": "With 2 layers, warm-up 0 and learning rate 0.001",
        "zh": "2 层、预热步数 0、学习率 0.001 时",
    }


def test_cells_that_share_a_level_are_named_by_it() -> None:
    """All cells of tanh are tanh; cells that share nothing are counted."""
    alike: dict[int, Decision] = {0: "undecided", 1: "first", 2: "undecided", 3: "first"}
    assert read(ruled("interaction", alike))[0] == (
        "With tanh, activation first is more accurate; with relu, ten seeds cannot tell"
    )
    crossed: dict[int, Decision] = {0: "second", 1: "first", 2: "first", 3: "second"}
    assert read(ruled("interaction", crossed))[0] == (
        "In two set-ups, activation first is more accurate; in two other set-ups, BatchNorm first is"
    )


@pytest.mark.parametrize("rule", ["both_tests", "nothing_shown", "tests_disagree", "cells_differ"])
def test_cells_decided_otherwise_stand_in_the_title(rule: Rule) -> None:
    """A title on the mean never hides a cell that went another way."""
    title, out = read(ruled(rule, {0: "second", 1: "undecided", 2: "undecided", 3: "undecided"}))
    assert title.endswith("; but with 2 layers and relu, BatchNorm first is more accurate")
    assert "With 2 layers and relu, BatchNorm first got" in out


def test_a_title_for_less_than_the_margin_and_for_one_cell() -> None:
    """Less than the margin is said; the only cell of a design is no average."""
    assert read(ruled("both_tests", headline="yes_trivial"))[0].endswith("is more accurate, but by less than 0.10 pp")
    one = sample(factors={"ordering": FACTORS["ordering"]})
    assert read(one)[0] == "Activation first is more accurate"
    assert "average" not in " ".join(read(one))


def test_cells_left_out_are_not_every_set_up() -> None:
    """A planned cell that never ran keeps the title from speaking of every set-up, and a mean from being of all."""
    cell: Cell = {"depth": 8, "activation": "relu"}
    for text in read(ruled("equivalent_in_every_cell", left_out=(cell,))):
        assert text.startswith("In every set-up that enough seeds completed, ")
    others: list[Cell] = [
        {"depth": 2, "activation": "tanh"},
        {"depth": 4, "activation": "relu"},
        {"depth": 4, "activation": "tanh"},
    ]
    for text in read(ruled("both_tests", left_out=(cell,))):
        assert text.startswith("On average over the set-ups that enough seeds completed, ")
    for text in read(ruled("both_tests", left_out=(cell, *others))):
        assert text.startswith("In the one set-up that enough seeds completed, ")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_trained(lang: Language) -> None:
    """Networks, layers, activations and seeds are counted; what differs in a pair is said as far as hashes prove it."""
    found = sample(factors=THREE)
    proven = found.model_copy(update={"methods": found.methods | {"pairs": 40, "pairs_with_equal_hashes": 40}})
    text = plain(trained(proven, catalogue(lang)))
    assert re.findall(r"\d+", text)[:3] == {"en": ["120", "2", "4"], "zh": ["120", "2", "4"]}[lang]
    says = {
        "en": ("2 or 4 layers, relu or tanh, ten", "only in where"),
        "zh": ("2 或 4 层，relu 或 tanh，每种取十个", "只有"),
    }
    assert all(part in text for part in says[lang])
    assert says[lang][1] not in plain(trained(found, catalogue(lang)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_somebody_elses_factor_keeps_its_names(lang: Language) -> None:
    """Levels and cells of another factor are named as they are, and nothing is said of networks or images."""
    found = sample(factors={"solver": ("sgd", "adam"), "model": ("small", "large")}, contrast=("adam", "sgd"))
    study = found.study.model_copy(update={"columns": {}})
    text = " ".join(
        (
            *read(found.model_copy(update={"study": study}), lang),
            plain(trained(found.model_copy(update={"study": study}), catalogue(lang))),
        )
    )
    assert "adam" in text
    assert "small" in text
    assert not re.search("BatchNorm|BN|network|网络", text)
