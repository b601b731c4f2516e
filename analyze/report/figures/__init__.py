"""Findings -> SVG, a file a figure. Each selects its data from findings, draws these, and names its place."""

import pkgutil
from importlib import import_module
from typing import Any

from analyze.report.figures.plot import Plot
from analyze.report.figures.style import NARROW, WIDE, drawing, to_svg

__all__ = ["FIGURES", "NARROW", "WIDE", "drawing", "placed", "to_svg"]


def _found() -> dict[str, Plot[Any]]:
    """Every file of this folder that holds a figure, by the file's name."""
    modules = {one.name: import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)}
    return {name: module.FIGURE for name, module in modules.items() if hasattr(module, "FIGURE")}


#: Every figure by its key.
FIGURES = _found()


def placed(part: str) -> list[str]:
    """The keys of the figures in this part of the document, in reading order."""
    return sorted((key for key, one in FIGURES.items() if one.part == part), key=lambda key: FIGURES[key].order)
