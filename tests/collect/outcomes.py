"""Outcomes that no training gave: completed in fp32, and what is not named is null."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TypeVar

from collect.store.outcome import CurvePoint, LayerProbe, Outcome, Result

Row = TypeVar("Row", CurvePoint, LayerProbe, Result)


def made_up(curve: Sequence[dict[str, object]] = (), layer: Sequence[dict[str, object]] = (), **row: object) -> Outcome:
    """An outcome with these values."""
    return Outcome(
        of(Result, {"status": "completed", "precision": "fp32", **row}),
        [of(CurvePoint, point) for point in curve],
        [of(LayerProbe, probe) for probe in layer],
    )


def of(kind: type[Row], values: dict[str, object]) -> Row:
    """A row with these values."""
    return kind(**(dict.fromkeys(field.name for field in fields(kind)) | values))
