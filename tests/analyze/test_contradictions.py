"""The report of no simulated study contradicts its findings or itself, in English or in Chinese.

The text is read back by patterns of its own (sentences.toml, `reading`) and held against the JSON (`contradictions`).
A few studies of every pattern run here, a thousand of each question under `make soak`. `python -m
tests.analyze.test_contradictions NUMBER …` prints what is wrong with these studies.
"""

import json
import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from analyze.analysis import analyse
from analyze.findings import Findings
from analyze.report.document import compose
from analyze.report.json_twin import to_json
from analyze.report.words.catalogue import Language, catalogue
from analyze.study.load import load
from tests.analyze.contradictions import contradictions
from tests.analyze.grown import DECLARED, GAPS, rewrite, write
from tests.analyze.reading import UnreadError, read
from tests.analyze.recomputed import unlike_their_statistics
from tests.analyze.simulated import BATCHNORM, LAYERNORM, PATTERNS, Asked, pattern_of, simulated

STUDIES = 1000

#: Two studies of every pattern, and those that add the rules and the case that these lack: one side in every cell,
#: cells that differ about an equivalent mean, every other cell, an equivalent mean, tests that disagree, five seeds
#: without a pair in every cell, a cell that flips decide while its interval has zero.
SAMPLE = (*range(2 * len(PATTERNS)), 34, 42, 63, 84, 92, 334, 510, 780, 813)
#: Of those of LayerNorm one of every pattern, and a second of those that have probes or several rules.
OF_LAYERNORM = (*range(len(PATTERNS)), 20, 33, 220)
PLACES = LAYERNORM.contrast
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def told(found: Findings) -> list[str]:
    """Every contradiction in the report of these findings, and every p that does not follow from its statistic."""
    documents = [compose(found, catalogue(lang), widths=()) for lang in LANGUAGES]
    try:
        english, chinese = map(read, documents)
    except UnreadError as error:
        return [str(error)]
    margin, folds = found.primary.equivalence.margin, found.question.folds
    return [
        *contradictions(json.loads(to_json(found)), english, chinese),
        *(f"{one.primary.response}: {wrong}" for one in found.further for wrong in told(one)),
        *(f"{one.lang}: {wrong}" for one in documents for wrong in unlike_their_statistics(one, margin, folds)),
    ]


def told_of(number: int, asked: Asked = BATCHNORM) -> list[str]:
    """What is wrong with the report of a simulated study, each with the study's number and pattern."""
    with TemporaryDirectory() as folder:
        found = simulated(number, Path(folder) / "study", asked)
    return [f"study {number} of {asked.factor} ({pattern_of(number)}): {one}" for one in told(found)]


@pytest.mark.parametrize("number", SAMPLE, ids=lambda number: f"{number}-{pattern_of(number)}")
def test_no_contradiction(number: int) -> None:
    """Two studies of every pattern, and one at least of every rule of the headline."""
    assert told_of(number) == []


@pytest.mark.parametrize("number", OF_LAYERNORM, ids=lambda number: f"{number}-{pattern_of(number)}")
def test_no_contradiction_in_a_study_of_layernorm(number: int) -> None:
    """Networks of one's own, without convolutions or BatchNorm, whose claims and names are others."""
    assert told_of(number, LAYERNORM) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_that_are_confused_are_found(lang: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pre-LN called Post-LN, and the other way round, where one of them is ahead."""
    messages = catalogue(lang).messages
    names = {f"spoken.norm.{level}": messages[f"spoken.norm.{other}"] for level, other in (PLACES, PLACES[::-1])}
    for key, name in names.items():
        monkeypatch.setitem(messages, key, name)
    assert any("title.numbers" in one or "languages" in one for one in told_of(1, LAYERNORM))


@pytest.mark.parametrize(
    "gaps", [GAPS, dict.fromkeys(GAPS, 0.0), dict.fromkeys(GAPS, 0.15)], ids=["unlike", "equal", "ahead"]
)
def test_no_contradiction_where_seeds_were_added(gaps: dict[tuple[int, str], float], tmp_path: Path) -> None:
    """Cells that are settled unlike and alike, by declared looks; and before any cell is settled."""
    folder = write(tmp_path / "study", gaps=gaps, **DECLARED)
    assert told(analyse(load(folder))) == []
    if gaps is GAPS:
        assert told(analyse(load(rewrite(folder, lambda row: row["seed"] < 9)))) == []


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("finding_in.second", "{where}, {winner} is not more accurate"),
        ("finding_in.second", "{where}, the two are equally accurate to within {bound}"),
        ("finding_in.undecided", "in every set-up, {n} seeds cannot tell"),
        ("came_out_in.undecided", "{where}, the two get equally many right, to within {bound}."),
        ("came_out_in.second", "{where}, {loser} got {amount} {examples} right than {winner}."),
    ],
)
def test_a_wrong_title_is_found(one_cell: Findings, monkeypatch: pytest.MonkeyPatch, message: str, wrong: str) -> None:
    """A title that no pattern knows, and titles and plain sentences that say another thing than was decided."""
    assert told(one_cell) == []
    monkeypatch.setitem(catalogue("en").messages, message, wrong)
    assert any("title." in one or "no pattern knows" in one for one in told(one_cell))


@pytest.fixture(scope="module")
def one_cell(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """A study of four cells, of which one is decided and the others are not."""
    return simulated(6, tmp_path_factory.mktemp("one") / "study")


@pytest.mark.soak
@pytest.mark.parametrize("pattern", range(len(PATTERNS)), ids=pattern_of)
def test_no_contradiction_in_a_thousand_studies(pattern: int) -> None:
    """All studies of a pattern; a failure names the study."""
    numbers = range(pattern, STUDIES, len(PATTERNS))
    assert [one for number in numbers for asked in (BATCHNORM, LAYERNORM) for one in told_of(number, asked)] == []


if __name__ == "__main__":
    told_of_them = (told_of(number, asked) for number in map(int, sys.argv[1:]) for asked in (BATCHNORM, LAYERNORM))
    print(*chain.from_iterable(told_of_them), sep="\n")  # noqa: T201
