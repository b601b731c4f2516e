"""The two catalogues say the same things."""

import re
from string import Formatter

import pytest

from analyze.catalogue import catalogue


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
