"""What the repository shows of its own studies is what their tables say: reports, READMEs, the pilot beside them."""

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from importlib import util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pypdf
import pytest
from scipy import stats

from analyze.report.json_twin import to_json
from collect.cli import main

ROOT = Path(__file__).parents[1]
NAMES = ("article", "bias", "head-and-rate", "keras", "prepost", "settled")

#: Test accuracy in per cent, mean and standard deviation of ten runs of an independent pilot with the same protocol.
PILOT = {
    (2, "relu"): {"act_bn": (98.71, 0.16), "bn_act": (98.48, 0.26), "none": (98.59, 0.15)},
    (2, "sigmoid"): {"act_bn": (98.44, 0.13), "bn_act": (97.18, 0.31), "none": (95.87, 0.42)},
    (4, "relu"): {"act_bn": (99.02, 0.09), "bn_act": (99.01, 0.19), "none": (98.99, 0.15)},
    (4, "sigmoid"): {"act_bn": (98.57, 0.25), "bn_act": (83.72, 19.2), "none": (94.84, 0.45)},
    (8, "relu"): {"act_bn": (98.93, 0.23), "bn_act": (98.98, 0.27), "none": (98.95, 0.16)},
    (8, "sigmoid"): {"act_bn": (98.51, 0.33), "bn_act": (91.54, 11.2), "none": (34.3, 37.0)},
    (8, "tanh"): {"act_bn": (98.57, 0.24), "bn_act": (98.28, 0.52), "none": (98.35, 0.24)},
}


@cache
def reports() -> ModuleType:
    """data/reports.py, which is no part of a package."""
    spec = util.spec_from_file_location("reports", ROOT / "data" / "reports.py")
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(kept: object, made: object, at: str = "") -> Iterator[str]:
    """Where two JSON values differ: numbers by more than 1e-9 of their size, everything else at all."""
    if isinstance(kept, dict) and isinstance(made, dict) and kept.keys() == made.keys():
        for key in kept:
            yield from differences(kept[key], made[key], f"{at}/{key}")
    elif isinstance(kept, list) and isinstance(made, list) and len(kept) == len(made):
        for place, pair in enumerate(zip(kept, made, strict=True)):
            yield from differences(*pair, f"{at}/{place}")
    elif isinstance(kept, float | int) and isinstance(made, float | int):
        if not math.isclose(kept, made, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{at}: {kept} was written, {made} is found"
    elif kept != made:
        yield f"{at}: {kept!r:.200} was written, {made!r:.200} is found"


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_give_the_report_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number and word of the results inside the PDF, but for the versions of the libraries that computed them."""
    monkeypatch.chdir(ROOT)
    [kept] = pypdf.PdfReader(ROOT / "data" / name / "report.pdf").attachments["report.json"]
    written, made = json.loads(kept), json.loads(to_json(reports().found(name)))
    for one in (written, made):
        one["methods"].pop("analysed_with")
    assert list(differences(written, made)) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_pages_say_what_is_found(name: str, lang: str) -> None:
    """The title of the first page, in both languages."""
    title = reports().finding(reports().found(name), lang).split("\n")[0].strip("*")
    reader = pypdf.PdfReader(ROOT / "data" / name / ("report.pdf" if lang == "en" else "report.zh.pdf"))
    plain = re.sub(r"[\\`]", "", title)
    assert re.sub(r"\s", "", plain) in re.sub(r"\s", "", reader.metadata.title + reader.pages[0].extract_text())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_readme_shows_what_is_found(lang: str) -> None:
    """Each place holds what `make reports` would write there."""
    text = (ROOT / reports().READMES[lang]).read_text(encoding="utf-8")
    assert reports().placed(text, reports().blocks(lang)) == text


def test_both_readmes_show_the_same() -> None:
    """The Chinese one has the figures of the other, and no command that the other lacks."""
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    figures = [re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text) for text in (english, chinese)]
    assert figures[0] == figures[1] != []
    commands = [
        {re.sub(r" --lang zh|\s*#.*", "", line).strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
         for line in block.splitlines()}
        for text in (english, chinese)
    ]  # fmt: skip
    assert commands[1] <= commands[0]
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", chinese):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", [name for name in NAMES if name != "prepost"])
def test_every_planned_trial_is_accounted_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Planned = completed + diverged + failed + pending, and the tables hold what has ended."""
    with pytest.raises(SystemExit, match="0"):
        main(["status", str(ROOT / "data" / name), "--json"])
    counted = json.loads(capsys.readouterr().out)
    ended = counted["completed"] + counted["diverged"] + counted["failed"]
    assert counted["planned"] == ended + counted["pending"]
    assert len(pd.read_parquet(ROOT / "data" / name / "trials.parquet")) == ended
    assert counted["pending"] == (240 if name == "head-and-rate" else 0)


def test_the_study_without_parts_is_whole() -> None:
    """Of prepost, whose parts are too large to come along: every planned trial has its row, and none is pending."""
    path = ROOT / "data" / "prepost" / "trials.parquet"
    planned = pd.read_parquet(ROOT / "data" / "prepost" / "plan.parquet")["trial_id"]
    assert set(pd.read_parquet(path)["trial_id"]) == set(planned)
    study = reports().found("prepost").study
    assert (study.planned, study.pending) == (160, 0)
    assert study.completed + study.diverged + study.failed == 160


def test_a_momentum_changes_what_is_kept_and_nothing_else() -> None:
    """Of keras: with each batch's own statistics every run is as accurate under one momentum as under the other."""
    trials = pd.read_parquet(ROOT / "data" / "keras" / "trials.parquet")
    runs = trials.pivot_table(index=["seed", "ordering", "bn_eps"], columns="bn_momentum", values="test_accuracy_batch")
    assert len(runs) == 40
    assert (runs[0.1] == runs[0.01]).all()


def test_the_negative_control_finds_nothing_in_the_end() -> None:
    """Of bias: no cell differs; where it is redundant, both are equally accurate with each batch's own statistics.

    Over the whole curve with running statistics one is ahead on the mean over cells, in no single one.
    """
    rows = [row for row in reports().found("bias").simple_effects if row.scale == "raw"]
    assert {row.decision for row in rows} <= {"undecided", "equivalent", "not_decidable"}
    told = {(row.bn_mode, row.cell["ordering"]): row.decision for row in rows}
    assert (told["batch", "bn_act"], told["running", "bn_act"]) == ("equivalent", "undecided")
    areas = [row for row in reports().found("bias").convergence if row.term == "auc_difference"]
    assert [row.decision for row in areas if row.cell is None] == ["second"]
    assert {row.decision for row in areas if row.cell is not None} == {"undecided"}


def test_every_mean_is_within_sampling_error_of_the_pilot() -> None:
    """Welch's test of each of 21 cells and levels, corrected over them."""
    trials = pd.read_parquet(ROOT / "data" / "article" / "trials.parquet")
    found = {}
    for (depth, activation), levels in PILOT.items():
        for ordering, (mean, sd) in levels.items():
            here = (trials["depth"] == depth) & (trials["activation"] == activation) & (trials["ordering"] == ordering)
            runs = 100 * trials.loc[here, "test_accuracy"]
            test = stats.ttest_ind_from_stats(runs.mean(), runs.std(), len(runs), mean, sd, 10, equal_var=False)
            found[depth, activation, ordering] = test.pvalue
    assert len(found) == 21
    assert min(found.values()) > 0.05 / len(found), found
