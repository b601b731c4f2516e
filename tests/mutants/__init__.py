"""Changes to the code that must turn tests red, a list a package; `python -m tests.mutants` makes them one by one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One change: a text that stands in a file exactly once, what takes its place, and the tests that must see it."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]
