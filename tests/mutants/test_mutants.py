"""The list of mutants is true, and its runner tells those that no test sees."""

from pathlib import Path

import pytest

from tests.mutants import Mutant
from tests.mutants.__main__ import LISTS, ROOT, problems_of

EVERY = [mutant for mutants in LISTS.values() for mutant in mutants]


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: f"{mutant.file}: {mutant.old}")
def test_a_mutant_can_be_made(mutant: Mutant) -> None:
    """Its text stands in its file once, another takes its place, and its tests are there."""
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new
    assert all((ROOT / test).is_file() for test in mutant.tests)


def test_survivors_are_told(tmp_path: Path) -> None:
    """Of four mutants one is seen, one is not, one cannot be made and one breaks the tests; the file ends as it was."""
    code = "def double(x):\n    return 2 * x  # twice\n"
    (tmp_path / "doubling.py").write_text(code, encoding="utf-8")
    test = "from doubling import double\ndef test_it(): assert double(2) == 4\n"
    (tmp_path / "test_code.py").write_text(test, encoding="utf-8")
    changes = [("2 * x", "3 * x"), ("2 * x", "x ** 2"), ("gone", ""), ("return", "retrun")]
    told = list(problems_of([Mutant("doubling.py", old, new, ("test_code.py",)) for old, new in changes], tmp_path))
    assert [problem.split(":")[0] for problem in told] == [
        "not seen by test_code.py",
        "stands 0 times, not once, in doubling.py",
        "broke the tests (exit code 2) by test_code.py",
    ]
    assert (tmp_path / "doubling.py").read_text(encoding="utf-8") == code
