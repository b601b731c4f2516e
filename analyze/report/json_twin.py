"""Findings -> JSON, the report's twin: unrounded, and the same bytes for the same findings in any language."""

import json

from analyze.findings import ACCURACY, Findings, Message
from analyze.report.visible import guarded_json
from analyze.report.words import naming
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain


def to_json(findings: Findings) -> bytes:
    """The findings as they are, keys in the order of the model; messages are English sentences."""
    said = findings.model_dump(mode="json", context={"say": in_english})
    return guarded_json(json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode()


def in_english(message: Message, *, folds: bool = False) -> str:
    """A message as the JSON and the result tables have it; of folds where they are what is called seeds there."""
    words = catalogue("en")
    return plain(naming.said(message, words.about(ACCURACY, own=False, folds=True) if folds else words))
