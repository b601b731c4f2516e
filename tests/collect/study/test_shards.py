"""A study split in shards: each trial in one, evenly, pairs together."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.errors import StudyError
from collect.store.plan import Plan
from collect.study import shards
from collect.study.stacks import kind_of
from collect.study.study_file import read


def plan_of(preset: str, *changes: str) -> Plan:
    """A preset's plan."""
    study = read(preset, changes)
    return Plan.of(study, dict.fromkeys(study.datasets(), "d"), "fp32")


QUICK = plan_of("quick")


@given(st.integers(1, 100))
def test_every_trial_belongs_to_one_shard(number: int) -> None:
    """Whatever the number of shards: all trials, none twice, and of each kind one more or less than elsewhere."""
    parts = [shards.chosen(QUICK.trials, index, number) for index in range(1, number + 1)]
    assert Counter(trial_id for part in parts for trial_id in part) == Counter(list(QUICK.trials))
    for kind in {kind_of(trial) for trial in QUICK.trials.values()}:
        sizes = [sum(kind_of(QUICK.trials[i]) == kind for i in part) for part in parts]
        assert max(sizes) - min(sizes) <= 1


def test_shards_are_even_over_kinds() -> None:
    """Three depths in 7 shards: no shard has more than a trial more of all than another, kind by kind turned about."""
    plan = plan_of("article")
    sizes = [len(shards.chosen(plan.trials, index, 7)) for index in range(1, 8)]
    assert sum(sizes) == 450
    assert max(sizes) - min(sizes) <= 2


def test_pairs_stay_in_one_shard() -> None:
    """Ten shards of quick: a seed's arms of a depth run in the same shard, hence on the same machine."""
    for index in range(1, 11):
        trials = [QUICK.trials[i] for i in shards.chosen(QUICK.trials, index, 10)]
        blocks = Counter((trial.seed, trial.settings.depth) for trial in trials)
        assert set(blocks.values()) == {4}


def test_the_split_is_the_same_whoever_computes_it() -> None:
    """It depends on the plan alone."""
    assert shards.chosen(QUICK.trials, 2, 3) == shards.chosen(plan_of("quick").trials, 2, 3)


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "1/", "/2", "a/b", "1/2/3", "-1/2", ""])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    """With what would be right."""
    with pytest.raises(StudyError, match="--shard 1/8"):
        shards.parse(text)
    assert shards.parse("2/4") == (2, 4)
