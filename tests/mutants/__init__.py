"""Faults that the tests must see: one exchanged text each, with the tests that turn red."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old`, which stands once in `file`, becomes `new`; each of `tests` must then fail."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
