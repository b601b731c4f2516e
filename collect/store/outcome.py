"""What one trial gave; the value that passes from the engine to the store."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """The measured fields of a trial's row in `trials`, and its rows in `curves` and `layers`."""

    row: dict[str, Any]
    curve: list[dict[str, Any]] = field(default_factory=list)
    layer: list[dict[str, Any]] = field(default_factory=list)
