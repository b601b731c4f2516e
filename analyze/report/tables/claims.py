"""Tables of the claims: their verdicts, what decided each, and which the design cannot test."""

from markupsafe import Markup

from analyze.findings import Claim, Component, Findings, SaidBy
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming, spoken
from analyze.report.words.amounts import pp
from analyze.report.words.catalogue import Catalogue

#: Who says a claim, in the order in which the first page has them.
SAID_BY: tuple[SaidBy, ...] = ("article", "literature", "project")


def claims(findings: Findings, words: Catalogue) -> Table | None:
    """What is claimed and by whom, the verdict and why, each with a link to its evidence; what was tested alone."""
    columns: list[Column[Claim]] = [
        Column("verdict", lambda c: _verdict(c.verdict, words), numeric=False),
        Column("claim", lambda c: _statement(c, words), numeric=False),
        Column("why", lambda c: _why(c, words), numeric=False),
    ]
    tested = [claim for claim in in_order(findings) if claim.verdict != "not_tested"]
    return tabulate("claims", list(enumerate(tested)), columns, findings, words)


def in_order(findings: Findings) -> list[Claim]:
    """The article's claims, then those of the literature, then this project's own."""
    return sorted(findings.claims, key=lambda claim: SAID_BY.index(claim.said_by))


def untested(findings: Findings, words: Catalogue) -> Markup:
    """The claims that this design cannot test, with what it lacks; a reason that several share is said once."""
    lacking: dict[Markup, list[Markup]] = {}
    for claim in in_order(findings):
        if claim.verdict == "not_tested":
            statement = naming.said(claim.statement, words).rstrip(".。")
            named = words("claim_named", statement=_anchored(claim, statement))
            lacking.setdefault(naming.said(claim.why, words), []).append(named)
    if not lacking:
        return Markup("")
    if _unnamed(findings):
        (reason,) = lacking
        return words("claims_none_tested", reason=reason)
    said = [
        words("claims_lack", claims=words("list.semicolon").join(statements), reason=reason)
        for reason, statements in lacking.items()
    ]
    return words("claims_not_tested", claims=words("list.semicolon").join(said))


def _unnamed(findings: Findings) -> bool:
    """Whether none can be tested, all for one reason, which is then said without the claims."""
    return len({claim.why.model_dump_json() for claim in findings.claims}) == 1 and all(
        claim.verdict == "not_tested" for claim in findings.claims
    )


def _anchored(claim: Claim, statement: Markup) -> Markup:
    """The statement with a name of its own, and a link to its evidence."""
    return Markup('<span id="claim-{0}">{1}</span>').format(claim.id, statement)


def _statement(claim: Claim, words: Catalogue) -> Markup:
    """What is claimed, and who says so."""
    source = words("methods.cite", entry=naming.said(claim.source, words))
    return words("claim_said", statement=_anchored(claim, naming.said(claim.statement, words)), source=source)


def _why(claim: Claim, words: Catalogue) -> Markup:
    """The reason with the number that decided, and the way to everything that was looked at."""
    link = Markup('<a href="#evidence-{}">{}</a>').format(claim.id, words("claim_evidence"))
    return words.sentences([spoken.capital(naming.said(claim.why, words)), link])


def judged_claims(findings: Findings, words: Catalogue) -> Table | None:
    """The claims that this design could test, each with its verdict and why."""
    columns: list[Column[Claim]] = [
        Column("claim", lambda c: naming.said(c.statement, words), numeric=False),
        Column("verdict", lambda c: _verdict(c.verdict, words), numeric=False),
        Column("why", lambda c: spoken.capital(naming.said(c.why, words)), numeric=False),
    ]
    tested = [(index, claim) for index, claim in enumerate(findings.claims) if claim.verdict != "not_tested"]
    return tabulate("claims", tested, columns, findings, words)


def claims_evidence(findings: Findings, words: Catalogue) -> Table | None:
    """The contrasts that decided each claim, below the claim with its verdict and the rule that gave it.

    A claim without any has one row that says what this design lacks; where all lack the same, page one has said so.
    """
    if _unnamed(findings):
        return None
    place = {claim.id: index for index, claim in enumerate(findings.claims)}
    rows: list[tuple[str, tuple[Claim, Component | None]]] = [
        (f"{i}/components/{k}", (claim, component))
        for i, claim in ((place[claim.id], claim) for claim in in_order(findings))
        for k, component in enumerate(claim.components or (None,))
    ]
    columns: list[Column[tuple[Claim, Component | None]]] = [
        Column("contrast", lambda r: naming.said(r[1].contrast if r[1] else r[0].reason, words), numeric=False),
        Column("side", lambda r: words(f"side.{r[1].side}") if r[1] else Markup(""), numeric=False),
        Column("estimate", lambda r: _estimate(r[1], words) if r[1] else Markup("")),
        Column("claim_ci", lambda r: _interval(r[1]) if r[1] else Markup(""), field=_interval_field),
        Column("p_component", lambda r: display.p_value(r[1].p) if r[1] else Markup(""), field="p"),
        Column("p_max_t", lambda r: display.p_value(r[1].p_max_t) if r[1] else Markup("")),
        Column("n", lambda r: display.count(r[1].n) if r[1] else Markup(""), setting=True),
    ]
    group = Column[tuple[Claim, Component | None]]("claim", lambda r: _judged(r[0], words), numeric=False)
    return tabulate("evidence", rows, columns, findings, words, section="claims", group=group)


def _judged(claim: Claim, words: Catalogue) -> Markup:
    """A claim with its verdict and the rule behind it: the target of the first page's link, which it leads back to."""
    levels = [
        words(
            "level_verdict", level=naming.cell({one.factor: one.level}, words), verdict=words(f"verdict.{one.verdict}")
        )
        for one in claim.levels
    ]
    rule = [naming.said(claim.reason, words), *levels] if claim.components else []
    return words(
        "table.judged_by" if rule else "table.judged",
        claim=_linked(claim, words),
        verdict=_verdict(claim.verdict, words),
        rule=words("list.semicolon").join(rule),
    )


def _linked(claim: Claim, words: Catalogue) -> Markup:
    """What is claimed, as the target of the first page's link, and leading back to it."""
    said = naming.said(claim.statement, words)
    return Markup('<a id="evidence-{0}" href="#claim-{0}">{1}</a>').format(claim.id, said)


def _estimate(component: Component, words: Catalogue) -> Markup:
    """The number, with its unit where that is percentage points."""
    points = component.unit == "pp" and component.estimate is not None
    return pp(component.estimate, words, signed=False) if points else display.significant(component.estimate)


def _interval(component: Component) -> Markup:
    """The interval that says the same as the component's test."""
    bounds = component.ci95 if component.side == "two-sided" else component.ci90
    return display.interval(bounds) if component.unit == "pp" else display.significant_interval(bounds)


def _interval_field(row: tuple[Claim, Component | None]) -> str:
    return "ci95" if row[1] and row[1].side == "two-sided" else "ci90"


def _verdict(verdict: str, words: Catalogue) -> Markup:
    """A verdict as a word; the stylesheet adds a sign, so that colour is never alone."""
    return Markup('<span class="verdict {}">{}</span>').format(verdict, words(f"verdict.{verdict}"))
