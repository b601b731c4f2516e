"""Findings -> the methods: the plan in words, the design, the recipe and the software."""

from collections.abc import Sequence
from importlib import resources

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report import tables
from analyze.report.picture import Picture
from analyze.report.prose.answer import coverage, margin
from analyze.report.tables import Column, Table
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue
from collect import schema


def blocks(findings: Findings, words: Catalogue, drawing: Picture | None) -> Sequence[Markup | Table | Picture | None]:
    """The plan in words, then what was run."""
    primary = findings.primary
    values = {
        "response": words.name("response", primary.response),
        "mode": words(f"mode.{primary.bn_mode}"),
        "margin": margin(findings, words),
    }
    plan = [words(f"methods.{name}", **values) for name in PLAN]
    reasons = [words("reason.entry", text=naming.said(text, words)) for text in _whole_sections(findings)]
    pairs, equal = findings.methods.get("pairs"), findings.methods.get("pairs_with_equal_hashes")
    if isinstance(pairs, int) and isinstance(equal, int):
        plan.append(words("methods.pairing", pairs=display.count(pairs), equal=display.count(equal)))
    return [
        *plan,
        coverage(findings, words),
        *([words.sentences([words("reason.title"), *reasons])] if reasons else []),
        factors(findings, words),
        drawing,
        recipe(findings, words),
    ]


PLAN = ("lead", "unit", "primary", "equivalence", "diverged", "speed", "attached")


def _whole_sections(findings: Findings) -> list[str]:
    """Why sections are empty, each reason once."""
    return list(dict.fromkeys(text for pointer, text in findings.reasons.items() if pointer.count("/") == 1))


def references(words: Catalogue) -> list[Markup]:
    """The literature, one paragraph an entry."""
    listed = (resources.files("analyze.report.words") / "messages" / "references.txt").read_text("utf-8")
    return [words("methods.cite", entry=entry) for entry in listed.splitlines()]


def dictionary(findings: Findings, words: Catalogue) -> list[Markup | Table | None]:
    """Columns of the three tables with their units and meanings."""
    columns: list[Column[tuple[str, schema.Column]]] = [
        Column("column", lambda c: Markup("<code>{}</code>").format(c[1].name), numeric=False),
        Column("tables", lambda c: Markup("<code>{}</code>").format(c[0]), numeric=False),
        Column(
            "unit", lambda c: Markup("<code>{}</code>").format(c[1].unit) if c[1].unit else Markup(""), numeric=False
        ),
        Column("meaning", lambda c: _meaning(c[1].meaning, words), numeric=False),
    ]
    rows = [("trials", c) for c in schema.TRIALS] + [("curves", c) for c in schema.POINT]
    rows += [("layers", c) for c in schema.LAYER]
    return [tables.tabulate("dictionary", list(enumerate(rows)), columns, findings, words)]


def _meaning(text: str, words: Catalogue) -> Markup:
    """What a column holds, in the reader's language where the catalogue knows it."""
    if text in words.phrases:
        return Markup("<cite>{}</cite>").format(words.phrases[text])
    return Markup('<cite lang="en">{}</cite>').format(text)


def factors(findings: Findings, words: Catalogue) -> Table | None:
    """Every factor with all its levels."""
    columns: list[Column[tuple[str, tuple[object, ...]]]] = [
        Column("factor", lambda f: naming.factor(f[0], words), numeric=False),
        Column("levels", lambda f: Markup(", ").join(naming.fact(one) for one in f[1]), numeric=False),
    ]
    return tables.tabulate("factors", list(enumerate(findings.study.factors.items())), columns, findings, words)


def recipe(findings: Findings, words: Catalogue) -> Table | None:
    """What every trial shared, and what it ran on."""
    columns: list[Column[tuple[str, object]]] = [
        Column("setting", lambda s: words.name("setting", s[0]), numeric=False),
        Column("value", lambda s: naming.fact(s[1]), numeric=False),
    ]
    rows = [item for item in findings.methods.items() if item[1] is not None]
    return tables.tabulate("recipe", list(enumerate(rows)), columns, findings, words)
