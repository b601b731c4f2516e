"""The two catalogues say the same things."""

import re
from string import Formatter

import pytest

from analyze.findings import Message, because
from analyze.report.words import naming
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain
from collect import schema


def placeholders(message: str) -> set[str]:
    """The values a message asks for."""
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_both_languages_have_every_message_with_the_same_values() -> None:
    """No key and no placeholder is missing in either."""
    english, chinese = catalogue("en").messages, catalogue("zh").messages
    assert english.keys() == {key for key in chinese if not key.startswith("column.")}
    assert {key for key in english if placeholders(english[key]) != placeholders(chinese[key])} == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_messages_hold_no_numbers_of_their_own(lang: str) -> None:
    """A digit in a message is part of a term, never a result; the dictionary of columns states facts of the schema."""
    terms = re.compile(r"<abbr.*?</abbr>|<sup>.*?</sup>|PDF/A-3a|PDF/UA-1")
    messages = {key: text for key, text in catalogue(lang).messages.items() if not key.startswith("column.")}  # type: ignore[arg-type]
    loose = {key: text for key, text in messages.items() if re.search(r"\d", terms.sub("", text))}
    assert loose == {}


@pytest.mark.parametrize(
    ("message", "english", "chinese"),
    [
        (
            because(
                "not_shown",
                contrasts=(
                    because("gap_in_cell", cell={"depth": 2, "activation": "relu"}),
                    because("gap_of", levels=("relu", "elu")),
                ),
            ),
            "not shown, nor the opposite beyond the margin: gap at depth 2, relu; gap of relu and elu",
            "未能证实、也未见超出界值的相反结果：深度 2、relu 的差值；relu和elu 的差值",
        ),
        (
            because(
                "by_level",
                reason=because("every_component_holds"),
                factor="activation",
                verdicts=(because("level_supported", level="relu"), because("level_inconclusive", level="elu")),
            ),
            "every component holds; by activation: relu supported; elu inconclusive",
            "每一部分都成立；按激活函数：relu 支持；elu 无定论",
        ),
        (
            because("gap_less_gap_in_mode", levels=("leaky_relu",), other="relu", mode="batch"),
            "gap of leaky_relu − gap of relu, batch statistics",
            "leaky_relu 的差值 − relu 的差值，批统计量",
        ),
        (
            because("below_margin", contrasts=(because("gap_of", levels=("a - b",)),)),
            "below −margin: gap of a - b",
            "低于负界值者：a - b 的差值",
        ),
    ],
)
def test_a_message_is_said_with_its_values(message: Message, english: str, chinese: str) -> None:
    """What stands inside a message is said in the same language; names of levels stay as they are."""
    assert plain(naming.said(message, catalogue("en"))) == english
    assert plain(naming.said(message, catalogue("zh"))) == chinese


def test_the_data_dictionary_is_in_chinese() -> None:
    """Every column of the three tables has its meaning, and nothing else has one."""
    columns = {("trials", one.name) for one in schema.TRIALS}
    columns |= {("curves", one.name) for one in schema.POINT} | {("layers", one.name) for one in schema.LAYER}
    meant = {key.removeprefix("column.") for key in catalogue("zh").messages if key.startswith("column.")}
    assert {name for table, name in columns if not {name, f"{table}.{name}"} & meant} == set()
    assert meant <= {name for _, name in columns} | {f"{table}.{name}" for table, name in columns}
