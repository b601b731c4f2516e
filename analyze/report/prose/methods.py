"""Findings -> the methods: the plan in words, the design, the recipe and the software."""

from collections.abc import Sequence
from importlib import resources

from markupsafe import Markup

from analyze.findings import Findings
from analyze.report import tables
from analyze.report.picture import Picture
from analyze.report.prose.coverage import coverage
from analyze.report.tables import Column, Table
from analyze.report.words import display, naming
from analyze.report.words.amounts import margin, ratio_margin
from analyze.report.words.catalogue import Catalogue
from collect import schema


def blocks(
    findings: Findings, words: Catalogue, drawings: Sequence[Picture], *, attached: bool
) -> Sequence[Markup | Table | Picture | None]:
    """The plan in words, where the complete results are, then what was run."""
    primary = findings.primary
    values = {
        "response": words.known["outcome"],
        "margin": margin(findings, words),
        "ratio_margin": ratio_margin(findings),
    }
    own = not findings.study.columns
    said = {
        name: words(f"methods.{OWN.get(name, name) if own else name}", **values)
        for name in PLAN
        if name != "speed" or findings.convergence
    }
    if findings.study.stuck is not None:
        said["diverged"] = words.sentences([said["diverged"], words("methods.stuck")])
    if findings.failures:
        said["diverged"] = words.sentences([said["diverged"], words("methods.failures")])
    if findings.question.contrast is None:
        said |= {"primary": words("methods.levels"), "decisions": Markup("")}
    elif findings.levels.omnibus is not None:
        said["decisions"] = words.sentences([said["decisions"], words("methods.levels")])
    if len(findings.study.modes) > 1:
        said["primary"] = words.sentences(
            [said["primary"], words("methods.mode", mode=words(f"bn_mode.{primary.bn_mode}"))]
        )
    plan = [
        *filter(None, said.values()),
        words("methods.attached" if attached else "methods.written"),
        _pairing(findings, words),
    ]
    reasons = words("list.semicolon").join(_whole_sections(findings, words))
    return [
        *plan,
        *([words("methods.claims")] if findings.claims else []),
        coverage(findings, words),
        *([words("reason.sections", list=reasons)] if reasons else []),
        factors(findings, words),
        *drawings,
        recipe(findings, words),
    ]


PLAN = ("lead", "unit", "primary", "decisions", "equivalence", "diverged", "speed")

#: What is said otherwise of a table that was not collected here.
OWN = {"lead": "lead_own", "diverged": "diverged_own"}


def _whole_sections(findings: Findings, words: Catalogue) -> list[Markup]:
    """Why sections are empty, each reason once."""
    whole = [reason for pointer, reason in findings.reasons.items() if pointer.count("/") == 1]
    return list(dict.fromkeys(naming.said(reason, words) for reason in whole))


def _pairing(findings: Findings, words: Catalogue) -> Markup:
    """What the pairs share, as far as their hashes prove it."""
    names = "pairs", "pairs_with_equal_hashes", "pairs_with_equal_batches"
    pairs, equal, batches = (findings.methods.get(name) for name in names)
    if not isinstance(pairs, int) or not isinstance(equal, int) or not isinstance(batches, int) or not pairs:
        return words("methods.pairing_unknown")
    shared = _shared_parameters(findings, words)
    key = "pairing_all" if equal == pairs else "pairing_shared" if shared else "pairing_some"
    numbers = {"pairs": pairs, "equal": equal, "batches": batches - equal}
    said = words(f"methods.{key}", share=shared, **{name: display.count(count) for name, count in numbers.items()})
    return words.sentences([said, words("methods.one_start")] if findings.methods.get("one_start") else [said])


def _shared_parameters(findings: Findings, words: Catalogue) -> Markup:
    """The share of parameters that start alike in both arms of a pair, or its range; empty where no row says so."""
    least, most = (findings.methods.get(f"{which}_shared_parameters") for which in ("least", "most"))
    if not isinstance(least, int | float) or not isinstance(most, int | float):
        return Markup("")
    ends = [display.share(least), display.share(most)]
    return ends[0] if ends[0] == ends[1] else words("methods.share_range", low=ends[0], high=ends[1])


def references(findings: Findings, words: Catalogue) -> list[Markup]:
    """The literature of the methods, and that of the question's claims if any is judged, one paragraph an entry."""
    folder = resources.files("analyze.report.words") / "messages"
    also = ([findings.question.factor] if findings.claims else []) + (["folds"] if findings.question.folds else [])
    wanted = {"references.txt", *(f"references.{name}.txt" for name in also)}
    files = [file for file in folder.iterdir() if file.name in wanted]
    entries = sorted(entry for file in files for entry in file.read_text("utf-8").splitlines())
    return [words("methods.cite", entry=entry) for entry in entries]


def dictionary(findings: Findings, words: Catalogue) -> list[Markup | Table | None]:
    """Columns of the study's tables with their units and meanings."""
    columns: list[Column[tuple[str, schema.Column]]] = [
        Column("column", lambda c: Markup("<code>{}</code>").format(c[1].name), numeric=False),
        Column("tables", lambda c: Markup("<code>{}</code>").format(c[0]), numeric=False),
        Column(
            "unit", lambda c: Markup("<code>{}</code>").format(c[1].unit) if c[1].unit else Markup(""), numeric=False
        ),
        Column("meaning", lambda c: _meaning(*c, findings, words), numeric=False),
    ]
    known = {"trials": schema.TRIALS, "curves": schema.POINT, "layers": schema.LAYER}
    present = findings.study.columns
    rows = [(table, one) for table in present for one in known[table] if one.name in present[table]]
    return [tables.tabulate("dictionary", list(enumerate(rows)), columns, findings, words)]


def _meaning(table: str, column: schema.Column, findings: Findings, words: Catalogue) -> Markup:
    """What a column holds: in English as the schema says it, in another language as its catalogue does.

    Of a network of one's own it may hold something else.
    """
    keys = [f"column.{table}.{column.name}", f"column.{column.name}"]
    if findings.methods.get("network"):
        keys.insert(0, f"own_column.{column.name}")
    said = filter(None, map(words.messages.get, keys))
    return Markup("<cite>{}</cite>").format(next(said, column.meaning))


def factors(findings: Findings, words: Catalogue) -> Table | None:
    """Every factor with all its levels."""
    columns: list[Column[tuple[str, tuple[object, ...]]]] = [
        Column("factor", lambda f: naming.factor(f[0], words), numeric=False),
        Column("levels", lambda f: naming.facts(f[1], words), numeric=False),
    ]
    return tables.tabulate("factors", list(enumerate(findings.study.factors.items())), columns, findings, words)


def _value(name: str, value: object, findings: Findings, words: Catalogue) -> Markup:
    """What a setting is; the contrast as everywhere else."""
    compared = findings.question.contrast
    return naming.contrast(*compared) if name == "contrast" and compared else naming.setting(value, words)


def recipe(findings: Findings, words: Catalogue) -> Table | None:
    """What every trial shared, what it ran on, and how it was analysed."""
    columns: list[Column[tuple[str, object]]] = [
        Column("setting", lambda s: words.name("setting", s[0]), numeric=False),
        Column("value", lambda s: _value(*s, findings, words), numeric=False),
    ]
    unused = set() if findings.convergence else {"targets"} if findings.claims else {"targets", "ratio_margin"}
    rows = [item for item in findings.methods.items() if item[1] is not None and item[0] not in unused]
    return tables.tabulate("recipe", list(enumerate(rows)), columns, findings, words)
