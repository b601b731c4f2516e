"""Amounts and enumerations with their words: a gap with its unit, an interval with its name, so many seeds."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from analyze.findings import AnovaRow, Cell, Findings, Interval, Level, OmnibusRow, Unit
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue

#: A sentence names at most this many cells; tables and figures have them all.
MOST_NAMES = 4


def _in_points(words: Catalogue) -> bool:
    return words.response.gap_unit == "pp"


def number(value: float | None, words: Catalogue, *, signed: bool = False) -> Markup:
    """A gap, or a mean of a level, without a unit: points with two decimals, of logarithms ratios, else 3 digits."""
    if _in_points(words):
        return display.points(value, signed=signed)
    return display.ratio(value) if words.response.scale == "log" else display.significant(value)


def spread(value: float | None, words: Catalogue) -> Markup:
    """A standard deviation on the scale of the response, without a unit."""
    return display.points(value) if _in_points(words) else display.significant(value)


def interval(bounds: Interval | None, words: Catalogue) -> Markup:
    """An interval of a gap, without a unit."""
    if _in_points(words):
        return display.interval(bounds)
    return (display.ratio_interval if words.response.scale == "log" else display.significant_interval)(bounds)


def gap(value: float | None, words: Catalogue, *, signed: bool = True) -> Markup:
    """A gap of the response with its unit."""
    return _with_unit(number(value, words, signed=signed), words)


def deviation(value: float | None, words: Catalogue) -> Markup:
    """A standard deviation with its unit; of logarithms it has none."""
    return _with_unit(spread(value, words), words)


def _with_unit(shown: Markup, words: Catalogue) -> Markup:
    if _in_points(words):
        return words("pp", value=shown)
    unit = words.response.gap_unit
    if words.response.scale == "log" or not unit:
        return shown
    return words("in_own_unit", value=shown, unit=words.name("unit", unit))


def contrast(first: Level, second: Level, words: Catalogue) -> Markup:
    """What a gap is: a difference between two levels, or on the log scale their ratio."""
    return naming.contrast(first, second, "/" if words.response.scale == "log" else "−")


def pp(value: float | None, words: Catalogue, *, signed: bool = True) -> Markup:
    """An accuracy's gap in percentage points with its unit."""
    return words("pp", value=display.points(value, signed=signed))


def measured(value: float | None, unit: Unit, words: Catalogue) -> Markup:
    """A difference in its unit: percentage points, or nats of whatever size."""
    return pp(value, words) if unit == "pp" else words("nats", value=display.significant(value))


def bound(findings: Findings, words: Catalogue) -> Markup:
    """The equivalence margin without a sign: 0.10 pp, or a factor of 1.05."""
    margin = findings.primary.equivalence.margin
    return factor(margin, words) if words.response.scale == "log" else gap(margin, words, signed=False)


def factor(log: float | None, words: Catalogue) -> Markup:
    """A log ratio of either sign as a factor above one."""
    return words("bound.within_factor", factor=_above_one(log))


def _above_one(log: float | None) -> Markup:
    return display.ratio(None if log is None else abs(log))


def times(log: float, words: Catalogue) -> Markup:
    """How many times the smaller of two values the larger is."""
    return words("speed.apart", factor=display.ratio(abs(log)))


def margin(findings: Findings, words: Catalogue) -> Markup:
    """The equivalence margin: ±0.10 pp, or a factor of 1.05."""
    if words.response.scale == "log":
        return words("speed.margin", factor=_above_one(findings.primary.equivalence.margin))
    return Markup('<span class="stat">±{}</span>').format(bound(findings, words))


def ratio_margin(findings: Findings) -> Markup:
    """The factor within which ratios of times are equivalent."""
    factor = findings.methods.get("ratio_margin")
    return display.significant(factor if isinstance(factor, float) else None)


def seeds(count: int, words: Catalogue) -> Markup:
    """The number of seeds behind a statement."""
    return words("n_seeds" if count != 1 else "n_seed", n=display.count(count))


def seeds_of(counts: Iterable[int], words: Catalogue) -> Markup:
    """The number of seeds behind several things: one number, or the least and the greatest."""
    found = sorted(counts)
    least, most = found[0], found[-1]
    if least == most:
        return seeds(least, words)
    return words("n_seeds_from_to", least=display.count(least), most=display.count(most))


def confidence(bounds: tuple[float, float] | None, words: Catalogue) -> Markup:
    """A 95% interval with its name, or that there is none, as of differences that are all equal."""
    return words("ci", interval=interval(bounds, words)) if bounds else words("no_interval")


def prediction(bounds: tuple[float, float] | None, words: Catalogue) -> Markup:
    """A 95% prediction interval with its name."""
    return words("pi", interval=interval(bounds, words))


def equivalence_interval(bounds: tuple[float, float] | None, words: Catalogue) -> Markup:
    """A 90% interval with its name: equivalence at .05 is that it lies within the margin."""
    return words("ci90", interval=interval(bounds, words))


def f_test(row: AnovaRow | OmnibusRow, words: Catalogue) -> Markup:
    """F with its degrees of freedom and the p that follows from them, by Greenhouse & Geisser where there is one."""
    corrected = row.df_num > 1 and row.epsilon_gg is not None and row.p_gg is not None
    shrunk = row.epsilon_gg if corrected else None
    df = (row.df_num, row.df_den) if shrunk is None else (shrunk * row.df_num, shrunk * row.df_den)
    p = row.p_gg if corrected else row.p_uncorrected
    return words("answer.F", F=display.statistic("F", row.F, *df), p=display.p_equals(p))


def name_cells(cells: Sequence[Cell], words: Catalogue) -> Markup:
    """An enumeration of cells, cut short and saying so."""
    return enumerated([naming.cell(cell, words) for cell in cells], words)


def over_cells(cells: Sequence[Cell], number: int, words: Catalogue) -> Markup:
    """What a mean over these cells, of so many, is over: all of them, or how many and which."""
    if len(cells) == number:
        return words("all_cells")
    return words(
        "some_cells", count=display.count(len(cells)), number=display.count(number), cells=name_cells(cells, words)
    )


def enumerated(parts: Sequence[Markup], words: Catalogue) -> Markup:
    """Things that have commas of their own, cut short and saying so."""
    listed = words("list.semicolon").join(parts[:MOST_NAMES])
    return words("list.more", list=listed) if len(parts) > MOST_NAMES else listed
