"""Several responses: the first decides, and each other one is analysed as if it were the only one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import analyze
from analyze import check
from analyze.analysis import analyse
from analyze.errors import AnalyzeError
from analyze.findings import Findings
from analyze.report import result_tables, write
from analyze.report.document import compose
from analyze.report.prose.answer import answer
from analyze.report.subject import about
from analyze.report.words.catalogue import Language, catalogue
from analyze.report.write import render
from analyze.study.load import StudyData, load
from analyze.study.several import each
from collect.errors import StudyError
from collect.study.changes import told_apart
from collect.study.study_file import read
from tests.analyze.commands import analyze as run
from tests.analyze.test_analysis import unexplained
from tests.analyze.test_contradictions import told
from tests.synthetic import describe, write_study

ASKED: dict[str, Any] = {
    "factor": "optimizer",
    "response": ["val_loss", "val_acc", "seconds"],
    "better": ["lower", "higher", "lower"],
    "unit": ["nats", "share", "s"],
    "margin": [None, 1.0, 0.2],
}
TYPED = "--factor optimizer --response val_loss,val_acc,seconds --better lower,higher,lower --unit nats,share,s"


def table(seeds: int = 8) -> pd.DataFrame:
    """Two optimizers at two widths: adam has the lower loss, takes as long, and its accuracy depends on the width."""
    draw, rows = np.random.default_rng(4), []
    for seed in range(seeds):
        for width in (64, 128):
            for first in (True, False):
                accuracy = 0.8 + first * (0.05 if width == 64 else -0.05) + draw.normal(0, 0.005)
                run = {"optimizer": "adam" if first else "sgd", "width": width, "seed": seed}
                loss, seconds = 2.0 - 0.3 * first + draw.normal(0, 0.05), 20 + draw.normal(0, 0.02)
                rows.append({**run, "val_loss": loss, "val_acc": accuracy, "seconds": seconds})
    return pd.DataFrame(rows)


def study(folder: Path, trials: pd.DataFrame, **asked: Any) -> StudyData:
    """This table with the question put to it."""
    trials.to_csv(folder / "runs.csv", index=False)
    return load(folder / "runs.csv", **(ASKED | asked))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What is found of three responses."""
    return analyse(study(tmp_path_factory.mktemp("several"), table()))


def test_the_first_decides_and_each_has_an_answer(found: Findings) -> None:
    """Each by the same rules, with its own direction, unit and margin; the command asks for all of them."""
    first, accuracy, seconds = found, *found.further
    assert [one.primary.headline for one in (first, accuracy, seconds)] == ["yes", "depends", "no"]
    assert [one.question.response.name for one in (first, accuracy, seconds)] == ASKED["response"]
    assert [one.primary.unit for one in (first, accuracy, seconds)] == ["nats", "pp", "s"]
    assert [one.primary.equivalence.margin for one in (first, accuracy, seconds)] == ASKED["margin"]
    assert first.primary.winner == "adam"
    assert "--response val_loss,val_acc,seconds" in first.study.command
    assert "--margin ,1.0,0.2" in first.study.command
    assert {one.study.command for one in found.further} == {first.study.command}


def test_each_is_what_it_is_alone(found: Findings, tmp_path: Path) -> None:
    """The headline, the effects and the cells are those of an analysis of this response alone, to the last digit."""
    for place, one in enumerate((found, *found.further)):
        own = {name: values[place] for name, values in ASKED.items() if name != "factor"}
        others = table().drop(columns=[name for name in ASKED["response"] if name != own["response"]])
        alone = analyse(study(tmp_path, others, **own))
        assert one.primary == alone.primary
        assert one.simple_effects == alone.simple_effects
        assert one.anova == alone.anova


def test_nothing_of_them_is_a_factor_or_ignored(found: Findings) -> None:
    """A response is no setting of another, whatever it is called, nor a column that is left out."""
    for one in (found, *found.further):
        assert one.question.moderators == ("width",)
        assert not set(ASKED["response"]) & one.question.ignored.keys()


def test_no_contradiction(found: Findings) -> None:
    """The report of each, in both languages, says what its findings have; each null has its reason."""
    assert told(found) == []
    assert [one for each in (found, *found.further) for one in unexplained(each)] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_has_the_answer_of_each(found: Findings, lang: Language) -> None:
    """The sentences that its own report begins with, and its table of the cells, under keys of their own."""
    (part,) = [part for part in compose(found, catalogue(lang), widths=()).parts if part.key == "further"]
    for number, one in enumerate(found.further, start=1):
        own = answer(one, about(one, catalogue(lang)))
        assert {own.sentence, *own.paragraphs} <= set(part.blocks)
        assert [block.key for block in part.blocks if not isinstance(block, str)][number - 1] == f"gaps-{number}"


