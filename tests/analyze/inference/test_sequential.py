"""Looks: pure functions of the rows, that decide falsely in no more studies than they may."""

import math

import numpy as np
import pytest
from scipy import stats

from analyze.inference import anytime, sequential
from analyze.inference.sequential import Look, Rule, looks
from tests.analyze import by_roots

RULE = Rule(first=10, batch=5, most=60, alpha=0.05, margin=0.1)


def all_ended(difference: np.ndarray) -> np.ndarray:
    """Every run ended."""
    return np.ones(difference.shape, bool)


def path(difference: np.ndarray, rule: Rule = RULE) -> list[Look]:
    """Every look at these differences."""
    return looks(difference, all_ended(difference), rule)


def differences(number: int, gaps: list[float], sd: float = 0.2, seeds: int = 60) -> np.ndarray:
    """Paired differences, (S, C), that share a draw of their seed."""
    draw = np.random.default_rng([20_261_126, number])
    shared = draw.normal(0, sd / 2, (seeds, 1))
    return np.array(gaps) + shared + draw.normal(0, sd * 0.75**0.5, (seeds, len(gaps)))


def test_looks_are_those_declared() -> None:
    """From the first seeds on in batches; the last look has the most seeds, whatever is left of the batch."""
    assert Rule(6, 5, 20, 0.05, 0.1).looks == (6, 11, 16, 20)
    assert Rule(10, 5, 10, 0.05, 0.1).looks == (10,)


def test_a_cell_is_decided_by_its_interval() -> None:
    """What is seen is mean, n and interval of exactly the seeds of the look; it decides by zero and by the margin."""
    values = differences(1, [0.5, 0.0])
    level = 0.05 / 3
    for look in path(values):
        for cell, seen in enumerate(look.cells):
            if seen.n < look.seeds:
                continue
            kept = values[: look.seeds, cell]
            inner = by_roots.interval(kept, 2 * level)
            assert seen.interval == pytest.approx(by_roots.interval(kept, level))
            ahead = seen.interval[0] > 0 or seen.interval[1] < 0
            inside = inner[0] > -0.1 and inner[1] < 0.1
            assert seen.decision == ("first" if ahead else "equivalent" if inside else "undecided")
    assert [seen.decision for seen in path(values)[-1].cells] == ["first", "equivalent"]


def test_decided_cells_stop() -> None:
    """A cell keeps what decided it, whatever its later seeds have; the others go on."""
    values = differences(2, [1.0, 0.04])
    later = values.copy()
    stopped = path(values)[0].cells[0]
    assert stopped.decision == "first"
    later[10:, 0] = -50.0
    assert path(later) == path(values)
    assert path(values)[-1].seeds > 10


def test_nothing_depends_on_rows_beyond_the_look() -> None:
    """A look that exists is the same however many seeds have followed it, and whoever looked before."""
    values = differences(3, [0.05, 0.1, 0.0, 0.2])
    whole = path(values)
    assert len(whole) > 3
    for number, look in enumerate(whole):
        assert path(values[: look.seeds]) == whole[: number + 1]
        assert path(values[: look.seeds + 4])[: number + 1] == whole[: number + 1]


def test_a_look_waits_for_open_cells_alone() -> None:
    """A run that has not ended holds the look back where its cell is open, and not where it is decided."""
    values = differences(4, [1.0, 0.05])
    ended = all_ended(values)
    ended[14, 0] = False
    assert looks(values, ended, RULE) == path(values)
    ended[14, 1] = False
    assert [look.seeds for look in looks(values, ended, RULE)] == [10]
    ended[3, 0] = False
    assert looks(values, ended, RULE) == []


def test_a_failed_run_leaves_its_pair_out() -> None:
    """It has ended and has no value: n is smaller, and the look is there."""
    values = differences(5, [0.05])
    values[[2, 7], 0] = np.nan
    first = path(values)[0]
    assert (first.seeds, first.cells[0].n) == (10, 8)
    assert first.cells[0].gap == pytest.approx(np.nanmean(values[:10, 0]))


def test_values_without_spread() -> None:
    """Differences that are all the same decide from as many on as a sign-flip could, no sooner."""
    level = sequential.level_of(RULE, 3)
    assert level == pytest.approx(0.05 / 4)
    for n, decided in ((7, "undecided"), (8, "first")):
        assert sequential.see(np.full(n, 0.3), level, RULE).decision == decided
    assert sequential.see(np.zeros(8), level, RULE).decision == "identical"
    assert sequential.see(np.full(8, -0.05), level, RULE).trivial


def test_the_mean_follows_from_cells_that_have_stopped() -> None:
    """A cell with a large gap stops early; the mean goes on by the cells' own intervals, which cover it together."""
    values = differences(6, [3.0, 0.2, 0.2, 0.2])
    last = path(values)[-1]
    assert last.cells[0].n == 10
    low = np.mean([cell.interval[0] for cell in last.cells])
    assert last.mean.decision == "first"
    assert last.mean.interval[0] == pytest.approx(low) or last.mean.n == 10


def test_one_cell_is_its_mean() -> None:
    """A design of one cell is decided at alpha, as the family has one member."""
    values = differences(7, [0.3])
    for look in path(values):
        assert look.mean == look.cells[0]
    assert path(values)[0].cells[0].interval == pytest.approx(by_roots.interval(values[:10, 0], 0.05))


def test_a_look_at_all_there_is() -> None:
    """A study that declared nothing: its mean at alpha, its cells at alpha over their number."""
    values = differences(10, [0.3, 0.0], seeds=12)
    look = sequential.at_once(values, 0.05, 0.1)
    for seen, kept, level in (
        (look.mean, values.mean(axis=1), 0.05),
        (look.cells[1], values[:, 1], 0.025),
    ):
        assert seen.interval == pytest.approx(by_roots.interval(kept, level))
        assert seen.inner == pytest.approx(by_roots.interval(kept, 2 * level))


def test_without_a_margin_nothing_is_equivalent() -> None:
    """And seeds are added until a difference is shown or the most are reached."""
    found = path(differences(8, [0.0]), Rule(10, 5, 60, 0.05, None))
    assert found[-1].seeds == 60
    assert found[-1].cells[0].decision == "undecided"


def test_pocock_is_narrower_where_looks_are_few() -> None:
    """With its looks fixed in advance it is decided at each by Student's t at the nominal level."""
    rule = Rule(10, 10, 40, 0.05, 0.1, "pocock")
    values = differences(9, [0.05])
    one = path(values, rule)[0].cells[0]
    t = (one.interval[1] - one.gap) / (values[:10, 0].std(ddof=1) / math.sqrt(10))
    assert 2 * stats.t.sf(t, 9) == pytest.approx(anytime.pocock_level((10, 20, 30, 40), 0.05))


@pytest.mark.parametrize("boundary", ["mixture", "pocock"])
@pytest.mark.parametrize("gap", [0.0, 0.1])
def test_false_decisions(gap: float, boundary: sequential.Boundary) -> None:
    """In 250 studies of four cells, all of gap 0 or all at the margin, few decide any cell or the mean falsely."""
    rule = Rule(10, 10, 60, 0.05, 0.1, boundary)
    false = 0
    for number in range(250):
        last = path(differences(1000 + number, [gap] * 4), rule)[-1]
        wrong = {"first", "second"} if gap == 0 else {"second", "equivalent", "identical"}
        false += any(seen.decision in wrong or (gap > 0 and seen.trivial) for seen in (*last.cells, last.mean))
    assert false / 250 <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 250)
