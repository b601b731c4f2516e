"""Rows of findings made by hand: a test names what matters to it, the rest is a sample's."""

from typing import Any

from analyze import findings as f
from analyze.findings import Findings, Level
from tests.analyze.sample import rich, sample

_SAMPLE, _RICH = sample(), rich()


def cell(depth: int, activation: str) -> dict[str, Level]:
    """One combination of the moderators of the sample."""
    return {"depth": depth, "activation": activation}


def _like(row: Any, changes: dict[str, Any]) -> Any:
    return row.model_copy(update=changes)


def effect(**changes: Any) -> f.SimpleEffect:
    """A gap in one cell."""
    return _like(_SAMPLE.simple_effects[0], changes)


def summary(**changes: Any) -> f.CellSummary:
    """Final accuracies of one level in one cell."""
    return _like(_SAMPLE.cells[0], changes)


def seeds(cell: dict[str, Level], level: Level, mode: str, *accuracies: float) -> f.CellSummary:
    """A summary of these accuracies; seeds are counted from 0."""
    values = {str(seed): accuracy for seed, accuracy in enumerate(accuracies)}
    return summary(cell=cell, level=level, bn_mode=mode, values=values)


def on_curve(**changes: Any) -> f.CurvePoint:
    """A point of a learning curve."""
    return _like(_SAMPLE.curves[0], changes)


def surviving(**changes: Any) -> f.SurvivalPoint:
    """A step of the share of runs below the target."""
    return _like(_RICH.survival[0], changes)


def layer(**changes: Any) -> f.LayerPoint:
    """A probe in one layer."""
    return _like(_RICH.layer_profile[0], changes)


def evenness(**changes: Any) -> f.InitialShare:
    """A class share of untrained networks."""
    return _like(_RICH.initial_shares[0], changes)


def detectable(**changes: Any) -> f.PowerPoint:
    """What so many seeds detect."""
    return _like(_RICH.power_curve[0], changes)


def choice(**changes: Any) -> f.MultiverseRow:
    """The headline under other choices."""
    return _like(_RICH.multiverse[0], changes)


def in_mode(found: Findings, mode: str) -> Findings:
    """The same findings with the primary result in this mode."""
    return found.model_copy(update={"primary": found.primary.model_copy(update={"bn_mode": mode})})
