"""Norm of the gradient by layer, a panel a cell, on a logarithmic axis."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analyze.findings import Findings
from analyze.report.figures.bands import Bands, Median, bands_of, draw_band, label_levels
from analyze.report.figures.log_axis import label_log
from analyze.report.figures.panels import label_axes, panels
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import mark
from analyze.report.subject import subject_of
from analyze.report.words.catalogue import Catalogue


def data_of(findings: Findings) -> Bands | None:
    """The gradient norm at the last evaluation against the layer."""
    points = (p for p in findings.layer_profile if p.measure == "grad_norm")
    found = ((p.cell, p.level, Median(p.layer, p.value, p.low, p.high, p.n_seeds)) for p in points)
    return bands_of(found, subject_of(findings))


def draw(data: Bands, words: Catalogue) -> Figure:
    """A panel a cell, layers from the input to the right."""
    made = panels([panel.cell for panel in data.panels], data.subject, words, levels=data.levels, beside=True)
    for axes, panel in zip(made.axes, data.panels, strict=True):
        for band in panel.bands:
            style = mark(data.subject, band.level)
            draw_band(axes, band, style, words, alpha=0.18, marker=style.marker, ms=2.4)
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for axes in made.axes:
        label_log(axes.yaxis, 3, 5)
    label_levels(made, data)
    label_axes(made, x=words.text("axis.layer"), y=words.text("axis.grad_norm"))
    return made.figure


FIGURE = Plot(
    data_of,
    draw,
    part="mechanism",
    order=1,
    by_cell=True,
    seeds=lambda data: data.seeds,
)
