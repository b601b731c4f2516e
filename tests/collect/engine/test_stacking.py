"""Dealing trials out in stacks: each once, none among others of another kind."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collect.study.stacks import Job, arrange, kind_of, neighbours
from collect.study.trial import Trial
from tests.collect.conftest import trial

ORDERINGS, ACTIVATIONS = ("bn_act", "act_bn", "none"), ("relu", "tanh")


def jobs(*trials: Trial) -> list[Job]:
    """A job for each."""
    return [Job(f"t{number}", one, {}) for number, one in enumerate(trials)]


def of_two_kinds(seeds: int) -> list[Job]:
    """Depths 1 and 2, every ordering and activation."""
    return jobs(
        *(
            trial(seed=seed, depth=depth, ordering=ordering, activation=activation)
            for seed in range(seeds)
            for depth in (1, 2)
            for ordering in ORDERINGS
            for activation in ACTIVATIONS
        )
    )


@given(st.integers(1, 6), st.integers(1, 40), st.integers(1, 4), st.sets(st.integers(0, 5), max_size=4))
def test_every_trial_stands_in_one_stack_of_its_kind(seeds: int, largest: int, workers: int, begun: set[int]) -> None:
    """Whatever the sizes and whatever was begun: each job once, no stack too large, one kind in each."""
    given_jobs = of_two_kinds(seeds)
    together = [[f"t{number}" for number in sorted(begun)]] if begun else []
    stacks = arrange(given_jobs, largest, workers, together)
    assert Counter(job.trial_id for stack in stacks for job in stack) == Counter(job.trial_id for job in given_jobs)
    assert all(1 <= len(stack) <= largest for stack in stacks)
    assert all(len({kind_of(job.trial) for job in stack}) == 1 for stack in stacks)


def test_stacks_are_of_equal_size_and_structure() -> None:
    """150 trials of a kind at most 128 in a stack: two of 75, each with the same orderings and activations."""
    one_kind = jobs(
        *(
            trial(seed=seed, ordering=ordering, activation=activation)
            for seed in range(25)
            for ordering in ORDERINGS
            for activation in ACTIVATIONS
        )
    )
    stacks = arrange(one_kind, 128, 1)
    assert [len(stack) for stack in stacks] == [75, 75]
    assert len(arrange(one_kind, 128, 4)) == 4
    assert all(len(stack) == 1 for stack in arrange(one_kind, 1, 2))


def test_a_begun_stack_goes_on_as_it_was() -> None:
    """Trials with a checkpoint stay together in its order, unless one of them is done already."""
    given_jobs = of_two_kinds(1)[:6]
    ids = ["t4", "t0", "t2"]
    assert [job.trial_id for job in arrange(given_jobs, 8, 1, [ids])[0]] == ids
    assert len(arrange(given_jobs, 8, 1, [[*ids, "gone"]])) == 1


def test_what_may_differ_in_a_stack() -> None:
    """Recipes differ inside a kind; shapes, data, batch size, steps and arithmetic do not."""
    base = kind_of(trial())
    alike = [
        trial(seed=7),
        trial(learning_rate=0.1),
        trial(schedule="cosine"),
        trial(schedule="onecycle", warmup=5),
        trial(weight_decay=0.1, decay_bn=False),
        trial(bn_momentum=0.5),
        trial(init="he_normal"),
        trial(norm="layer"),
        trial(augment="shift"),
        trial(dropout=0.5, dropout_place="before_norm"),
        trial(ordering="none", activation="elu"),
    ]
    assert all(kind_of(other) == base for other in alike)
    other_kinds = [
        trial(depth=4),
        trial(width=0.5),
        trial(head="gap"),
        trial(batch_size=16),
        trial(epochs=3),
        trial(validation=0.5),
        trial(optimizer="sgd"),
        trial(bn_eps=1e-3),
        trial(evaluations=2),
        trial(conv_bias=False),
        trial(kernel=5),
        trial(channels="16-32"),
        trial(pools="none"),
        trial(head_hidden=8),
        trial().model_copy(update={"precision": "bf16"}),
        trial().model_copy(update={"data_hash": "other"}),
    ]
    assert len({base, *map(kind_of, other_kinds)}) == 1 + len(other_kinds)


def test_trials_that_are_alike_stand_side_by_side() -> None:
    """Orderings, then activations, then recipes come in one run each."""
    mixed = jobs(
        *(
            trial(seed=seed, ordering=ordering, activation=activation, learning_rate=rate)
            for seed in range(2)
            for rate in (0.1, 0.01)
            for ordering in ORDERINGS
            for activation in ACTIVATIONS
        )
    )
    settings = [job.trial.settings for job in neighbours(mixed)]
    for key, number in (
        (lambda s: s.ordering, 3),
        (lambda s: (s.ordering, s.activation), 6),
        (lambda s: (s.ordering, s.activation, s.learning_rate), 12),
    ):
        changes = sum(key(a) != key(b) for a, b in pairwise(settings))
        assert changes == number - 1
