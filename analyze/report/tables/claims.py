"""Tables of the claims: their verdicts, and what decided each."""

from markupsafe import Markup

from analyze.findings import Claim, Component, Findings
from analyze.report.tables.table import Column, Table, tabulate
from analyze.report.words import display, naming
from analyze.report.words.catalogue import Catalogue


def claims(findings: Findings, words: Catalogue) -> Table | None:
    """What is claimed and the verdict: the table of the first page."""
    columns: list[Column[Claim]] = [
        Column("claim", lambda c: naming.said(c.statement, words), numeric=False),
        Column("verdict", lambda c: _verdict(c.verdict, words), numeric=False),
        Column("p_support", lambda c: display.p_value(c.p_holm)),
    ]
    return tabulate("claims", list(enumerate(findings.claims)), columns, findings, words, section="claims")


def claims_evidence(findings: Findings, words: Catalogue) -> Table | None:
    """The contrasts that decided each claim, and the reason in words."""
    rows: list[tuple[int, tuple[Claim, Component | None]]] = [
        (index, (claim, component))
        for index, claim in enumerate(findings.claims)
        for component in (None, *claim.components)
    ]
    columns: list[Column[tuple[Claim, Component | None]]] = [
        Column("claim", lambda r: _claim_id(r[0]), numeric=False),
        Column(
            "contrast",
            lambda r: naming.said(r[1].contrast, words) if r[1] else naming.said(r[0].reason, words),
            numeric=False,
        ),
        Column("side", lambda r: words(f"side.{r[1].side}") if r[1] else Markup(""), numeric=False),
        Column("estimate", lambda r: display.significant(r[1].estimate) if r[1] else Markup("")),
        Column("ci", lambda r: display.significant_interval(r[1].ci95) if r[1] else Markup("")),
        Column("p", lambda r: display.p_value(r[1].p) if r[1] else Markup("")),
    ]
    return tabulate("evidence", rows, columns, findings, words, section="claims")


def _claim_id(claim: Claim) -> Markup:
    """A claim's identifier."""
    return Markup('<code class="quoted">{}</code>').format(claim.id)


def _verdict(verdict: str, words: Catalogue) -> Markup:
    """A verdict as a word; the stylesheet adds a sign, so that colour is never alone."""
    return Markup('<span class="verdict {}">{}</span>').format(verdict, words(f"verdict.{verdict}"))
