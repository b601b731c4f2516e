"""Every message of the catalogues is used, and every message that is used is there."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from analyze.claims.judge import declared
from analyze.findings import Better
from analyze.report.figures import FIGURES
from analyze.report.words.catalogue import catalogue
from analyze.sections import published
from collect import schema
from collect.images.published import DATA_SETS

ROOT = Path(__file__).parents[4]
SOURCES = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "analyze").rglob("*.py"))]
TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "report_templates").glob("*.jinja")))

#: Functions whose first argument is the code of a message of findings.
CODED = {"because", "not_tested"}


def first_arguments(*names: str) -> set[str]:
    """Every text that the first argument of a call of one of these functions can be."""
    return {
        text
        for tree in SOURCES
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and _called(call.func) in names
        for text in _spelt(call.args[0])
    }


def _spelt(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _spelt(node.body) + _spelt(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Subscript):
        return _called(function.value)
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def texts() -> set[str]:
    """Every text of the source, and every name: of a field, of a column, of an argument."""
    found: set[str] = set()
    for tree in SOURCES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                found.add(str(node.value))
            elif isinstance(node, ast.arg | ast.keyword):
                found.add(node.arg or "")
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
    columns = (*schema.TRIALS, *schema.POINT, *schema.LAYER)
    return found | {column.name for column in columns} | set(re.findall(r"\"([\w.]+)\"", TEMPLATES))


def test_every_message_is_used() -> None:
    """By its key, or by its last part where the code puts it together; headings and messages of findings by name."""
    known, heads = texts(), first_arguments("Column")
    coded = {
        "said": texts() | {f"{what}_{claim.id}" for _, claim in declared() for what in ("claim", "source")},
        "head": heads | {"first", "second"},
    }
    coded["number"] = {str(count) for count in range(1, 13)} | known
    coded["images_of"] = known | set(DATA_SETS)
    coded["source"] = {row["source"] for row in published.known()}
    coded["bound"] = known | {f"better_{one}" for one in get_args(Better)}
    coded["answer"] = known | {"both_tests_trivial", "settled_ahead_trivial"}
    coded["figure"] = known | set(FIGURES)
    stems = {
        "stability": ("found", "found_none", "one_found", "one_none"),
        "figure": ("forest", "spread"),
        "table": ("anova_others",),
        "selection": ("anova", "anova_others", "simple"),
    }
    modes = ("_in_mode", "_modes", "_one_mode")
    endings = {f"{kind}.{stem}{end}" for kind, ones in stems.items() for stem in ones for end in modes}
    dead = []
    for key in catalogue("en").messages:
        kind, _, name = key.partition(".")
        if kind == "instead":
            continue
        if kind == "spoken" and "." in name:  # a level's, by its factor
            name = name.partition(".")[2]
        if key not in known | endings and name not in coded.get(kind, known):
            dead.append(key)
    assert not dead, dead


def test_what_is_said_instead_stands_for_a_message() -> None:
    """A message of another name would never be said; one that says nothing else is one too many."""
    messages = catalogue("en").messages
    instead = {key: key.split(".", 2)[2] for key in messages if key.startswith("instead.")}
    assert len(instead) > 50
    assert {key for key, base in instead.items() if base not in messages} == set()
    both = (messages, catalogue("zh").messages)
    assert {key for key, base in instead.items() if all(one[key] == one[base] for one in both)} == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_message_that_is_used_is_there(lang: str) -> None:
    """Keys that the source and the templates spell out, headings, and messages of findings."""
    messages = catalogue(lang).messages  # type: ignore[arg-type]
    spelt = {text for text in first_arguments("words", "text") if "." in text}
    spelt |= set(re.findall(r"words(?:\.text)?\(\"([\w.]+)\"", TEMPLATES))
    assert spelt
    assert {key for key in spelt if key not in messages} == set()
    assert {head for head in first_arguments("Column") if f"head.{head}" not in messages} == set()
    codes = {code for code in first_arguments(*CODED) if re.fullmatch(r"[a-z]+(_[a-z]+)*", code)}
    assert len(codes) > 50
    assert {code for code in codes if f"said.{code}" not in messages} == set()
