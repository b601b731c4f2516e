"""Inside the networks: gradient flow by layer, units that are dead or saturated, and how far running statistics lag."""

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from analyze.findings import Findings, LayerPoint, Level
from analyze.report.figures.panels import label_axes, panels
from analyze.report.figures.style import WIDTH, bare, cell_name, level_legend, mark
from analyze.report.subject import cell_key, in_order, subject_of
from analyze.report.words.catalogue import Catalogue

#: Probes shown side by side, averaged over nothing: each line is one cell and level.
UNITS = ("dead_fraction", "saturation", "bn_var_lag")


def gradients(findings: Findings, words: Catalogue) -> Figure | None:
    """Norm of the gradient by layer, a panel a cell, on a logarithmic axis."""
    subject = subject_of(findings)
    points = _of(findings, "grad_norm")
    if not points:
        return None
    made = panels(in_order((p.cell for p in points), subject), subject, words)
    for axes, cell in zip(made.axes, made.cells, strict=True):
        for level in subject.levels:
            line = sorted(
                (p for p in points if p.level == level and cell_key(p.cell) == cell_key(cell)), key=lambda p: p.layer
            )
            if line:
                style = mark(subject, level)
                layers = [p.layer for p in line]
                axes.fill_between(
                    layers, [p.low for p in line], [p.high for p in line], color=style.colour, alpha=0.18, lw=0
                )
                axes.plot(
                    layers, [p.value for p in line], color=style.colour, ls=style.line, marker=style.marker, ms=2.4
                )
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 3.0), numticks=6))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    level_legend(made.figure, subject, _levels(points, subject.levels))
    label_axes(made, x=words.text("axis.layer"), y=words.text("axis.grad_norm"))
    return made.figure


def units(findings: Findings, words: Catalogue) -> Figure | None:
    """Share of dead channels, saturation, and lag of the running variance: each cell's mean over layers, by level."""
    subject = subject_of(findings)
    measures = [name for name in UNITS if _of(findings, name)]
    if not measures:
        return None
    cells = in_order((p.cell for p in findings.layer_profile), subject)
    height = min(len(cells) * 0.2 + 1.0, 9.0)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    grid = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, measure in zip(grid, measures, strict=True):
        points = _of(findings, measure)
        for y, cell in enumerate(reversed(cells)):
            for level in subject.levels:
                here = [p.value for p in points if p.level == level and cell_key(p.cell) == cell_key(cell)]
                if here:
                    style = mark(subject, level)
                    axes.plot(here, [y] * len(here), style.marker, color=style.colour, ms=3, alpha=0.75)
        axes.set_title(words.text(f"measure.{measure}"))
        bare(axes, grid="both")
        axes.tick_params(axis="y", length=0)
    grid[0].set_yticks(range(len(cells)), [cell_name(cell, words) for cell in reversed(cells)])
    grid[0].set_ylim(-0.6, len(cells) - 0.4)
    level_legend(figure, subject, _levels(findings.layer_profile, subject.levels), outside=True)
    return figure


def _of(findings: Findings, measure: str) -> list[LayerPoint]:
    return [p for p in findings.layer_profile if p.measure == measure]


def _levels(points: tuple[LayerPoint, ...] | list[LayerPoint], levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(one for one in levels if any(p.level == one for p in points))
