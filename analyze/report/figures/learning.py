"""Median test accuracy over seeds against examples seen, with the central four fifths of seeds as a band."""

from markupsafe import Markup
from matplotlib.figure import Figure

from analyze.findings import CurvePoint, Findings
from analyze.report.figures import accuracy_axis
from analyze.report.figures.bands import Bands, Median, bands_of, draw_band, label_levels
from analyze.report.figures.panels import label_axes, log_examples, panels
from analyze.report.figures.plot import Plot
from analyze.report.figures.style import mark
from analyze.report.subject import cell_key, subject_of
from analyze.report.words.catalogue import Catalogue


def data_of(findings: Findings) -> Bands | None:
    """One curve a cell and level, accuracy in per cent against training images seen."""
    subject = subject_of(findings)
    points = _one_curve([point for point in findings.curves if point.level in subject.levels])
    found = ((p.cell, p.level, Median(p.examples_seen, p.accuracy, p.low, p.high, p.n_seeds)) for p in points)
    return bands_of(found, subject)


def _one_curve(points: list[CurvePoint]) -> list[CurvePoint]:
    """Of each cell and level one curve: the test subset, batch statistics, or running ones where no others exist."""
    subset = [p for p in points if p.eval_set == "subset"] or points
    with_batch = {(cell_key(p.cell), p.level) for p in subset if p.bn_mode == "batch"}
    return [p for p in subset if p.bn_mode == "batch" or (cell_key(p.cell), p.level) not in with_batch]


def draw(data: Bands, words: Catalogue) -> Figure:
    """A panel a cell, on a logarithmic axis of images."""
    made = panels([panel.cell for panel in data.panels], data.subject, words, levels=data.levels, beside=True)
    few = len(data.panels) <= 12
    for axes, panel in zip(made.axes, data.panels, strict=True):
        for band in panel.bands:
            style = mark(data.subject, band.level)
            marks = {"marker": style.marker, "ms": 2} if few else {}
            draw_band(axes, band, style, words, alpha=0.2, lw=1.1, **marks)
    log_examples(made, words)
    accuracy_axis.scale_accuracy(made.axes, _accuracies(data))
    label_levels(made, data)
    label_axes(made, x=words.text("axis.examples"), y=words.text("axis.test_accuracy"))
    return made.figure


def _accuracies(data: Bands) -> list[float]:
    """The ends of every band."""
    return [end for one in data.medians for end in (one.low, one.high)]


def remarks(data: Bands, words: Catalogue) -> list[Markup]:
    """A logit axis."""
    return accuracy_axis.remarks(_accuracies(data), words)


FIGURE = Plot(data_of, draw, part="speed", order=1, by_cell=True, remarks=remarks, seeds=lambda data: data.seeds)
