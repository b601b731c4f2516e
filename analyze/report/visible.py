r"""Text of others is shown, never obeyed: a character without a shape of its own becomes an escape, as `\u202e`.

Such are control and format characters, bidirectional overrides, separators, surrogates, private characters and all
that Unicode lets a program ignore; among them the beginning of every terminal escape.
"""

import json
import re

#: Cc but the newline, Cf, Zl, Zp, Cs, Co, noncharacters and Default_Ignorable_Code_Point, as a class of characters.
_SHAPELESS = (
    r"\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)

#: Spaces that look like the space of the keyboard, or like none.
_SPACES = r"\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"

_LEFT_OVER = re.compile(f"[{_SHAPELESS}]")
_HIDDEN = rf"[\n{_SHAPELESS}{_SPACES}]"

#: A backslash is doubled where it would read as the beginning of an escape: no two texts look alike.
_ESCAPED = re.compile(rf"{_HIDDEN}|\\(?=\\|n|t|u[0-9a-f]{{4}}|U[0-9a-f]{{8}}|{_HIDDEN})")

_SHORT = {"\n": r"\n", "\t": r"\t", "\\": r"\\"}


def visible(text: str) -> str:
    r"""A text of somebody else with everything in it that cannot be seen as an escape; once, for `\` doubles.

    >>> visible("adam\u202e\n")
    'adam\\u202e\\n'
    """
    return _ESCAPED.sub(_escape, text)


def spaced(text: str) -> str:
    r"""A name whose outer and repeated spaces are escapes: a page would swallow them.

    >>> spaced("a  b ")
    'a \\u0020b\\u0020'
    """
    return re.sub(r"^ | $|(?<= ) ", r"\\u0020", text)


def guarded(document: str) -> str:
    """The last guard over a whole document: what is left without a shape, of any origin, but its line ends."""
    return _LEFT_OVER.sub(_escape, document)


def guarded_json(document: str) -> str:
    """JSON that means the same, and that a terminal can print."""
    return _LEFT_OVER.sub(lambda found: json.dumps(found[0])[1:-1], document)


def _escape(found: re.Match[str]) -> str:
    r"""One character as `\n`, `\u202e` or `\U000e0001`."""
    code = ord(found[0])
    return _SHORT.get(found[0]) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
