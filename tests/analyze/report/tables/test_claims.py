"""The tables of the claims: what a reader is told of each verdict, in both languages."""

import re

import numpy as np
import pytest

from analyze.claims.components import Part, mean
from analyze.claims.joining import every, some
from analyze.claims.judge import judged, verdict_of
from analyze.claims.verdict import Ruling, not_tested, over_levels, ruled
from analyze.findings import Claim, Findings, Side, because
from analyze.report.tables.claims import claims, claims_evidence, untested
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.words.display import plain
from analyze.report.words.naming import said

ALPHA = 0.05


def part(center: float, side: Side = "greater", sd: float = 0.1) -> Part:
    """Ten seeds around this gap in percentage points, margin .1."""
    scores = np.linspace(-1, 1, 10)
    return Part(mean(because("gap_of", levels=("relu",)), center + sd * scores / scores.std(ddof=1), margin=0.1), side)


def directed(center: float) -> Ruling:
    """Supported above zero, refuted below −margin."""
    return ruled(every([part(center)], ALPHA), some([part(center, "below_margin")], ALPHA))


def findings() -> Findings:
    """A claim of each verdict, and one that holds by itself alone."""
    levels = {name: ([part(gap)], [part(gap, "below_margin")]) for name, gap in (("relu", -0.5), ("tanh", 0.5))}
    premise = every([part(0.0)], ALPHA)
    rulings = {
        "early_speed": directed(0.41),
        "small_effect": ruled(
            every([part(gap, "equivalent", 0.04) for gap in (0.0, 0.01)], ALPHA), some([part(0, "above_margin")], ALPHA)
        ),
        "overfit": directed(-0.41),
        "bounded_gain": over_levels(levels, ALPHA),
        "depth_crossover": directed(0.0),
        "bn_helps": directed(0.07),
        "leaky_repair": ruled(premise, premise, premise),
        "family_washout": not_tested("no_pair"),
    }
    rows: list[Claim] = [claim for claim, _ in judged(list(rulings), list(rulings.values()), ALPHA)]
    return Findings.model_construct(claims=tuple(rows), reasons={})


SAID = {
    "early_speed": ("supported", "Gap of relu was 0.41 pp, 90% CI [0.35, 0.47], above 0."),
    "small_effect": (
        "supported",
        "Each of 2 conditions holds; the weakest: gap of relu was 0.01 pp, 90% CI [−0.01, 0.03], within −0.1 to 0.1.",
    ),
    "overfit": ("refuted", "Gap of relu was −0.41 pp, 90% CI [−0.47, −0.35], below −0.1."),
    "bounded_gain": (
        "mixed",
        (
            "relu refutes it (gap of relu was −0.50 pp, 90% CI [−0.56, −0.44], below −0.1); "
            "tanh supports it (gap of relu was 0.50 pp, 90% CI [0.44, 0.56], above 0)."
        ),
    ),
    "depth_crossover": (
        "inconclusive",
        "Shown neither way: gap of relu was 0.00 pp, 90% CI [−0.06, 0.06].",
    ),
    "bn_helps": (
        "inconclusive",
        (
            "Supported by itself (gap of relu was 0.07 pp, 90% CI [0.01, 0.13], above 0), "
            "not when the claim and its opposite are both counted."
        ),
    ),
    "leaky_repair": (
        "premise not met",
        "Its premise is not shown: gap of relu was 0.00 pp, 90% CI [−0.06, 0.06].",
    ),
}


def test_the_first_page_says_why() -> None:
    """Verdict and why with the deciding number, its interval and what it was held against; no p beside a verdict."""
    found = findings()
    table = claims(found, catalogue("en"))
    assert table is not None
    shown = [tuple(plain(row[place]).replace("\u00a0", " ") for place in (0, 2)) for row in table.rows]
    assert {(verdict, f"{why} Evidence") for verdict, why in SAID.values()} == set(shown)


