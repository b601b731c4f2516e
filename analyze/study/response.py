"""The response of a study: which column is compared, which way is better, on which scale, and within which margin.

Declared by the study or by who asks; nothing is guessed. Only test accuracy has a margin that nobody declared.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from analyze.errors import UsageError, not_one_of
from analyze.findings import ACCURACY, Better, Response, Scale

#: How shares are written in a table; the analysis has them in percentage points.
SHARES = ("share", "percent")

#: What is known of the collector's columns: which way is better, and in which unit they are.
KNOWN: dict[str, tuple[Better, str]] = {
    ACCURACY.name: ("higher", "share"),
    "train_accuracy": ("higher", "share"),
    "validation_accuracy": ("higher", "share"),
    "test_accuracy_batch": ("higher", "share"),
    "test_loss": ("lower", "nats"),
    "train_loss": ("lower", "nats"),
    "validation_loss": ("lower", "nats"),
}


@dataclass(frozen=True)
class AskedResponse:
    """What somebody asks for beside the study's own response; None leaves it as it is.

    `margin` is in the unit of the response; on the log scale it is a ratio above one.
    """

    name: str | None = None
    better: str | None = None
    unit: str | None = None
    scale: str | None = None
    margin: float | None = None


def response_of(study: Mapping[str, Any], asked: AskedResponse) -> tuple[Response, str]:
    """The response, and in which of SHARES its table has it; "" where it is no share.

    What the study says of another response, or of another scale, is left out.

    Args:
        study: the part [analysis] of the resolved study; empty for somebody else's trials.
        asked: what else was asked for.

    Raises:
        UsageError: nothing says which way is better, or an option has no legal value.
    """
    own = {name: value for name, value in study.items() if value is not None}
    theirs = own.get("response", ACCURACY.name)
    name = asked.name or theirs
    own = own if name == theirs else {}
    known = KNOWN.get(name, (None, ""))
    better = _better(name, asked.better or own.get("better") or known[0])
    written = asked.unit or own.get("unit") or known[1]
    if known[1] == "share" and written not in SHARES:
        raise UsageError(f"--unit {written}: {name} is written as {' or '.join(SHARES)}")
    share = written if written in SHARES else ""
    scale = asked.scale or own.get("scale", "raw")
    if scale not in get_args(Scale):
        raise UsageError(not_one_of("--scale", scale, get_args(Scale)))
    if scale == "logit" and name != ACCURACY.name:
        raise UsageError(f"--scale logit is for test_accuracy, which is counted; {name} is not")
    bounds = (0.0, 100.0) if share else own.get("bounds")
    found = Response(name=name, better=better, unit="pp" if share else written, scale=scale, bounds=bounds)
    return found.model_copy(update={"margin": _margin(found, own, asked)}), share


def _better(name: str, said: str | None) -> Better:
    if said is None:
        raise UsageError(f"--response {name} needs --better higher, lower or neither: nothing says which way is better")
    for one in get_args(Better):
        if one == said:
            found: Better = one
            return found
    raise UsageError(not_one_of("--better", said, get_args(Better)))


def _margin(response: Response, own: Mapping[str, Any], asked: AskedResponse) -> float | None:
    """The margin on the scale: as asked, else as the study declares it for this scale; of an accuracy, the plan's."""
    if asked.margin is not None:
        return _on_scale(asked.margin, response)
    if response.scale != own.get("scale", "raw"):
        return None
    if response.scale == "log":
        ratio = own.get("margin_ratio")
        return None if ratio is None else math.log(ratio)
    declared = own.get("margin", own.get("margin_pp", ACCURACY.margin) if response.is_accuracy else None)
    return None if declared is None else float(declared)


def _on_scale(margin: float, response: Response) -> float:
    """A margin that was typed, as a gap of this response."""
    if response.scale == "log":
        if not 1 < margin < math.inf:
            raise UsageError(f"--margin {margin:g} is no ratio above 1; on the log scale 1.05 is five per cent")
        return math.log(margin)
    if response.unit == "pp" and response.scale == "raw":
        if not 0 < margin < 100:
            raise UsageError(f"--margin {margin:g} is not between 0 and 100 percentage points")
    elif not 0 < margin < math.inf:
        raise UsageError(f"--margin {margin:g} is not above 0")
    return margin
