"""Of analyze."""

from tests.mutants import Mutant

MUTANTS: tuple[Mutant, ...] = ()
