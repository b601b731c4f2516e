"""What one trial gave; the value that passes from the engine to the store.

Rows are classes, so that a misspelt or forgotten field is an error where the row is made, and no null in a table; that
each has the columns of its table is made sure when this is imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, Self

from collect import schema
from collect.typed_columns import require_columns


@dataclass(frozen=True)
class Result:
    """The measured fields of a trial's row in `trials`."""

    status: Literal["completed", "diverged", "failed"]
    reason: str | None
    test_accuracy: float | None
    test_loss: float | None
    train_accuracy: float | None
    train_loss: float | None
    test_accuracy_batch: float | None
    test_correct: int | None
    test_n: int | None
    train_n: int | None
    validation_accuracy: float | None
    validation_loss: float | None
    validation_n: int | None
    init_hash: str | None
    order_hash: str | None
    correct_bits: bytes | None
    steps: int | None
    train_seconds: float | None
    wall_seconds: float | None
    device: str | None
    precision: str | None
    stack_size: int | None
    majority_share: float | None
    shared_parameters: float | None

    @classmethod
    def failed(cls, reason: str) -> Self:
        """That of a trial that crashed, of which nothing else is known."""
        nothing = dict.fromkeys(field.name for field in fields(cls))
        return cls(**{**nothing, "status": "failed", "reason": reason})  # type: ignore[arg-type]  # by name


@dataclass(frozen=True)
class CurvePoint:
    """The measured fields of a row in `curves`."""

    step: int
    examples_seen: int
    epoch: float
    split: str
    eval_set: str
    bn_mode: str
    loss: float
    accuracy: float
    correct: int
    n: int
    max_class_share: float


@dataclass(frozen=True)
class LayerProbe:
    """The measured fields of a row in `layers`; None for what a layer does not have."""

    step: int
    layer: int
    kind: str
    grad_norm: float | None
    activation_mean: float | None
    activation_var: float | None
    skewness: float | None
    saturation: float | None
    zero_fraction: float | None
    dead_fraction: float | None
    bn_mean_lag: float | None
    bn_var_lag: float | None
    gamma_norm: float | None
    beta_norm: float | None
    module: str | None


require_columns(Result, schema.OUTCOME)
require_columns(CurvePoint, schema.POINT)
require_columns(LayerProbe, schema.LAYER)


@dataclass(frozen=True)
class Outcome:
    """The measured fields of a trial's row, and its rows in `curves` and `layers`."""

    row: Result
    curve: Sequence[CurvePoint]
    layer: Sequence[LayerProbe]