def test_one_response_has_no_such_part(tmp_path: Path) -> None:
    """Without others, nothing is said of others."""
    alone = analyse(study(tmp_path, table(), **{name: values[0] for name, values in ASKED.items() if name != "factor"}))
    assert alone.further == ()
    assert all(part.key != "further" for part in compose(alone, catalogue("en"), widths=()).parts)


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        (table().assign(seed=lambda t: t["seed"] + 8 * (t["optimizer"] == "sgd")), {}),
        (table(), {"folds": 8}),
        (table(4), {}),
        (pd.concat([table(), table().query("optimizer == 'sgd'").assign(optimizer="lion")]), {}),
    ],
    ids=["unpaired", "folds", "few", "levels"],
)
def test_whatever_compares_the_first_compares_the_others(
    tmp_path: Path, changed: pd.DataFrame, asked: dict[str, Any]
) -> None:
    """Levels with seeds of their own, folds, too few seeds, three levels: each response by the plan of the first."""
    several = analyse(study(tmp_path, changed, **asked))
    assert told(several) == []
    assert [one for each in (several, *several.further) for one in unexplained(each)] == []
    assert len({(one.question.paired, one.question.folds, one.question.contrast) for one in several.further}) == 1
    assert several.further[0].question.folds == several.question.folds


def test_a_run_without_one_response_failed_for_that_one_alone(tmp_path: Path) -> None:
    """Its pairs won decide there; the others have all of their pairs."""
    trials = table()
    trials.loc[3, "seconds"] = np.nan
    several = analyse(study(tmp_path, trials))
    assert [one.study.failed for one in (several, *several.further)] == [0, 0, 1]
    assert several.further[1].primary.rule in ("wins", "wins_open")
    assert told(several) == []
    pages = [render(several, fmt="html", lang=lang).decode() for lang in ("en", "zh")]
    assert [" have no " in pages[0], "的训练中没有" in pages[1]] == [True, True]
    lines = [one for one in check.examine(study(tmp_path, trials)) if one.topic == "response"]
    assert [one.state for one in lines] == ["ok", "ok", "lacks"]
    assert lines[2].says.endswith(f"; 1 of {len(trials)} runs have none")


def test_from_a_file_to_the_page(tmp_path: Path, found: Findings) -> None:
    """Report, check and tables have every response; decide has the first; Python asks the same."""
    table().to_csv(tmp_path / "runs.csv", index=False)
    typed = (*TYPED.split(), "--margin", ",1,0.2")
    done = run("report", "runs.csv", *typed, "--format", "json,md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "val_acc: It depends on width" in done.stdout
    written = json.loads((tmp_path / "runs.report.json").read_text())
    assert [one["primary"]["response"] for one in written["further"]] == ["val_acc", "seconds"]
    assert [one["primary"]["p_t"] for one in written["further"]] == [one.primary.p_t for one in found.further]
    brief = (tmp_path / "runs.report.md").read_text()
    assert "## Other responses" in brief
    assert "seconds" in brief
    asked = analyze.analyse(analyze.read(table(), **ASKED))
    assert [one.primary for one in asked.further] == [one.primary for one in found.further]
    decided = run("decide", "runs.csv", *typed, "--json", cwd=tmp_path)
    assert json.loads(decided.stdout)["response"] == "val_loss"


def test_each_speaks_of_its_own_scale(tmp_path: Path) -> None:
    """Beside a ratio that decides, a gap is called one."""
    scaled = {"scale": ["log", "raw", "raw"], "margin": [None, 1.0, 0.2]}
    trials = table()
    trials.loc[trials["optimizer"] == "adam", "val_acc"] += 0.1  # ahead at both widths, by unlike gaps
    found = analyse(study(tmp_path, trials, **scaled))
    page = write.render(found, fmt="md", lang="en").decode()
    own = page.partition("## Other responses")[2].partition("\n## ")[0]
    assert "The gap differs with `width`" in own
    assert "ratio" not in own


def test_check_names_each(tmp_path: Path) -> None:
    """What is compared and its margin, of each; a further response that never varies is fatal."""
    lines = check.examine(study(tmp_path, table()))
    assert [one.says.split()[0] for one in lines if one.topic == "response"] == ASKED["response"]
    assert [one.says.partition(":")[0] for one in lines if one.topic == "margin"][1:] == ["val_acc", "seconds"]
    assert not check.able(check.examine(study(tmp_path, table().assign(seconds=1.0))))


def test_result_tables_have_the_headline_and_the_cells_of_each(found: Findings) -> None:
    """A line a response, and one a cell, with the response's name."""
    made = result_tables.tables(found)
    assert made["further"]["response"].tolist() == ["val_acc", "seconds"]
    assert set(made["further_cells"]["response"]) == {"val_acc", "seconds"}
    meanings = result_tables.dictionary(made).query("table == 'further_cells'")
    assert (meanings["meaning"].str.len() > 0).all()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"response": "val_loss,val_acc"}, "--better has 3 entries for 2 responses; give one, or one for each"),
        ({"response": "val_loss,val_loss,seconds"}, "--response names val_loss twice"),
        ({"response": "val_loss,val_ac,seconds"}, "--response val_ac is not one of"),
        ({"response": "val_loss,val_acc,seed"}, "--response seed is no result"),
        ({"response": "val_loss,optimizer,seconds"}, "--response optimizer is a factor"),
        ({"threshold": 2.0, "factor": None}, "--threshold is a number of one response"),
        ({"better": ["lower", "up", "lower"]}, "--better up is not one of"),
        ({"margin": [0.1, -1.0, 0.2]}, "--margin -1"),
        ({"unit": "share"}, "val_loss must be a share from 0 to 1"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, asked: dict[str, Any], says: str) -> None:
    """One sentence with the option, and what would be right."""
    with pytest.raises(AnalyzeError, match=says):
        study(tmp_path, table(), **asked)