def test_who_says_it_sets_the_order() -> None:
    """The article's claims come first, then those of the literature; each names its source."""
    table = claims(findings(), catalogue("en"))
    assert table is not None
    sources = [plain(row[1]).partition(".")[2].strip() for row in table.rows]
    assert [source.startswith("the article") for source in sources] == [True] * 3 + [False] * 4


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_claim_leads_to_its_evidence_and_back(lang: Language) -> None:
    """Every link of a claim has its target in the table of evidence, and every link there one on the first page."""
    found, words = findings(), catalogue(lang)
    first, evidence = claims(found, words), claims_evidence(found, words)
    assert first is not None
    assert evidence is not None
    pages = ["".join(cell for row in table.rows for cell in row) for table in (first, evidence)]
    pages[0] += str(untested(found, words))
    for here, there in (pages, pages[::-1]):
        links, targets = re.findall('href="#(.*?)"', here), re.findall('id="(.*?)"', there)
        assert links
        assert set(links) <= set(targets)


OPEN = {
    "en": (
        "levels point to different sides, and not all of them are decided",
        (
            "relu refutes it (gap of relu was −0.50 pp, 90% CI [−0.56, −0.44], below −0.1); "
            "the other levels are not decided, so that there is no verdict over all of them."
        ),
    ),
    "zh": (
        "各水平方向不一，且并非都已判定",
        (
            "relu 否定（relu 的差值为 −0.50 个百分点，90% CI [−0.56, −0.44]，低于 −0.1）；"
            "其余水平未能判定，因此对全部水平不作判定。"
        ),
    ),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_level_that_alone_is_decided_gives_no_verdict(lang: Language) -> None:
    """One level for and one against by themselves; corrected over thirteen claims the weaker is not decided."""
    levels = {name: ([part(gap)], [part(gap, "below_margin")]) for name, gap in (("relu", -0.5), ("tanh", 0.09))}
    verdict, rule, why = verdict_of(over_levels(levels, ALPHA), ALPHA, ALPHA / 13, 13)
    assert verdict == "inconclusive"
    words = catalogue(lang)
    assert tuple(plain(said(one, words)).replace("\u00a0", " ") for one in (rule, why)) == OPEN[lang]


def test_what_cannot_be_tested_is_one_line() -> None:
    """It is no row but named below with what it lacks; a reason that keeps every claim from a test stands alone."""
    found, words = findings(), catalogue("en")
    table = claims(found, words)
    assert table is not None
    washout = "BatchNorm makes the choice among ReLU-like activations negligible"
    assert washout not in "".join(plain(row[1]) for row in table.rows)
    assert plain(untested(found, words)) == f"Not testable with this design: “{washout}”: no pair of runs."
    rest = found.model_copy(update={"claims": found.claims[-1:]})
    assert claims(rest, words) is None
    assert plain(untested(rest, words)) == "This design tests none of the claims about it: no pair of runs."


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_bare_p_and_one_source(lang: Language) -> None:
    """In either language every row names who says so, and no cell is a p."""
    table = claims(findings(), catalogue(lang))
    assert table is not None
    assert len(table.heads) == 3
    assert not any(table.numeric)
    assert all(plain(re.findall('<span class="source">(.*?)</span>', row[1])[0]) for row in table.rows)
    assert "<i>p</i>" not in "".join(cell for row in table.rows for cell in row)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_evidence_stands_below_its_claim(lang: Language) -> None:
    """A heading a claim with verdict, rule and levels, then a row a component or what is lacking."""
    found, words = findings(), catalogue(lang)
    table = claims_evidence(found, words)
    assert table is not None
    heads = [row[0] for row in table.rows if len(row) == 1]
    assert len(heads) == len(found.claims)
    assert len(table.rows) == sum(1 + max(1, len(claim.components)) for claim in found.claims)
    mixed = plain(next(head for head in heads if "evidence-bounded_gain" in head))
    assert all(plain(words(f"verdict.{verdict}")) in mixed for verdict in ("mixed", "supported", "refuted"))
    assert not any(filter(None, table.rows[-1][1:]))


def test_claims_and_their_evidence_lead_to_one_another() -> None:
    """Both places of a claim with a verdict have an anchor and a link; one without has no row to lead to."""
    found, words = findings(), catalogue("en")
    first, second = claims(found, words), claims_evidence(found, words)
    assert first is not None
    assert second is not None
    page, heads = "".join(map("".join, first.rows)), "".join(row[0] for row in second.rows if len(row) == 1)
    for claim in found.claims[:-1]:
        assert f'id="claim-{claim.id}"' in page
        assert f'href="#evidence-{claim.id}"' in page
        assert f'id="evidence-{claim.id}" href="#claim-{claim.id}"' in heads
    assert "#evidence-family_washout" not in page
