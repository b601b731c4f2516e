"""How wide a text is, and how it is broken where there is less room."""

from textwrap import fill

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

#: Sizes of text in points: of names of axes and numbers, and of ticks.
TEXT, TICK = 7.5, 7.0


def width_of(text: str, size: float = TEXT) -> float:
    """The width of a line of text in inches, in the typefaces of figures."""
    width, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(size=size), ismath=False)
    return float(width) / 72


def widest(texts: list[str], size: float = TEXT) -> float:
    """The width of the widest of these texts, 0 without any."""
    return max((width_of(text, size) for text in texts), default=0.0)


def wrapped(text: str, inches: float, size: float = TEXT) -> str:
    """The text in lines of this width at most, as far as its characters are equally wide."""
    width = width_of(text, size)
    return text if width <= inches else fill(text, max(9, int(0.95 * len(text) * inches / width)))
