"""Every p beside a statistic follows from it and its degrees of freedom, as statcheck (Nuijten et al. 2016) asks."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report.document import compose
from analyze.report.words.catalogue import Language, catalogue
from analyze.study.load import load
from tests.analyze.reading import paragraphs, read
from tests.analyze.recomputed import REPORTED, of_sentences, p_of, unlike_their_statistics
from tests.synthetic import QUICK_FACTORS, write_study

FOUR = QUICK_FACTORS | {"activation": ("relu", "tanh", "gelu", "sigmoid")}

STUDIES: dict[str, dict[str, Any]] = {
    "a gap in every cell": {"gap": 0.4},
    "no gap": {"seeds": 8},
    "a crossover": {"gap": lambda s: 0.5 if s["activation"] == "relu" else -0.5, "seeds": 20},
    "more than one df": {"factors": FOUR, "gap": 0.1, "diverged": lambda s: s["seed"] == 1 and s["depth"] == 4},
    "three seeds": {"factors": FOUR, "seeds": 3},
}

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module", params=STUDIES)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """The findings of one study."""
    folder = tmp_path_factory.mktemp("s") / "s"
    return analyse(load(write_study(folder, np.random.default_rng(3), **STUDIES[request.param])))


def test_findings(found: Findings) -> None:
    """Unrounded: t, its p and interval in every cell and of the headline; F, both p and partial eta squared."""
    primary = found.primary
    assert primary.p_t == pytest.approx(p_of("t", primary.t, primary.df), rel=1e-9)
    rows = [*found.simple_effects, *found.orderings]
    assert sum(row.t is not None for row in rows) >= 4
    for row in rows:
        if row.t is None:
            continue
        se = row.sd / row.n**0.5
        assert row.t == pytest.approx(row.gap / se, rel=1e-9)
        assert row.d_z == pytest.approx(row.t / row.n**0.5, rel=1e-9)
        assert row.p_t == pytest.approx(p_of("t", row.t, row.n - 1), rel=1e-9)
        assert row.ci95 == pytest.approx(stats.t.interval(0.95, row.n - 1, row.gap, se), rel=1e-9)
        low, high = (stats.nct.cdf(row.t, row.n - 1, bound * row.n**0.5) for bound in row.d_z_ci95)
        assert (low, high) == pytest.approx((0.975, 0.025), abs=1e-6)
    tested = [row for row in found.anova if row.F is not None]
    assert len(tested) >= 7
    for row in tested:
        assert row.p_uncorrected == pytest.approx(p_of("F", row.F, row.df_num, row.df_den), rel=1e-9)
        if row.p_gg is not None:
            df = row.epsilon_gg * row.df_num, row.epsilon_gg * row.df_den
            assert row.p_gg == pytest.approx(p_of("F", row.F, *df), rel=1e-9)
        share = row.F * row.df_num / (row.F * row.df_num + row.df_den)
        assert row.partial_eta_sq == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_report(found: Findings, lang: Language) -> None:
    """In sentences and tables a p is that of the statistic beside it; there are both t and F from six seeds on."""
    document = compose(found, catalogue(lang), widths=())
    reported = {one["symbol"] for one in REPORTED.finditer(" ".join(paragraphs(document)))}
    assert reported >= ({"t", "F"} if found.primary.n_seeds > 5 else {"t"})
    assert {"anova", "simple", "leave"} <= set(read(document).tables)
    assert unlike_their_statistics(document, found.primary.equivalence.margin) == []


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ("F(1, 9) = 5.12, p = .050", 0),
        ("F(1, 9) = 5.12, p = .048", 1),
        ("t(9) = −2.31, p < .001", 1),
        ("t(9) = 0.00, p > .999", 0),
    ],
)
def test_a_wrong_p_is_found(printed: str, wrong: int) -> None:
    """The same sentence with another p."""
    assert len([*of_sentences(f"It gave {printed}; n = 10 seeds.")]) == wrong


def test_a_wrong_p_of_a_table_is_found(found: Findings) -> None:
    """Every p of TOST and of F moved, in the rows of the findings alone."""
    wrong = found.model_copy(
        update={
            "anova": tuple(row.model_copy(update={"p_gg": _moved(row.p_gg)}) for row in found.anova),
            "simple_effects": tuple(
                row.model_copy(update={"p_tost_holm": _moved(row.p_tost_holm)}) for row in found.simple_effects
            ),
        }
    )
    told = unlike_their_statistics(compose(wrong, catalogue("en"), widths=()), 0.1)
    for name in ("anova", "simple"):
        assert any(one.startswith(f"table {name}:") for one in told), name


def _moved(p: float | None) -> float | None:
    return None if p is None else p + 0.05 if p < 0.5 else p - 0.05
