"""What is said of train accuracy and the losses agrees with its table, in both languages."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyze.analysis import analyse
from analyze.findings import AnovaRow, Findings
from analyze.report import selection, tables
from analyze.report.prose.responses import responses
from analyze.report.words.catalogue import catalogue
from analyze.report.words.display import plain
from analyze.sections import cells, effects, headline
from analyze.sections import responses as section
from analyze.study.load import StudyData, load
from analyze.study.pairing import arms
from analyze.study.scores import COLUMN
from tests.synthetic import write_study

RESPONSES = ("train accuracy", "test loss", "train loss")

#: The heading of the decision.
DECIDED = plain(catalogue("en")("head.decision"))


@cache
def study() -> StudyData:
    """Ten seeds, 2 x 2 cells, one mode and one scale."""
    with TemporaryDirectory() as folder:
        found = load(write_study(Path(folder) / "s", np.random.default_rng(1), with_bits=False, with_layers=False))
        assert found.curves is not None
        assert found.layers is None
    return replace(found, trials=found.trials.drop(columns=["test_n", "test_correct"]).assign(batch=np.nan))


@cache
def full() -> Findings:
    """Its findings, without curves."""
    return analyse(study())


def measured(**columns: np.ndarray) -> Findings:
    """The findings of the study with other outcomes of its trials, as far as the responses are concerned."""
    one = replace(
        study(), trials=study().trials.assign(**{COLUMN.get(name, name): one for name, one in columns.items()})
    )
    in_cells, of_effects = ([row for row, _ in part.rows(one)] for part in (cells, effects))
    shown = ("running", "raw")
    primary, _ = headline.primary(
        one,
        arms(one.trials, one.trials[COLUMN["running"]].to_numpy(), one.design),
        [row for row in in_cells if (row.bn_mode, row.scale) == shown],
        [row for row in of_effects if (row.bn_mode, row.scale) == shown],
    )
    changes = {
        "primary": primary,
        "simple_effects": tuple(in_cells),
        "anova": (*of_effects, *(row for row, _ in section.effects(one))),
        "responses": tuple(row for row, _ in section.rows(one)),
        "reasons": {},
    }
    return full().model_copy(update=changes)


def said(findings: Findings, lang: str = "en") -> list[str]:
    """The paragraphs as they are read."""
    return [plain(part).replace("\u00a0", " ") for part in responses(findings, catalogue(lang))]  # type: ignore[arg-type]


def shown(findings: Findings) -> list[dict[str, str]]:
    """The table as it is read, a dictionary a line, with the response above it and what the caption says of all."""
    table = tables.responses(findings, catalogue("en"))
    assert table is not None
    heads = [plain(head) for head in table.heads]
    throughout = re.search(r"n = (\d+)", plain(table.caption))
    lines, response = [], ""
    for row in table.rows:
        if len(row) == 1:
            response = plain(row[0]).partition(" (")[0]
            continue
        read = [re.sub(r"–.*", "–", plain(cell)) for cell in row]
        common = {"response": response} | ({"n": throughout[1]} if throughout else {})
        lines.append(common | dict(zip(heads, read, strict=True)))
    return lines


def quick_like() -> Findings:
    """Train accuracy and loss better under act_bn everywhere, test loss at depth 2 only, test accuracy nowhere."""
    first = (study().trials["ordering"] == "act_bn").to_numpy()
    shallow = (study().trials["depth"] == 2).to_numpy()
    noise = np.random.default_rng(3).normal(0, 0.001, (4, len(first)))
    return measured(
        running=97 + 300 * noise[0],
        train_accuracy=0.96 + 0.0144 * first + noise[1],
        train_loss=0.2 - 0.05 * first + noise[2],
        test_loss=0.3 - 0.05 * (first & shallow) + noise[3],
    )


def test_each_response_says_the_average_and_the_cells() -> None:
    """Who did better, with gap, interval and n, in the unit of the response."""
    _, accuracy, test_loss, train_loss, _ = said(quick_like())
    amount = r"\+1\.4\d pp, 95% CI \[1\.\d\d, 1\.\d\d\], n = 10 seeds"
    assert re.match(
        rf"Train accuracy \(higher is better\): averaged over all cells, act_bn did better; the gap .* was {amount}\.",
        accuracy,
    )
    assert "act_bn did better in every cell: depth 2, relu (+1.4" in accuracy
    assert re.search(r"averaged over all cells, act_bn did better; the gap .* was −0\.0\d+ nats", train_loss)
    assert "act_bn did better in depth 2, relu (−0.0" in test_loss
    assert "neither a difference nor its absence is shown: depth 4, relu (" in test_loss
    assert "After correction over the interactions, the gap differs with depth (F(1, 9) = " in test_loss


def test_train_and_test_disagree_in_a_sentence() -> None:
    """Train accuracy is better everywhere, test accuracy undecided everywhere: said with the numbers of the test."""
    found = quick_like()
    last = said(found)[-1]
    assert last.startswith(
        "act_bn did better in train accuracy; in test accuracy, no difference is shown, nor that there is none: "
        "averaged over the cells ("
    )
    assert "act_bn did better in train loss; in test loss, no difference is shown" in last
    row = selection.simple_effects(found)[0][1]
    assert row.gap is not None
    assert f"depth 2, relu ({'+' if row.gap > 0 else '−'}{abs(row.gap):.2f} pp, 95% CI [" in last


@pytest.mark.parametrize(
    ("test_accuracy", "expected"),
    [
        (lambda first, noise: 97 - first + noise, "in test accuracy, the other did better: averaged over the cells (−"),
        (lambda first, noise: 97 + first + noise, None),
        (
            lambda _, noise: 97 + noise / 50,
            "in test accuracy, the two are equivalent within ±0.10 pp: averaged over the cells (",
        ),
        (lambda _, noise: 97 + 0 * noise, "in test accuracy, the two are identical: averaged over the cells (0.00 pp"),
    ],
)
def test_the_kinds_of_disagreement(test_accuracy: Callable[..., np.ndarray], expected: str | None) -> None:
    """The other way, equivalent (with the 90 % interval), identical; and none where both say the same."""
    first = (study().trials["ordering"] == "act_bn").to_numpy()
    noise = np.random.default_rng(3).normal(0, 0.1, len(first))
    columns = {"running": test_accuracy(first, noise), "train_accuracy": 0.96 + 0.0144 * first + noise / 1000}
    paragraphs = said(measured(**columns))
    if expected is None:
        assert "train accuracy; in test accuracy" not in " ".join(paragraphs)
        return
    assert f"act_bn did better in train accuracy; {expected}" in paragraphs[-1]
    assert ("90% CI" in paragraphs[-1]) == ("equivalent" in expected)


def test_what_the_correction_takes_back_is_said() -> None:
    """One cell of four with p = .02 alone and .07 over them: its interval excludes zero, and no finding is claimed."""
    trials = study().trials
    first = (trials["ordering"] == "act_bn").to_numpy()
    one = ((trials["depth"] == 2) & (trials["activation"] == "tanh")).to_numpy()
    noise = np.random.default_rng(28).normal(0, 0.03, len(first))
    found = measured(test_loss=0.3 + 0.045 * (first & one) + noise)
    row = next(r for r in found.responses if r.response == "test_loss" and r.cell == {"depth": 2, "activation": "tanh"})
    assert row.p_signflip <= 0.05 < row.p_max_t
    expected = "The interval alone excludes zero in depth 2, tanh; after correction over 4 cells that is no finding."
    assert [expected in paragraph for paragraph in said(found)[1:4]] == [False, True, False]


def test_a_lead_on_the_test_images_alone_is_said_too() -> None:
    """Test accuracy better under bn_act, train accuracy undecided."""
    first = (study().trials["ordering"] == "act_bn").to_numpy()
    noise = np.random.default_rng(3).normal(0, 0.3, len(first))
    last = said(measured(running=97 - first + noise, train_accuracy=0.98 + noise / 100))[-1]
    assert last.startswith("bn_act did better in test accuracy; in train accuracy, no difference is shown, nor that")


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (
            lambda seed, _: seed > 4,
            "averaged over all cells, the gap act_bn − bn_act was 0.00 nats, n = 5 seeds, too few complete seeds",
        ),
        (
            lambda seed, cell: (seed < 5) & (cell == 0),
            "averaged over the cells that enough seeds completed (without depth 2, relu), there is no difference",
        ),
        (lambda seed, cell: (seed + cell) % 2 == 0, "no seed has a value in every cell, so that there is no mean"),
        (lambda seed, _: seed >= 0, "no pair of runs has a value. Pairs with a test accuracy and without test loss"),
    ],
)
def test_what_cannot_be_decided_is_said_first(lost: Callable[..., np.ndarray], expected: str) -> None:
    """Too few seeds, a cell of too few seeds, no complete seed, no pair: each in the first sentence."""
    trials = study().trials
    cell = (2 * (trials["depth"] == 4) + (trials["activation"] == "tanh")).to_numpy()
    first = (trials["ordering"] == "act_bn").to_numpy()
    values = np.where(lost(trials["seed"].to_numpy(), cell) & first, np.nan, 0.3)
    paragraph = said(measured(test_loss=values))[2]
    assert paragraph.startswith(f"Test loss (lower is better): {expected}")


def test_missing_pairs_are_said() -> None:
    """How many, and that what is said is about the others; nothing of it where none is missing."""
    lost = np.where(study().trials["seed"] == 3, np.nan, 0.3)
    _, accuracy, test_loss, _, *_ = said(measured(test_loss=lost))
    assert test_loss.endswith(
        "Pairs with a test accuracy and without test loss, as where a run diverged: 4. "
        "What is said here is about the others alone."
    )
    assert "Pairs with" not in accuracy
    assert {line["pairs missing"] for line in shown(measured(test_loss=lost))} == {"", "4", "1"}


def test_a_study_without_these_columns_says_nothing_of_them() -> None:
    """No paragraph and no table; the methods have the reason."""
    bare = analyse(replace(study(), trials=study().trials.drop(columns=["train_accuracy", "test_loss", "train_loss"])))
    for lang in ("en", "zh"):
        assert said(bare, lang) == []
        assert tables.responses(bare, catalogue(lang)) is None
        assert tables.anova_responses(bare, catalogue(lang)) is None
    assert tables.responses(full(), catalogue("en")) is not None


def test_the_tables_of_the_headline_hold_its_response_alone() -> None:
    """Models of other responses stand in a table of their own, that of the time to the target with speed."""
    other = full().anova[0].model_copy(update={"response": "restricted_time"})
    logit = full().anova[0].model_copy(update={"scale": "logit"})
    found = full().model_copy(update={"anova": (other, *full().anova, logit, other)})

    def chosen(rows: list[tuple[int, AnovaRow]]) -> set[str]:
        assert all(found.anova[i] is row for i, row in rows)
        return {row.response for _, row in rows}

    assert chosen(selection.anova(found)) == chosen(selection.anova_others(found)) == {"test_accuracy"}
    assert len(selection.anova(found)) == 7
    assert chosen(selection.anova_responses(found)) == {"train_accuracy", "test_loss", "train_loss"}
    assert chosen(selection.restricted_time(found)) == {"restricted_time"}
    rows = selection.anova(found) + selection.anova_others(found) + selection.anova_responses(found)
    rows += selection.restricted_time(found)
    own = [row for row in found.anova if "ordering" in row.effect]
    assert len([row for _, row in rows if "ordering" in row.effect]) == len(own)


def test_one_cell_is_said_once(tmp_path: Path) -> None:
    """Without moderators the mean is the cell: one line of the table, one sentence."""
    factors = {"ordering": ("bn_act", "act_bn")}
    found = analyse(load(write_study(tmp_path / "s", np.random.default_rng(1), factors=factors)))
    assert [line["cell"] for line in shown(found)] == ["all cells"] * 3
    assert all(part.count("n = 10 seeds") == 1 for part in said(found)[1:])


GAPS = st.sampled_from([0.0, 0.0, 1.0, -1.0, 0.05])
AMOUNT = re.compile(r"(?P<cell>depth \d, \w+) \((?P<gap>[^ ]+|[^ ]+ × 10\^−?\d+) (pp|nats), (?P<rest>[^)]*)\)")


@settings(max_examples=25)
@given(
    st.lists(GAPS, min_size=12, max_size=12),
    st.sampled_from([0.0, 0.02, 0.4]),
    st.integers(0, 10),
    st.integers(0, 2**32),
)
def test_sentences_and_table_agree(gaps: list[float], sd: float, lost: int, seed: int) -> None:
    """Every number of a sentence is the table's, in the sentence of its decision, and once only."""
    trials, draw = study().trials, np.random.default_rng(seed)
    first = (trials["ordering"] == "act_bn").to_numpy()
    cell = (2 * (trials["depth"] == 4) + (trials["activation"] == "tanh")).to_numpy()
    columns = {}
    for number, name in enumerate(("train_accuracy", "test_loss", "train_loss")):
        values = 90 + first * np.array(gaps)[4 * number + cell] + draw.normal(0, sd, len(first))
        columns[name] = values / 100
    columns["test_loss"][(cell == 0) & (trials["seed"] < lost)] = np.nan
    found = measured(**columns)
    lines, paragraphs = shown(found), said(found)
    for name, paragraph in zip(RESPONSES, paragraphs[1:4], strict=True):
        rows = [line for line in lines if line["response"] == name]
        assert paragraph.lower().startswith(name)
        average, _, inside = paragraph.partition(". ")
        for line in rows:
            text = average if line["cell"] == "all cells" else _sentence_of(line["cell"], inside)
            _agree(text, line)
        named = [one["cell"] for one in AMOUNT.finditer(inside)]
        assert sorted(named) == sorted(line["cell"] for line in rows[1:] if line["gap"] != "–")


