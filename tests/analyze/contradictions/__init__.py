"""What the text of a report says, held against the findings and against itself: every contradiction in a sentence.

Each check takes what was read and the findings as JSON. None calls the code that chose the words.
"""

from collections.abc import Callable, Iterator

from tests.analyze.contradictions import (
    answer,
    cells,
    certainty,
    claims,
    effects,
    failures,
    levels,
    response,
    responses,
    speed,
    title,
    training,
)
from tests.analyze.contradictions.facts import Facts, Json
from tests.analyze.contradictions.languages import languages
from tests.analyze.reading import Report

CHECKS: tuple[Callable[[Facts, Report], Iterator[str]], ...] = (
    title.lead,
    title.numbers,
    title.clauses,
    title.what_ran,
    title.who_ran,
    response.named,
    response.unit,
    answer.headline,
    failures.won,
    failures.told,
    failures.against_a_number,
    answer.left_out,
    answer.too_few_seeds,
    answer.evidence,
    answer.tests,
    answer.of_folds,
    cells.cells,
    cells.lists,
    cells.every_cell,
    cells.taken_back,
    cells.across_zero,
    cells.extremes,
    cells.tables,
    effects.effects,
    effects.interactions,
    effects.depends_shown,
    effects.logit,
    effects.table,
    levels.omnibus,
    levels.depends,
    levels.pairs,
    levels.best,
    responses.on_average,
    responses.in_cells,
    speed.ratios,
    speed.in_cells,
    speed.images,
    speed.images_in_cells,
    training.spread,
    training.failures,
    training.interim,
    training.probes,
    certainty.multiverse,
    certainty.other_mode,
    certainty.rests_on,
    certainty.new_runs,
    certainty.seeds_needed,
    claims.verdicts,
    claims.small_effect,
)


def contradictions(found: Json, english: Report, chinese: Report) -> list[str]:
    """Every contradiction of a report in both languages."""
    facts = Facts(found)
    told = [
        f"{check.__module__.rpartition('.')[2]}.{check.__name__}: {one}"
        for check in CHECKS
        for one in check(facts, english)
    ]
    return told + [f"languages: {one}" for one in languages(english, chinese)]
