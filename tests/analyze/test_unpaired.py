"""Levels that do not share their seeds: when they are compared between seeds, and what is then said."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analyze import check
from analyze.analysis import analyse
from analyze.errors import UsageError
from analyze.findings import Findings
from analyze.study.load import StudyData, load
from tests.analyze.test_analysis import unexplained
from tests.analyze.test_any_response import Run, crossover
from tests.analyze.test_contradictions import told


def table(gap: Any, first: int = 8, second: int = 8, *, shared: int = 0, sd: float = 0.1) -> pd.DataFrame:
    """Losses of so many seeds of two glazes in four cells, of which so many have the same label."""
    draw = np.random.default_rng(11)
    rows = []
    for glaze, seeds in (("adam", range(first)), ("sgd", range(first - shared, first - shared + second))):
        for seed in seeds:
            own = draw.normal(0, sd)
            for depth in (2, 4):
                for width in (64, 128):
                    cell: Run = {"depth": depth, "width": width}
                    loss = 2.0 + own + (glaze == "adam") * gap(cell) + draw.normal(0, sd)
                    rows.append({"glaze": glaze, **cell, "seed": seed, "val_loss": loss})
    return pd.DataFrame(rows)


def study(folder: Path, trials: pd.DataFrame, **asked: Any) -> StudyData:
    """This table, read."""
    trials.to_parquet(folder / "runs.parquet")
    return load(folder / "runs.parquet", **({"factor": "glaze", "response": "val_loss", "better": "lower"} | asked))


def findings(folder: Path, trials: pd.DataFrame, **asked: Any) -> Findings:
    """What is found in it."""
    return analyse(study(folder, trials, **asked))


@pytest.mark.parametrize(
    ("trials", "asked", "headline"),
    [
        (table(lambda _: -0.6), {"unit": "nats"}, "yes"),
        (table(lambda _: -0.6, 5, 7), {"better": "higher"}, "yes"),
        (table(lambda _: 0.0, 5, 7), {"unit": "nats"}, "undecided"),
        (table(lambda _: 0.0, sd=0.01), {"margin": 0.2, "unit": "nats"}, "no"),
        (table(crossover, sd=0.05), {"unit": "nats"}, "depends"),
        (table(lambda _: -0.6, 3, 9), {"unit": "nats"}, "no_answer"),
        (table(lambda _: -0.6), {"moderators": (), "ignore": ("depth", "width")}, None),
    ],
    ids=["yes", "higher", "undecided", "equivalent", "depends", "few", "twice"],
)
def test_no_contradiction(tmp_path: Path, trials: pd.DataFrame, asked: dict[str, Any], headline: str | None) -> None:
    """Every headline in both languages; runs that share settings and seed are refused as ever."""
    if headline is None:
        with pytest.raises(Exception, match="share their settings and seed"):
            findings(tmp_path, trials, **asked)
        return
    found = findings(tmp_path, trials, **asked)
    assert found.primary.headline == headline
    assert unexplained(found) == []
    assert not found.question.paired
    assert found.question.moderators == ("depth", "width")
    assert told(found) == []


def test_the_headline_is_welch_on_seed_means(tmp_path: Path) -> None:
    """Gap, t, df, p and interval are SciPy's of the seed means over cells; cells are Welch's too."""
    trials = table(lambda cell: -0.2 * cell["depth"], 6, 9)
    found = findings(tmp_path, trials)
    means = trials.groupby(["glaze", "seed"])["val_loss"].mean()
    test = stats.ttest_ind(means["adam"], means["sgd"], equal_var=False)
    primary = found.primary
    assert (primary.t, primary.df, primary.p_t) == pytest.approx((test.statistic, test.df, test.pvalue))
    assert primary.ci95 == pytest.approx(tuple(test.confidence_interval(0.95)))
    assert primary.estimate == pytest.approx(means["adam"].mean() - means["sgd"].mean())
    assert primary.n_seeds == 15
    cell = trials[(trials["depth"] == 2) & (trials["width"] == 64)].set_index("glaze")["val_loss"]
    own = stats.ttest_ind(cell["adam"], cell["sgd"], equal_var=False)
    assert (found.simple_effects[0].t, found.simple_effects[0].p_t) == pytest.approx((own.statistic, own.pvalue))


def test_equal_numbers_need_both_tests(tmp_path: Path) -> None:
    """With as many seeds in each level the permutation must agree with Welch, and the larger p decides."""
    found = findings(tmp_path, table(lambda _: -0.6))
    assert found.primary.p_signflip is not None
    assert found.primary.p_signflip <= 0.05
    assert found.anova[0].p_max_t == pytest.approx(max(found.primary.p_t or 0, found.primary.p_signflip))


@pytest.mark.parametrize(
    ("shared", "paired", "code"),
    [
        (10, True, "seeds_shared"),
        (8, True, "seeds_mostly_shared"),
        (7, False, "seeds_of_their_own"),
        (0, False, "seeds_of_their_own"),
    ],
)
def test_four_of_five_shared_seeds_make_pairs(tmp_path: Path, shared: int, paired: bool, code: str) -> None:  # noqa: FBT001
    """From 80 per cent of each level's seeds on; those of one level only are named, and left out."""
    found = findings(tmp_path, table(lambda _: -0.6, 10, 10, shared=shared))
    assert (found.question.paired, found.question.why.code) == (paired, code)
    assert found.primary.n_seeds == (shared if paired else 20)
    if code == "seeds_mostly_shared":
        assert dict(found.question.why).get("values") == {"count": 4, "seeds": (0, 1, 10, 11)}


def test_who_asks_is_heard(tmp_path: Path) -> None:
    """`--unpaired` and `--paired` override the seeds, but pairs need seeds that ran both."""
    shared = table(lambda _: -0.6, shared=8)
    asked = findings(tmp_path, shared, paired=False)
    assert (asked.question.paired, asked.question.why.code) == (False, "unpaired_asked")
    assert "--unpaired" in asked.study.command
    half = findings(tmp_path, table(lambda _: -0.6, 12, 12, shared=6), paired=True, moderators=("depth", "width"))
    assert (half.question.paired, half.primary.n_seeds) == (True, 6)
    with pytest.raises(UsageError, match="--paired: no seed ran both adam and sgd"):
        findings(tmp_path, table(lambda _: -0.6), paired=True)


def test_what_is_left_out_has_its_reason(tmp_path: Path) -> None:
    """Speed, other levels, probes and further responses compare within seeds, and the report says why they are not."""
    trials = pd.concat([table(lambda _: -0.6), table(lambda _: 0.0).query("glaze == 'sgd'").assign(glaze="lion")])
    found = findings(tmp_path, trials, contrast=("adam", "sgd"))
    for section in ("convergence", "orderings", "mechanism", "responses", "levels/omnibus"):
        assert found.reasons[f"/{section}"].code in ("seeds_unshared", "levels_share_no_seeds"), section
    assert told(found) == []


def test_check_counts_the_seeds_of_each_level(tmp_path: Path) -> None:
    """Four of each can decide, three cannot."""
    (enough, *_) = check.examine(study(tmp_path, table(lambda _: 0.0, 4, 6)))
    (few, *_) = check.examine(study(tmp_path, table(lambda _: 0.0, 3, 6)))
    assert (enough.state, few.state) == ("ok", "fatal")
    assert "3 and 6 seeds" in few.says
    assert "it takes 4 of each" in few.says
