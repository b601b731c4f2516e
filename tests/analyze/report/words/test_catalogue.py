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
    """A digit is part of a term, a source's name or the 1 of an axis, never a result; columns state the schema."""
    terms = re.compile(r"\{.*?\}|1 表示|<abbr.*?</abbr>|<sup>.*?</sup>|PDF/A-3a|PDF/UA-1")
    facts = ("column.", "said.source_")
    messages = {key: text for key, text in catalogue(lang).messages.items() if not key.startswith(facts)}  # type: ignore[arg-type]
    loose = {key: text for key, text in messages.items() if re.search(r"\d", terms.sub("", text))}
    assert loose == {}


GAP = because("gap_in_cell", cell={"depth": 2, "activation": "relu"})
MEASURED = because("measured_pp", contrast=GAP, pp=0.41, low_pp=0.1, high_pp=-0.001, coverage=90)
SHARES = because(
    "measured", contrast=because("diverged_share", level="relu"), estimate=0.2, low=-0.01, high=0.41, coverage=95
)
SPREADS = because("spread_ratio", level="relu")
RATIO = because("measured", contrast=SPREADS, estimate=0.5, low=0.4, high=0.6, coverage=95)
RATIO_SAID = "ratio of the spreads of relu between seeds was 0.500, 95% CI [0.400, 0.600]"
RATIO_ZH = "relu 的种子间离散程度之比为 0.500，95% CI [0.400, 0.600]"


@pytest.mark.parametrize(
    ("message", "english", "chinese"),
    [
        (
            because("why_premise", measured=MEASURED),
            "Its premise is not shown: gap at depth 2, relu was 0.41\u00a0pp, 90% CI [0.10, 0.00].",
            "前提未能证实：深度 2、relu 的差值为 0.41\u00a0个百分点，90% CI [0.10, 0.00]。",
        ),
        (
            because(
                "why_levels",
                levels=(
                    because("level_refuted", level="relu", shown=because("below", measured=RATIO, bound=1)),
                    because(
                        "level_supported",
                        level={"activation": "elu"},
                        shown=because("above", measured=RATIO, bound=0.25),
                    ),
                ),
            ),
            f"relu refutes it ({RATIO_SAID}, below 1); elu supports it ({RATIO_SAID}, above 0.25).",
            f"relu 否定（{RATIO_ZH}，低于 1）；elu 支持（{RATIO_ZH}，高于 0.25）。",
        ),
        (
            because("gap_less_gap_in_mode", levels=("leaky_relu",), other="relu", mode="batch"),
            "gap of leaky_relu − gap of relu, batch statistics",
            "批统计量下 leaky_relu 的差值 − relu 的差值",
        ),
        (
            because("why_open", measured=SHARES),
            ("Shown neither way: gap of the share of runs of relu that diverged was 0.200, 95% CI [−0.0100, 0.410]."),
            "观点本身及其反面都未能证实：relu 的训练中发散的比例之差为 0.200，95% CI [−0.0100, 0.410]。",
        ),
        (
            because("failure_share", level="relu"),
            "gap of the share of runs of relu that diverged or got stuck",
            "relu 的训练中发散或停在随机水平的比例之差",
        ),
        (
            because("gap_of", levels=("a - b", "elu")),
            "gap of a - b and elu",
            "a - b和elu 的差值",
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
