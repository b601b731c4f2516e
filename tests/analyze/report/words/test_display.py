"""How numbers become text."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyze.report.words import display


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "< .001"),
        (0.0009999, "< .001"),
        (0.001, ".001"),
        (0.0123, ".012"),
        (0.05, ".050"),
        (0.99951, "> .999"),
        (1.0, "> .999"),
        (None, "–"),
    ],
)
def test_p_has_three_digits_and_no_leading_zero(value: float | None, text: str) -> None:
    """APA: exact p to three digits, `< .001` below, never a p of zero."""
    assert display.plain(display.p_value(value)).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.523, "+0.52"), (-0.523, "−0.52"), (-0.0001, "0.00"), (0.0, "0.00"), (1234.5, "+1,234.50")],
)
def test_points_carry_a_true_sign_and_no_negative_zero(value: float, text: str) -> None:
    """A minus is U+2212; what rounds to zero has no sign."""
    assert display.plain(display.points(value, signed=True)) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.95, "95%"), (0.975, "97.5%"), (0.125, "12.5%"), (0.0, "0%"), (1.0, "100%")]
)
def test_shares_become_per_cent(value: float, text: str) -> None:
    """A target of .95 is 95%."""
    assert display.plain(display.share(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (0.0123456, "0.0123"), (9.999, "10.0"), (12345.6, "12,300"), (1.2e-9, "1.20 × 10^−9")],
)
def test_significant_digits_survive_any_magnitude(value: float, text: str) -> None:
    """Three digits that mean something, whatever the unit."""
    assert display.plain(display.significant(value)) == text


@given(st.floats(-1e4, 1e4), st.integers(0, 3))
def test_the_printed_number_is_the_value_rounded(value: float, digits: int) -> None:
    """The text is never further from its value than half of its last digit, and the value itself is unrounded."""
    marked = display.decimal(value, digits)
    raw, text = re.fullmatch(r'<data value="(.*)">(.*)</data>', marked).groups()  # type: ignore[union-attr]
    assert float(raw) == value
    assert abs(float(text.replace(",", "").replace("−", "-")) - value) <= 0.5 * 10**-digits * (1 + 1e-9)


@given(st.floats(0, 1))
def test_no_p_is_printed_on_the_wrong_side_of_certainty(p: float) -> None:
    """No p reads .000 or 1.000: one format at each end."""
    text = display.plain(display.p_value(p))
    assert re.fullmatch(r"[<>]\u00a0\.\d{3}|\.\d{3}", text)
    assert text != ".000"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "< .01"), (0.0051, ".01"), (0.8349, ".83"), (0.9949, ".99"), (0.9951, "> .99"), (None, "–")],
)
def test_no_chance_is_certain(value: float | None, text: str) -> None:
    """Two digits without leading zero, and bounds in place of 0 and 1."""
    assert display.plain(display.chance(value)).replace("\u00a0", " ") == text


@given(st.text(max_size=400))
def test_names_are_escaped_and_bounded(name: str) -> None:
    """A shortened name fits, and Markup never lets one through as tags."""
    assert len(display.shorten(name, 28)) <= 28
    assert "<" not in html.escape(display.shorten(name, 28))


def test_shortened_names_keep_both_ends() -> None:
    """Names that differ at their end stay apart."""
    assert display.shorten("a" * 100 + "1") != display.shorten("a" * 100 + "2")


def test_an_interval_never_breaks() -> None:
    """Both bounds stand in one span that does not wrap."""
    shown = display.interval((-0.5, 0.25))
    assert shown.startswith('<span class="stat">')
    assert display.plain(shown) == "[−0.50, 0.25]"


def test_missing_numbers_are_a_dash_without_a_value() -> None:
    """What cannot be had is not a number."""
    for show in (display.count, display.decimal, display.significant, display.share, display.p_value, display.interval):
        assert "<data" not in show(None)


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        ((0.874, 1.03), "[0.874, 1.030]"),
        ((0.996, 1.36), "[0.996, 1.360]"),
        ((0.918, 13.5), "[0.92, 13.50]"),
        ((-0.00688, -0.0000846), "[−0.006880, −0.000085]"),
        ((-8.46e-8, 0.00688), "[−8.46 × 10^−8, 0.00688]"),
        ((-3091.2, -2317.4), "[−3,090, −2,320]"),
    ],
)
def test_both_bounds_have_as_many_decimals(bounds: tuple[float, float], shown: str) -> None:
    """And enough that a ratio below one is not printed as one, nor a bound beyond zero as zero."""
    assert display.plain(display.significant_interval(bounds)) == shown