def _sentence_of(cell: str, text: str) -> str:
    """The sentence that names this cell."""
    here = [sentence for sentence in re.split(r"(?<=\))\. ", text) if f"{cell} (" in sentence]
    assert len(here) == 1
    return here[0]


def _agree(text: str, line: dict[str, str]) -> None:
    """A sentence and a line of the table: gap, interval, n and decision."""
    own = text
    if line["cell"] != "all cells":
        own = text[text.index(f"{line['cell']} (") :].partition(")")[0]
    if line["gap"] != "–":
        assert line["gap"] in own or line[DECIDED] == "identical"
        assert f"n = {line['n']} seeds" in own or line["n"] == "1"
    decision = line[DECIDED]
    if line.get("95% CI", "–") != "–" and decision != "equivalent":
        assert f"95% CI {line['95% CI']}" in own
    assert ("90% CI" in own) <= (decision == "equivalent" or "by less than the margin" in decision)
    winner = re.match(r"(act_bn|bn_act) better", decision)
    assert ("did better" in text) == (winner is not None)
    if winner:
        assert f"{winner[1]} did better" in text
    assert ("equivalent within" in text.lower() and "neither" not in text) == (decision == "equivalent")
    assert ("nor that there is none" in text or "neither a difference" in text) == (decision == "undecided")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_both_languages_tell_the_same_numbers(lang: str) -> None:
    """Number by number, unrounded, in the same order; and non-significance is never said to be absence."""
    found = quick_like()

    def numbers(language: str) -> list[str]:
        parts = responses(found, catalogue(language))  # type: ignore[arg-type]
        return sorted(re.findall(r'<data value="([^"]+)"', "".join(parts)))

    assert numbers(lang) == numbers("en")
    text = " ".join(said(found, lang))
    for absence in ("no effect", "does not differ", "没有影响", "没有区别", "无差异"):
        assert absence not in text
