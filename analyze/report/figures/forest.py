"""Every cell in every mode of evaluation, with the numbers at the right."""

from dataclasses import dataclass

from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import Cell, Findings
from analyze.report.figures import gap_axis
from analyze.report.figures.gap_axis import Backdrop, Gap
from analyze.report.figures.plot import Plot
from analyze.report.figures.room import wrapped
from analyze.report.figures.rows import rows_of
from analyze.report.figures.style import INK, PAPER, cell_name, page
from analyze.report.subject import Subject, cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue


@dataclass(frozen=True)
class Forest:
    """Cells and gaps from top to bottom, running before batch statistics; beyond `bend` the axis is logarithmic."""

    subject: Subject
    backdrop: Backdrop
    cells: tuple[Cell, ...]
    gaps: tuple[Gap, ...]
    bend: float | None

    @property
    def both_modes(self) -> bool:
        """Whether gaps of both modes are drawn."""
        return len({gap.bn_mode for gap in self.gaps}) > 1


def data_of(findings: Findings) -> Forest | None:
    """Gap and interval of every cell, in either mode that has them."""
    subject = subject_of(findings)
    rows = [
        row for row in findings.simple_effects if row.scale == findings.question.response.scale and row.gap is not None
    ]
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
    return Forest(
        subject,
        gap_axis.backdrop_of(findings),
        tuple(cells),
        tuple(gaps),
        gap_axis.bend_of(gaps, findings.question.response),
    )


def draw(data: Forest, words: Catalogue) -> Figure:
    """Filled dots with running, open ones with batch statistics."""
    names = [cell_name(cell, words) for cell in reversed(data.cells)]
    rows = rows_of(names, [gap_axis.in_digits(gap, words) for gap in data.gaps if gap.bn_mode == "running"])
    figure = page(len(names) * rows.height(0.165) + 0.95, layout="constrained")
    axes = figure.subplots()
    gap_axis.draw_backdrop(axes, data.backdrop)
    for gap in reversed(data.gaps):
        running = gap.bn_mode == "running"
        gap_axis.draw_gap(axes, gap, words, filled=running)
        if running:
            rows.write(axes, gap.row, gap_axis.in_digits(gap, words))
    rows.name(axes, names)
    gap_axis.scale_gaps(axes, data.bend, words)
    axes.set_xlabel(wrapped(gap_axis.gap_label(data.subject, words), rows.room))
    handles = [
        axes.plot([], [], "o", color=INK, mfc=fill, ms=size, label=words.text(f"bn_mode.{mode}"))[0]
        for mode, fill, size in (("running", INK, 4), ("batch", PAPER, 3.2))
    ]
    if data.both_modes:
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    return figure


def remarks(data: Forest, words: Catalogue) -> list[Markup]:
    """An axis that bends, and the marks of the two modes."""
    modes = [words("figure.forest_modes")] if data.both_modes else []
    return gap_axis.remarks(data.bend, words) + modes


FIGURE = Plot(
    data_of,
    draw,
    part="cells",
    order=2,
    by_cell=True,
    remarks=remarks,
    seeds=lambda data: [gap.n for gap in data.gaps],
    in_words=lambda data, words: gap_axis.in_words(
        "figure.gap_in_mode" if data.both_modes else "figure.gap", data.gaps, words
    ),
)
