"""The two catalogues say the same things."""

import ast
import inspect
import re
from string import Formatter

import pytest

from analyze.claims import batchnorm_accuracy, batchnorm_training
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
    assert english.keys() == chinese.keys()
    assert {key for key in english if placeholders(english[key]) != placeholders(chinese[key])} == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_messages_hold_no_numbers_of_their_own(lang: str) -> None:
    """A digit in a message is part of a term, never a result."""
    terms = re.compile(r"<abbr.*?</abbr>|<sup>.*?</sup>|PDF/A-3a|PDF/UA-1")
    loose = {key: text for key, text in catalogue(lang).messages.items() if re.search(r"\d", terms.sub("", text))}  # type: ignore[arg-type]
    assert loose == {}


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        (
            "not shown, nor the opposite beyond the margin: gap at depth=2, activation=relu; gap relu",
            "既未显示、也未显示其反面超出界值者：depth=2、activation=relu 的差距；relu 的差距",
        ),
        (
            "every component holds; by activation: relu supported, elu inconclusive",
            "每一部分都成立；按激活函数：relu 支持、elu 无定论",
        ),
        ("tanh inconclusive, sigmoid supported", "tanh 无定论、sigmoid 支持"),
        ("gap leaky_relu − gap relu, batch", "leaky_relu 的差距 − relu 的差距，批统计量"),
        ("below −margin: odd name", "低于负界值者：odd name"),
        ("no pattern, none", "no pattern, none"),
    ],
)
def test_composite_texts_are_translated_part_by_part(text: str, chinese: str) -> None:
    """What stands inside a pattern is translated too; names of factors and levels stay; the rest is quoted."""
    assert plain(naming.said(text, catalogue("zh"))) == chinese
    assert plain(naming.said(text, catalogue("en"))) == text


@pytest.mark.parametrize("module", [batchnorm_accuracy, batchnorm_training])
def test_every_reason_of_an_untested_claim_is_in_chinese(module: object) -> None:
    """What the rules say a design lacks, read from their source."""
    source = ast.walk(ast.parse(inspect.getsource(module)))  # type: ignore[arg-type]
    texts = [node.value for node in source if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    lacking = [text for text in texts if text.startswith("needs ")]
    assert lacking
    assert [text for text in lacking if text not in catalogue("zh").phrases] == []


def test_the_data_dictionary_is_in_chinese() -> None:
    """Every column of the three tables has its meaning."""
    columns = (*schema.TRIALS, *schema.POINT, *schema.LAYER)
    assert [column.meaning for column in columns if column.meaning not in catalogue("zh").phrases] == []
