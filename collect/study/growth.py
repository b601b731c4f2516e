"""A study whose seeds grow until each cell is decided: what may be declared of it, and which seeds come next."""

from collections.abc import Iterator

from collect.study.study import Analysis, Study

#: Seeds of the first look: with fewer no exact test reaches .05, whatever the gap.
LEAST_FIRST = 6


def mistakes(analysis: Analysis, seeds: int, most: int) -> Iterator[str]:
    """What is wrong with what is declared of growth, beside so many seeds at the start and at most so many.

    Args:
        analysis: of the study.
        seeds: with which it starts; 0 where they are a mistake already.
        most: seeds that any study may have.
    """
    given = sorted({"batch", "seeds_max"} & analysis.model_fields_set)
    if not analysis.sequential:
        yield from (f"analysis.{key} is of a sequential study; it needs sequential = true" for key in given)
        return
    if analysis.seeds_max is None:
        yield "analysis.sequential needs seeds_max, where to stop at the latest: seeds_max = 200"
    elif analysis.seeds_max > most:
        yield f"analysis.seeds_max is more than {most:,}"
    elif seeds >= analysis.seeds_max:
        yield f"analysis.seeds_max must be more than the {seeds} seeds that the study starts with"
    if 0 < seeds < LEAST_FIRST:
        yield f"a sequential study starts with {LEAST_FIRST} seeds or more, not {seeds}: seeds = 10"


def seeds_in_order(study: Study) -> tuple[int, ...]:
    """Every seed that the study may train, those that it starts with first, then whole numbers beyond them."""
    most = study.analysis.seeds_max or 0
    beyond = max(study.seeds) + 1
    return (*study.seeds, *range(beyond, beyond + max(0, most - len(study.seeds))))


def looks(study: Study) -> tuple[int, ...]:
    """Seeds at each look that there can be."""
    start, most = len(study.seeds), study.analysis.seeds_max or len(study.seeds)
    return (*range(start, most, study.analysis.batch), most)


def most_trials(study: Study) -> int:
    """The trials that there may be at last, every cell having been trained up to the most seeds."""
    grows = bool(study.analysis.sequential)
    return study.number_of_trials // len(study.seeds) * max(len(study.seeds), (study.analysis.seeds_max or 0) * grows)