def test_one_word_is_for_all_and_one_margin_for_the_first() -> None:
    """A direction, unit or scale may be that of all; a margin has the unit of one. An empty entry is left open."""
    found = [asked for _, asked in each({}, response="a,b", better="lower", scale=",log", margin=0.5)]
    assert [one.better for one in found] == ["lower", "lower"]
    assert [one.scale for one in found] == [None, "log"]
    assert [one.margin for one in found] == [0.5, None]


def test_a_study_may_declare_several() -> None:
    """A list in [analysis] has an entry for each; bounds are of the first; another response takes none of them."""
    declared = {"response": ["a", "b"], "better": ["lower", "higher"], "margin": 0.1, "bounds": (0.0, 1.0)}
    (first, asked), (second, _) = each(declared)
    assert asked.name is None
    assert (first["response"], first["margin"], first["bounds"]) == ("a", 0.1, (0.0, 1.0))
    assert (second["response"], second["better"]) == ("b", "higher")
    assert (second["margin"], second["bounds"]) == (None, None)
    [(own, asked)] = each(declared, response="b")
    assert (own["response"], own["better"], asked.name) == ("b", "higher", "b")
    assert len(each({"response": "a,b"})) == 1


def test_a_collected_study_shows_each_once(tmp_path: Path) -> None:
    """A loss that is asked for has its own answer, and leaves the table of what else was recorded."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1), with_layers=False)
    recorded = {row.response for row in analyse(load(folder)).responses}
    several = analyse(load(folder, response="test_accuracy,test_loss"))
    assert "test_loss" in recorded
    assert [one.primary.response for one in several.further] == ["test_loss"]
    assert {row.response for row in several.responses} == recorded - {"test_loss"}


def test_a_study_file_may_name_several(tmp_path: Path) -> None:
    """What it says of each is in its tables' metadata, and is what `analyze` asks."""
    said = ("response=['train_accuracy', 'test_loss']", "better=['higher', 'lower']", "scale=['raw', 'log']")
    design = read(*told_apart(tuple(f"analysis.{one}" for one in said), "quick"))
    assert design.analysis.responses == ("train_accuracy", "test_loss")
    assert design.analysis.of_response(1).scale == "log"
    folder = write_study(tmp_path / "s", np.random.default_rng(1), with_layers=False)
    path = folder / "trials.parquet"
    written = pq.read_table(path)
    metadata = dict(written.schema.metadata or {})
    declared = json.loads(metadata[b"study"])
    declared["analysis"] |= {"response": ["train_accuracy", "test_loss"], "scale": ["raw", "log"]}
    metadata[b"study"] = json.dumps(declared).encode()
    pq.write_table(written.replace_schema_metadata(metadata), path)
    describe(folder)
    first = load(folder)
    assert [one.design.response.name for one in (first, *first.further)] == ["train_accuracy", "test_loss"]
    assert [one.design.response.scale for one in (first, *first.further)] == ["raw", "log"]
    assert [one.design.response.better for one in (first, *first.further)] == ["higher", "lower"]
    assert first.deviations == ()


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (("response=['test_accuracy', 'test_accuracy']",), "names a response twice"),
        (("response=['test_accuracy', 'test_los']",), "test_los.* is no result"),
        (("response=['test_accuracy', 'test_loss']", "better=['lower']"), "has 1 entries for 2 responses"),
        (("response=[]",), "names none"),
        (("response=['test_accuracy', 'test_loss']", "threshold=0.9"), "of one response"),
        (("better='up'",), "higher"),
    ],
)
def test_a_study_file_is_checked(said: tuple[str, ...], says: str) -> None:
    """One sentence a mistake."""
    with pytest.raises(StudyError, match=says):
        read(*told_apart(tuple(f"analysis.{one}" for one in said), "quick"))
