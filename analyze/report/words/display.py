"""The only place where a number becomes text, by the conventions of APA.

A function takes an unrounded number and returns Markup: the text inside `<data value="…">`, where the value
is the number as the JSON twin holds it. `plain` gives the same text for Markdown, figures and alternative
texts. Digits are the same in every language; a unit comes from the caller's catalogue.
"""

import html
import math
import re

from markupsafe import Markup

from analyze.report.visible import spaced

MINUS = "−"
NO_BREAK = "\u00a0"
MISSING = Markup('<span class="missing">–</span>')

Number = int | float


def data(value: Number, text: str) -> Markup:
    """The text, marked with the unrounded number it stands for."""
    return Markup('<data value="{}">{}</data>').format(repr(value), text)


def fixed(value: Number, digits: int, *, signed: bool = False) -> str:
    """A number with a fixed count of decimals, a true minus, and no negative zero.

    >>> fixed(-0.004, 2), fixed(1234.5, 1), fixed(0.3, 2, signed=True)
    ('0.00', '1,234.5', '+0.30')
    """
    text = f"{abs(value):,.{digits}f}"
    if not re.search("[1-9]", text):
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def count(value: int | None) -> Markup:
    """A whole number, thousands grouped."""
    return MISSING if value is None else data(value, f"{value:,d}".replace("-", MINUS))


def decimal(value: float | None, digits: int = 2, *, signed: bool = False) -> Markup:
    """A number with a fixed count of decimals."""
    return MISSING if value is None else data(value, fixed(value, digits, signed=signed))


def significant(value: float | None, digits: int = 3) -> Markup:
    """A number of unknown magnitude, to so many significant digits; powers of ten outside 1e-4 to 1e7."""
    if value is None:
        return MISSING
    if value == 0 or 1e-4 <= abs(value) < 1e7:
        short = float(f"{value:.{digits}g}")
        decimals = max(0, digits - 1 - _magnitude(short))
        return data(value, fixed(short, decimals))
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = str(int(exponent)).replace("-", MINUS)
    text = mantissa.replace("-", MINUS)
    return Markup('<data value="{}">{} × 10<sup>{}</sup></data>').format(repr(value), text, power)


def points(value: float | None, *, signed: bool = False) -> Markup:
    """Percentage points or per cent of 0 to 100, two decimals, without a unit."""
    return decimal(value, 2, signed=signed)


def share(value: float | None) -> Markup:
    """A share of 0 to 1 as per cent, without superfluous zeros: .95 is 95%, .975 is 97.5%."""
    if value is None:
        return MISSING
    text = f"{100 * value:.1f}".removesuffix(".0")
    return data(value, f"{text}%")


def share_interval(bounds: tuple[float, float] | None) -> Markup:
    """An interval of a share, as per cent."""
    if bounds is None:
        return MISSING
    low, high = map(share, bounds)
    return Markup('<span class="stat">[{}, {}]</span>').format(low, high)


def bounded(value: float | None, digits: int = 3) -> Markup:
    """A number that cannot exceed 1 in size (a correlation, an epsilon): no leading zero."""
    return MISSING if value is None else data(value, _without_zero(fixed(value, digits)))


def p_value(value: float | None) -> Markup:
    """A p for a table column: three digits without leading zero, `< .001` or `> .999`; never `.000` or `1.000`."""
    if value is None:
        return MISSING
    if value < 0.001:
        return data(value, f"<{NO_BREAK}.001")
    if value >= 0.9995:
        return data(value, f">{NO_BREAK}.999")
    return data(value, _without_zero(f"{value:.3f}"))


def chance(value: float | None) -> Markup:
    """A chance, two digits without leading zero; never 0 or 1, which nothing estimated is."""
    if value is None:
        return MISSING
    if value >= 0.995:
        return data(value, f">{NO_BREAK}.99")
    return data(value, f"<{NO_BREAK}.01") if value < 0.005 else bounded(value, 2)


