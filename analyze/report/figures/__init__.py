"""Findings -> SVG, a module a family of figures. Figures draw what findings hold and compute nothing else."""

from collections.abc import Callable

from matplotlib.figure import Figure

from analyze.findings import Findings
from analyze.report.figures import block, certainty, curves, gaps, layers, seeds
from analyze.report.figures.style import drawing, to_svg
from analyze.report.words.catalogue import Catalogue

__all__ = ["FIGURES", "drawing", "to_svg"]

#: Every figure by its key: findings and words in, a figure out, or None where the study lacks its data.
FIGURES: dict[str, Callable[[Findings, Catalogue], Figure | None]] = {
    "headline": gaps.headline,
    "forest": gaps.forest,
    "interaction": gaps.interaction,
    "paired": seeds.paired,
    "learning": curves.learning,
    "survival": curves.survival,
    "spread": seeds.spread,
    "gradients": layers.gradients,
    "units": layers.units,
    "residuals": seeds.residuals,
    "multiverse": certainty.multiverse,
    "power": certainty.power,
    "orderings": block.orderings,
}
