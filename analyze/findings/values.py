"""What rows of findings are made of: levels, cells, contrasts, effects, and messages that either catalogue renders.

Everything is typed and nothing is printed; where the JSON contract asks for a text, a serializer makes it, and no
reader takes such a text apart again.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SerializationInfo, model_serializer

Level = str | int | float | bool
Cell = dict[str, Level]
Interval = tuple[float, float]
BnMode = Literal["running", "batch"]
Scale = Literal["raw", "log", "logit"]
Unit = Literal["pp", "nats"]
Better = Literal["higher", "lower", "neither"]
Verdict = Literal["supported", "refuted", "mixed", "inconclusive", "premise_not_met", "not_tested"]

#: What is decided of a comparison: which level is ahead, that neither is, or that nothing is shown or could be.
#: `differs` is the effect of several levels, which has no one direction.
Decision = Literal["first", "second", "differs", "equivalent", "undecided", "identical", "not_decidable"]

#: Ratios of times and of spreads within 1/1.25 and 1.25 are equivalent, as the 80–125 % rule of bioequivalence has it.
RATIO_MARGIN = 1.25


def cell_text(cell: Cell) -> str:
    """A cell as JSON and the tables name it, "depth=2, activation=relu"."""
    return ", ".join(f"{name}={level}" for name, level in cell.items())


def contrast_text(contrast: tuple[Level, Level]) -> str:
    """A contrast as JSON and the tables name it, "act_bn - bn_act"."""
    return f"{contrast[0]} - {contrast[1]}"


#: First level minus second.
Contrast = Annotated[tuple[Level, Level], PlainSerializer(contrast_text, return_type=str)]

#: The factors of an effect of the model.
Effect = Annotated[tuple[str, ...], PlainSerializer(":".join, return_type=str)]

#: A number for each level of a factor.
ByLevel = Annotated[
    dict[Level, float | None],
    PlainSerializer(
        lambda values: {str(level): value for level, value in values.items()}, return_type=dict[str, float | None]
    ),
]


class Row(BaseModel):
    """A frozen record; NaN and infinity are refused, so that JSON never lies."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class Message(Row):
    """A code with the values its sentence needs: why a number is missing, what decided a claim, what was compared.

    Serialized with `context={"say": …}` it is the sentence that this function makes of it, otherwise its code and
    values in one text.
    """

    code: str
    values: dict[str, "Value"] = Field(default={})

    @model_serializer
    def _text(self, info: SerializationInfo) -> str:
        context: Mapping[str, Any] = info.context or {}
        return str(context["say"](self)) if "say" in context else f"{self.code} {self.values or ''}".strip()


#: What a message can tell: a level or number, a cell, another message, or several.
Value = Level | Cell | Message | tuple[Message, ...] | tuple[Level, ...]

Message.model_rebuild()

#: Why fields of a row are null, by field.
Why = dict[str, Message]


def because(code: str, **values: Any) -> Message:
    """A message; its values are checked as Message's are."""
    return Message(code=code, values=values)


def as_messages(codes: Mapping[str, str]) -> Why:
    """Reasons that statistics give as bare codes, by field."""
    return {field: Message(code=code) for field, code in codes.items()}
