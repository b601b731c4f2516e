"""Folds of cross-validation: the corrected t test decides, and what takes independent seeds is left out, as is said."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import analyze
from analyze import check, decide
from analyze.analysis import analyse
from analyze.errors import AnalyzeError
from analyze.report.document import compose
from analyze.report.terminal import sentence
from analyze.report.words.catalogue import catalogue
from analyze.study.load import StudyData, load
from collect.errors import StudyError
from collect.study.changes import told_apart
from collect.study.study_file import read
from tests.analyze.commands import analyze as run
from tests.analyze.test_analysis import unexplained
from tests.analyze.test_contradictions import told
from tests.synthetic import write_study

LOSS = {"response": "val_loss", "better": "lower", "unit": "nats", "factor": "optimizer", "seed": "fold", "folds": 10}
TYPED = [word for name, value in LOSS.items() for word in (f"--{name}", str(value))]


def table(*gaps: float, folds: int = 10, sd: float = 0.1, levels: tuple[str, ...] = ("adam", "sgd")) -> pd.DataFrame:
    """Losses of two optimizers over so many folds, in a cell for each gap."""
    draw, rows = np.random.default_rng(9), []
    for fold in range(folds):
        hard = draw.normal(0, 0.2)
        for cell, gap in enumerate(gaps):
            width = {"width": 64 << cell} if len(gaps) > 1 else {}
            for level in levels:
                loss = 2.0 + hard + gap * (level == "adam") + draw.normal(0, sd)
                rows.append({"optimizer": level, **width, "fold": fold, "val_loss": loss})
    return pd.DataFrame(rows)


def study(folder: Path, trials: pd.DataFrame, **asked: Any) -> StudyData:
    """This table with the question put to it."""
    trials.to_csv(folder / "runs.csv", index=False)
    return load(folder / "runs.csv", **(LOSS | asked))


def html_of(document: Any) -> str:
    """Everything that a document holds but for its dictionary of columns, as text."""
    kept = replace(document, parts=tuple(part for part in document.parts if part.key != "dictionary"))
    return repr(kept)


@pytest.mark.parametrize(
    ("trials", "asked", "headline"),
    [
        (table(-0.5), {}, "yes"),
        (table(-0.02), {}, "undecided"),
        (table(0.0, sd=0.01), {"margin": 0.2}, "no"),
        (table(-0.5, folds=5), {"folds": 5}, "yes"),
        (table(-0.5, folds=30), {}, "yes"),
        (table(-0.5, folds=1), {}, "no_answer"),
        (table(-0.5, -0.5), {}, "yes"),
        (table(-0.05, -0.5), {}, "yes"),
        (table(0.0, -0.35), {}, "undecided"),
        (table(0.0, 0.0, sd=0.01), {"margin": 0.2}, "no"),
        (table(-0.5).drop(index=[3]), {}, "yes"),
        (table(0.0, sd=0.0), {}, "identical"),
    ],
)
def test_no_contradiction(tmp_path: Path, trials: pd.DataFrame, asked: dict[str, Any], headline: str) -> None:
    """Every headline in both languages; each null has its reason, and nothing is said of seeds."""
    found = analyse(study(tmp_path, trials, **asked))
    assert found.primary.headline == headline
    assert unexplained(found) == []
    assert told(found) == []
    for lang in ("en", "zh"):
        page = html_of(compose(found, catalogue(lang), widths=()))
        assert not re.search(r"\bseeds?\b|种子", page.replace("--seed fold", ""), re.IGNORECASE)


def test_the_mean_and_cells_have_the_corrected_t(tmp_path: Path) -> None:
    """The t is the paired one times sqrt((1/J) / (1/J + 1/9)); the cells by Holm; nothing flips."""
    trials = table(-0.1, -0.3, folds=20)
    found = analyse(study(tmp_path, trials))
    shrink = ((1 / 20) / (1 / 20 + 1 / 9)) ** 0.5
    wide = trials.pivot_table(index="fold", columns=["width", "optimizer"], values="val_loss")
    p = []
    for row in [row for row in found.simple_effects if row.scale == "raw"]:
        cell = wide[row.cell["width"]]
        t = stats.ttest_rel(cell["adam"], cell["sgd"]).statistic * shrink
        p.append(2 * stats.t.sf(abs(t), 19))
        assert (row.t, row.p_t) == pytest.approx((t, p[-1]))
        assert (row.p_signflip, row.p_max_t, row.p_beyond, row.bf10, row.d_z) == (None,) * 5
    assert [row.p_t_holm for row in found.simple_effects[:2]] == pytest.approx(
        [min(1.0, 2 * one) if one == min(p) else max(2 * min(p), one) for one in p]
    )
    means = trials.groupby(["optimizer", "fold"])["val_loss"].mean()
    t = stats.ttest_rel(means["adam"], means["sgd"]).statistic * shrink
    assert (found.primary.t, found.primary.p_t) == pytest.approx((t, 2 * stats.t.sf(abs(t), 19)))
    assert (found.primary.df, found.primary.p_signflip, found.primary.seeds_to_decide) == (19, None, None)


def test_what_takes_independent_seeds_is_left_out(tmp_path: Path) -> None:
    """Each with one reason."""
    found = analyse(study(tmp_path, table(-0.1, -0.3)))
    for section in ("anova", "power", "repeatability", "heterogeneity/tau", "sequential", "multiverse", "stability"):
        assert found.reasons[f"/{section}"].code == "folds_overlap", section
    assert {"least_p_signflip", "detectable_sd_ratio"}.isdisjoint(found.methods)


@pytest.mark.parametrize(
    ("gaps", "depends_on"),
    [((-0.5, 0.4), ("width",)), ((-0.9, -0.9, -0.9, 0.4), ("width",)), ((-0.5, -0.5), ()), ((-0.5, 0.0), ())],
)
def test_cells_on_both_sides_depend(tmp_path: Path, gaps: tuple[float, ...], depends_on: tuple[str, ...]) -> None:
    """No interaction is tested, and cells decided for either level show one, of the moderator that parts them."""
    trials = pd.concat([table(*gaps).assign(lr=lr) for lr in ("high", "low")])
    found = analyse(study(tmp_path, trials))
    assert found.primary.depends_on == depends_on
    assert (found.primary.headline == "depends") == bool(depends_on)
    assert told(found) == []


def test_a_ratio_on_the_log_scale(tmp_path: Path) -> None:
    """The logarithms have the corrected t."""
    trials = table(-0.5)
    found = analyse(study(tmp_path, trials, scale="log", margin=1.05)).primary
    logs = np.log(trials.pivot_table(index="fold", columns="optimizer", values="val_loss"))
    t = stats.ttest_rel(logs["adam"], logs["sgd"]).statistic * ((1 / 10) / (1 / 10 + 1 / 9)) ** 0.5
    assert found.t == pytest.approx(t)


def test_folds_find_less_than_seeds(tmp_path: Path) -> None:
    """A gap that ten independent seeds would show is not shown by ten folds."""
    trials = table(-0.2)
    assert analyse(study(tmp_path, trials, folds=None)).primary.headline == "yes"
    assert analyse(study(tmp_path, trials)).primary.headline == "undecided"


def test_from_a_file_to_the_page(tmp_path: Path) -> None:
    """Report, decide and check say folds; the command that makes it again and Python ask the same."""
    trials = table(-0.5)
    trials.to_csv(tmp_path / "runs.csv", index=False)
    done = run("report", "runs.csv", *TYPED, "--format", "json,md", "--full", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = json.loads((tmp_path / "runs.report.json").read_text())
    found = analyze.analyse(analyze.read(trials, **LOSS))
    assert written["primary"]["p_t"] == found.primary.p_t
    assert (written["question"]["folds"], "10-fold" in written["question"]["why"]) == (10, True)
    assert "--folds 10" in written["study"]["command"]
    page = (tmp_path / "runs.report.md").read_text()
    assert "Nadeau, C., & Bengio, Y. (2003)" in page
    assert "share training examples" in page
    decided = run("decide", "runs.csv", *TYPED, "--expect", "better", cwd=tmp_path)
    assert (decided.returncode, "10 folds" in decided.stdout, "at every look" in decided.stdout) == (0, True, False)
    checked = run("check", "runs.csv", *TYPED, cwd=tmp_path)
    assert checked.returncode == 0
    assert "10 complete folds of 10-fold cross-validation" in " ".join(checked.stdout.split())


def test_one_fold_cannot_answer(tmp_path: Path) -> None:
    """It has no spread, and `check` says so."""
    lines = {one.topic: one for one in check.examine(study(tmp_path, table(-0.5, folds=1)))}
    assert lines["folds"].state == "fatal"


def test_folds_that_are_missing_are_counted(tmp_path: Path) -> None:
    """By decide beside the number of the cross-validation, and in plain words as so many or fewer."""
    trials = table(-0.5, -0.5)
    short = analyse(study(tmp_path, trials[(trials["fold"] < 5) | (trials["width"] == 64)]))
    assert "5 of 10 folds" in decide.line(decide.decide(short))
    assert "10 folds" in decide.line(decide.decide(analyse(study(tmp_path, trials))))
    assert told(short) == []
    assert "Only 5 of 10 folds are complete. Whether it differs with width" in sentence(short, catalogue("en"))
    assert "at most ten folds each" in html_of(compose(short, catalogue("en"), widths=()))


@pytest.mark.parametrize(
    ("trials", "asked", "says"),
    [
        (table(0.0), {"folds": 1}, "--folds 1 is not a whole number of 2 or more"),
        (table(0.0), {"folds": 2.5}, r"--folds 2\.5 is not a whole number"),
        (table(0.0), {"paired": False}, "--unpaired takes independent runs; drop one"),
        (table(0.0), {"threshold": 2.0, "factor": None}, "--threshold takes independent runs; drop one"),
        (table(0.0, levels=("adam", "sgd", "lion")), {}, "add --contrast A B, two of adam, lion, sgd"),
        (
            table(0.0).assign(val_loss=[np.nan, *[2.0] * 19]),
            {},
            "1 of the runs have no val_loss .optimizer adam, fold 0",
        ),
    ],
)
def test_what_means_nothing_over_folds_is_refused(
    tmp_path: Path, trials: pd.DataFrame, asked: dict[str, Any], says: str
) -> None:
    """One sentence that says what would be right."""
    with pytest.raises(AnalyzeError, match=says):
        study(tmp_path, trials, **asked)


def test_power_counts_no_folds(tmp_path: Path) -> None:
    """More folds of the same data are no more data."""
    table(0.0).to_csv(tmp_path / "runs.csv", index=False)
    done = run("power", "runs.csv", *TYPED, cwd=tmp_path)
    assert (done.returncode, "folds of the same data are none" in done.stderr) == (2, True)


def test_three_levels_with_a_contrast(tmp_path: Path) -> None:
    """Two of them are compared; all together are not, by the same reason."""
    trials = table(-0.5, levels=("adam", "sgd", "lion"))
    found = analyse(study(tmp_path, trials, contrast=("adam", "sgd")))
    assert found.reasons["/levels/omnibus"].code == "folds_overlap"
    assert unexplained(found) == []
    assert told(found) == []


def test_a_collected_study_of_accuracy(tmp_path: Path) -> None:
    """Both modes and scales are compared by the corrected t; that the study did not say so is a deviation."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1), with_layers=False)
    found = analyse(load(folder, folds=10))
    assert unexplained(found) == []
    assert told(found) == []
    assert {(row.bn_mode, row.scale) for row in found.simple_effects} > {("running", "raw"), ("running", "logit")}
    assert "folds=10" in found.study.deviations


