"""What of a question differs from the study's own, which the report says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from analyze.errors import UsageError
from analyze.findings import Response
from analyze.study.question import Asked, Design
from analyze.study.response import AskedResponse, response_of


def with_targets(design: Design, targets: Sequence[float]) -> Design:
    """The design under these target accuracies, or under its own where there are none.

    Raises:
        UsageError: one is not between 0 and 1.
    """
    for target in targets:
        if not 0 < target < 1:
            raise UsageError(f"--target {target:g} is not between 0 and 1")
    return replace(design, targets=tuple(targets)) if targets else design


def deviations_of(study: Mapping[str, Any], asked: Asked, own: Design, design: Design) -> tuple[str, ...]:
    """Contrast, response, targets and moderators that are not those of the study file.

    Args:
        study: as its tables have it.
        asked: on the command line.
        own: the design under the study's targets.
        design: the one that is analysed.
    """
    analysis = study.get("analysis", {})
    found = []
    if design.threshold is not None:
        found += [] if asked.threshold in (None, analysis.get("threshold")) else [f"threshold={design.threshold:g}"]
    elif (design.factor, design.contrast) != (analysis.get("factor"), tuple(analysis.get("contrast", ()))):
        found.append(f"contrast={design.factor}: {design.contrast_name if design.declared else 'every level'}")
    if design.folds != analysis.get("folds"):
        found.append(f"folds={design.folds}")
    found += _of_response(design.response, response_of(analysis, AskedResponse())[0])
    if design.targets != own.targets:
        found.append(f"targets={_numbers(design.targets)} (study: {_numbers(own.targets)})")
    if asked.moderators is not None or asked.ignore:
        found.append(f"moderators={', '.join(design.moderators) or 'none'}")
    return tuple(found)


def _of_response(compared: Response, own: Response) -> list[str]:
    listed = [
        f"{'response' if key == 'name' else key}={getattr(compared, key)} (study: {getattr(own, key)})"
        for key in ("name", "better", "scale")
        if getattr(compared, key) != getattr(own, key)
    ]
    if compared.margin != own.margin:
        margin = "margin_pp" if compared.is_accuracy else "margin"
        listed.append(f"{margin}={_number(compared.margin)} (study: {_number(own.margin)})")
    return listed


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(map(_number, values))


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"
