"""The headline under other reasonable choices: an axis a unit, a row an estimate, filled where its tests agree."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analyze.findings import Cell, Findings, MultiverseRow
from analyze.report.figures.hover import titled
from analyze.report.figures.plot import Plot
from analyze.report.figures.ratio_axis import scale_ratios
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import BAND, INK, PAPER, RULE, SOFT, bare, cell_name, lettered, page
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import MINUS, count, plain, shorten

#: The unit of each estimand; of one that is not named here it is percentage points.
UNITS = {
    "the response": "response",
    "gap in standard deviations of its cell": "sd",
    "final test loss": "nats",
    "time to the target": "ratio",
}

#: Units from top to bottom.
ORDER = ("pp", "response", "log_ratio", "log_odds", "sd", "nats", "ratio")

#: More rows than this cannot be read; the first ones are shown.
MOST = 40


@dataclass(frozen=True)
class Estimate:
    """An estimand, the choices that set it apart, and the estimate; of its tests so many agree with the headline."""

    estimand: str
    choices: tuple[tuple[str, str | Cell], ...]
    estimate: float
    agree: int
    judged: int


@dataclass(frozen=True)
class Panel:
    """One unit and its estimates from top to bottom."""

    unit: str
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True)
class Multiverse:
    """Panels from top to bottom, and the margin with its unit, if any; `omitted` estimates did not fit."""

    panels: tuple[Panel, ...]
    margin: float | None
    omitted: int
    margin_in: str = "pp"


def unit_of(row: MultiverseRow) -> str:
    """The unit of a row's estimate."""
    scales = {"logit": "log_odds", "log": "log_ratio"}
    return scales.get(str(row.choices.get("scale"))) or UNITS.get(row.estimand, "pp")


def data_of(findings: Findings) -> Multiverse | None:
    """Every estimate once, whatever its tests, by unit; choices are named where they differ within an estimand."""
    groups: dict[tuple[str, str, float], list[MultiverseRow]] = {}
    for row in findings.multiverse:
        if row.estimate is not None:
            others = {name: one for name, one in row.choices.items() if name != "test"}
            groups.setdefault((row.estimand, repr(sorted(others.items())), row.estimate), []).append(row)
    if len(groups) < 2:
        return None
    shown = list(groups.values())[:MOST]
    apart = _differing([rows[0] for rows in groups.values()])
    estimates = [(unit_of(rows[0]), _estimate(rows, apart)) for rows in shown]
    panels = [Panel(unit, tuple(one for its, one in estimates if its == unit)) for unit in ORDER]
    found = tuple(panel for panel in panels if panel.estimates)
    margin_in = unit_of(findings.multiverse[0])  # its first row is the headline's own
    return Multiverse(found, findings.primary.equivalence.margin, len(groups) - len(shown), margin_in)


def _differing(rows: list[MultiverseRow]) -> set[tuple[str, str]]:
    """(estimand, choice) for every choice in which rows of an estimand differ; the scale is told by the unit."""
    taken: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for name, one in row.choices.items():
            taken.setdefault((row.estimand, name), []).append(repr(one))
    return {key for key, values in taken.items() if len(set(values)) > 1 and key[1] not in ("scale", "test")}


def _estimate(rows: list[MultiverseRow], apart: set[tuple[str, str]]) -> Estimate:
    """The rows of one estimate, which differ in their test alone."""
    first = rows[0]
    choices = tuple((name, one) for name, one in first.choices.items() if (first.estimand, name) in apart)
    judged = [row.agrees for row in rows if row.agrees is not None]
    return Estimate(first.estimand, choices, first.estimate or 0.0, sum(judged), len(judged))


def draw(data: Multiverse, words: Catalogue) -> Figure:
    """A panel a unit, from its zero, or one for ratios; at the right how many tests agree."""
    counts = [len(panel.estimates) for panel in data.panels]
    shown = [one for panel in data.panels for one in panel.estimates]
    rows = rows_of([_name(one, words) for one in shown], [_agreement(one, words) for one in shown])
    figure = page(rows.height(0.17) * sum(counts) + 0.56 * len(counts), layout="constrained")
    grid = figure.subplots(len(counts), 1, height_ratios=[n + 0.4 for n in counts], squeeze=False)[:, 0]
    for axes, panel in zip(grid, data.panels, strict=True):
        if panel.unit == data.margin_in and data.margin is not None:
            axes.axvspan(-data.margin, data.margin, color=BAND, lw=0, zorder=0)
        axes.axvline(float(panel.unit == "ratio"), color=SOFT, lw=0.8, zorder=1)
        bare(axes, grid="x")
        upwards = panel.estimates[::-1]
        for y, one in enumerate(upwards):
            _draw_estimate(axes, y, one, words)
            rows.write(axes, y, _agreement(one, words), 7)
        rows.name(axes, [_name(one, words) for one in upwards])
        (scale_ratios if panel.unit == "ratio" else _scale)(axes, [one.estimate for one in upwards])
        axes.set_xlabel(_unit(panel.unit, words), labelpad=1)
    lettered(list(grid))
    return figure


def _unit(unit: str, words: Catalogue) -> str:
    """The unit of a panel in words; of the response its own, or its name where it has none."""
    if unit == "response":
        own = words.response.unit
        return plain(words.name("unit", own) if own else words.known["outcome"])
    return words.text(f"estimates_in.{unit}")


def _draw_estimate(axes: Axes, y: int, one: Estimate, words: Catalogue) -> None:
    """Filled where every test agrees, open where one does not, grey where none was judged."""
    fill = RULE if not one.judged else INK if one.agree == one.judged else PAPER
    (dot,) = axes.plot([one.estimate], [y], "o", color=INK, mfc=fill, ms=4, zorder=4)
    value = f"{one.estimate:.3g}".replace("-", MINUS)
    titled(dot, f"{_name(one, words)}: {value}")


def _agreement(one: Estimate, words: Catalogue) -> str:
    """How many of its tests agree with the headline."""
    if not one.judged:
        return words.text("multi.untested")
    return words.text("multi.count", agree=one.agree, judged=one.judged)


def _scale(axes: Axes, estimates: list[float]) -> None:
    """The axis holds zero and every estimate, and ends beyond them."""
    low, high = min(*estimates, 0.0), max(*estimates, 0.0)
    room = 0.08 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=(1, 2, 5, 10)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}".replace("-", MINUS)))


def _name(one: Estimate, words: Catalogue) -> str:
    """The estimand and, where there are others of it, the choices behind this one."""
    parts = [plain(words.name("estimand", one.estimand))]
    for choice, option in one.choices:
        taken = cell_name(option, words) if isinstance(option, dict) else plain(words.name("chosen", option))
        parts.append(words.text("figure.choice", choice=words.name("choice", choice), option=taken))
    return shorten(words.text("list.semicolon").join(parts), 64)


def remarks(data: Multiverse, words: Catalogue) -> list[Markup]:
    """That rows were left out."""
    shown = sum(len(panel.estimates) for panel in data.panels)
    counts = {"shown": count(shown), "choices": count(shown + data.omitted)}
    return [words("figure.multiverse_limited", **counts)] if data.omitted else []


FIGURE = Plot(data_of, draw, part="multiverse", remarks=remarks)
