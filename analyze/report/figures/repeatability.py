"""Would ten runs have told you? The chance of the right sign and of significance against the number of new pairs."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings
from analyze.report.figures.hover import titled
from analyze.report.figures.labels import End, label_ends
from analyze.report.figures.plot import Plot
from analyze.report.figures.room import widest, width_of
from analyze.report.figures.style import INK, SOFT, bare, cell_name, lettered, narrow, page, page_width
from analyze.report.subject import cell_key
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue

#: More cells than this are lines without names; the size of names in points, and the room for one in inches.
MOST_NAMES, NAME, NAME_INCHES = 10, 6.5, 1.0


@dataclass(frozen=True)
class Line:
    """(new pairs, chance in per cent) of one cell, or of the mean over cells; `thick` leads."""

    cell: Cell | None
    thick: bool
    places: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Repeatability:
    """The chance of the sign of this study's gap, and of significance on its side; seeds behind each line."""

    sign: tuple[Line, ...]
    significant: tuple[Line, ...]
    seeds: tuple[int, ...]


def data_of(findings: Findings) -> Repeatability | None:
    """A line a cell and one of their mean, where chances of two numbers of pairs are known."""
    rows = findings.repeatability
    sign = _lines([(row.cell, row.k, row.p_sign) for row in rows])
    significant = _lines([(row.cell, row.k, row.p_significant) for row in rows])
    return Repeatability(sign, significant, tuple(row.n_seeds for row in rows)) if sign else None


def _lines(points: list[tuple[Cell | None, int, float | None]]) -> tuple[Line, ...]:
    """The lines of these chances, the cells before their mean; a single cell is its own mean."""
    places: dict[object, list[tuple[int, float]]] = {}
    cells: dict[object, Cell | None] = {}
    for cell, k, chance in points:
        key = None if cell is None else cell_key(cell)
        cells.setdefault(key, cell)
        if chance is not None:
            places.setdefault(key, []).append((k, 100 * chance))
    found = [Line(cells[key], key is None, tuple(sorted(line))) for key, line in places.items() if len(line) > 1]
    return tuple(sorted(found, key=lambda line: line.thick))


def draw(data: Repeatability, words: Catalogue) -> Figure:
    """The right sign at the left and significance at the right, on one scale; lines are named at their ends."""
    shown = [
        (key, lines) for key, lines in (("chance_sign", data.sign), ("chance_significant", data.significant)) if lines
    ]
    across = 1 if narrow() else len(shown)
    down = len(shown) // across
    height, width = 2.3 * down, page_width()
    figure = page(height)
    grid = list(figure.subplots(down, across, sharey=True, squeeze=False).ravel())
    margins = {"left": 0.52 / width, "right": 1 - 1.15 / width, "top": 1 - 0.24 / height, "bottom": 0.36 / height}
    figure.subplots_adjust(**margins, wspace=0.66, hspace=0.24)
    for axes, (key, lines) in zip(grid, shown, strict=True):
        axes.set_ylim(0, 102)
        axes.set_yticks([0, 25, 50, 75, 100])
        _draw_lines(axes, lines, words)
        axes.set_title(words.text(f"figure.{key}"))
    lettered(grid)
    figure.supxlabel(words.text("axis.pairs"), fontsize=7.5, y=0.0, va="bottom")
    figure.supylabel(words.text("axis.chance"), fontsize=7.5, x=0.0, ha="left")
    return figure


def _draw_lines(axes: Axes, lines: tuple[Line, ...], words: Catalogue) -> None:
    """The lines of one panel and their names."""
    for line in lines:
        colour, width, zorder = (INK, 1.8, 3) if line.thick else (SOFT, 0.8, 2)
        (drawn,) = axes.plot(
            *zip(*line.places, strict=True), color=colour, lw=width, zorder=zorder, marker="o", ms=2.6, clip_on=False
        )
        name = _name(line, words)
        titled(drawn, *(f"{name}, {k}: {display.fixed(chance, 1)}%" for k, chance in line.places))
    numbers = sorted({k for line in lines for k, _ in line.places})
    axes.set_xscale("log")
    axes.set_xlim(numbers[0] * 0.94, numbers[-1] * 1.06)
    axes.set_xticks(numbers, [str(k) for k in numbers])
    axes.minorticks_off()
    bare(axes, grid="y")
    fits = (
        len(lines) <= MOST_NAMES
        and widest([_name(line, words) for line in lines if not line.thick], NAME) <= NAME_INCHES
    )
    named = lines if fits else [line for line in lines if line.thick]
    if len(lines) == 1:  # nothing to tell apart
        return
    label_ends(axes, [End(line.places[-1][1], _name(line, words), bold=line.thick) for line in named], size=NAME)


def _name(line: Line, words: Catalogue) -> str:
    """The cell, as far as there is room beside the panel, or that the line is of the mean."""
    if line.cell is None:
        return words.text("figure.mean_over_cells")
    names = [cell_name(line.cell, words, width=characters, least=6) for characters in range(24, 11, -1)]
    return next((name for name in names if width_of(name, NAME) <= NAME_INCHES), names[-1])


def in_words(data: Repeatability, words: Catalogue) -> list[Markup]:
    """The chance of the right sign, line by line, with the fewest and the most pairs."""
    return [
        words(
            "figure.chance_of",
            cell=words("figure.mean_over_cells") if line.cell is None else naming.cell(line.cell, words),
            k=display.count(k),
            chance=display.chance(chance / 100),
        )
        for line in data.sign
        for k, chance in (line.places[0], line.places[-1])
    ]


FIGURE = Plot(data_of, draw, part="repeatability", by_cell=True, in_words=in_words, seeds=lambda data: data.seeds)
