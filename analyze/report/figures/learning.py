"""Median test accuracy over seeds against examples seen, with the central four fifths of seeds as a band."""

from matplotlib.figure import Figure

from analyze.findings import CurvePoint, Findings
from analyze.report.figures.bands import Bands, Median, bands_of, draw_band, remarks
from analyze.report.figures.panels import label_axes, log_examples, panels
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import level_legend, mark
from analyze.report.subject import cell_key, subject_of
from analyze.report.words.catalogue import Catalogue


def data_of(findings: Findings) -> Bands | None:
    """One curve a cell and level, accuracy in per cent against training images seen."""
    subject = subject_of(findings)
    points = _one_curve([point for point in findings.curves if point.level in subject.levels])
    found = ((p.cell, p.level, Median(p.examples_seen, p.accuracy, p.low, p.high)) for p in points)
    return bands_of(found, subject)


def _one_curve(points: list[CurvePoint]) -> list[CurvePoint]:
    """Of each cell and level one curve: the test subset, batch statistics, or running ones where no others exist."""
    subset = [p for p in points if p.eval_set == "subset"] or points
    with_batch = {(cell_key(p.cell), p.level) for p in subset if p.bn_mode == "batch"}
    return [p for p in subset if p.bn_mode == "batch" or (cell_key(p.cell), p.level) not in with_batch]


def draw(data: Bands, words: Catalogue) -> Figure:
    """A panel a cell, on a logarithmic axis of images."""
    made = panels([panel.cell for panel in data.panels], data.subject, words)
    for axes, panel in zip(made.axes, data.panels, strict=True):
        for band in panel.bands:
            draw_band(axes, band, mark(data.subject, band.level), alpha=0.2, rasterized=len(data.panels) > 20)
    log_examples(made)
    level_legend(made.figure, data.subject, data.levels)
    label_axes(made, x=words.text("axis.examples"), y=words.text("axis.test_accuracy"))
    return made.figure


FIGURE = Plot(data_of, draw, part="speed", order=1, remarks=remarks)