@pytest.mark.parametrize(("said", "right"), [("folds=10", True), ("folds=1", False)])
def test_a_study_file_may_say_it(said: str, right: bool) -> None:  # noqa: FBT001
    """A whole number of two or more."""
    if right:
        design, *_ = [read(*told_apart((f"analysis.{said}",), "quick"))]
        assert design.analysis.declared()["folds"] == 10
        return
    with pytest.raises(StudyError, match=r"analysis\.folds"):
        read(*told_apart((f"analysis.{said}",), "quick"))


def test_a_study_file_takes_no_looks_at_folds() -> None:
    """Looks, and a number that runs are compared with, are of independent seeds."""
    with pytest.raises(StudyError, match="independent seeds"):
        read(*told_apart(("analysis.folds=10", "threshold=0.9"), "quick"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_message_of_seeds_has_one_of_folds(lang: Any) -> None:
    """The same placeholders, and no seed left; what is a placeholder keeps its name."""
    spoken, seeds = catalogue(lang), r"(?<!\{)\b[Ss]eed|种子"
    of_folds = spoken.about(spoken.response, own=True, folds=True).messages
    for key, text in spoken.about(spoken.response, own=True).messages.items():
        if not key.startswith("instead.") and key not in INSTEAD[lang]:
            assert re.findall(r"\{\w+\}", of_folds[key]) == re.findall(r"\{\w+\}", text), key
        assert not re.search(seeds, of_folds[key]), key


INSTEAD = {
    lang: {key.removeprefix("instead.folds.") for key in catalogue(lang).messages if key.startswith("instead.folds.")}
    for lang in ("en", "zh")
}
