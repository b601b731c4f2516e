"""Whether the values of a study file are legal, and what is wrong with those that are not, in a phrase."""

import functools
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from collect.errors import closest
from collect.study.changes import shown
from collect.study.own_network import OwnNetwork, fields_of
from collect.study.signature import STRICT
from collect.study.trial import Settings
from collect.typed_columns import MOST_INT


def problem_of(model: type[BaseModel] | OwnNetwork, key: str, value: object) -> str | None:
    """What is wrong with this value of this field, in a phrase."""
    if isinstance(value, str) and not value.isprintable():  # a file's name can be no text at all
        return f"{shown(value)} has characters that cannot be printed; give it another name"
    try:
        _validator(model, key).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        legal = first.get("ctx", {}).get("expected") if first["type"] == "literal_error" else None
        if legal:
            choices = legal.replace(" or ", ", ").replace("'", "").split(", ")
            return f"{shown(value)} is not legal; {closest(value if isinstance(value, str) else '', choices)}"
        text = first["msg"].removeprefix("Input ")
        return f"{shown(value)} {text}"
    if isinstance(value, int) and abs(value) > MOST_INT:
        return f"{shown(value)} is more than a column of whole numbers holds, {MOST_INT}"
    return None


@functools.cache
def _validator(model: type[BaseModel] | OwnNetwork, key: str) -> TypeAdapter[Any]:
    """What tells whether a value is legal for a field."""
    field = model.model_fields[key]
    return TypeAdapter(
        Annotated[field.annotation, field],  # type: ignore[arg-type]  # built at run time
        config=STRICT,
    )


def closest_setting(key: str, network: OwnNetwork | None) -> str:
    """What may be meant by a setting that there is not."""
    if network and key in Settings.model_fields:
        return (
            f"it is a setting of the built-in network; {network.call} has {', '.join(network.model_fields) or 'none'}"
        )
    return closest(key, fields_of(network))


def declaring(network: OwnNetwork | None, key: str) -> "type[BaseModel] | OwnNetwork":
    """What declares a setting."""
    return network if network and key in network.model_fields else Settings
