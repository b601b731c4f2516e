"""Findings in which every text of somebody else is visible: documents are made of these alone."""

from typing import Any

from pydantic import BaseModel

from analyze.report.visible import visible


def readable(value: Any) -> Any:
    """A record, or any value in one, with every text in it visible; the keys of mappings too."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: readable(one) for name, one in value})
    if isinstance(value, dict):
        return {readable(key): readable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(readable, value))
    return value
