"""A static split of a study: shard I of N, the same whoever computes it and whatever has been done already."""

import re
from collections.abc import Mapping

from collect.errors import StudyError
from collect.study.stacks import kind_of
from collect.study.trial import Trial


def parse(text: str) -> tuple[int, int]:
    """I and N of "I/N".

    Raises:
        StudyError: it is not of that form, or I is not from 1 to N.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    index, number = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= index <= number:
        raise StudyError(f"--shard {text!r} is not I/N with I from 1 to N; write for example --shard 1/8")
    return index, number


def chosen(trials: Mapping[str, Trial], index: int, number: int) -> set[str]:
    """Ids of one shard's trials.

    Trials of a kind take equal time, so each kind is cut in N; neighbours stay together, so that most pairs do.
    """
    kinds: dict[tuple[object, ...], list[str]] = {}
    for trial_id, trial in trials.items():
        kinds.setdefault(kind_of(trial), []).append(trial_id)
    found = set()
    for turn, ids in enumerate(kinds.values()):
        piece = (index - 1 + turn) % number
        found |= set(ids[len(ids) * piece // number : len(ids) * (piece + 1) // number])
    return found