def p_equals(value: float | None) -> Markup:
    """A p in a sentence, with its symbol: p = .012, p < .001."""
    if value is None:
        return Markup("<i>p</i>{}={}").format(NO_BREAK, MISSING)
    shown = p_value(value)
    relation = "" if ">" in plain(shown) or "<" in plain(shown) else f"={NO_BREAK}"
    return Markup('<span class="stat"><i>p</i>{}{}{}</span>').format(NO_BREAK, relation, shown)


def interval(bounds: tuple[float, float] | None, digits: int = 2) -> Markup:
    """An interval in brackets that never breaks across lines."""
    if bounds is None:
        return MISSING
    low, high = (decimal(bound, digits) for bound in bounds)
    return Markup('<span class="stat">[{}, {}]</span>').format(low, high)


def bounded_interval(bounds: tuple[float, float] | None, digits: int = 2) -> Markup:
    """An interval of a number that cannot exceed 1 in size."""
    if bounds is None:
        return MISSING
    low, high = (bounded(bound, digits) for bound in bounds)
    return Markup('<span class="stat">[{}, {}]</span>').format(low, high)


def significant_interval(bounds: tuple[float, float] | None) -> Markup:
    """An interval of a number of unknown magnitude.

    Both bounds have as many decimals: as three significant digits of the smaller need, but one more at most than
    those of the larger. A bound that would be printed as zero without being zero has significant digits of its own.

    >>> plain(significant_interval((0.874, 1.03))), plain(significant_interval((-0.00688, -0.0000846)))
    ('[0.874, 1.030]', '[−0.006880, −0.000085]')
    """
    if bounds is None:
        return MISSING
    fewest, most = sorted(max(0, 2 - _magnitude(float(f"{bound:.3g}"))) for bound in bounds)
    decimals = min(most, fewest + 1)
    plainly = 1e-4 <= max(map(abs, bounds)) < 1e3 and all(
        not one or abs(one) >= 0.5 * 10.0**-decimals for one in bounds
    )
    low, high = (decimal(bound, decimals) if plainly else significant(bound) for bound in bounds)
    return Markup('<span class="stat">[{}, {}]</span>').format(low, high)


def ratio(log: float | None) -> Markup:
    """A log ratio as the ratio it is, to four significant digits."""
    return MISSING if log is None else data(log, plain(significant(math.exp(log), 4)))


def ratio_interval(logs: tuple[float, float] | None) -> Markup:
    """An interval of a log ratio as one of the ratio."""
    if logs is None:
        return MISSING
    return Markup('<span class="stat">[{}, {}]</span>').format(*map(ratio, logs))


def statistic(symbol: str, value: float | None, *df: Number) -> Markup:
    """A test statistic with its degrees of freedom: t(9) = 2.31."""
    inside = Markup(", ").join(count(one) if isinstance(one, int) else decimal(one) for one in df)
    brackets = Markup("({})").format(inside) if df else ""
    shown = decimal(value)
    return Markup('<span class="stat"><i>{}</i>{}{}={}{}</span>').format(symbol, brackets, NO_BREAK, NO_BREAK, shown)


def bayes_factor(value: float | None) -> Markup:
    """A Bayes factor: two decimals up to 100, whole up to 1000, then `> 1000`; likewise below."""
    if value is None:
        return MISSING
    if value > 1000:
        return data(value, f">{NO_BREAK}1000")
    return decimal(value, 0) if value >= 100 else significant(value, 2) if value < 0.1 else decimal(value)


def plain(text: str) -> str:
    """Markup without its tags: what a reader sees."""
    powers = re.sub(r"<sup>(.*?)</sup>", r"^\1", text)
    return html.unescape(re.sub(r"<[^>]*>", "", powers))


def shorten(name: object, width: int = 28) -> str:
    """A name cut in its middle where it is longer than `width` characters: both ends tell names apart."""
    text = spaced(str(name))
    if len(text) <= width:
        return text
    head = (width - 1) * 3 // 5
    return f"{text[:head]}…{text[-(width - 1 - head) :]}"


def _without_zero(text: str) -> str:
    """Without the zero before the decimal point."""
    return re.sub(r"^(−?)0\.", r"\1.", text)


def _magnitude(value: float) -> int:
    """Exponent of the leading digit; 0 for zero."""
    return int(f"{value:e}".split("e")[1])
