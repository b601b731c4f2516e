"""Every cell in every mode of evaluation, with the numbers at the right."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings
from analyze.report.figures import gap_axis
from analyze.report.figures.gap_axis import Backdrop, Gap
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import MARKS, WIDTH, cell_name
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue
from analyze.report.words.display import fixed


@dataclass(frozen=True)
class Forest:
    """Cells and gaps from top to bottom, running before batch statistics; beyond `bend` the axis is logarithmic."""

    subject: Subject
    backdrop: Backdrop
    cells: tuple[Cell, ...]
    gaps: tuple[Gap, ...]
    bend: float | None

    @property
    def of_modes(self) -> list[str]:
        """The remark on the two modes, where both are drawn."""
        return ["figure.forest_modes"] if len({gap.bn_mode for gap in self.gaps}) > 1 else []


def data_of(findings: Findings) -> Forest | None:
    """Gap and interval of every cell, in either mode that has them."""
    subject = subject_of(findings)
    rows = [row for row in findings.simple_effects if row.scale == "raw" and row.gap is not None]
    if not rows:
        return None
    cells = in_order((row.cell for row in rows), subject)
    effects = {(cell_key(row.cell), row.bn_mode): row for row in rows}
    gaps = []
    for row, cell in zip(range(len(cells) - 1, -1, -1), cells, strict=True):
        running, batch = (effects.get((cell_key(cell), mode)) for mode in ("running", "batch"))
        if running is not None:
            gaps.append(gap_axis.gap_of(running, row, 0.0 if batch is None else 0.12))
        if batch is not None:
            gaps.append(gap_axis.gap_of(batch, row, -0.22))
    return Forest(subject, gap_axis.backdrop_of(findings), tuple(cells), tuple(gaps), gap_axis.bend_of(gaps))


def draw(data: Forest, words: Catalogue) -> Figure:
    """Filled dots with running, open ones with batch statistics."""
    figure = Figure(figsize=(WIDTH, min(len(data.cells) * 0.165 + 0.95, 9.0)), layout="constrained")
    axes = figure.subplots()
    gap_axis.draw_backdrop(axes, data.backdrop)
    for gap in reversed(data.gaps):
        running = gap.bn_mode == "running"
        gap_axis.draw_gap(axes, gap, filled=running)
        if running:
            _numbers(axes, gap)
    gap_axis.name_rows(axes, [cell_name(cell, words) for cell in reversed(data.cells)])
    gap_axis.scale_gaps(axes, data.bend)
    axes.set_xlabel(gap_axis.gap_label(data.subject, words))
    colour = MARKS[0].colour
    handles = [
        axes.plot([], [], "o", color=colour, mfc=fill, label=words.text(f"bn_mode.{mode}"))[0]
        for mode, fill in (("running", colour), ("batch", "none"))
    ]
    if data.of_modes:
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    return figure


def _numbers(axes: Axes, gap: Gap) -> None:
    """The gap and its interval in digits, at the right edge."""
    text = fixed(gap.gap, 2, signed=True)
    if gap.ci95 is not None:
        text += f" [{fixed(gap.ci95[0], 2)}, {fixed(gap.ci95[1], 2)}]"
    edge = ("axes fraction", "data")
    axes.annotate(text, (1.0, gap.row), xycoords=edge, xytext=(6, 0), textcoords="offset points", va="center")


FIGURE = Plot(
    data_of,
    draw,
    part="cells",
    order=2,
    remarks=lambda data: (["cells.wide"] if data.bend is not None else []) + data.of_modes,
    in_words=lambda data, words: gap_axis.in_words(
        "figure.gap_in_mode" if data.of_modes else "figure.gap", data.gaps, words
    ),
)
